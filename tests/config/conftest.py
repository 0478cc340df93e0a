"""A small tree of settings that has one of everything, and ways to read YAML as it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, model_validator

from pcmsim.config.read import read_settings
from pcmsim.config.section import Section, setting
from pcmsim.errors import UserError

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class PcmCell(Section):
    """Grows with pulses."""

    kind: Literal["pcm"]
    g_max: Positive = setting(25e-6, "highest conductance", unit="S", source="published")
    step_spread: Share = setting(0.5, "spread of a step")


class LinearCell(Section):
    """Steps up and down."""

    kind: Literal["linear"]
    g_max: Positive = setting(1e-6, "highest conductance", unit="S")
    asymmetry: float = setting(0.0, "how unequal up and down are", ge=-1, lt=1)


Cell = Annotated[PcmCell | LinearCell, Field(discriminator="kind")]


class Training(Section):
    """How the network learns."""

    epochs: int = setting(3, "passes over the images", ge=1)
    rate: Positive | list[Positive] = setting(0.1, "learning rate", unit="1/S")
    shuffle: bool = setting(True, "whether the order changes")
    rule: Literal["sgd", "adam"] = setting("sgd", "what is done with gradients")
    decay: Share | None = setting(None, "loss per epoch")

    @model_validator(mode="after")
    def _check_epochs(self) -> "Training":
        if self.decay == 1 and self.epochs > 1:
            raise ValueError("decay: leaves nothing to learn after the first epoch")
        return self


class Data(Section):
    """The images."""

    path: str | None = setting(None, "where they are", path=True)
    more: list[str] = setting([], "where further ones are", path=True)
    title: str = setting("digits", "what they are called")
    crop: Annotated[list[int], Field(min_length=2, max_length=2)] = setting([0, 9], "rows used")
    pair: tuple[int, float] = setting((1, 2.0), "two numbers")
    weights: dict[str, float] = setting({}, "by name", unit="V")


class Example(Section):
    """All there is."""

    seed: int = setting(1, "number of the draw", ge=0, le=99)
    training: Training = Training()
    data: Data = Data()
    device: Cell = setting(..., "what a synapse is made of")
    spares: list[Cell] = setting([], "other devices")
    reference: PcmCell | None = setting(None, "device to compare with")

    @model_validator(mode="after")
    def _check_titles(self) -> "Example":
        if self.data.title == "forbidden":
            raise ValueError("data.title: is a word that must not be used")
        if self.data.title == "unlucky":
            raise ValueError("these settings do not go together")
        return self


@pytest.fixture(scope="session")
def example() -> type[Example]:
    """Return the class of settings that these tests read."""
    return Example


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that reads YAML text, with options, from ``my.yaml``."""
    monkeypatch.chdir(tmp_path)

    def read_text(text: str | bytes, *overrides: str) -> Example:
        Path("my.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_settings(Example, "my.yaml", overrides)

    return read_text


@pytest.fixture
def complaint(read: Callable[..., Any]) -> Callable[..., str]:
    """Return a function that reads faulty YAML and returns the message for the user."""

    def message(text: str | bytes, *overrides: str) -> str:
        with pytest.raises(UserError) as caught:
            read(text, *overrides)
        assert "Input should" not in str(caught.value)
        return str(caught.value)

    return message
