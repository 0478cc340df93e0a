"""Work for the workers of a pool that comes to a bad end."""

import os
import signal
import threading
import time
from pathlib import Path

from pcmsim.campaign.worker import measure_point


def die_once(settings_text: str, origin: dict[str, str]) -> bytes:
    """Be killed at the first point with half of the devices dead; else measure."""
    killed = Path("killed")
    if "dead: 0.5\n" in settings_text and not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    Path(f"{time.monotonic_ns()}.measured").touch()
    return measure_point(settings_text, origin)


def give_much(size: int) -> bytes:
    """Return more than fits into a pipe at once."""
    return bytes(size)


def die_while_giving(size: int) -> bytes:
    """Be killed as soon as this thread lets others run: while it writes the result to the pipe."""
    threading.Timer(0.001, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(size)
