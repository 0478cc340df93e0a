"""A pool of workers on many machines, through Dask's own ``concurrent.futures`` interface."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pcmsim.campaign.run_points import Pool
from pcmsim.errors import UserError


@dataclass(frozen=True)
class DaskPool:
    """The workers of a Dask scheduler, which shares the points out among them by itself.

    It also notices the death of a worker, and gives up a point that three have died of.
    """

    executor: Any
    # A cluster that grows with its work must see all of it.
    capacity: int = sys.maxsize

    def submit(self, work: Any, *arguments: Any) -> Any:
        """Hand work to the scheduler."""
        return self.executor.submit(work, *arguments)


@contextmanager
def dask_pool(address: str) -> Iterator[Pool]:
    """Connect to the scheduler at ``address``, such as ``tcp://node7:8786``.

    Raises:
        UserError: Dask is not installed, or there is no scheduler.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--dask needs the package distributed; pip install 'pcmsim[dask]' brings it"
        ) from None
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"--dask {address}: there is no Dask scheduler: {reason}") from None
    with client:
        # Not pure: Dask must not take a result for that of an earlier sweep.
        yield DaskPool(client.get_executor(pure=False))
