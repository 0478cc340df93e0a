"""How kernels are compiled, and where their machine code is kept.

One place owns the compiler flags.

* ``fastmath`` stays off: it lets the compiler reorder floating-point sums, and then a result
  would depend on the compiler's choices and not on the seed alone.
* ``_nrt=False`` leaves Numba's reference counting out.  A kernel can then not allocate memory
  at all (it would not compile), and handing a group of arrays from one part to the next costs
  nothing; with counting, one partial-SET pulse took 90 ns instead of 6.
* ``forceinline`` makes every part a piece of the kernel that calls it.  A call hands over some
  hundred words that describe the arrays of a layer, and no loop around a call is vectorised:
  without it, training took a third longer.
* Parts have no ``wrapper`` through which Python or C could call them: compiling those, with all
  their arguments, took a third of the time that is waited for after installation.
* ``nogil`` lets independent reads run in threads of one process.

The cache has a place of its own.  Numba judges from a file's own timestamp whether its cached
machine code is stale, so a part edited in *another* file would leave old code running; and it
fails at import where neither the package folder nor the home folder can be written.  The
folder used here is named after a digest of all kernel sources and the Numba version, and falls
back to a temporary folder.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_PART_FLAGS: dict[str, Any] = {
    "forceinline": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def kernel(function: F) -> F:
    """Compile ``function`` on its first call and keep the machine code on disk."""
    settings: Any = numba.config
    outside = settings.CACHE_DIR
    settings.CACHE_DIR = str(CACHE_FOLDER)
    try:
        compiled = numba.njit(cache=True, **FLAGS)(function)
    finally:
        settings.CACHE_DIR = outside
    compiled._cache = _ForgivingCache(compiled._cache)
    return compiled  # type: ignore[no-any-return]


class _ForgivingCache:
    """Numba's cache, with any failure to load or save taken for an empty cache.

    A file cut short by a crash, or one that names types of another program, must not keep a user
    from compiling anew.
    """

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return self._cache.load_overload(*arguments)
        except Exception:
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(Exception):
            self._cache.save_overload(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


def part(function: F) -> F:
    """Compile ``function`` as a part of the kernels that call it; Python must not call it."""
    return numba.njit(**FLAGS, **_PART_FLAGS)(function)  # type: ignore[no-any-return]


def cache_folder() -> Path:
    """Return a writable folder that belongs to exactly these kernel sources.

    The first of these that can be written: the one named by ``PCMSIM_CACHE``, the user's cache
    folder, the system's folder for temporary files.
    """
    name = f"kernels-{_digest_of_sources()}"
    users_cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for parent in (os.environ.get("PCMSIM_CACHE"), os.path.join(users_cache, "pcmsim")):
        if parent and _is_writable(Path(parent) / name):
            return Path(parent) / name
    return Path(tempfile.mkdtemp(prefix="pcmsim-")) / name


def _digest_of_sources() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


CACHE_FOLDER = cache_folder()
