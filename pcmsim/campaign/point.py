"""One run of many, and what decides its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pcmsim.campaign.axes import Cell
from pcmsim.config.read import settings_digest
from pcmsim.config.settings import Settings
from pcmsim.experiment.checkpoint import Origin


@dataclass(frozen=True)
class Point:
    """One run of many.

    Points are told apart by their settings alone.  Those of a sweep share the seed, and with
    it all random numbers of the same replicate: so a difference between two points of one
    replicate is due to what was varied, and its error bar is small.

    Attributes:
        settings: what is run, the replicate included.
        cells: setting -> what stands for its value in tables, for all that is varied.
        sources: checksums of the files that the settings name, from ``checksums``.
    """

    settings: Settings
    cells: Mapping[str, Cell]
    sources: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the settings."""
        return settings_digest(self.settings)

    @property
    def origin(self) -> Origin:
        """The checksums of all that decides the outcome."""
        return {"settings_sha256": self.digest, **self.sources}

    @property
    def name(self) -> str:
        """What the point is called in messages, such as ``faults.dead = 0.1, replicate 2``."""
        cells = [f"{setting} = {cell}" for setting, cell in self.cells.items()]
        return ", ".join([*cells, f"replicate {self.settings.replicate}"])

    def replicate(self, number: int) -> "Point":
        """Return the same point with other random numbers."""
        settings = self.settings.model_copy(update={"replicate": number})
        return Point(settings, self.cells, self.sources)
