"""A pool that needs no processes."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class PoolOfNone:
    """A pool that works at once, in this process, and counts what it does."""

    capacity = 1

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def __enter__(self) -> "PoolOfNone":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Callable[..., bytes], text: str, origin: dict[str, str]) -> Any:
        self.submitted.append(origin["settings_sha256"])
        future: Future[bytes] = Future()
        try:
            future.set_result(work(text, origin))
        except Exception as error:
            future.set_exception(error)
        return future
