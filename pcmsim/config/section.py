"""What settings are declared with: a block of them, one of them, and the kinds of their values."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

REQUIRED: Any = ...

# Counts are kept in 64-bit and 32-bit whole numbers, values in 32-bit floating point.
LARGEST_COUNT = 10**9
LARGEST_VALUE = 1e6
# Word and bit lines of one array; more than any that was built.
LARGEST_LINES = 100_000
# Conductances, S: a single bond is far above the one, a copper wire at the other.
SMALLEST_RANGE = 1e-12
LARGEST_G = 1.0
# Time slots of the update window; the recalled experiment has a handful.
MOST_SLOTS = 32
# Pairs of devices in a synapse; published ones have up to eight devices.
MOST_PAIRS = 64


def setting(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    source: str = "choice",
    path: bool = False,
    **limits: Any,
) -> Any:
    """Declare one setting; ``limits`` are pydantic's own (``ge``, ``gt``, ``le``, ``lt``, ...).

    ``path`` marks the name of a file or folder, taken relative to the settings file.
    """
    extra: dict[str, Any] = {"unit": unit, "source": source, "path": path}
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


class Section(BaseModel):
    """A block of settings: nothing unknown is accepted, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


PositiveNumber = Annotated[float, Field(gt=0, le=LARGEST_VALUE)]
NumberFromZero = Annotated[float, Field(ge=0, le=LARGEST_VALUE)]
ShareOfOne = Annotated[float, Field(ge=0, le=1)]

# One number for all layers, or one per layer.
PositivePerLayer = PositiveNumber | list[PositiveNumber]
FromZeroPerLayer = NumberFromZero | list[NumberFromZero]
SharePerLayer = ShareOfOne | list[ShareOfOne]


def per_layer(value: float | list[float], layers: int) -> list[float]:
    """Return one number per layer, whichever way the setting was written."""
    return list(value) if isinstance(value, list) else [value] * layers
