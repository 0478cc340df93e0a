"""`python`: a device as a Python function in a file of the user's.

The file has a function ``set_step(G, u, params)``: for conductances G (S) and random numbers u,
uniform between 0 and 1, it returns the change of conductance (S) under one partial SET.  G and u
are NumPy arrays that broadcast; params is a dictionary of numbers from the settings.  All that is
random must come from u, so that a run can be repeated.  Another function may say the same of
the other kind of pulse.

The function is asked once, when the jump tables are made; training never calls it, so that no
user's code has to be compiled.  Where it never falls as u rises, it is a quantile function, and
taken as such.  Any other function is asked at 16,384 equally spaced u at every conductance, and
the answers are sorted: as many u lead to steps below one of them as stand before it, so sorted
answers are the quantiles of the law that the function draws from, whatever it makes of u.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from pcmsim.config.device_settings import PythonDevice
from pcmsim.devices.jump_table import SAMPLES, SPACED, conductance_grid
from pcmsim.devices.model import Floats
from pcmsim.devices.normal import quantile_after_reset
from pcmsim.devices.python_file import UserFunction, load_functions
from pcmsim.errors import UserError

# Answers this much closer to each other than the range is wide are equal but for rounding.
ROUNDING = 1e-12

Quantile = Callable[[Any, Any], Floats]


class PythonFunction:
    """The device model of the settings' kind ``python``; see ``model.DeviceModel``.

    Attributes:
        is_sorted: for each function, whether its answers had to be sorted.
    """

    memory = 1

    def __init__(self, settings: PythonDevice) -> None:
        """Execute the user's file and try its functions.

        Raises:
            UserError: the file fails, a function is not there, fails, answers with something else
                than a change of conductance, or draws random numbers of its own.
        """
        self.g_min = settings.g_min
        self.g_max = settings.g_max
        self.bidirectional = settings.bidirectional
        self.reset_residue = settings.reset_residue
        self.reset_spread = settings.reset_spread
        self.is_sorted: dict[str, bool] = {}
        names = {"function": settings.function, "reset_step": settings.reset_step}
        functions = load_functions(
            settings.file,
            {setting: name for setting, name in names.items() if name is not None},
            settings.params,
        )
        self.quantiles = {name: self._quantile(one) for name, one in functions.items()}

    def set_step(self, conductance: Any, probability: Any, past: int) -> Any:
        """Return the quantile of a partial-SET step, S."""
        return self.quantiles["function"](conductance, probability)

    def reset_step(self, conductance: Any, probability: Any) -> Any:
        """Return the quantile of the change under RESET or depression, S."""
        if "reset_step" in self.quantiles:
            return self.quantiles["reset_step"](conductance, probability)
        return quantile_after_reset(self, conductance, probability)

    def _quantile(self, function: UserFunction) -> Quantile:
        """Try a function over the whole range and return the quantiles of its law."""
        grid = conductance_grid(self.g_min, self.g_max)[:, None]
        answers = function(grid, SPACED[None, :])
        if not np.array_equal(answers, function(grid, SPACED[None, :])):
            raise UserError(
                f"{function.where}: answers differently when asked the same again; all that is "
                "random must come from u, or a run could not be repeated"
            )
        self._check_size(function, grid[:, 0], answers)
        falls = np.diff(answers, axis=1) < -ROUNDING * (self.g_max - self.g_min)
        self.is_sorted[function.name] = bool(falls.any())
        return _Sorted(function) if falls.any() else function

    def _check_size(self, function: UserFunction, grid: Floats, answers: Floats) -> None:
        """Refuse steps that are mostly longer than the whole range: most likely not in S."""
        span = self.g_max - self.g_min
        typical = np.median(np.abs(answers), axis=1)
        worst = int(np.argmax(typical))
        if typical[worst] > span * (1 + ROUNDING):
            raise UserError(
                f"{function.where}: for G = {grid[worst]:g} S half of the steps are longer than "
                f"{typical[worst]:.3g} S, beyond the whole range of {span:.3g} S; steps are in S"
            )


class _Sorted:
    """The quantiles of a function that is no quantile function: its answers in their order."""

    def __init__(self, function: UserFunction) -> None:
        self.function = function

    def __call__(self, conductance: Any, probability: Any) -> Floats:
        g, p = np.broadcast_arrays(np.asarray(conductance, float), np.asarray(probability, float))
        different, which = np.unique(g, return_inverse=True)
        answers = np.sort(self.function(different[:, None], SPACED[None, :]), axis=1)
        place = np.clip(p * SAMPLES - 0.5, 0, SAMPLES - 1)
        before = np.minimum(place.astype(np.int64), SAMPLES - 2)
        row = which.reshape(g.shape)
        low, high = answers[row, before], answers[row, before + 1]
        return np.asarray(low + (place - before) * (high - low))
