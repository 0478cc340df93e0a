"""What holds for all tests."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

CACHE = Path(__file__).parent.parent / ".pytest_cache"

# Tests call kernels with types of their own; their machine code must not reach the user's cache.
os.environ["PCMSIM_CACHE"] = str(CACHE / "kernels")

# Where tests are started in the background of a script, they and all their children would ignore
# interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def kernels_of_processes() -> Iterator[None]:
    """Let processes that tests start keep machine code apart from what tests left in theirs."""
    with pytest.MonkeyPatch.context() as surroundings:
        kernels = CACHE / "kernels of processes"
        surroundings.setenv("PCMSIM_CACHE", str(kernels))
        yield
