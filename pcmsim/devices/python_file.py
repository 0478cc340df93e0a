"""Functions from a user's Python file: loading them, calling them, and telling what went wrong.

The file is executed.  Whatever fails in it ends in one ``UserError`` that names file and line.
"""

import difflib
import inspect
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pcmsim.devices.model import Floats
from pcmsim.errors import UserError

ARGUMENTS = "G, u, params"
# A user's file may even leave the program; what it cannot do is to be interrupted unnoticed.
FAILURES = (Exception, SystemExit)


class UserFunction:
    """One function of a user's file, called with conductances and random numbers.

    Attributes:
        where: file and name, for messages.
    """

    def __init__(
        self, path: Path, name: str, function: Callable[..., Any], params: Mapping[str, float]
    ) -> None:
        """Take a function that ``load_functions`` has found.

        Raises:
            UserError: it does not take three arguments.
        """
        self.path = path
        self.name = name
        self.function = function
        self.params = dict(params)
        self.where = f"{path}, {_line(function)}{name}"
        _check_arguments(self.where, function)

    def __call__(self, conductance: Any, uniform: Any) -> Floats:
        """Return the changes of conductance (S), in the shape to which both arguments broadcast.

        Raises:
            UserError: the function fails, or returns something other than so many finite numbers.
        """
        conductance, uniform = np.array(conductance, float), np.array(uniform, float)
        shape = np.broadcast_shapes(conductance.shape, uniform.shape)
        try:
            with np.errstate(all="ignore"):
                answer = self.function(conductance.copy(), uniform.copy(), dict(self.params))
        except FAILURES as failure:
            raise self._failed(failure) from None
        change = self._numbers(answer, shape)
        if not np.isfinite(change).all():
            where = np.argwhere(~np.isfinite(change))[0]
            g = np.broadcast_to(conductance, shape)[tuple(where)]
            u = np.broadcast_to(uniform, shape)[tuple(where)]
            found = change[tuple(where)]
            raise UserError(f"{self.where}: returns {found} for G = {g:g} S and u = {u:g}")
        return change

    def _numbers(self, answer: Any, shape: tuple[int, ...]) -> Floats:
        try:
            numbers = np.asarray(answer)
            if numbers.dtype.kind not in "fiu":
                raise TypeError
            return np.broadcast_to(numbers.astype(np.float64), shape)
        except TypeError:
            kind = "None" if answer is None else f"a {type(answer).__name__}"
            if isinstance(answer, np.ndarray):
                kind = f"an array of {answer.dtype}"
            raise UserError(f"{self.where}: must return numbers, not {kind}") from None
        except ValueError:
            found = getattr(answer, "shape", "lists of unequal lengths")
            raise UserError(
                f"{self.where}: must return an array of the shape to which G and u broadcast, "
                f"{shape}, not {found}"
            ) from None

    def _failed(self, failure: BaseException) -> UserError:
        words = "".join(traceback.format_exception_only(failure)).strip()
        known = ", ".join(self.params) or "none"
        hint = f"; params has {known}" if isinstance(failure, KeyError) else ""
        line = _failing_line(failure, self.path)
        return UserError(f"{self.path}{line}, in {self.name}: {words}{hint}")


def load_functions(
    file: str, names: Mapping[str, str], params: Mapping[str, float]
) -> dict[str, UserFunction]:
    """Execute a Python file and return functions of it.

    Args:
        file: the file.
        names: names of functions, by the settings that name them.
        params: the numbers that the functions get.

    Returns:
        the functions, by the same settings.

    Raises:
        UserError: there is no such file, it fails, or there is no such function in it.
    """
    path = Path(file)
    content = _execute(path)
    return {
        setting: UserFunction(path, name, _find(path, content, setting, name), params)
        for setting, name in names.items()
    }


def _execute(path: Path) -> dict[str, Any]:
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"device.file: there is no file {path}") from None
    except OSError as error:
        raise UserError(f"device.file: {path} cannot be read: {error.strerror}") from None
    content: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), content)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        where += f", column {error.offset}" if error.lineno and error.offset else ""
        raise UserError(f"{path}{where}: this is not valid Python: {error.msg}") from None
    except ValueError as error:
        raise UserError(f"{path}{_failing_line(error, path)}: {error}") from None
    except FAILURES as failure:
        words = "".join(traceback.format_exception_only(failure)).strip()
        raise UserError(f"{path}{_failing_line(failure, path)}: {words}") from None
    return content


def _find(path: Path, content: dict[str, Any], setting: str, name: str) -> Callable[..., Any]:
    function = content.get(name)
    if inspect.isroutine(function):
        return function
    there = [other for other, value in content.items() if inspect.isroutine(value)]
    near = difflib.get_close_matches(name, there, n=1)
    if function is not None:
        text = f"{name} is no function"
    elif near:
        text = f"there is no function {name}; did you mean {near[0]}?"
    else:
        text = f"there is no function {name}; write def {name}({ARGUMENTS}): ..."
    raise UserError(f"{path}: {text} (device.{setting})")


def _check_arguments(where: str, function: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(function)
    except ValueError:
        return
    try:
        signature.bind(None, None, None)
    except TypeError:
        raise UserError(
            f"{where}: must take three arguments, ({ARGUMENTS}), not {signature}"
        ) from None


def _line(function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    return f"line {code.co_firstlineno}, " if code else ""


def _failing_line(failure: BaseException, path: Path) -> str:
    """Return the last line of the user's file that was at work."""
    frames = traceback.extract_tb(failure.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""
