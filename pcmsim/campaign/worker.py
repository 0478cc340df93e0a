"""What a worker does with a point.

A worker gets text and gives back bytes: it needs pcmsim and the files that the settings name, but
no folder in common with whoever asks.
"""

from pcmsim.campaign.images import Images
from pcmsim.config.load import settings_from_text
from pcmsim.errors import UserError
from pcmsim.experiment.checkpoint import WORDS, Origin
from pcmsim.experiment.measure import measure
from pcmsim.experiment.provenance import checksums

_images = Images()


def measure_point(settings_text: str, origin: Origin) -> bytes:
    """Train one point and return its slim result file.

    Args:
        settings_text: the settings as YAML.
        origin: checksums of the files they name, as whoever asks has found them.

    Raises:
        UserError: a file is missing here, or is another one.
    """
    settings = settings_from_text(settings_text, "the settings of a point")
    data = _images.of(settings, origin["data_sha256"])
    for name, found in checksums(settings, data).items():
        if found != origin[name]:
            raise UserError(f"the worker finds other {WORDS[name]} than the sweep was started with")
    return measure(settings, data)
