"""Every setting there is: its meaning, unit, default, allowed range and source.

This file is the reference manual of the YAML files.  ``pcmsim explain`` prints it, validation
enforces it, and the resolved settings in a result file are an instance of it.  The source mark
says how well a default is known: published, open code, measured, recalled, calibrated, or
choice (ours, with no claim about the experiment).
"""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from pcmsim.config.device_settings import DeviceSettings
from pcmsim.config.retention_settings import RetentionSettings
from pcmsim.config.section import (
    LARGEST_COUNT,
    LARGEST_G,
    LARGEST_LINES,
    LARGEST_VALUE,
    MOST_PAIRS,
    MOST_SLOTS,
    REQUIRED,
    SMALLEST_RANGE,
    FromZeroPerLayer,
    PositivePerLayer,
    Section,
    SharePerLayer,
    per_layer,
    setting,
)
from pcmsim.config.volatile_settings import Volatile


class Network(Section):
    """The perceptron: its layers and its neurons."""

    layers: list[Annotated[int, Field(ge=1, le=1_000_000)]] = setting(
        [528, 250, 125, 10],
        "neurons per layer, from the pixels to the classes; every layer of weights also has a "
        "bias row",
        source="recalled; the published 913 neurons and 164,885 synapses confirm it",
        min_length=2,
        max_length=64,
    )
    activation: Literal["tanh", "logistic"] = setting(
        "tanh", "what a neuron makes of its current", source="recalled"
    )
    slope: float = setting(1.0, "gain in front of the activation", gt=0, le=LARGEST_VALUE)
    derivative: Literal["exact", "piecewise"] = setting(
        "exact",
        "derivative used in backpropagation: that of the activation, or the hardware's two "
        "levels, full slope up to derivative_knee and derivative_floor beyond",
    )
    derivative_knee: float = setting(
        0.8,
        "piecewise derivative: output at which the slope drops, as part of the half swing",
        gt=0,
        lt=1,
    )
    derivative_floor: SharePerLayer = setting(
        0.0,
        "smallest derivative, as part of the largest; 1 in the output layer makes its delta the "
        "plain error, so that a neuron saturated at the wrong end still learns",
    )
    target_low: float = setting(
        -1.0, "what an output neuron of a wrong class should put out", ge=-1, le=1
    )
    target_high: float = setting(
        1.0, "what the output neuron of the right class should put out", ge=-1, le=1
    )
    initial_weight: FromZeroPerLayer = setting(
        1.0,
        "half width of the uniform distribution of initial weights, in units of "
        "1 / sqrt(rows of the layer)",
    )
    weight_range: PositivePerLayer = setting(
        1.0, "weight of a pair whose two conductances differ by full_scale"
    )
    full_scale: float | None = setting(
        None,
        "difference of conductances that stands for weight_range; null: g_max of the device.  A "
        "number keeps the neurons as they are when devices of another range are tried",
        unit="S",
        ge=SMALLEST_RANGE,
        le=LARGEST_G,
    )


class Data(Section):
    """The images."""

    path: str | None = setting(
        None,
        "folder of MNIST-like IDX files, or .npz or HDF5 file with train_images, train_labels, "
        "test_images and test_labels; null: the bundled excerpt of MNIST, or the full set from "
        "the folder in PCMSIM_MNIST or the download folder where train_images asks for more",
        path=True,
    )
    train_images: int = setting(
        5000,
        "training images, the first ones of the set",
        source="5,000: published; which ones: unknown",
        ge=1,
        le=LARGEST_COUNT,
    )
    crop: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=4, max_length=4)] | None = (
        setting(
            [3, 25, 2, 26],
            "part of the images that is used: first row, row after the last, first column, "
            "column after the last; null: all",
            unit="pixels",
            source="22 x 24 pixels: recalled; which ones: choice",
        )
    )
    verify_checksum: bool = setting(
        True, "refuse IDX files that are not the original MNIST; false for another set in path"
    )


class Training(Section):
    """Backpropagation, one example after the other or in small batches."""

    epochs: int = setting(
        20, "passes over the training images", source="recalled", ge=1, le=LARGEST_COUNT
    )
    batch_size: int = setting(
        1,
        "examples read before their pulses are fired",
        source="1 to 10 made no visible difference: published",
        ge=1,
        le=100_000,
    )
    learning_rate: PositivePerLayer = setting(
        0.01, "change of weight per x and delta that the update aims at"
    )


class Update(Section):
    """How a wanted change of weight becomes programming pulses."""

    rule: Literal["crossbar", "conventional"] = setting(
        "crossbar",
        "crossbar: each neuron chooses its pulses from its own x or delta alone and devices see "
        "those that overlap; conventional: pulses from the product x * delta at each synapse",
        source="published in outline",
    )
    slots: int = setting(
        4,
        "time slots of the update window: the most pulses a neuron fires for one example",
        source="recalled",
        ge=1,
        le=MOST_SLOTS,
    )
    x_threshold: SharePerLayer = setting(
        0.125,
        "|x| above which an upstream neuron fires its first pulse; the others follow at equal "
        "distances up to |x| = 1 (crossbar rule)",
    )
    pulse_threshold: PositivePerLayer = setting(
        0.5,
        "wanted change, in pulses, above which the first pulse is fired; each further one needs "
        "a whole pulse more.  A pulse is worth the device's mean step in mid-range",
    )


class Read(Section):
    """Read noise: every read of a device deviates by absolute + relative * G, normally."""

    noise_absolute: float = setting(
        0.0,
        "standard deviation of a read, the part that is the same for all devices",
        unit="S",
        ge=0,
        le=LARGEST_G,
    )
    noise_relative: float = setting(
        0.0, "standard deviation of a read, the part that grows with the conductance", ge=0, le=10
    )


class Reset(Section):
    """The occasional RESET of pairs that have run full; bidirectional devices have none."""

    interval: int = setting(
        100,
        "examples between two inspections of all synapses; 0: never",
        unit="examples",
        source="recalled: tens to a hundred",
        ge=0,
        le=LARGEST_COUNT,
    )
    larger_above: float = setting(
        0.75,
        "a pair is reset if its larger conductance exceeds this part of g_max ...",
        source="open code: aihwkit's one-sided cell, commit 4545f11b",
        ge=0,
        le=1,
    )
    smaller_above: float = setting(
        0.25,
        "... and its smaller conductance this part",
        source="open code: aihwkit's one-sided cell, commit 4545f11b",
        ge=0,
        le=1,
    )
    tolerance: float = setting(
        0.02,
        "writing the difference back ends when it is short by no more than this part of g_max",
        ge=0,
        le=1,
    )
    max_pulses: int = setting(
        31,
        "partial-SET pulses spent at most on writing one difference back",
        source="open code: aihwkit's one-sided cell, commit 4545f11b",
        ge=0,
        le=100_000,
    )
    failure: float = setting(
        0.0, "probability with which a RESET leaves a device as it was", ge=0, le=1
    )
    fault_aware: bool = setting(
        False,
        "the controller knows the faulty devices, worn-out ones too, and leaves them out: they are "
        "disconnected, as on an open line, and a device that has lost its partner is reset alone, "
        "above larger_above, and written back to half of its conductance",
    )


class Faults(Section):
    """Devices and lines that have failed before training, or fail in its course.

    A share given as one number is one of all devices of the network, wherever they are; a list
    gives a share to every layer of weights.
    """

    dead: SharePerLayer = setting(
        0.0, "share of devices that read at their minimum conductance (dead conductors)"
    )
    stuck_on: SharePerLayer = setting(0.0, "share of devices stuck at stuck_on_level")
    stuck_random: SharePerLayer = setting(
        0.0, "share of devices stuck at a random conductance, uniform over their range"
    )
    stuck_present: SharePerLayer = setting(
        0.0, "share of devices stuck at the conductance they have when training starts"
    )
    stuck_at: SharePerLayer = setting(0.0, "share of devices stuck at stuck_level")
    stuck_on_level: float = setting(
        1.0, "conductance of a stuck-on device, as part of its own range", ge=0, le=1
    )
    stuck_level: float | None = setting(
        None,
        "conductance of the devices of stuck_at, which need it; it may lie outside their range",
        unit="S",
        ge=0,
        le=LARGEST_G,
    )
    clustered: SharePerLayer = setting(
        0.0, "share of devices that fail in clusters, round fault centres on the array"
    )
    cluster_radius: float = setting(
        2.0,
        "standard deviation of the Gaussian neighbourhood of a fault centre: a device at distance "
        "r from it fails with probability exp(-r^2 / (2 radius^2)), the centre for certain",
        unit="devices",
        source="centres with a Gaussian neighbourhood (Stapper): published; size: choice",
        gt=0,
        le=100,
    )
    clustered_state: Literal["dead", "stuck_on", "stuck_random"] = setting(
        "dead", "what the devices of a cluster are"
    )
    placing: Literal["exact", "bernoulli"] = setting(
        "exact",
        "exact: each share is met to the nearest whole device or line; bernoulli: each device or "
        "line fails by chance with this probability, so that replicates differ in their number",
    )
    array_rows: int = setting(
        661,
        "rows of the physical array; the devices of all layers fill row after row in the order "
        "of layer, row, column, G+ before G-; a network with more devices than one array holds "
        "goes on to further arrays of the same size",
        source="recalled: 500 x 661",
        ge=1,
        le=LARGEST_LINES,
    )
    array_columns: int = setting(
        500,
        "columns of the physical array; a multiple of twice the columns of a layer keeps its "
        "rows on rows of the array",
        source="recalled: 500 x 661",
        ge=1,
        le=LARGEST_LINES,
    )
    repair: Literal["none", "spares"] = setting(
        "none",
        "spares: before training, synapses with a faulty device are moved to pairs of healthy "
        "devices among those of the array that no synapse uses, as far as there are any; the "
        "output layer first, in each layer synapses with two faulty devices first.  Spare devices "
        "fail at the mean rate of those in use; a fault map tells nothing of them.  More "
        "array_rows are more spares: 661 rows leave the published network 730 devices, 10 % more "
        "leave it 33,730",
    )
    dead_rows: float = setting(
        0.0,
        "share of the rows of the physical array that are open: their devices carry no current "
        "and receive no pulses",
        ge=0,
        le=1,
    )
    dead_columns: float = setting(
        0.0, "share of the columns of the physical array that are open", ge=0, le=1
    )
    map: str | None = setting(
        None,
        "HDF5 file with a fault map, such as a result of pcmsim or what pcmsim.write_fault_map "
        "has written; all other faults come on top of it",
        path=True,
    )
    endurance_set: float | None = setting(
        None,
        "median number of partial-SET pulses after which a device is worn out; null: never",
        unit="pulses",
        gt=0,
        le=LARGEST_COUNT,
    )
    endurance_reset: float | None = setting(
        None,
        "median number of RESETs (of a bidirectional device: steps down) after which a device is "
        "worn out; null: never",
        unit="pulses",
        gt=0,
        le=LARGEST_COUNT,
    )
    endurance_spread: float = setting(
        0.5,
        "standard deviation of the natural logarithm of a device's endurance (log-normal)",
        ge=0,
        le=10,
    )
    worn_state: Literal["stuck_on", "dead"] = setting(
        "stuck_on", "what a device is once it is worn out"
    )

    @model_validator(mode="after")
    def _check_stuck_level(self) -> "Faults":
        if self.stuck_level is None and any(per_layer(self.stuck_at, 1)):
            raise ValueError("stuck_level: missing; must be given, in S, where stuck_at is not 0")
        return self


class Synapse(Section):
    """What makes a synapse beside its first pair of devices."""

    pairs: int = setting(
        1,
        "pairs of devices in each synapse, whose differences are added up; network.weight_range is "
        "that of all of them together.  Each example programs one pair of every synapse, the next "
        "example the next one",
        source="several devices and a common counter: published (Boybat et al., Nature "
        "Communications 9:2514, 2018); in pairs, and one step of the counter an example: choice",
        ge=1,
        le=MOST_PAIRS,
    )
    volatile: Volatile = Volatile()

    @model_validator(mode="after")
    def _check_volatile(self) -> "Synapse":
        if self.volatile.interval > 0 and self.pairs > 1:
            raise ValueError("volatile.interval: must be 0 where pairs is above 1")
        return self


class Settings(Section):
    """One run: everything that decides its outcome."""

    seed: int = setting(1, "number of the experiment's random draw", ge=0, le=2**32 - 1)
    replicate: int = setting(
        0, "repetition with the same settings and other random numbers", ge=0, le=2**32 - 1
    )
    network: Network = Network()
    data: Data = Data()
    training: Training = Training()
    update: Update = Update()
    device: DeviceSettings = setting(REQUIRED, "what a synapse is made of")
    synapse: Synapse = Synapse()
    read: Read = Read()
    reset: Reset = Reset()
    faults: Faults = Faults()
    retention: RetentionSettings = RetentionSettings()

    @model_serializer(mode="wrap")
    def _leave_out_unused(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out sections that came later, where all is default: digests stay what they were."""
        values: dict[str, Any] = serialize(self)
        for name in LATER_SECTIONS:
            if getattr(self, name) == type(getattr(self, name))():
                values.pop(name, None)
        return values

    @model_validator(mode="after")
    def _check_retention(self) -> "Settings":
        if self.retention.model != "none" and self.device.kind == "float":
            raise ValueError(
                "retention.model: must be none where device.kind is float: exact weights stay as "
                "they are"
            )
        return self

    @model_validator(mode="after")
    def _check_volatile(self) -> "Settings":
        if self.synapse.volatile.interval > 0 and self.device.kind == "float":
            raise ValueError(
                "synapse.volatile.interval: must be 0 where device.kind is float: there are no "
                "pairs to transfer charges to"
            )
        return self

    @model_validator(mode="after")
    def _check_lists_per_layer(self) -> "Settings":
        layers = len(self.network.layers) - 1
        for name in PER_LAYER:
            section, key = name.split(".")
            value = getattr(getattr(self, section), key)
            if isinstance(value, list) and len(value) != layers:
                raise ValueError(
                    f"{name}: must be one number or one for each of the {layers} layers of "
                    f"weights, not {len(value)}"
                )
        return self

    @model_validator(mode="after")
    def _check_range_of_conductance(self) -> "Settings":
        g_min = getattr(self.device, "g_min", None)
        g_max = getattr(self.device, "g_max", None)
        if g_min is not None and g_max is not None and g_min >= g_max:
            raise ValueError(f"device.g_min: must be below g_max, {g_max:g} S, not {g_min:g} S")
        return self

    @model_validator(mode="after")
    def _check_sum_of_faults(self) -> "Settings":
        layers = len(self.network.layers) - 1
        shares = [per_layer(getattr(self.faults, name), layers) for name in FAULT_SHARES]
        total = max(map(sum, zip(*shares, strict=True)))
        if total > 1:
            raise ValueError(f"faults.dead: all kinds of faults add up to {total:g}, more than 1")
        return self

    @model_validator(mode="after")
    def _check_targets(self) -> "Settings":
        network = self.network
        if network.target_low >= network.target_high:
            raise ValueError("network.target_low: must be below network.target_high")
        if network.activation == "logistic" and network.target_low < 0:
            raise ValueError(
                "network.target_low: must be at least 0, as a logistic neuron's output"
            )
        return self

    @model_validator(mode="after")
    def _check_pixels(self) -> "Settings":
        if self.data.crop is not None:
            top, bottom, left, right = self.data.crop
            if bottom <= top or right <= left:
                raise ValueError("data.crop: must leave at least one row and one column")
            pixels = (bottom - top) * (right - left)
            if pixels != self.network.layers[0]:
                raise ValueError(
                    f"network.layers: starts with {self.network.layers[0]} neurons, but data.crop "
                    f"leaves {bottom - top} x {right - left} = {pixels} pixels"
                )
        return self


# Sections that results of version 0.1.0 do not know.
LATER_SECTIONS = ("retention", "synapse")
# Shares of devices; a device has at most one of these faults.
FAULT_SHARES = ("dead", "stuck_on", "stuck_random", "stuck_present", "stuck_at", "clustered")
PER_LAYER = (
    "network.derivative_floor",
    "network.initial_weight",
    "network.weight_range",
    "training.learning_rate",
    "update.x_threshold",
    "update.pulse_threshold",
    *(f"faults.{name}" for name in FAULT_SHARES),
)
