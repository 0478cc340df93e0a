"""pcmsim: train neural networks on simulated arrays of phase-change memory.

settings = pcmsim.load_config("configs/burr2014.yaml", ["training.epochs=3"])
result = pcmsim.run(settings, "burr2014.h5")
result.summary()["test_accuracy"], result.arrays["epochs/test_accuracy"]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pcmsim.campaign.collect import collect
    from pcmsim.campaign.sweep import sweep
    from pcmsim.config.load import load_config
    from pcmsim.errors import UserError
    from pcmsim.experiment.fault_map import write_fault_map
    from pcmsim.experiment.result import Result
    from pcmsim.experiment.retention import retention
    from pcmsim.experiment.run import run
    from pcmsim.study.attribute import attribute
    from pcmsim.study.judge.judge import judge
    from pcmsim.study.reproduction.reproduce import reproduce
    from pcmsim.study.tolerance.tolerance import tolerance

__all__ = [
    "Result",
    "UserError",
    "attribute",
    "collect",
    "judge",
    "load_config",
    "reproduce",
    "retention",
    "run",
    "sweep",
    "tolerance",
    "write_fault_map",
]

_HOME = {
    "Result": "pcmsim.experiment.result",
    "UserError": "pcmsim.errors",
    "attribute": "pcmsim.study.attribute",
    "collect": "pcmsim.campaign.collect",
    "judge": "pcmsim.study.judge.judge",
    "load_config": "pcmsim.config.load",
    "reproduce": "pcmsim.study.reproduction.reproduce",
    "retention": "pcmsim.experiment.retention",
    "run": "pcmsim.experiment.run",
    "sweep": "pcmsim.campaign.sweep",
    "tolerance": "pcmsim.study.tolerance.tolerance",
    "write_fault_map": "pcmsim.experiment.fault_map",
}


def __getattr__(name: str) -> Any:
    # Looked up on first use, so that `pcmsim --help` does not wait for Numba to load.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pcmsim' has no attribute {name!r}")
