"""Numbers that stand for faults, devices and pulses, in kernels and in files."""

# Fault codes, one per device, kept in files: append, never reuse.  Anything but HEALTHY is never
# programmed; all but OPEN, on a line without contact or disconnected on purpose, are read.
HEALTHY = 0
DEAD = 1
STUCK_ON = 2
STUCK_PRESENT = 3
STUCK_RANDOM = 4
OPEN = 5
STUCK_AT = 6
WORN = 7

# The two devices of a pair.
PLUS = 0
MINUS = 1

# The two kinds of pulses that a device is worn out by.
SET_CYCLES = 0
RESET_CYCLES = 1
