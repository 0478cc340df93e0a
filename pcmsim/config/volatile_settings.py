"""A volatile element beside each pair of devices: its settings; see ``settings``."""

from pcmsim.config.section import LARGEST_COUNT, Section, setting

AMBROGIO = "Ambrogio et al., Nature 558:60, 2018"
AIHWKIT_CAPACITOR = "open code: capacitor preset of IBM/aihwkit, commit 4545f11b"


class Volatile(Section):
    """A capacitor beside each pair: trained in its stead, and now and then transferred to it.

    Capacitors have no faults and no read noise, and are empty in a network that is kept.
    """

    interval: int = setting(
        0,
        "examples between two transfers of all charges to the pairs; 0: pairs stand alone.  Pairs "
        "are inspected and reset at transfers only, whatever reset.interval is",
        unit="examples",
        source=f"8,000: published ({AMBROGIO})",
        ge=0,
        le=LARGEST_COUNT,
    )
    significance: float = setting(
        3.0,
        "weight of a pair with one device full over that of a full charge of either sign",
        gt=0,
        le=1000,
    )
    polarity_inversion: bool = setting(
        True,
        "true: after every transfer charges count the other way round, so that unequal steps up "
        "and down pull weights up and down in turn",
        source=f"published ({AMBROGIO})",
    )
    steps: int = setting(
        400,
        "pulses from one end of the range of charges to the other",
        source=AIHWKIT_CAPACITOR,
        ge=2,
        le=LARGEST_COUNT,
    )
    slope: float = setting(
        0.05,
        "part by which steps towards an end of the range are shorter there, and longer at the "
        "other end, than in the middle",
        source=AIHWKIT_CAPACITOR,
        ge=0,
        le=1,
    )
    step_spread: float = setting(
        0.3,
        "standard deviation of a step from pulse to pulse, over its mean in the middle",
        source=AIHWKIT_CAPACITOR,
        ge=0,
        le=100,
    )
    range_spread: float = setting(
        0.07,
        "standard deviation from element to element of what a charge is worth, over its mean",
        source=AIHWKIT_CAPACITOR,
        ge=0,
        le=1,
    )
    step_scale_spread: float = setting(
        0.1,
        "standard deviation from element to element of the size of steps, over its mean",
        source=AIHWKIT_CAPACITOR,
        ge=0,
        le=2,
    )
    asymmetry: float = setting(
        0.0, "steps up are longer by this part, steps down shorter", ge=-1, le=1
    )
    asymmetry_spread: float = setting(
        0.06,
        "standard deviation of that from element to element",
        source=AIHWKIT_CAPACITOR,
        ge=0,
        le=1,
    )
    lifetime: float | None = setting(
        1e6,
        "examples in which charges leak to 1/e of what they were; null: they do not leak",
        unit="examples",
        source=f"{AIHWKIT_CAPACITOR}, there in mini-batches",
        ge=1000,
        le=1e18,
    )
