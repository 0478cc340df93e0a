"""IDX files: what is written comes back, and what is damaged is refused."""

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from hypothesis.extra.numpy import arrays as array_strategy
from numpy.typing import NDArray

from pcmsim.data.idx import decode, read_idx_array, read_idx_folder
from pcmsim.data.mnist import MNIST_CHECKSUMS
from pcmsim.errors import UserError

Encode = Callable[[NDArray[np.uint8]], bytes]
LABELS = "t10k-labels-idx1-ubyte"
SOME_PATH = Path("some-file")


@given(
    st.sampled_from([1, 3]).flatmap(
        lambda n: array_strategy(np.uint8, array_shapes(min_dims=n, max_dims=n))
    )
)
def test_round_trip(encode_idx: Encode, array: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(decode(SOME_PATH, encode_idx(array), array.ndim), array)


@given(
    st.one_of(
        st.binary(max_size=40),
        st.binary(max_size=40).map(lambda tail: b"\x00\x00\x08\x03" + tail),
        st.lists(st.sampled_from([0, 1, 2**32 - 1]), min_size=3, max_size=3).map(
            lambda shape: np.array([0x803, *shape], ">u4").tobytes()
        ),
    )
)
def test_any_bytes_give_an_array_or_a_user_error(contents: bytes) -> None:
    try:
        assert decode(SOME_PATH, contents, 3).ndim == 3
    except UserError as error:
        assert str(error).startswith("some-file: ")


@pytest.mark.parametrize(
    ("ending", "pack"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)]
)
def test_raw_and_compressed_files_read_alike(
    tmp_path: Path, encode_idx: Encode, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    labels = np.array([3, 1, 2], np.uint8)
    (tmp_path / (LABELS + ending)).write_bytes(pack(encode_idx(labels)))
    np.testing.assert_array_equal(read_idx_array(tmp_path, "test_labels", None), labels)


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, encode_idx: Encode) -> None:
    whole = encode_idx(np.arange(9, dtype=np.uint8))
    for ending, contents in [
        ("", whole),
        (".gz", gzip.compress(whole)),
        (".xz", lzma.compress(whole)),
    ]:
        path = tmp_path / (LABELS + ending)
        for size in range(len(contents)):
            path.write_bytes(contents[:size])
            with pytest.raises(UserError, match=f"{path.name}: "):
                read_idx_array(tmp_path, "test_labels", None)
        path.unlink()


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "cut short, the header of an IDX file has 8 bytes, found 0"),
        (b"\0\0\x08\x03\0\0\0\x02ab", "wrong magic number, expected 2049 .* found 2051"),
        (
            b"\0\0\x08\x01\0\0\0\x03ab",
            "wrong size, .* announces 3 elements, hence 11 bytes, found 10",
        ),
        (
            b"\0\0\x08\x01\0\0\0\x01ab",
            "wrong size, .* announces 1 elements, hence 9 bytes, found 10",
        ),
        (b"\0\0\x08\x01\0\0\0\0", "empty, the header announces 0 elements"),
    ],
)
def test_bad_contents_are_named(tmp_path: Path, contents: bytes, message: str) -> None:
    (tmp_path / LABELS).write_bytes(contents)
    with pytest.raises(UserError, match=f"{LABELS}: {message}"):
        read_idx_array(tmp_path, "test_labels", None)


def test_a_file_that_is_not_gzip_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{LABELS}.gz").write_bytes(b"<html>not found</html>")
    with pytest.raises(UserError, match=rf"{LABELS}\.gz: cannot be read.*[Nn]ot a gzipped file"):
        read_idx_array(tmp_path, "test_labels", None)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / f"{LABELS}.gz").unlink()
    with pytest.raises(UserError, match=f"there is no file {LABELS}; allowed"):
        read_idx_folder(folder, "small", None)


def test_another_content_is_refused_with_both_checksums(tmp_path: Path, encode_idx: Encode) -> None:
    (tmp_path / LABELS).write_bytes(encode_idx(np.zeros(10_000, np.uint8)))
    with pytest.raises(UserError) as caught:
        read_idx_array(tmp_path, "test_labels", MNIST_CHECKSUMS)
    assert f"expected {MNIST_CHECKSUMS['test_labels']}" in str(caught.value)
    assert "data.verify_checksum to false" in str(caught.value)
