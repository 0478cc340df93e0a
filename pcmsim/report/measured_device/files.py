"""The report on an imported device: an HTML page, and its main pictures in one file."""

import io
from pathlib import Path

from pcmsim.errors import UserError
from pcmsim.files import refuse_to_replace, write_whole
from pcmsim.report.markup import MAKER
from pcmsim.report.measured_device.figures import figure_of_all
from pcmsim.report.measured_device.page import HEADING, device_report_html
from pcmsim.report.measured_device.pictures import main_pictures
from pcmsim.report.measured_device.story import Story, story_of
from pcmsim.report.style import DOTS_PER_INCH, house_style
from pcmsim.traces.device_file import read_device

PAGES = (".html", ".htm")
PICTURES = (".png",)
COLUMNS = 3
# Within so many bytes reports and their pictures name their maker, and what they are.
FRONT = 500


def report_on_device(
    device: Path, page: Path | None = None, picture: Path | None = None, *, overwrite: bool = False
) -> list[Path]:
    """Write the report on a device file, and if wanted its main pictures; return the files' names.

    Args:
        device: the device file.
        page: the report; None: beside the device file.
        picture: the main pictures; None: none.
        overwrite: replace files, if there are any, that are no such report.

    Raises:
        UserError: the file is no device file or damaged, a name has a wrong ending or is that of
            a file of others, or a file cannot be written.  Nothing is written before everything is
            drawn.
    """
    if page is not None:
        _check_ending(page, PAGES, "a report")
    if picture is not None:
        _check_ending(picture, PICTURES, "a picture")
    story = story_of_file(device)
    # Only what is a file has a name whose ending can be replaced.
    page = page or device.with_suffix(PAGES[0])
    refuse_to_replace(page, "a report on a device", _is_own, overwrite)
    if picture is not None:
        refuse_to_replace(
            picture, "the picture of a report on a device", _is_own, overwrite, "--png"
        )
    contents = {page: device_report_html(story).encode()}
    if picture is not None:
        contents[picture] = main_picture(story)
    for path, content in contents.items():
        write_whole(path, content)
    return list(contents)


def story_of_file(path: Path) -> Story:
    """Read a device file and find out what there is to tell of it.

    Raises:
        UserError: there is no such file, it is no device file, or it is damaged.
    """
    return story_of(path.name, read_device(path))


def main_picture(story: Story) -> bytes:
    """Return the most important pictures as one PNG."""
    image = io.BytesIO()
    heading = f"{HEADING} {story.name}"
    figure = figure_of_all(main_pictures(story), heading, COLUMNS)
    marks = {"Software": MAKER, "Title": heading}
    with house_style():
        figure.savefig(image, format="png", dpi=DOTS_PER_INCH, metadata=marks)
    return image.getvalue()


def _is_own(path: Path) -> bool:
    """Tell whether a file is the report on a device, or its picture."""
    try:
        with path.open("rb") as file:
            front = file.read(FRONT)
    except OSError:
        return False
    return all(mark.encode() in front for mark in (MAKER, HEADING))


def _check_ending(path: Path, endings: tuple[str, ...], what: str) -> None:
    if path.suffix.lower() not in endings:
        raise UserError(f"{path}: the name of {what} must end in {' or '.join(endings)}")
