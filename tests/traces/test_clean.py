"""What cannot be right is dropped, and what can be stays (exact; one statistical)."""

import numpy as np

from pcmsim.traces.reading.clean import drop_outliers, find_broken, settle_below_zero
from pcmsim.traces.reading.kinds import kinds_by_level, kinds_by_shape
from pcmsim.traces.traces import DOWN, START, UP


def rising(devices: int, readings: int) -> np.ndarray:
    """Return noisy saturating traces, S."""
    rng = np.random.default_rng(5)
    mean = 10 * (1 - np.exp(-np.arange(readings) / 20))
    return 1e-6 * (1 + mean + rng.normal(0, 0.1, (devices, readings)))


def all_up(conductance: np.ndarray) -> np.ndarray:
    """Return one train of pulses up for each device."""
    pulse = np.full(conductance.shape, UP, dtype=np.int8)
    pulse[:, 0] = START
    return pulse


def test_an_isolated_outlier_is_dropped() -> None:
    conductance = rising(3, 100)
    conductance[0, 40] = 50e-6
    conductance[2, 98] = 0.0
    whole = conductance.copy()
    assert drop_outliers(conductance, all_up(conductance)) == 2
    gone = np.isnan(conductance)
    assert np.argwhere(gone).tolist() == [[0, 40], [2, 98]]
    assert np.array_equal(conductance[~gone], whole[~gone])


def test_noise_is_no_outlier() -> None:
    # A reading must be 8 standard deviations of a difference from both neighbours.  Of normal noise
    # with steps of 0.1 uS at most in the mean, this happens to less than 1e-12 of all readings.
    conductance = rising(200, 500)
    assert drop_outliers(conductance, all_up(conductance)) == 0


def test_resets_and_ends_of_trains_are_no_outliers() -> None:
    conductance = rising(1, 100)
    pulse = all_up(conductance)
    conductance[0, 30], pulse[0, 30] = 0.5e-6, DOWN
    conductance[0, 60], pulse[0, 60] = 0.5e-6, START
    conductance[0, 99] = 50e-6
    assert drop_outliers(conductance, pulse) == 0


def test_a_step_that_stays_is_no_outlier() -> None:
    conductance = rising(1, 100)
    conductance[0, 50:] += 30e-6
    assert drop_outliers(conductance, all_up(conductance)) == 0


def test_outliers_in_coarse_readings() -> None:
    conductance = np.repeat(np.arange(10.0), 10)[None, :] * 1e-6
    conductance[0, 45] = 9e-6
    assert drop_outliers(conductance, all_up(conductance)) == 1


def test_pieces_do_not_change_what_is_found() -> None:
    from pcmsim.traces.reading import clean

    conductance = rising(7, 64)
    places = ([0, 3, 3, 6], [5, 17, 30, 61])
    conductance[places] = 40e-6
    for at_once in (4, 9, 100, 1 << 20):
        old, clean.AT_ONCE = clean.AT_ONCE, at_once
        try:
            again = conductance.copy()
            assert drop_outliers(again, all_up(again)) == 4
            assert np.isnan(again[places]).all()
        finally:
            clean.AT_ONCE = old


def test_noise_around_zero_is_set_to_zero() -> None:
    conductance = np.array([[-0.19e-6, 5e-6, np.nan], [0.0, -0.01e-6, 10e-6]])
    assert settle_below_zero(conductance) == (2, None)
    assert np.array_equal(conductance, [[0.0, 5e-6, np.nan], [0.0, 0.0, 10e-6]], equal_nan=True)


def test_what_is_really_below_zero_is_refused_and_left() -> None:
    conductance = np.array([[-0.1e-6, 5e-6], [-0.21e-6, 10e-6]])
    assert settle_below_zero(conductance) == (0, (1, 0))
    assert conductance.min() == -0.21e-6


def test_broken_devices_are_found() -> None:
    conductance = rising(8, 100)
    conductance[1] = 3e-6
    conductance[4] = 3e-6 + 0.05 * (conductance[4] - 3e-6)
    conductance[6, 1:] = np.nan
    broken = find_broken(conductance, all_up(conductance))
    assert broken.stuck.tolist() == [1]
    assert broken.weak.tolist() == [4]
    assert broken.too_few.tolist() == [6]
    assert sorted(broken.all.tolist()) == [1, 4, 6]
    assert find_broken(rising(8, 100), all_up(conductance)).all.size == 0


def test_a_device_that_jumps_about_is_broken() -> None:
    """Of 100 readings in any order the ratio is 1 with a standard error of 0.1, the limit 0.5.

    A random walk of 100 steps, of which it is about 0.03, and one along a plateau in noise stay.
    """
    rng = np.random.default_rng(6)
    conductance = rising(8, 100)
    conductance[2] = rng.uniform(0, 11e-6, 100)
    conductance[5] = 5e-6 + 0.3e-6 * rng.normal(size=100).cumsum()
    conductance[rng.random(conductance.shape) < 0.2] = np.nan
    broken = find_broken(conductance, all_up(conductance))
    assert broken.restless.tolist() == [2]
    assert broken.all.tolist() == [2]


def test_a_device_is_judged_by_all_its_readings_not_by_neighbours() -> None:
    """A good one climbs where readings are dense; of a broken one no two neighbours are there."""
    place = np.array([0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 80, 99])
    conductance = np.full((8, 100), np.nan)
    conductance[:, place] = rising(8, 100)[:, place]
    conductance[3, place] = 1e-6 * (1 + 10 * (1 - np.exp(-place / 1.2)))
    conductance[5] = np.random.default_rng(6).uniform(1e-6, 10e-6, 100)
    conductance[5, ::2] = np.nan
    assert find_broken(conductance, all_up(conductance)).restless.tolist() == [5]


def test_a_device_that_is_full_after_one_pulse_is_not_broken() -> None:
    """It answers, although within its runs there is nothing but noise."""
    rng = np.random.default_rng(6)
    pulse = np.tile(np.repeat(np.array([UP, DOWN], np.int8), 40), (8, 1))
    conductance = np.hstack([rising(8, 40), rising(8, 40)[:, ::-1]])
    conductance[3] = np.repeat([10e-6, 1e-6], 40) + 0.3e-6 * rng.normal(size=80)
    conductance[5] = rng.uniform(1e-6, 10e-6, 80)
    assert find_broken(conductance, pulse).restless.tolist() == [5]


def test_where_most_devices_jump_about_none_is_broken() -> None:
    """As under single pulses of either kind, or in noise that hides every step."""
    rng = np.random.default_rng(6)
    conductance = rng.uniform(0, 11e-6, (8, 100))
    assert find_broken(conductance, all_up(conductance)).all.size == 0
    pulse = np.tile(np.array([UP, DOWN], np.int8), (8, 50))
    assert find_broken(conductance, pulse).all.size == 0


def test_missing_readings_do_not_hide_the_shape() -> None:
    rise = 1e-6 * (1 + np.arange(20.0))
    conductance = np.concatenate([rise, rise, rise[::-1][1:]])[None, :]
    conductance[0, [3, 10, 45]] = np.nan
    kinds = kinds_by_shape(all_up(conductance), conductance)
    expected = [START] + 19 * [UP] + [START] + 19 * [UP] + 19 * [DOWN]
    assert kinds[0].tolist() == expected


def test_levels_that_tell_nothing() -> None:
    conductance = 1e-6 * np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    pulse = all_up(conductance)
    assert kinds_by_level(np.ones((1, 5)), pulse, conductance) is None
    assert kinds_by_level(np.array([[1.0, 2, 1, 2, 1]]), pulse, conductance) is None
    assert kinds_by_level(np.array([[1.0, 2, 3, 4, 5]]), pulse, conductance) is None
