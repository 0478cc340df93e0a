"""Device physics in plain NumPy, compiled into the jump tables that the array engine draws from.

To add a device: write a class with the four properties and two methods of
``model.DeviceModel``, give it a section of settings, and name it in ``catalogue.py``.
"""
