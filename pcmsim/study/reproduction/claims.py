"""What was published about the experiment, and what counts as agreement.

Published (Burr et al., IEDM 2014, and reports of it): the two headline accuracies; a linear,
symmetric, bidirectional device of high dynamic range equals software; about 30 % dead conductors
or 20 % stuck-at devices still give good accuracy; batch sizes of 1 to 10 make no visible
difference; the network is resilient to random effects and sensitive to those that steer all
weights together.  The criteria are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.interval import Interval
from pcmsim.experiment.published import TEST_ACCURACY, TRAIN_ACCURACY
from pcmsim.study.reproduction.outcome import Claim

# Accuracy that may be lost where "good accuracy" was published, and "no visible difference".
GOOD = 0.05
INVISIBLE = 0.03
# Accuracy by which the ideal device may fall short of software.
EQUAL = 0.007
TRAIN_BAND = 0.010
TEST_BAND = 0.015


@dataclass(frozen=True)
class Published:
    """A published statement that a number can be held against.

    Attributes:
        name: what it is about.
        statement: what was published, in our words.
        criterion: what counts as agreement.
        low: smallest value that agrees; None: no limit.
        high: largest value that agrees; None: no limit.
        curve: name of the curve that shows it, or None.
        changes: setting -> value, of what is changed of the settings that are studied.
        is_difference: whether it is about a loss or difference, rather than an accuracy.
    """

    name: str
    statement: str
    criterion: str
    low: float | None
    high: float | None
    curve: str | None = None
    changes: Mapping[str, Cell] = field(default_factory=dict)
    is_difference: bool = True

    def held_against(self, measured: Interval | None) -> Claim:
        """Return the statement with what was measured beside it."""
        return Claim(
            name=self.name,
            published=self.statement,
            criterion=self.criterion,
            low=self.low,
            high=self.high,
            measured=measured,
            curve=self.curve,
            is_difference=self.is_difference,
        )


def _headline(what: str, of: str, accuracy: float, band: float) -> Published:
    return Published(
        name=what,
        statement=f"{100 * accuracy:.1f} % of {of}",
        criterion=f"within {100 * band:.1f} points",
        low=round(accuracy - band, 6),
        high=round(accuracy + band, 6),
        is_difference=False,
    )


# Column of a run -> its claim.  How the training accuracy was taken was not published.
HEADLINE = {
    "online_accuracy": _headline(
        "training accuracy, images when shown", "5,000 training images", TRAIN_ACCURACY, TRAIN_BAND
    ),
    "train_accuracy": _headline(
        "training accuracy, images after the epoch",
        "5,000 training images",
        TRAIN_ACCURACY,
        TRAIN_BAND,
    ),
    "test_accuracy": _headline("test accuracy", "unseen test images", TEST_ACCURACY, TEST_BAND),
}

SOFTWARE = Published(
    name="ideal device against software",
    statement="a bidirectional, symmetric, linear device equals software",
    criterion=f"falls short of it by at most {100 * EQUAL:.1f} points",
    low=None,
    high=EQUAL,
)


def _forgiven(name: str, statement: str, curve: str, setting: str, value: Cell) -> Published:
    return Published(
        name=name,
        statement=statement,
        criterion=f"loses at most {100 * GOOD:.0f} points",
        low=None,
        high=GOOD,
        curve=curve,
        changes={setting: value},
    )


def _invisible(batch: int) -> Published:
    return Published(
        name=f"batches of {batch}",
        statement="batches of 1 to 10: no visible difference",
        criterion=f"differs by at most {100 * INVISIBLE:.0f} points",
        low=-INVISIBLE,
        high=INVISIBLE,
        curve="batch-size",
        changes={"training.batch_size": batch},
    )


DEAD = "good accuracy with about 30 % dead conductors"
STUCK = "good accuracy with about 20 % stuck-at devices"
RANDOM = "very resilient to random effects"
GRADIENT = "very sensitive to effects that steer all weights together"

# Held against every settings file that is studied.
TOLERANCES = (
    _forgiven("30 % dead conductors", DEAD, "dead", "faults.dead", 0.3),
    _forgiven("20 % stuck on", STUCK, "stuck-on", "faults.stuck_on", 0.2),
    _forgiven("20 % stuck at random", STUCK, "stuck-random", "faults.stuck_random", 0.2),
    *(_invisible(batch) for batch in (2, 5, 10)),
)

# "Dead conductors" may also have meant lines of the array.
OTHER_READINGS = (
    _forgiven("30 % dead rows", f"{DEAD} (read as lines)", "dead-rows", "faults.dead_rows", 0.3),
    _forgiven(
        "30 % dead columns", f"{DEAD} (read as lines)", "dead-columns", "faults.dead_columns", 0.3
    ),
)

RANDOM_EFFECTS = (
    _forgiven("steps spread by 100 %", RANDOM, "step-spread", "device.step_spread", 1.0),
    _forgiven("maxima spread by 30 %", RANDOM, "range-spread", "device.range_spread", 0.3),
)

# A random and a gradient effect of the same size, on the same bidirectional device.
SIZE = 0.3
IDEAL_DEVICE_EFFECTS = (
    _forgiven(
        f"ideal device, ranges spread by {100 * SIZE:.0f} %",
        RANDOM,
        "asymmetry",
        "device.range_spread",
        SIZE,
    ),
    Published(
        name=f"ideal device, steps asymmetric by {100 * SIZE:.0f} %",
        statement=GRADIENT,
        criterion=f"loses more than {100 * GOOD:.0f} points",
        low=GOOD,
        high=None,
        curve="asymmetry",
        changes={"device.asymmetry": SIZE},
    ),
)
