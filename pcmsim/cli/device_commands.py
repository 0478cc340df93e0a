"""What the commands of ``pcmsim device`` do."""

from argparse import Namespace
from pathlib import Path


def show(options: Namespace) -> None:
    """Show how a device responds to pulses."""
    from pcmsim.config.load import load_config
    from pcmsim.report.device.page import device_text

    settings = load_config(options.config, options.overrides)
    print(device_text(settings))
    if options.plot:
        from pcmsim.report.result.figures import save_device_figure

        print(f"\npicture  {save_device_figure(settings, Path(options.plot))}")
