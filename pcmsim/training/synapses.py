"""The two things a network can be made of: an array of devices, or exact numbers."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pcmsim.array.crossbar import build_float_layers, build_layers
from pcmsim.array.random import Key
from pcmsim.config.device_settings import ArrayDevice, FloatDevice
from pcmsim.config.section import per_layer
from pcmsim.config.settings import Settings
from pcmsim.devices.catalogue import build_model, spread_of
from pcmsim.devices.jump_table import tabulate
from pcmsim.kernels.layer import DeviceTables, Layer
from pcmsim.kernels.neuron import Neurons
from pcmsim.kernels.program import COUNTERS
from pcmsim.kernels.team import Team
from pcmsim.kernels.train import Examples, Workspace, train_float, train_on_array
from pcmsim.training.crew import Crew
from pcmsim.training.rules import reset_policy_of, update_rule_of


class Synapses(Protocol):
    """Layers of weights that can learn.

    Attributes:
        layers: the layers, from the input on.
        counters: SET pulses, depression pulses and RESETs so far, int64.
    """

    layers: tuple[Layer, ...]
    counters: NDArray[np.int64]

    @property
    def device(self) -> DeviceTables | None:
        """What the synapses are made of; None for exact numbers."""
        ...

    def learn(
        self,
        neurons: Neurons,
        examples: Examples,
        first: int,
        last: int,
        step: int,
        crew: Crew,
    ) -> int:
        """Show examples ``first`` to ``last`` (exclusive); return how many were right.

        What is learnt does not depend on how many the ``crew`` are.
        """
        ...


class DeviceSynapses:
    """Pairs of devices in crossbars, programmed by pulses; see ``Synapses``."""

    def __init__(self, settings: Settings, device: ArrayDevice, key: Key) -> None:
        """Compile the device and build the array.

        Raises:
            UserError: a file that the device needs cannot be used.
        """
        self.key = key
        self.batch = settings.training.batch_size
        self.device = tabulate(build_model(device))
        self.layers = build_layers(settings, self.device, spread_of(device), key)
        self.rule = update_rule_of(settings, self.device, self.layers)
        self.policy = reset_policy_of(settings, self.device)
        self.counters = np.zeros(COUNTERS, np.int64)

    def learn(
        self,
        neurons: Neurons,
        examples: Examples,
        first: int,
        last: int,
        step: int,
        crew: Crew,
    ) -> int:
        """Show examples ``first`` to ``last`` (exclusive); return how many were right."""
        counters = np.zeros((crew.threads, COUNTERS), np.int64)

        def work(team: Team, workspace: Workspace) -> int:
            return train_on_array(  # type: ignore[no-any-return]
                team, self.layers, self.device, neurons, self.rule, self.policy,
                examples, first, last, self.batch, step, self.key,
                workspace, counters[team.rank],
            )  # fmt: skip

        right = crew.work_together(work)
        self.counters += counters.sum(axis=0)
        return right[0]


class FloatSynapses:
    """Exact numbers, changed by ``learning_rate * x * delta``; see ``Synapses``."""

    device = None

    def __init__(self, settings: Settings, key: Key) -> None:
        """Draw the initial weights, the same as an array of devices would hold."""
        self.key = key
        self.batch = settings.training.batch_size
        self.layers = build_float_layers(settings, key)
        rates = per_layer(settings.training.learning_rate, len(self.layers))
        self.learning_rate = np.array(rates, np.float32)
        self.counters = np.zeros(COUNTERS, np.int64)

    def learn(
        self,
        neurons: Neurons,
        examples: Examples,
        first: int,
        last: int,
        step: int,
        crew: Crew,
    ) -> int:
        """Show examples ``first`` to ``last`` (exclusive); return how many were right."""

        def work(team: Team, workspace: Workspace) -> int:
            return train_float(  # type: ignore[no-any-return]
                team, self.layers, neurons, self.learning_rate,
                examples, first, last, self.batch, step, self.key, workspace,
            )  # fmt: skip

        return crew.work_together(work)[0]


def make_synapses(settings: Settings, key: Key) -> Synapses:
    """Return what the settings ask for, with initial weights and faults in place."""
    if isinstance(settings.device, FloatDevice):
        return FloatSynapses(settings, key)
    return DeviceSynapses(settings, settings.device, key)
