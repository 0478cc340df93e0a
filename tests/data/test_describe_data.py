"""``describe_data``: the lines that ``pcmsim data`` prints."""

from pathlib import Path

import pytest

from pcmsim.data import describe_data


def test_without_anything_set_the_excerpt_is_there(tmp_path: Path) -> None:
    lines = describe_data()
    assert lines[0] == "Bundled excerpt of MNIST: 5,000 training and 10,000 test images"
    assert "  train-images-idx3-ubyte.xz: 5,000 images, checksum verified" in lines
    assert "  t10k-labels-idx1-ubyte.xz: 10,000 labels, checksum verified" in lines
    assert "Environment variable PCMSIM_MNIST: not set" in lines
    assert f"Download folder: {tmp_path / 'cache' / 'pcmsim' / 'mnist'}" in lines
    assert lines.count("  train-images-idx3-ubyte: not found") == 1


def test_every_file_of_the_named_folder_is_judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCMSIM_MNIST", str(folder))
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    lines = describe_data()
    start = lines.index(f"Environment variable PCMSIM_MNIST: {folder}")
    assert "cannot be read" in lines[start + 1]
    assert lines[start + 2] == "  train-labels-idx1-ubyte.gz: 12 labels, checksum verified"
    assert lines[start + 3] == "  t10k-images-idx3-ubyte: not found"
    assert lines[start + 4] == "  t10k-labels-idx1-ubyte.gz: 8 labels, checksum verified"
