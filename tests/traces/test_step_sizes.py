"""Steps of the nominal device: sizes of steps divided out, and steps that were cut short."""

import numpy as np
import pytest

from pcmsim.devices.jump_table import conductance_grid
from pcmsim.traces.estimating.cut import lengthened
from pcmsim.traces.estimating.moments import Moments, Samples, moments
from pcmsim.traces.estimating.step_sizes import nominal_steps
from pcmsim.traces.traces import DOWN, UP, Floats

NODES = conductance_grid(0.0, 1.0)


def sizes(spread: float, devices: int, draw: np.random.Generator) -> Floats:
    width = np.sqrt(np.log1p(spread**2))
    return np.exp(width * draw.normal(size=devices) - width**2 / 2)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_size_of_steps_that_devices_have_of_their_own_is_found(spread: float) -> None:
    """200 devices of 40 steps of mean 1 and spread 0.5, anywhere in the range.

    The standard error of the spread is about 0.3 / sqrt(400) and what 40 steps leave unknown of a
    factor, in all 0.02; without any, chance exceeds the limit once in 160 cases.  A factor, from
    the 32 steps that begin away from the ends, has an error of 0.088 of it, and the root mean
    square of 200 of these is known to 5 %.
    """
    draw = np.random.default_rng(5)
    device = np.repeat(np.arange(200), 40)
    factor = sizes(spread, 200, draw)
    step = factor[device] * (1 + 0.5 * draw.normal(size=device.size))
    samples = Samples(device, draw.uniform(0, 1, device.size), step, np.zeros(device.size))
    found = nominal_steps({UP: samples}, NODES, 200, 1, cut_short=False)
    assert found.spread == pytest.approx(spread, abs=0.08 if spread else 0)
    if spread:
        wrong = found.factor / (factor / factor.mean()) - 1
        assert np.sqrt(np.mean(wrong**2)) < 0.088 * 1.2
        assert found.unknown == pytest.approx(0.088, rel=0.2)
    else:
        assert np.all(found.factor == 1) and found.unknown == 0


def walk(factor: Floats, noise: float, draw: np.random.Generator) -> Samples:
    """Let devices step up from 0, by their factor times 0.3 of what is left to 1 and noise."""
    place = np.zeros(factor.size)
    before, step = [], []
    for _ in range(30):
        after = place + factor * (0.3 * (1 - place) + noise * draw.normal(size=factor.size))
        after = np.clip(after, 0, 1)
        before.append(place)
        step.append(after - place)
        place = after
    device = np.tile(np.arange(factor.size), 30)
    return Samples(device, np.concatenate(before), np.concatenate(step), np.zeros(device.size))


def test_slow_devices_do_not_decide_what_is_left_behind_by_fast_ones() -> None:
    """The mean step in mid-range, 0.15: 400 devices of a spread of 0.5 tell it within 0.025 of it.

    Most steps that begin there are those of slow devices: the plain mean is a fifth less.
    """
    draw = np.random.default_rng(3)
    samples = walk(sizes(0.5, 400, draw), 0.02, draw)
    found = nominal_steps({UP: samples}, NODES, 400, 1, cut_short=False)
    plain = moments(samples, NODES).mean_at(np.array([0.5]))[0]
    mean = moments(found.samples[UP], NODES).mean_at(np.array([0.5]))[0]
    assert plain < 0.85 * 0.15
    assert mean == pytest.approx(0.15, rel=5 * 0.025)
    assert found.spread == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(800))


def law(mean: float, spread: float) -> Moments:
    flat = np.full(NODES.size, spread**2)
    return Moments(NODES, np.full(NODES.size, mean), flat, flat)


@pytest.mark.parametrize(("kind", "sign", "place"), [(UP, 1, 0.9), (DOWN, -1, 0.1)])
def test_steps_that_were_cut_short_are_as_long_as_they_may_have_been(
    kind: int, sign: int, place: float
) -> None:
    """10,000 normal steps, cut 0.1 from where they began: mean and spread within 5 errors."""
    draw = np.random.default_rng(7)
    step = sign * np.minimum(draw.normal(0.08, 0.05, 10_000), 0.1)
    samples = Samples(np.zeros(10_000, int), np.full(10_000, place), step, np.zeros(10_000))
    found = lengthened(samples, kind, law(sign * 0.08, 0.05), np.ones(1)).step
    assert np.mean(found) == pytest.approx(sign * 0.08, abs=5 * 0.05 / 100)
    assert np.std(found) == pytest.approx(0.05, rel=5 / np.sqrt(20_000))
    whole = sign * step < 0.09 - 1e-9
    assert np.array_equal(found[whole], step[whole])
    assert np.all(sign * found[~whole] >= 0.09 - 1e-9)


def test_sizes_of_devices_that_wander_against_limits() -> None:
    """400 devices, of which the larger steps of one in four lead to the limit at once, up and down.

    Their spread within 5 standard errors, the mean step in mid-range, 0.25, within 7 %: of the
    largest factors it is only known that they are large.  Where cut steps are taken as they are,
    the spread is less.
    """
    draw = np.random.default_rng(13)
    factor = sizes(0.6, 400, draw)
    place, parts = draw.uniform(0, 1, 400), []
    for sign in 10 * [1] + 10 * [-1]:
        left = 1 - place if sign > 0 else place
        moved = sign * factor * (0.5 * left + 0.03 * draw.normal(size=400))
        after = np.clip(place + moved, 0, 1)
        parts.append((sign, place, after - place))
        place = after
    samples = {
        kind: Samples(
            np.tile(np.arange(400), 10),
            np.concatenate([before for each, before, _ in parts if each == sign]),
            np.concatenate([step for each, _, step in parts if each == sign]),
            np.zeros(4000),
        )
        for kind, sign in ((UP, 1), (DOWN, -1))
    }
    whole = nominal_steps(samples, NODES, 400, 1, cut_short=True)
    as_they_are = nominal_steps(samples, NODES, 400, 1, cut_short=False)
    assert whole.spread == pytest.approx(factor.std() / factor.mean(), abs=5 * 0.6 / np.sqrt(800))
    assert as_they_are.spread < 0.95 * whole.spread
    for kind, sign in ((UP, 1), (DOWN, -1)):
        mean = moments(whole.samples[kind], NODES).mean_at(np.array([0.5]))[0]
        assert mean == pytest.approx(sign * 0.25, rel=0.07)
