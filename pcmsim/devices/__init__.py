"""Device physics in plain NumPy, compiled into the jump tables that the array engine draws from.

================  ============================================================================
module            what it is
================  ============================================================================
model             what a model must answer: the four properties and two methods of a device
jump_table        from a model to the tables
catalogue         which model stands behind each ``device.kind``; how devices differ
pcm               phase-change cell: concave, saturating, stochastic partial SET; abrupt RESET
nandakumar2018    doped-GST cell with memory of pulses since RESET
linear            bidirectional device, ideally linear and symmetric
exponential_step  steps that fall off exponentially along the range
linear_step       steps that change linearly along the range; soft bounds
pulse_curve       conductance as a saturating exponential of the number of pulses
table             jump tables as data, of a file
python_function   a function in a file of the user's, which ``python_file`` loads and calls
idealised         any model made better in single respects
check             whether a model keeps to its range, rises, and fits into its tables
normal_steps      what models share whose steps are normal; ``normal`` has the quantiles
================  ============================================================================

To add a device: write such a class, give it a section in ``config/device_settings.py``, and name it
in ``catalogue.py``.
"""
