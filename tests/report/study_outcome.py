"""An invented outcome of a study, with all that can be awkward to show."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pcmsim.campaign.axes import Cell
from pcmsim.campaign.collect import Collection
from pcmsim.campaign.interval import Interval
from pcmsim.campaign.summary import summarise
from pcmsim.study.reproduction.outcome import Claim, Curve, Member, Mitigation, Outcome

BASE_ACCURACY = 0.839
PUBLISHED = "about 30 % dead conductors or 20 % stuck-at devices still give good accuracy (press)"


def make_outcome(*, is_quick: bool = False) -> Outcome:
    """Return the outcome of a whole study."""
    return Outcome(
        base="configs/burr2014.yaml",
        is_quick=is_quick,
        replicates=2 if is_quick else 5,
        epochs=5 if is_quick else 20,
        claims=make_claims(),
        curves=make_curves(),
        members=make_members(),
        mitigations=make_mitigations(),
        failures={
            "dead: faults.dead = 0.6, replicate 3": "UserError: G+ < G- & no pulse left",
            "hidden: network.layers = 1000-500, replicate 0": "the worker was killed",
        },
        left_out={"concavity": "device.concavity: a device of kind table has no such setting"},
        is_published_experiment=True,
        command="pcmsim reproduce --quick" if is_quick else "pcmsim reproduce",
        ensemble_note="Of the five, burr2014 agrees best, and was chosen for that alone.",
    )


def make_claims() -> list[Claim]:
    headline = "82.2 % of training images, 82.9 % of test images"
    good = "loses at most 5 points"
    return [
        Claim(
            "training accuracy",
            headline,
            "within 1 point of 82.2 %",
            0.812,
            0.832,
            Interval(0.8164, 0.0021),
            curve=None,
            is_difference=False,
        ),
        Claim(
            "test accuracy",
            headline,
            "within 1.5 points of 82.9 %",
            0.814,
            0.844,
            Interval(0.8391, 0.0071),
            curve=None,
            is_difference=False,
        ),
        Claim(
            "linear, symmetric, bidirectional device of high dynamic range",
            "reaches the accuracy of the software network",
            "within 0.7 points of software",
            None,
            0.007,
            Interval(-0.0021, 0.0012),
            curve=None,
            is_difference=True,
        ),
        loss("30 % dead conductors", good, 0.05, Interval(0.1312, 0.0231), "dead"),
        loss("30 % dead columns", good, 0.05, Interval(0.0461, 0.0112), "dead_columns"),
        loss("20 % stuck-on devices", good, 0.05, Interval(0.0103, 0.0041), "stuck_on"),
        loss("20 % stuck at random", good, 0.05, None, "stuck_random"),
        loss("batch of 10", "loses at most 3 points", 0.03, Interval(-0.0034, None), "batch"),
        Claim(
            "gradient effects",
            "great sensitivity to effects that steer all weights together; great resilience to "
            "random effects such as variability, yield and stochasticity",
            "loses more than 5 points with steps down half as large as steps up <where a spread "
            "of 50 % loses less>",
            0.05,
            None,
            Interval(0.213, 0.034),
            "asymmetry",
            is_difference=True,
        ),
    ]


def loss(name: str, criterion: str, high: float, measured: Interval | None, curve: str) -> Claim:
    return Claim(name, PUBLISHED, criterion, None, high, measured, curve, is_difference=True)


def make_members() -> list[Member]:
    """Return five members; RESET interval rises with the loss, the learning rate does not."""
    names = ["burr2014", "long-interval", "small-weights", "late-reset", "noisy < all"]
    losses = [0.021, 0.131, 0.045, 0.077, 0.094]
    intervals = ["40", "200", "50", "100", "100"]
    rates = ["0.04", "0.02", "0.11", "0.4", "0.03"]
    tolerance = ["0.1", "0.1", "0.1", "0.1", "0.1"]
    members = zip(names, losses, intervals, rates, tolerance, strict=True)
    return [
        Member(
            name,
            {
                "reset.interval": interval,
                "training.learning_rate": rate,
                "reset.tolerance": accuracy,
                "training.derivative": "exact" if lost > 0.05 else "constant",
            },
            [
                replace(claim, measured=Interval(lost, 0.012)) if claim.curve == "dead" else claim
                for claim in make_claims()
            ],
        )
        for name, lost, interval, rate, accuracy in members
    ]


def make_mitigations() -> list[Mitigation]:
    measures = {
        "none": 1.0,
        "fault-aware RESET": 0.4,
        "spare devices": 0.8,
        "spare lines": 0.7,
        "hidden layers twice as wide": -0.1,
    }
    shares = [0.05, 0.1, 0.2, 0.3]
    return [
        Mitigation(
            fault,
            measure,
            {
                share: Interval(worst * factor * share / 0.3, 0.004 + 0.01 * share)
                for share in shares
                if (fault, measure, share) != ("stuck-on devices", "spare devices", 0.3)
            },
        )
        for fault, worst in {"dead conductors": 0.131, "stuck-on devices": 0.042}.items()
        for measure, factor in measures.items()
    ]


def make_curves() -> list[Curve]:
    """Return curves of every form: flat, with a knee, rising; long, short; numbers and words."""
    shares = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    few = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4]
    dead, stuck = "dead conductors (%)", "stuck devices (%)"
    return [
        curve("dead", "Dead conductors", "faults.dead", dead, shares, 0.0, 0.5),
        curve("stuck_on", "Stuck-on devices", "faults.stuck_on", stuck, few, 0.0, 0.1),
        curve(
            "stuck_random",
            "Devices that are stuck at a random conductance, drawn evenly from the whole range of "
            "the device, from the first example on",
            "faults.stuck_random",
            "devices stuck at a random conductance (%)",
            few,
            0.0,
            0.3,
        ),
        curve("dead_rows", "Dead rows", "faults.dead_rows", "dead rows (%)", few, 0.0, 0.9),
        curve("dead_columns", "Dead columns", "faults.dead_columns", "dead columns (%)", few, 0.0),
        curve("clustered", "Clustered faults", "faults.clustered", stuck, few, 0.0, 0.4),
        curve(
            "step_spread",
            "Stochastic steps",
            "device.step_spread",
            "spread of the step, as a share of its mean (%)",
            [0.0, 0.25, 0.5, 1.0, 2.0],
            1.0,
            -0.02,
        ),
        curve(
            "range_spread",
            "Variable maxima",
            "device.range_spread",
            "spread of the maximum (%)",
            [0.0, 0.1, 0.2, 0.4],
            0.1,
        ),
        curve(
            "steps",
            "Pulses to saturation",
            "device.steps",
            "partial-SET pulses to saturation",
            [5.0, 10.0, 20.0, 50.0, 200.0, 1000.0, 10000.0],
            20.0,
            -0.3,
            is_logarithmic=True,
        ),
        curve("concavity", "Concavity", "device.concavity", "concavity", [0.0, 1.0, 2.0, 4.0], 2.0),
        curve(
            "asymmetry",
            "Asymmetry of a bidirectional device",
            "device.asymmetry",
            "steps down less steps up (%)",
            [-0.5, -0.2, 0.0, 0.2, 0.5],
            None,
            0.3,
        ),
        curve(
            "range",
            "Dynamic range",
            "device.g_min",
            "minimum conductance (µS)",
            [0.0, 0.1e-6, 0.5e-6, 2e-6, 5e-6],
            0.1e-6,
            0.2,
        ),
        curve(
            "reset_interval",
            "RESET interval",
            "reset.interval",
            "examples between RESETs",
            [1.0, 10.0, 40.0, 100.0, 1000.0, 5000.0],
            40.0,
            is_logarithmic=True,
        ),
        curve(
            "reset_tries", "Tries of a RESET", "reset.max_pulses", "pulses at most", [1.0, 3.0], 20
        ),
        curve("reset_fails", "RESETs that fail", "reset.fails", "RESETs that fail (%)", few, 0.0),
        curve(
            "batch",
            "Batch size",
            "training.batch_size",
            "examples in a batch",
            [1, 2, 5, 10, 20],
            1,
            -0.01,
        ),
        curve(
            "learning_rate",
            "Learning rate",
            "training.learning_rate",
            "learning rate, as a multiple of that of the base file",
            [0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
            1.0,
            0.6,
            is_logarithmic=True,
        ),
        curve("slope", "Slope of the activation", "network.slope", "slope", [0.5, 1.0, 2.0], 1.0),
        curve(
            "initial",
            "Initial weights",
            "network.initial_weight",
            "initial weights",
            ["[0.5, 0.5, 0.5]", "[1.5, 1.5, 1.5]", "[4.0, 4.0, 4.0]"],
            "[1.5, 1.5, 1.5]",
        ),
        curve(
            "read_noise",
            "Read noise",
            "read.noise_relative",
            "relative read noise (%)",
            [0.0, 0.001, 0.01, 0.1, 1.0],
            0.0,
            0.7,
            is_logarithmic=True,
        ),
        curve(
            "images",
            "Training images",
            "data.train_images",
            "training images",
            [500, 1000, 2000, 5000, 10000, 20000, 60000],
            5000,
            -0.1,
            is_logarithmic=True,
        ),
        curve(
            "hidden",
            "Hidden layers",
            "network.layers",
            "neurons in the hidden layers",
            ["50-25", "125-60", "250-125", "500-250", "1000-500"],
            "250-125",
            -0.05,
        ),
        curve(
            "wear_out",
            "Wear-out",
            "faults.endurance_set",
            "partial SETs that a device endures, in the median",
            ["never", 10000.0, 3000.0, 1000.0, 300.0, 100.0],
            "never",
            0.4,
        ),
        curve("single", "One value only", "reset.tolerance", "tolerance (%)", [0.1], 0.2),
        curve("one_run", "One run at each value", "faults.stuck_at", stuck, few, 0.0, 0.1, runs=1),
    ]


def curve(
    name: str,
    title: str,
    setting: str,
    label: str,
    values: Sequence[Cell],
    shipped: Cell | None,
    drop: float = 0.05,
    *,
    is_logarithmic: bool = False,
    runs: int = 5,
) -> Curve:
    """Return a curve that falls by ``drop`` in all, with a knee on its way."""
    random = np.random.default_rng(sum(map(ord, name)))
    common = random.normal(0, 0.008, runs)
    accuracies = [
        BASE_ACCURACY
        - drop * (n / max(len(values) - 1, 1)) ** 3
        + common
        + random.normal(0, 0.004, runs)
        for n in range(len(values))
    ]
    repeated = [value for value in values for _ in range(runs)]
    kinds = {type(value) for value in values}
    columns = {
        setting: np.array(repeated, object if len(kinds) > 1 else None),
        "replicate": np.tile(np.arange(runs), len(values)),
        "test_accuracy": np.clip(np.ravel(accuracies), 0.1, 1),
        "digest": np.array([f"{name}-{n}" for n in range(len(repeated))]),
    }
    collection = Collection(
        folder=Path("results/reproduce"),
        title=title,
        axes=(setting,),
        columns=columns,
        failures={},
        points=len(repeated),
        reference=tuple(values[:1]),
    )
    return Curve(
        name, title, setting, label, is_logarithmic, shipped, summarise(collection), collection
    )
