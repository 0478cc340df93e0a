"""What holds for all tests."""

import os
from pathlib import Path

# Tests call kernels with types of their own; their machine code must not reach the user's cache.
os.environ["PCMSIM_CACHE"] = str(Path(__file__).parent.parent / ".pytest_cache" / "kernels")
