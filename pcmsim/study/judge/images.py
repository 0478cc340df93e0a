"""Images to search with: some training images are set aside, and stand in for the test images.

The test images are left for the verdict.  The training images are cut, in their order, into five
parts of the same size, of which each of the first four is set aside in turn; replicate n of the
search takes set n modulo four.
"""

import io
from pathlib import Path

import numpy as np

from pcmsim.config.settings import Settings
from pcmsim.data import Dataset
from pcmsim.errors import UserError
from pcmsim.experiment.run import load_fitting_data
from pcmsim.files import write_whole

PARTS = 5
SETS = 4


class SetsOfImages:
    """Training images in four divisions, each a file in the folder of a judge."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Write the files that are missing or differ.

        Raises:
            UserError: there are too few images, they do not fit the network, or the folder cannot
                be written.
        """
        data = load_fitting_data(settings)
        count = len(data.train_labels)
        self._aside = count // PARTS
        self._train = count - self._aside
        if self._aside < 2:
            raise UserError(
                f"data.train_images: must be at least {2 * PARTS} for a judge, which sets a fifth "
                f"of them aside; there are {count}"
            )
        self._paths = [self._written(data, number, folder) for number in range(SETS)]

    @property
    def examples(self) -> int:
        """Training images that are left in every division."""
        return self._train

    def settings_with(self, settings: Settings, number: int) -> Settings:
        """Return settings that train and test on the images of division ``number`` modulo four."""
        data = settings.data.model_copy(
            update={
                "path": str(self._paths[number % SETS]),
                "train_images": self._train,
                "crop": None,
            }
        )
        return settings.model_copy(update={"data": data})

    def _written(self, data: Dataset, number: int, folder: Path) -> Path:
        path = (folder / f"images-{number}.npz").absolute()
        aside = np.zeros(len(data.train_labels), bool)
        aside[number * self._aside : (number + 1) * self._aside] = True
        image = io.BytesIO()
        np.savez_compressed(
            image,
            train_images=data.train_images[~aside],
            train_labels=data.train_labels[~aside],
            test_images=data.train_images[aside],
            test_labels=data.train_labels[aside],
        )
        write_whole(path, image.getvalue())
        return path
