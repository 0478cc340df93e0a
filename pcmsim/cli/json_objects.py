"""What the commands print with --json, and the parts that several have in common."""

import json
from typing import Any


def print_json(value: dict[str, Any]) -> None:
    """Print one object for scripts."""
    print(json.dumps(value, indent=2))


def json_of_interval(interval: Any) -> dict[str, Any] | None:
    """Return a mean and half the width of its confidence interval; None for none."""
    return interval and {"mean": interval.mean, "half_width": interval.half_width}


def json_of_summary(summary: Any) -> dict[str, Any]:
    """Return the accuracy at one point of a sweep, and what it has lost against the reference."""
    return {
        "replicates": summary.replicates,
        "test_accuracy": summary.accuracy.mean,
        "half_width": summary.accuracy.half_width,
        "loss": summary.loss and summary.loss.mean,
        "loss_half_width": summary.loss and summary.loss.half_width,
    }
