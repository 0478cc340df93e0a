"""What a judge has found about a device, in the form in which it is reported."""

from dataclasses import dataclass
from pathlib import Path

from pcmsim.campaign.interval import Interval
from pcmsim.config.settings import Settings
from pcmsim.study.judge.search import Effort, Step


@dataclass(frozen=True)
class Rival:
    """A device that others are compared with, and its test accuracy."""

    name: str
    accuracy: Interval


@dataclass(frozen=True)
class Gain:
    """What a device would gain by being ideal in one respect.

    Attributes:
        name: the respect, as an imperfection.
        settings: the settings that it consists of, with their values.
        gain: accuracy without it less that of the device as it is, run by run, as a fraction.
    """

    name: str
    settings: str
    gain: Interval

    def is_clearly_more(self, other: "Gain") -> bool:
        """Tell whether the intervals of two gains do not overlap, and this is the larger."""
        widths = (self.gain.half_width or 0) + (other.gain.half_width or 0)
        return self.gain.mean - other.gain.mean > widths


@dataclass(frozen=True)
class Wear:
    """How often the devices of one network were pulsed by one training of replicate 0.

    Attributes:
        pulses: what is counted.
        total: of all devices.
        median: of one device.
        high: only one device in a thousand took more.
        largest: of one device.
    """

    pulses: str
    total: int
    median: float
    high: float
    largest: int


@dataclass(frozen=True)
class Verdict:
    """All about a device.

    Attributes:
        device: its file.
        folder: where the runs are.
        settings: those that were found, replicate 0.
        is_bidirectional: True if it steps down, and is never RESET.
        replicates: runs of the mean of the device, and of all that may gain most; of other means
            there may be half as many.
        budget: the most runs of the search.
        effort: how the search spent them.
        runs: how many different runs there were in all.
        accuracy: of the device in the settings found; fraction of test images.
        train_accuracy: of the images it was trained on, after the epoch.
        rivals: the shipped devices, each with its shipped settings.
        ideal: accuracy without any imperfection; None where there is none.
        gains: what single improvements bring, the most first.
        wear: by kind of pulse.
        course: what the search compared, by accuracies less what pulses cost.
        result: result file of replicate 0, all devices included.
    """

    device: str
    folder: Path
    settings: Settings
    is_bidirectional: bool
    replicates: int
    budget: int
    effort: Effort
    runs: int
    accuracy: Interval
    train_accuracy: Interval
    rivals: list[Rival]
    ideal: Interval | None
    gains: list[Gain]
    wear: list[Wear]
    course: list[Step]
    result: Path
