"""Images, loaded once for many points."""

from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.experiment.run import load_fitting_data

# Sets of images that are kept; a full MNIST takes some 150 MB.
MOST_SETS = 4


class Images:
    """The images that were used last."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._sets: dict[tuple[str, int, int, str], Dataset] = {}

    def of(self, settings: Settings, checksum: str = "") -> Dataset:
        """Return the images of these settings, loading them if they are not at hand.

        ``checksum`` makes a difference where a file may have changed in the meantime.

        Raises:
            UserError: they cannot be loaded, or do not fit the network.
        """
        layers = settings.network.layers
        key = (settings.data.model_dump_json(), layers[0], layers[-1], checksum)
        images = self._sets.pop(key, None) or load_fitting_data(settings)
        self._sets[key] = images
        if len(self._sets) > MOST_SETS:
            del self._sets[next(iter(self._sets))]
        return images
