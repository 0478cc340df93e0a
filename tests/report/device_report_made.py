"""Devices that are known exactly, and traces of them, as an imported file would hold them."""

from dataclasses import replace

import numpy as np

from pcmsim.devices.jump_table import quantile_nodes
from pcmsim.devices.normal import normal_quantile
from pcmsim.report.measured_device.simulated import draw_scales, simulate_traces
from pcmsim.traces.device_file import DeviceFile
from pcmsim.traces.estimating.estimate import Estimate
from pcmsim.traces.estimating.fits import Fit
from pcmsim.traces.estimating.read_noise import MeasuredNoise
from pcmsim.traces.estimating.tables import FEW, PulseTable
from pcmsim.traces.estimating.variance import VarianceShares
from pcmsim.traces.origin import Origin
from pcmsim.traces.traces import DOWN, START, UP, Floats, Traces

G_MIN, G_MAX = 1e-6, 21e-6
SHA = "0123456789abcdef" * 4
MISSING = 0.2
NOISE = MeasuredNoise(0.2e-6, 0.0, 0.2e-6, 0.04e-12, 0.001e-12, True)
NODES = np.linspace(G_MIN, G_MAX, 33)


def table_of(mean: Floats, spread: float, samples: int = 100) -> PulseTable:
    """Return a table of normal steps with these means (S), the last two rows of which are filled.

    ``spread`` is their standard deviation in S.
    """
    step = quantile_nodes(lambda p: mean[:, None] + spread * normal_quantile(p))
    own = np.full(len(NODES), samples)
    own[-2:] = 0
    some = np.where(own > 0, own, np.nan)
    own_mean, own_error = np.where(own > 0, mean, np.nan), spread / np.sqrt(some)
    probability = np.linspace(0, 1, step.shape[1])
    return PulseTable(NODES, probability, step, own, own < FEW, own_mean, own_error)


def estimate_of(
    *,
    bidirectional: bool,
    devices: int = 60,
    range_spread: float = 0.15,
    noise: MeasuredNoise = NOISE,
    reset_measured: bool = True,
    step_scale_spread: float = 0.07,
) -> Estimate:
    """Return a device whose steps up begin at 2 uS and end at 0, and are the same downwards."""
    filled = (NODES - G_MIN) / (G_MAX - G_MIN)
    down = -2e-6 * filled if bidirectional else G_MIN - NODES
    shares = VarianceShares(0.30, 0.10, 0.05, 1234, devices)
    estimate = Estimate(
        set_table=table_of(2e-6 * (1 - filled), 0.4e-6),
        reset_table=table_of(down, 0.2e-6, 100 if reset_measured else 0),
        bidirectional=bidirectional,
        reset_measured=reset_measured,
        g_min=G_MIN,
        g_max=G_MAX,
        scale=np.ones(devices),
        range_spread=range_spread,
        step_scale_spread=step_scale_spread,
        set_variance=shares,
        reset_variance=shares if bidirectional else None,
        noise=noise,
        notes=("trains ended before saturation",),
    )
    return replace(estimate, scale=draw_scales(estimate, devices, seed=5))


def with_memory(estimate: Estimate) -> Estimate:
    """Return a device whose first three steps after a RESET are 3, 2 and 1 uS larger."""
    table = estimate.set_table
    early = tuple(replace(table, step=table.step + added) for added in (3e-6, 2e-6, 1e-6))
    return replace(estimate, early_tables=early)


def device_of(
    *, bidirectional: bool, reset_measured: bool = True, pulses: int = 40, memory: bool = False
) -> DeviceFile:
    """Return such a device with traces of it: pulses up, then as many down or one RESET."""
    estimate = estimate_of(bidirectional=bidirectional, reset_measured=reset_measured)
    estimate = with_memory(estimate) if memory else estimate
    downwards = (pulses if bidirectional else 1) if reset_measured else 0
    train = np.array([START] + pulses * [UP] + downwards * [DOWN], np.int8)
    devices = len(estimate.scale)
    blank = Traces(
        tuple(f"cell {number}" for number in range(devices)),
        np.tile(train, (devices, 1)),
        np.full((devices, len(train)), G_MIN),
    )
    whole = simulate_traces(blank, estimate, estimate.scale, seed=9)
    read = np.random.default_rng(3).random(whole.conductance.shape) >= MISSING
    traces = Traces(whole.devices, whole.pulse, np.where(read, whole.conductance, np.nan))
    origin = Origin(
        "cells <A>.csv", SHA, {"read_voltage": "0.2"}, "kohm", ("dropped: cell 7, never switched",)
    )
    return DeviceFile(estimate, traces, origin)


def fits_of(device: DeviceFile) -> dict[int, tuple[Fit, ...]]:
    """Return two laws for steps up: the right one and a constant."""
    table = device.estimate.set_table
    return {
        UP: (
            _fit("soft bound", table, table.mean, 0.9876),
            _fit("constant step", table, np.full(33, 1e-6), -0.25),
        )
    }


def _fit(law: str, table: PulseTable, mean: Floats, r_squared: float) -> Fit:
    return Fit(
        law=law,
        formula="step = a (1 - G / b)",
        names=("a", "NeuroSim's nonlinearity label"),
        units=("µS", ""),
        values=np.array([2.0125, -1.75]),
        low=np.array([1.5, -2.5]),
        high=np.array([2.5, -1.25]),
        x=table.conductance,
        y=mean,
        r_squared=r_squared,
        reduced_chi_square=1.125,
        aic=-12.5,
    )
