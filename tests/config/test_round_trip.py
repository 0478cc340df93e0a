"""Settings written as YAML come back exactly, and have one digest whatever their spelling."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcmsim.config import load
from pcmsim.config.read import read_settings_text, settings_digest, to_yaml
from pcmsim.config.yaml_text import parse, write
from pcmsim.errors import UserError

TOO_SLOW = hypothesis.HealthCheck.too_slow
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)

PCM = st.fixed_dictionaries(
    {"kind": st.just("pcm")}, optional={"g_max": POSITIVE, "step_spread": st.floats(0, 1)}
)
LINEAR = st.fixed_dictionaries(
    {"kind": st.just("linear")}, optional={"asymmetry": st.floats(-1, 1, exclude_max=True)}
)
TRAINING = st.fixed_dictionaries(
    {},
    optional={
        "epochs": st.integers(min_value=1),
        "rate": POSITIVE | st.lists(POSITIVE),
        "shuffle": st.booleans(),
        "decay": st.none() | st.floats(0, 0.9),
    },
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(),
        "path": st.none() | st.text(),
        "pair": st.tuples(st.integers(), FLOATS).map(list),
        "weights": st.dictionaries(st.text(), FLOATS),
    },
)
SETTINGS = st.fixed_dictionaries(
    {"device": PCM | LINEAR},
    optional={"training": TRAINING, "data": DATA, "spares": st.lists(PCM | LINEAR, max_size=3)},
)


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=[TOO_SLOW])
@given(values=SETTINGS)
def test_settings_come_back_from_yaml(example: Any, values: dict[str, Any]) -> None:
    settings = example(**values)
    again = read_settings_text(example, to_yaml(settings), "a result")
    assert again == settings
    assert settings_digest(again) == settings_digest(settings)


@hypothesis.settings(max_examples=200, deadline=None, suppress_health_check=[TOO_SLOW])
@hypothesis.example("\x85")
@hypothesis.example(" a\n\n b\u2028c\ufeff ")
@given(text=st.text() | st.from_regex(r"[-+.0-9eE_:~]*|yes|no|null|<<|=", fullmatch=True))
def test_any_text_comes_back_as_text(text: str) -> None:
    values, _ = parse(write({"a": text, text: [text]}), "here")
    assert values == {"a": text, text: [text]}


def test_yaml_holds_defaults_and_lists_on_one_line(read: Callable[..., Any]) -> None:
    assert to_yaml(read("device: {kind: pcm}\ndata: {title: 'off'}", "training.rate=[1, 2]")) == (
        "seed: 1\n"
        "training:\n"
        "  epochs: 3\n"
        "  rate: [1.0, 2.0]\n"
        "  shuffle: true\n"
        "  rule: sgd\n"
        "  decay: null\n"
        "data:\n"
        "  path: null\n"
        "  more: []\n"
        "  title: off\n"
        "  crop: [0, 9]\n"
        "  pair: [1, 2.0]\n"
        "  weights: {}\n"
        "device:\n"
        "  kind: pcm\n"
        "  g_max: 2.5e-05\n"
        "  step_spread: 0.5\n"
        "spares: []\n"
        "reference: null\n"
    )


def test_the_digest_is_the_sha_256_of_canonical_json(read: Callable[..., Any]) -> None:
    canonical = (
        '{"data":{"crop":[0,9],"more":[],"pair":[1,2],"path":null,"title":"\\u00b5","weights":{}},'
        '"device":{"g_max":2.5e-05,"kind":"pcm","step_spread":0.5},"reference":null,"seed":1,'
        '"spares":[],"training":{"decay":null,"epochs":3,"rate":0.1,"rule":"sgd","shuffle":true}}'
    )
    settings = read("device: {kind: pcm}\ndata: {title: µ}")
    assert settings_digest(settings) == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_digest_follows_values_and_not_their_spelling(read: Callable[..., Any]) -> None:
    plain = settings_digest(read("device: {kind: pcm}"))
    assert settings_digest(read("device: {g_max: 0.000_025, kind: pcm}\nseed: 1e0")) == plain
    assert settings_digest(read("device: {kind: pcm}\nseed: 2")) != plain


def test_the_simulation_reads_its_own_settings(
    tmp_path: Path, example: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "Settings", example)
    path = tmp_path / "my.yaml"
    path.write_text("device: {kind: pcm}")
    settings = load.load_config(path, ["seed=7"])
    assert settings.seed == 7
    assert load.settings_from_text(to_yaml(settings), "a result") == settings
    with pytest.raises(UserError, match="a result has 1 fault:\n  line 1, sed: unknown setting"):
        load.settings_from_text("sed: 1\ndevice: {kind: pcm}", "a result")
