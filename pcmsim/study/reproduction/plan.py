"""What the study consists of: every run, known and checked before the first one starts."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from pcmsim.campaign.point import Point
from pcmsim.config.settings import Settings
from pcmsim.errors import UserError
from pcmsim.study.reproduction.claims import (
    IDEAL_DEVICE_EFFECTS,
    OTHER_READINGS,
    RANDOM_EFFECTS,
    SOFTWARE,
    TOLERANCES,
)
from pcmsim.study.reproduction.reader import HEADLINE_REPLICATES, Reader
from pcmsim.study.reproduction.sweep_curve import StudySweep
from pcmsim.study.reproduction.trial import Trial

CONFIGS = Path("configs")
PUBLISHED_EXPERIMENT = "burr2014.yaml"
IDEAL_DEVICE = "ideal-linear.yaml"
SOFTWARE_REFERENCE = "float.yaml"
ENSEMBLE_NOTE = "note.txt"
# Curves are told in this order: what fails, what the device is, what is done with it.
SECTIONS = ("faults", "device", "read", "reset", "training", "network", "data")
NO_TIME = "it takes longer than a quick study"


@dataclass(frozen=True)
class StudyPlan:
    """All that is to be run, and what it is for.

    Attributes:
        base: path of the settings file that is studied.
        is_published_experiment: whether that is the shipped one.
        is_quick: whether epochs, replicates and values are cut down.
        trials: one for each published statement, the headline first.
        sweeps: the curves.
        members: name -> trials, for base and each other settings file of an ensemble.
        mitigations: sweeps over shares of faults and measures against them.
        left_out: what is not run, and why.
        command: what to type to repeat the study.
        ensemble_note: what is to be said of the ensemble.
    """

    base: Path
    is_published_experiment: bool
    is_quick: bool
    trials: list[Trial]
    sweeps: list[StudySweep]
    members: dict[str, list[Trial]]
    mitigations: list[StudySweep]
    left_out: dict[str, str]
    command: str
    ensemble_note: str

    @property
    def settings(self) -> Settings:
        """The settings that are studied."""
        return self.trials[0].point.settings

    def runs(self) -> Iterator[tuple[str, Point]]:
        """Yield every run beside the name of what it is for; some are for several things."""
        parts: list[tuple[str, Trial | StudySweep]] = [
            *(("claims", trial) for trial in self.trials),
            *((sweep.name, sweep) for sweep in self.sweeps),
            *((f"ensemble {name}", one) for name, trials in self.members.items() for one in trials),
            *((sweep.name, sweep) for sweep in self.mitigations),
        ]
        for name, part in parts:
            for point in part.points():
                yield name, point


def plan_study(configs: Path, own: Path | None = None, *, is_quick: bool = False) -> StudyPlan:
    """Read the study's files and check every run of it.

    Args:
        configs: folder with the shipped settings files, with the sweep files in ``tolerance``,
            and in ``ensemble`` other settings that meet the headline, and what is to be said of
            them.
        own: settings file that is studied instead of the published experiment.  Sweeps of what
            it does not have are left out, and so is all that is about other settings: the ideal
            device, software, and the ensemble.
        is_quick: cut down epochs, replicates and values, and leave out what takes long.

    Raises:
        UserError: a file is missing, or has a fault.
    """
    published = configs / PUBLISHED_EXPERIMENT
    files = _yaml_files(configs / "tolerance")
    if not files:
        raise UserError(
            f"{configs / 'tolerance'}: there are no sweep files; run this in a clone of pcmsim, or "
            "name the folder with its settings files by --configs"
        )
    base = own or published
    is_published = base.resolve() == published.resolve()
    reader = Reader(base, is_own=not is_published, is_quick=is_quick)
    trials = [
        *reader.headline(base, HEADLINE_REPLICATES),
        *reader.losses(base, [*TOLERANCES, *OTHER_READINGS, *RANDOM_EFFECTS]),
    ]
    if is_published:
        ideal = configs / IDEAL_DEVICE
        software, device = reader.point(configs / SOFTWARE_REFERENCE), reader.point(ideal)
        trials.append(reader.comparison(SOFTWARE, software, device))
        trials += reader.losses(ideal, IDEAL_DEVICE_EFFECTS)
    sweeps = reader.sweeps(file for file in files if not _is_mitigation(file))
    long_files = [file for file in files if _is_mitigation(file)]
    members = _yaml_files(configs / "ensemble") if is_published else []
    if is_quick:
        reader.left_out |= {file.stem: NO_TIME for file in [*long_files, *members]}
        long_files, members = [], []
    return StudyPlan(
        base=base,
        is_published_experiment=is_published,
        is_quick=is_quick,
        trials=trials,
        sweeps=sorted(sweeps, key=_place_in_report),
        members={
            file.stem: [
                *reader.headline(file, HEADLINE_REPLICATES),
                *reader.losses(file, TOLERANCES),
            ]
            for file in ([base, *members] if members else [])
        },
        mitigations=reader.sweeps(long_files, axes=2),
        left_out=reader.left_out,
        command=_command(configs, own, is_quick),
        ensemble_note=_text(configs / "ensemble" / ENSEMBLE_NOTE) if members else "",
    )


def _command(configs: Path, own: Path | None, is_quick: bool) -> str:
    words = ["pcmsim", "reproduce"]
    if own is not None:
        words.append(str(own))
    if is_quick:
        words.append("--quick")
    if configs != CONFIGS:
        words += ["--configs", str(configs)]
    return shlex.join(words)


def _text(file: Path) -> str:
    """Return what is written in a file, or nothing if there is none."""
    try:
        return file.read_text().strip() if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"), key=attrgetter("stem"))


def _place_in_report(sweep: StudySweep) -> int:
    return SECTIONS.index(sweep.section) if sweep.section in SECTIONS else len(SECTIONS)


def _is_mitigation(file: Path) -> bool:
    return file.stem.startswith("mitigation-")
