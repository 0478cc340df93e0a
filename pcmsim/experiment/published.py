"""The accuracies of the experiment, and which runs may be compared with them."""

from pcmsim.experiment.result import Result

# Burr et al., IEDM 2014: 528-250-125-10, 5,000 training images of MNIST.
SOURCE = "Burr et al., IEDM 2014"
SHORT_SOURCE = "Burr et al. 2014"
TRAIN_ACCURACY = 0.822
TEST_ACCURACY = 0.829
LAYERS = [528, 250, 125, 10]
TRAIN_IMAGES = 5000
DATA = "MNIST"


def is_comparable(result: Result) -> bool:
    """Tell whether a run had the network and the images of the published experiment."""
    return (
        result.settings.network.layers == LAYERS
        and result.settings.data.train_images == TRAIN_IMAGES
        and result.attributes["data_name"] == DATA
    )


def in_percent(accuracy: float) -> str:
    """Return an accuracy with the one decimal that it was published with, such as 82.9 %."""
    return f"{100 * accuracy:.1f} %"
