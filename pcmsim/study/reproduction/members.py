"""The ensemble: different settings that meet the headline equally well, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from pcmsim.campaign.axes import cell_of
from pcmsim.campaign.folder import RunsFolder
from pcmsim.config.settings import Settings
from pcmsim.study.reproduction.outcome import Member
from pcmsim.study.reproduction.trial import Trial

NONE = "-"


def members_of(trials: Mapping[str, Sequence[Trial]], folder: RunsFolder) -> list[Member]:
    """Return the claims of each member, and what sets it apart from the others."""
    settings = {name: _flat(group[0].point.settings) for name, group in trials.items()}
    names = dict.fromkeys(name for values in settings.values() for name in values)
    differing = [
        name for name in names if len({values.get(name, NONE) for values in settings.values()}) > 1
    ]
    return [
        Member(
            name=name,
            properties={one: settings[name].get(one, NONE) for one in differing},
            claims=[trial.claim(folder) for trial in group],
        )
        for name, group in trials.items()
    ]


def _flat(settings: Settings) -> dict[str, str]:
    """Return all settings by their full names, as text."""
    return dict(_flattened("", settings.model_dump(mode="json")))


def _flattened(prefix: str, block: dict[str, Any]) -> list[tuple[str, str]]:
    flat = []
    for name, value in block.items():
        if isinstance(value, dict):
            flat += _flattened(f"{prefix}{name}.", value)
        else:
            flat.append((f"{prefix}{name}", _words(value)))
    return flat


def _words(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(cell_of(value))
