"""Where traces come from, and what was done to them before anything was made of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The history of ``Traces``: enough to read the same file in the same way again.

    Attributes:
        file: name of the file, without its folder.
        sha256: SHA-256 of the file, 64 hexadecimal digits.
        options: what the user asked for, such as ``{"unit": "uS", "read_voltage": "0.2"}``; only
            what was given.
        unit: the unit of the readings in the file as it was understood, such as ``uS`` or
            ``kohm``; several with commas between them.
        notes: plain sentences: how the file was understood and what was repaired or left out.
    """

    file: str
    sha256: str
    options: Mapping[str, str]
    unit: str
    notes: tuple[str, ...]
