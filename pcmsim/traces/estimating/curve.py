"""The smooth curve that noisy values tell: penalised straight pieces, as smooth as is most likely.

The curve is straight between the nodes of a grid, where it has the values m; with H, what it is at
the places of the values y, and D, its second differences, by which it bends at the nodes,

    y = H m + e,  e ~ N(0, s^2 v),  D m ~ N(0, s^2 t^2)

(penalised splines; Eilers and Marx, Statistical Science 11:89, 1996).  A curve of large t follows
every value, one of small t is a straight line; t and s are those under which the values are most
likely, whatever line the curve follows on the whole (restricted maximum likelihood; Patterson and
Thompson, Biometrika 58:545, 1971).  With W the inverse of the variances v, n values and K nodes,

    m           = (H'WH + D'D / t^2)^-1 H'W y
    -2 log L(t) = log det(H'WH + D'D / t^2) + (K - 2) log t^2 + (n - 2) log y'W (y - H m)

but for a constant.  Where a range ends, steps are cut short, and their mean can fall to nothing
within a cell.  So at the last node but one of either end the variance of the bend is larger by a
factor where that is far more likely: by more than a curve without such a bend would make it in one
of a thousand cases.

So steps that are far more random than they are long share their means widely, and a bend that steps
are sharp enough to tell is kept.

The variances v need be known but for a factor, and values are taken to be independent.  Steps of
one train are not quite: noise of readings makes neighbours answer each other.
"""

from itertools import product

import numpy as np

from pcmsim.traces.traces import Floats, Rows

# What stands before D'D, over the mean diagonal element of H'WH (choice): the least lets the curve
# follow values that are as dense as its nodes, the most makes a straight line.
STIFFNESS = np.geomspace(1e-5, 1e6, 67)
# Factors of the variance of a bend next to an end (choice), and by how much -2 log L must fall if
# it is not 1 (chi-square of one degree of freedom).
AT_END = (1.0, 1e3, 1e6)
UNLIKELY = 10.83
# See ``above_zero`` (choice).
LEAST_OF_MEAN, LEAST_OF_SQUARE = 1e-6, 1e-12
# Places within this part of a cell are one place (choice), which tells a height and no slope.
ONE_PLACE = 1e-6


def smooth_curve(place: Floats, value: Floats, variance: Floats, nodes: Floats) -> Floats:
    """Return the curve through values at the nodes.

    Args:
        place: (values,) where they were measured, at least one of them; in the unit of ``nodes``.
        value: (values,) what was measured there, in any unit.
        variance: (values,) of each value, but for a factor that all have.
        nodes: (nodes,) rising in equal steps, at least three.

    Returns:
        (nodes,) in the unit of the values; beyond the last places what holds there holds.
    """
    size = float(np.sqrt(np.mean(value**2))) or 1.0
    heights, weight = value / size, size**2 / above_zero(variance, value)
    cell, above = _places(place, nodes)
    if np.ptp(cell + above) < ONE_PLACE or not value.any():
        return np.full(nodes.size, size * float(weight @ heights) / float(weight.sum()))
    low, high = weight * (1 - above), weight * above
    told = _at_nodes(cell, low * heights, high * heights, nodes.size)
    shared = np.bincount(cell, low * above, nodes.size - 1)
    own = _at_nodes(cell, low * (1 - above), high * above, nodes.size)
    products = np.diag(own) + np.diag(shared, 1) + np.diag(shared, -1)
    best = size * _most_likely(products, told, float(weight @ heights**2), place.size)
    return np.asarray(np.interp(np.clip(nodes, place.min(), place.max()), nodes, best))


def above_zero(variance: Floats, value: Floats) -> Floats:
    """Return variances of values with those that are next to none raised, so as to divide by them.

    To a millionth of the mean variance, or of the root mean square of the values, squared.
    """
    least = max(LEAST_OF_MEAN * float(variance.mean()), LEAST_OF_SQUARE * float(np.mean(value**2)))
    return np.maximum(variance, least or 1.0)


def _places(place: Floats, nodes: Floats) -> tuple[Rows, Floats]:
    """Return the cell of the grid that each place lies in, and where in it, from 0 to 1."""
    far = (np.clip(place, nodes[0], nodes[-1]) - nodes[0]) / (nodes[1] - nodes[0])
    cell = np.minimum(far.astype(np.int64), nodes.size - 2)
    return cell, far - cell


def _at_nodes(cell: Rows, low: Floats, high: Floats, nodes: int) -> Floats:
    """Return sums at the nodes: each cell adds to that at its lower end and that at its higher."""
    return np.asarray(np.bincount(cell, low, nodes) + np.bincount(cell + 1, high, nodes))


def _most_likely(products: Floats, told: Floats, square: float, values: int) -> Floats:
    """Return the curve at the nodes at the best t.

    Args:
        products: H'WH.
        told: H'Wy.
        square: y'Wy.
        values: how many there are.
    """
    bends = np.diff(np.eye(told.size), 2, axis=0)
    stiffness = STIFFNESS * np.trace(products) / told.size
    found = []
    for low, high in product(AT_END, AT_END):
        wider = np.ones(len(bends))
        wider[0] *= low
        wider[-1] *= high
        held = products + stiffness[:, None, None] * (bends.T @ (bends / wider[:, None]))
        curves = np.linalg.solve(held, told[:, None])[:, :, 0]
        left = np.maximum(square - curves @ told, LEAST_OF_SQUARE * square)
        unlikely = np.linalg.slogdet(held)[1] + (values - 2) * np.log(left)
        unlikely += np.log(wider).sum() - len(bends) * np.log(stiffness)
        unlikely += UNLIKELY * np.count_nonzero(wider > 1)
        best = int(np.argmin(unlikely))
        found.append((float(unlikely[best]), curves[best]))
    return np.asarray(min(found, key=lambda one: one[0])[1])
