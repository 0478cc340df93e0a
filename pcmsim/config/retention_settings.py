"""What becomes of a trained network with time: its settings; see ``settings``."""

from typing import Literal

from pcmsim.config.section import Section, setting

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = 30 * DAY
YEAR = 365 * DAY
# Devices are taken as they are this long after they were written, s: where the published drift
# starts from (Joshi et al., Nature Communications 11:2473, 2020: published).
T_0 = 20.0
# What was measured within hours says little of what is beyond.
LONGEST = 100 * YEAR
MOST_TIMES = 1000


class RetentionSettings(Section):
    """What becomes of the conductances after training, and of the accuracy with them.

    Nothing here changes training.  Faulty devices keep the conductance at which they are stuck.
    """

    model: Literal["none", "joshi2020"] = setting(
        "none",
        "none: conductances stay as training left them; joshi2020: phase-change devices drift and "
        "are noisy as in Joshi et al., and accuracy is measured again at later times",
        source="joshi2020: published (Joshi et al., Nature Communications 11:2473, 2020), "
        "measured on devices of 25 uS at most; with other devices, conductances are taken over "
        "g_max: choice",
    )
    programming_error: bool = setting(
        False,
        "every device is written once more at the end of training, with the error of an iterative "
        "write; false: training in place has written them already",
    )
    drift: bool = setting(
        True, "conductances fall with a power of time, every device with an exponent of its own"
    )
    read_noise: bool = setting(
        True, "conductances fluctuate (1/f noise), the more the longer ago they were written"
    )
    until: float = setting(
        YEAR, "last time after writing at which accuracy is measured", unit="s", gt=T_0, le=LONGEST
    )
    times: int = setting(
        10,
        "times at which accuracy is measured, at equal ratios from 20 s to until; a minute, an "
        "hour, a day, a month of 30 days and a year come on top as far as they lie between",
        ge=2,
        le=MOST_TIMES,
    )
