"""A device of one's own as a Python function; my-device.yaml uses it.

Copy both files and change what you like.  ``pcmsim device check my-device.yaml`` tells what is
wrong with it, ``pcmsim device show my-device.yaml --plot a.png`` shows how it responds.
"""

import numpy as np


def set_step(G, u, params):
    """Return the change of conductance (S) under one partial SET.

    The mean step is a part of what is left up to the top; steps are exponentially distributed,
    many small ones and a few large.  ``u`` is uniform between 0 and 1: all chance comes from it.
    """
    mean = params["part"] * (params["top"] - G)
    return -mean * np.log1p(-u)


def reset_step(G, u, params):
    """Return the change of conductance (S) under a RESET: down to a residue, uniform."""
    return params["residue"] * (1 + u) - G
