"""What the study found, in the form in which it is reported."""

from dataclasses import dataclass
from enum import StrEnum

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.collect import Collection
from pcmsim.campaign.interval import Interval
from pcmsim.campaign.summary import Summary


class Verdict(StrEnum):
    """Whether what was measured is what was published."""

    AGREES = "agrees"
    DIFFERS = "differs"
    OPEN = "not measured"


@dataclass(frozen=True)
class Claim:
    """A published statement, and the number measured that bears on it.

    Attributes:
        name: what it is about, such as ``30 % dead conductors``.
        published: what was published about it, in our words.
        criterion: what counts as agreement, such as ``loses at most 5 points``.
        low: smallest value that agrees, as a fraction; None: no limit.
        high: largest value that agrees, as a fraction; None: no limit.
        measured: an accuracy, or a loss or difference of accuracies, as a fraction, with its
            95 % interval; None if all its runs failed.
        curve: name of the curve that it belongs to, or None.
        is_difference: whether what was measured is a loss or difference, told in points, rather
            than an accuracy, told in %.
    """

    name: str
    published: str
    criterion: str
    low: float | None
    high: float | None
    measured: Interval | None
    curve: str | None
    is_difference: bool

    @property
    def excess(self) -> float:
        """How far the measured value is beyond the nearer limit; 0 where it agrees."""
        if self.measured is None:
            return 0.0
        below = 0.0 if self.low is None else self.low - self.measured.mean
        above = 0.0 if self.high is None else self.measured.mean - self.high
        return max(0.0, below, above)

    @property
    def verdict(self) -> Verdict:
        """Whether the measured mean lies within the limits."""
        if self.measured is None:
            return Verdict.OPEN
        return Verdict.DIFFERS if self.excess > 0 else Verdict.AGREES


@dataclass(frozen=True)
class Curve:
    """One sweep of the study: accuracy against one quantity.

    Attributes:
        name: stem of the sweep file, such as ``dead``.
        title: what is varied, in words, from the sweep file.
        setting: the setting on the horizontal axis, such as ``faults.dead``.
        label: the label of that axis, with the unit in which its values are to be shown, such as
            ``dead conductors (%)`` or ``maximum conductance (µS)``; values themselves are in SI.
        is_logarithmic: whether values are better told apart on a logarithmic axis.
        shipped: where the base file is on the axis (for words: the word), or None where it is not
            on it.
        summaries: one for each value, in the order of the axis; their losses are against the base
            file itself, whether or not it is one of the values.
        runs: all single runs.
    """

    name: str
    title: str
    setting: str
    label: str
    is_logarithmic: bool
    shipped: Cell | None
    summaries: list[Summary]
    runs: Collection


@dataclass(frozen=True)
class Member:
    """One of several settings that meet the headline figures equally well.

    Attributes:
        name: stem of its file.
        properties: what sets it apart: setting -> value, alike for all members in the settings
            that are listed.
        claims: the claims measured with it, alike for all members in name and order.
    """

    name: str
    properties: dict[str, str]
    claims: list[Claim]


@dataclass(frozen=True)
class Mitigation:
    """What a measure against faults brings.

    Attributes:
        fault: the kind of fault, such as ``dead conductors``.
        measure: what is done, such as ``fault-aware RESET``.
        losses: share of faulty devices -> accuracy lost against the fault-free network without
            the measure.
    """

    fault: str
    measure: str
    losses: dict[float, Interval]


@dataclass(frozen=True)
class Outcome:
    """All that the study found.

    Attributes:
        base: path of the settings file that was studied, as given.
        is_quick: True where epochs, replicates and values were cut down to save time.
        replicates: runs at each point.
        epochs: passes over the training images in each run.
        claims: all published claims, the headline first.
        curves: all sweeps of which a run is finished, in the order in which they are told.
        members: the ensemble of settings; empty where it was not run.
        mitigations: the measures against faults; empty where they were not run.
        failures: points that failed, and why.
        left_out: sweeps that were not run, and why, such as one of a setting that the device
            does not have.
        is_published_experiment: True for the shipped settings of the published experiment, False
            for settings of the user's own, with which the published accuracies have little to do.
        command: what to type to repeat the study.
        ensemble_note: what is to be said of the ensemble in sentences, such as how base was
            chosen from it.
    """

    base: str
    is_quick: bool
    replicates: int
    epochs: int
    claims: list[Claim]
    curves: list[Curve]
    members: list[Member]
    mitigations: list[Mitigation]
    failures: dict[str, str]
    left_out: dict[str, str]
    is_published_experiment: bool
    command: str
    ensemble_note: str
