"""Reads the settings of a simulation, from a file or from the text that a result file keeps."""

from collections.abc import Sequence
from pathlib import Path

from pcmsim.config.read import read_settings, read_settings_text
from pcmsim.config.settings import Settings


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Settings:
    """Read a YAML file; UserError lists all its faults.

    ``overrides`` are options such as ``training.epochs=3``, which win over the file.
    """
    return read_settings(Settings, path, overrides)


def settings_from_text(text: str, origin: str) -> Settings:
    """Read YAML text as ``to_yaml`` writes it; ``origin`` is what messages call it."""
    return read_settings_text(Settings, text, origin)
