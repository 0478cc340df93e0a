"""Calling the parts of kernels, which have no wrapper for Python, from Python."""

from functools import cache
from typing import Any

import numba

from pcmsim.kernels.compile import FLAGS


@cache
def called(part: Any) -> Any:
    """Return a part of a kernel compiled as something that Python can call."""
    return numba.njit(**FLAGS)(part.py_func)
