"""Files of traces, written and read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcmsim.traces.reading.read import Understood, read_traces

Read = Callable[..., Understood]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def call(text: str | bytes, **options: Any) -> Understood:
        path = tmp_path / "traces.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_traces(path, **options)

    return call
