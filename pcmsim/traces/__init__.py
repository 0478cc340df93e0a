"""Measured pulse traces: reading them as people have them, and making a device of them.

================  ============================================================================
module            what it does
================  ============================================================================
traces            readings of devices under trains of pulses, and the steps between them
================  ============================================================================
"""
