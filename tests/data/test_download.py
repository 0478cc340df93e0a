"""``download_mnist`` against mirrors on this computer, good and bad."""

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pcmsim.data import download_mnist, load_dataset
from pcmsim.errors import UserError

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"


class Mirror:
    """A web server with some files; ``requests`` are the names asked for, in order."""

    def __init__(self, files: dict[str, bytes], announced_size: int | None) -> None:
        requests: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                requests.append(name)
                if name not in files:
                    self.send_error(404)
                    return
                size = len(files[name]) if announced_size is None else announced_size
                self.send_response(200)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(files[name])

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.requests = requests
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mnist/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()


StartMirror = Callable[..., Mirror]


@pytest.fixture
def start_mirror() -> Iterator[StartMirror]:
    """Return the function that starts a mirror; it may announce sizes that are not true."""
    mirrors = []

    def start(files: dict[str, bytes], announced_size: int | None = None) -> Mirror:
        mirrors.append(Mirror(files, announced_size))
        return mirrors[-1]

    yield start
    for mirror in mirrors:
        mirror.close()


def test_all_four_files_arrive_and_load(
    tmp_path: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    target = tmp_path / "new" / "folder"
    assert download_mnist(target, mirrors=[start_mirror(archives).url]) == target
    assert {path.name: path.read_bytes() for path in target.iterdir()} == archives
    assert load_dataset(str(target), 12).name == "MNIST"


def test_the_default_folder_is_in_the_cache(
    tmp_path: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    expected = tmp_path / "cache" / "pcmsim" / "mnist"
    assert download_mnist(mirrors=[start_mirror(archives).url], progress=False) == expected
    assert len(list(expected.iterdir())) == 4


def test_files_that_verify_stay_and_damaged_ones_are_replaced(
    folder: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    (folder / TRAIN_IMAGES).write_bytes(archives[TRAIN_IMAGES][:20])
    mirror = start_mirror(archives)
    download_mnist(folder, mirrors=[mirror.url])
    assert mirror.requests == [TRAIN_IMAGES]
    assert (folder / TRAIN_IMAGES).read_bytes() == archives[TRAIN_IMAGES]


def test_unpacked_files_count_as_there_unless_damaged(
    folder: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    for name in (TRAIN_IMAGES, TEST_LABELS):
        (folder / name).unlink()
        (folder / Path(name).stem).write_bytes(gzip.decompress(archives[name]))
    (folder / Path(TEST_LABELS).stem).write_bytes(b"damaged")
    mirror = start_mirror(archives)
    download_mnist(folder, mirrors=[mirror.url])
    assert mirror.requests == [TEST_LABELS]
    assert load_dataset(str(folder), 12).name == "MNIST"


def test_the_second_mirror_helps_when_the_first_fails(
    tmp_path: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    silent = start_mirror(archives)
    silent.server.shutdown()
    silent.server.server_close()
    without_one = {name: file for name, file in archives.items() if name != TEST_LABELS}
    mirrors = [silent.url, start_mirror(without_one).url, start_mirror(archives).url]
    download_mnist(tmp_path, mirrors=mirrors)
    assert load_dataset(str(tmp_path), 12).name == "MNIST"


@pytest.mark.parametrize("announced_size", [None, 10_000])
def test_a_truncated_archive_is_refused_and_finished_files_stay(
    tmp_path: Path,
    archives: dict[str, bytes],
    start_mirror: StartMirror,
    announced_size: int | None,
) -> None:
    truncated = archives | {TEST_LABELS: archives[TEST_LABELS][:-3]}
    good = start_mirror({name: file for name, file in archives.items() if name != TEST_LABELS})
    bad = start_mirror(truncated, announced_size)
    size = len(truncated[TEST_LABELS])
    with pytest.raises(UserError, match=f"damaged or cut short, {size} bytes arrived"):
        download_mnist(tmp_path, mirrors=[good.url, bad.url])
    assert sorted(path.name for path in tmp_path.glob("*.*")) == sorted(
        set(archives) - {TEST_LABELS}
    )


def test_a_corrupted_archive_is_refused_on_every_mirror(
    tmp_path: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    corrupted = archives[TRAIN_IMAGES][:-20] + bytes(20)
    mirror = start_mirror({TRAIN_IMAGES: corrupted})
    with pytest.raises(UserError) as caught:
        download_mnist(tmp_path, mirrors=[mirror.url, mirror.url + "again/"])
    message = str(caught.value)
    assert message.startswith(f"{TRAIN_IMAGES} could not be downloaded")
    assert message.count("damaged or cut short") == 2
    assert f"put them into {tmp_path}" in message
    assert list(tmp_path.iterdir()) == []


def test_no_network_names_the_mirrors_and_the_way_by_hand(tmp_path: Path) -> None:
    # Port 9 on this computer: nobody answers, as without a network.
    mirrors = ["http://127.0.0.1:9/first/", "http://127.0.0.1:9/second/"]
    with pytest.raises(UserError) as caught:
        download_mnist(tmp_path, mirrors=mirrors)
    for hint in (*mirrors, "By hand", TEST_LABELS, "pcmsim data", str(tmp_path)):
        assert hint in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, archives: dict[str, bytes], start_mirror: StartMirror
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte\.gz: cannot be written"):
        download_mnist(tmp_path / "file", mirrors=[start_mirror(archives).url])
