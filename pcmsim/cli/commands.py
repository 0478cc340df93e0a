"""What each command does.

Modules are imported where they are needed: `pcmsim --help` and `explain` must not wait for Numba,
nor `show` for Matplotlib.
"""

from argparse import Namespace
from pathlib import Path
from typing import Any

from pcmsim.cli.going_on import command_line, say_if_compiling, shown
from pcmsim.cli.json_objects import print_json
from pcmsim.errors import UserError

RESULTS = Path("results")
MAIN_JOB = Path("configs", "burr2014.yaml")


def run(options: Namespace) -> None:
    """Train a network, write the result and its pictures."""
    from pcmsim.cli.progress import RunProgress
    from pcmsim.config.load import load_config
    from pcmsim.experiment.run import run

    settings = load_config(options.config, options.overrides)
    out = _result_path(options.config, options.out, settings)
    with shown(RunProgress(), _how_to_resume(options, out)) as progress:
        result = run(
            settings,
            out,
            resume=options.resume,
            overwrite=options.overwrite,
            threads=options.threads,
            slim=options.slim,
            report=progress,
        )
    pictures = [] if options.no_plots else _save_figures(result, out)
    if options.json:
        print_json(result.summary())
    else:
        from pcmsim.report.result.text import comparison_text

        print(comparison_text(result))
        print(
            "\n".join(["", f"result   {result.path}", *(f"picture  {path}" for path in pictures)])
        )


def show(options: Namespace) -> None:
    """Print what a result file holds."""
    from pcmsim.experiment.result import Result

    result = Result.open(options.file)
    if options.json:
        print_json(result.summary())
    else:
        from pcmsim.report.result.text import result_text

        print(result_text(result))


def plot(options: Namespace) -> None:
    """Draw the pictures of a result."""
    from pcmsim.experiment.result import Result

    result = Result.open(options.file)
    folder = Path(options.out) if options.out else result.path.parent
    for picture in _save_figures(result, folder / result.path.name):
        print(picture)
    if result.is_slim and result.settings.device.kind != "float":
        print("left out: the diamond of G+ and G-; sweeps keep no layers, `pcmsim run` does")


def rerun(options: Namespace) -> int:
    """Repeat a run from its result alone; return 1 if it came out otherwise."""
    from pcmsim.cli.progress import RunProgress
    from pcmsim.experiment.rerun import rerun

    say_if_compiling()
    with RunProgress() as progress:
        comparison = rerun(options.file, threads=options.threads, report=progress)
    for change in comparison.changed_versions:
        print(f"version changed: {change}")
    if comparison.identical:
        print(f"identical: all {comparison.datasets} datasets are the same, bit for bit")
        return 0
    differing = "\n".join(f"  {name}" for name in comparison.differing)
    print(f"{len(comparison.differing)} of {comparison.datasets} datasets differ:\n{differing}")
    return 1


def data(options: Namespace) -> None:
    """Say which images are there; download all of MNIST."""
    from pcmsim.data import describe_data, download_mnist

    if options.folder and not options.download:
        raise UserError("--folder says where --download puts the images; add --download")
    if options.download:
        folder = download_mnist(Path(options.folder) if options.folder else None)
        print(f"all of MNIST is in {folder}")
    else:
        print("\n".join(describe_data()))


def explain(options: Namespace) -> None:
    """Say what a setting means."""
    from pcmsim.config.explain import explain, json_schema
    from pcmsim.config.settings import Settings

    if options.schema:
        print_json(json_schema(Settings))
    else:
        print(explain(Settings, options.name))


def bench(options: Namespace) -> None:
    """Time training against plain float training."""
    from pcmsim.config.load import load_config
    from pcmsim.experiment.bench import bench

    settings = load_config(options.config or MAIN_JOB, options.overrides)
    say_if_compiling()
    timing = bench(settings)
    if options.json:
        print_json(timing)
    else:
        print(
            f"this device     {timing['examples_per_second']:10,.0f} examples/s\n"
            f"float SGD       {timing['float_sgd_examples_per_second']:10,.0f} examples/s\n"
            f"ratio           {timing['ratio']:10.2f}"
        )


def _result_path(config: str, out: str | None, settings: Any) -> Path:
    """Return where the result goes; by default a name that no other settings share."""
    from pcmsim.config.read import settings_digest
    from pcmsim.files import has_hdf5_name

    name = f"{Path(config).stem}-{settings_digest(settings)[:8]}.h5"
    if out is None:
        return RESULTS / name
    return Path(out) if has_hdf5_name(Path(out)) else Path(out) / name


def _how_to_resume(options: Namespace, out: Path) -> str:
    return command_line(
        ["run", options.config],
        options.overrides,
        {
            "--out": out,
            "--resume": not options.slim,
            "--slim": options.slim,
            "--threads": options.threads,
            "--overwrite": options.overwrite,
            "--no-plots": options.no_plots,
            "--json": options.json,
        },
    )


def _save_figures(result: Any, stem: Path) -> list[Path]:
    from pcmsim.report.result.figures import save_figures

    pictures: list[Path] = save_figures(result, stem.with_suffix(""))
    return pictures
