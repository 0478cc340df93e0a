"""What is taken away from a device that is known as a whole, to see what it costs."""

from pcmsim.config.section import Section, setting


class Idealised(Section):
    """The measured device, made better in some respects; see ``pcmsim.devices.idealised``."""

    step_noise: float = setting(
        1.0, "factor on the deviation of steps from their mean; 0: no step is random", ge=0, le=10
    )
    concavity: float = setting(
        1.0,
        "1: mean steps as they are; 0: as in the middle of the range, everywhere; between them in "
        "proportion",
        ge=0,
        le=1,
    )
    asymmetry: float = setting(
        1.0,
        "bidirectional devices: power of the ratio of steps down to steps up in the middle of the "
        "range; 0: they are equal there",
        ge=0,
        le=1,
    )
    step_scale: float = setting(1.0, "factor on all gradual steps", gt=0, le=1)
    lowest: float = setting(
        1.0, "factor on the lowest conductance; the range is stretched down to it", ge=0, le=1
    )
    reset_residue: float = setting(
        1.0,
        "one-way devices: factor on what a RESET leaves above the lowest conductance",
        ge=0,
        le=1,
    )
    mirrored: bool = setting(
        False, "true: bidirectional, steps down being the mirror image of the steps up"
    )
