"""Points made from settings, with everything checked that could stop them later."""

from collections.abc import Mapping

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.images import Images
from pcmsim.campaign.point import Point
from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.experiment.provenance import checksums
from pcmsim.training.trainer import Trainer

# What a network is built from: settings alike in these need to be tried only once.
BUILT_FROM = {"network", "data", "device", "faults"}


class Preparation:
    """Makes points; images and networks that points share are loaded and tried once."""

    def __init__(self) -> None:
        """Start with nothing loaded."""
        self._images = Images()
        self._built: set[str] = set()

    def point(self, settings: Settings, cells: Mapping[str, Cell]) -> Point:
        """Return a point; ``cells`` stand in tables for the values that are varied.

        Raises:
            UserError: a file that the settings name cannot be used.
        """
        images = self._images.of(settings)
        self._try_to_build(settings, images)
        return Point(settings, cells, checksums(settings, images))

    def _try_to_build(self, settings: Settings, images: Dataset) -> None:
        """Build the network once: faulty devices and fault maps come to light here."""
        key = settings.model_dump_json(include=BUILT_FROM)
        if key not in self._built:
            Trainer(settings, images)
            self._built.add(key)
