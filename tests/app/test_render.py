"""`lepton render`: the picture as DCMTK shows it, which frame, which source, exit codes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest

from app.cli import main
from tests.inference.sources.dicom_writer import write_slice

RAMP = np.arange(12, dtype=np.int16).reshape(3, 4)


def _render(path: Path, out: Path, *options: str) -> np.ndarray:
    assert main(["render", str(path), "--out", str(out), *options]) == 0
    shown = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert shown is not None
    return np.asarray(shown)


def test_a_window_on_rescaled_values(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP, RescaleSlope=10, RescaleIntercept=-5)
    shown = _render(path, tmp_path / "x.png", "--window", "50", "101")
    # LINEAR with c = 50, w = 101: level = ((x - 49.5) / 100 + 0.5) * 255, clipped.
    expected = np.clip(((RAMP * 10.0 - 5 - 49.5) / 100 + 0.5) * 255, 0, 255)
    np.testing.assert_array_equal(shown, np.floor(expected + 0.5))


def test_a_window_narrower_than_1_is_exact_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As windows on SUV or Gy are: (x - c) / w + 0.5 of PS3.3 C.11.2.1.3.2."""
    path = write_slice(tmp_path / "x.dcm", RAMP, RescaleSlope=0.1, RescaleIntercept=0)
    shown = _render(path, tmp_path / "x.png", "--window", "0.5", "0.8")
    expected = np.clip(((RAMP * 0.1 - 0.5) / 0.8 + 0.5) * 255, 0, 255)
    assert np.abs(shown - expected).max() <= 0.51
    assert "LINEAR_EXACT" in capsys.readouterr().err
    _render(path, tmp_path / "x.png", "--window", "0.5", "1")
    assert "LINEAR_EXACT" not in capsys.readouterr().err


def test_the_default_is_the_files_first_window(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP, WindowCenter=[6, 1], WindowWidth=[1, 99])
    np.testing.assert_array_equal(_render(path, tmp_path / "x.png"), np.where(RAMP > 5, 255, 0))


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP, PhotometricInterpretation="MONOCHROME1")
    shown = _render(path, tmp_path / "x.png")
    assert (shown[0, 0], shown[2, 3]) == (255, 0)


def test_frames_count_from_0_in_the_displayed_order(tmp_path: Path) -> None:
    for number, height in enumerate((9.0, 3.0)):
        write_slice(
            tmp_path / "series" / str(number),
            RAMP if number else RAMP[::-1].copy(),
            ImagePositionPatient=[0, 0, height],
        )
    lower = _render(tmp_path / "series", tmp_path / "0.png")
    upper = _render(tmp_path / "series", tmp_path / "1.png", "--frame", "1")
    assert lower[0, 0] == 0
    np.testing.assert_array_equal(upper, lower[::-1])


def test_colour_is_rgb(tmp_path: Path) -> None:
    picture = np.zeros((4, 5, 3), np.uint8)
    picture[..., 2] = 200  # OpenCV counts blue first: this is red
    cv2.imwrite(str(tmp_path / "red.png"), picture)
    shown = _render(tmp_path / "red.png", tmp_path / "out" / "x.png", "--window", "1", "2")
    np.testing.assert_array_equal(shown, picture)


def test_one_of_several_sources_has_to_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        write_slice(
            tmp_path / str(number), RAMP + np.int16(number), SeriesInstanceUID=f"1.{number}"
        )
    out = tmp_path / "x.png"
    assert main(["render", str(tmp_path), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    ids = said.split(": ")[1].split(".")[0].split(", ")
    assert len(ids) == 2
    assert not out.exists()
    for one in ids:
        assert main(["render", str(tmp_path), "--out", str(out), "--source", one]) == 0
    assert main(["render", str(tmp_path), "--out", str(out), "--source", "0" * 12]) == 2
    assert ids[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--frame", "1"), "There is no frame 1: source"),
        (("--frame", "-1"), "There is no frame -1: source"),
        (("--frame", "first"), "invalid int value"),
        (("--window", "40"), "expected 2 arguments"),
        (("--window", "40", "0"), "a width above 0"),
        (("--window", "nan", "4"), "a finite centre"),
    ],
)
def test_wrong_use_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP)
    out = tmp_path / "x.png"
    assert main(["render", str(path), "--out", str(out), *options]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_another_ending_than_png_is_wrong_use(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP)
    assert main(["render", str(path), "--out", str(tmp_path / "x.jpg")]) == 2


def test_an_unusable_file_is_3(tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(b"no scan")
    assert main(["render", str(path), "--out", str(tmp_path / "x.png")]) == 3


def test_a_place_that_cannot_be_written_is_4(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", RAMP)
    (tmp_path / "file").write_bytes(b"in the way")
    assert main(["render", str(path), "--out", str(tmp_path / "file" / "x.png")]) == 4


PYDICOM = Path(pydicom.__file__).parent / "data" / "test_files"
OF_PYDICOM = (
    "CT_small.dcm",
    "JPEG-lossy.dcm",
    "JPGExtended.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "dicomdirtests/77654033/CR1/6154",
    "dicomdirtests/77654033/CT2/17106",
    "dicomdirtests/98892001/CT2N/6293",
    "dicomdirtests/98892001/CT5N/2062",
    "dicomdirtests/98892003/MR1/15820",
    "dicomdirtests/98892003/MR700/4467",
)
WINDOWS = {
    "6154": ("1600", "2800"),
    "liver_1frame.dcm": ("1", "2"),
}


def _agrees_with_dcmtk(path: Path, folder: Path) -> None:
    tool = shutil.which("dcmj2pnm")
    if tool is None:
        pytest.skip("DCMTK (dcmj2pnm) is not installed")
    window = WINDOWS.get(path.name, ("120", "900"))
    reference = folder / "reference.pgm"
    # -O: no overlays; +op: 8-bit PGM; +Ww: this window, LINEAR; +F 1: the first frame.
    options = ["-O", "+op", "+Ww", *window, "+F", "1"]
    subprocess.run([tool, *options, str(path), str(reference)], check=True, capture_output=True)
    expected = cv2.imread(str(reference), cv2.IMREAD_UNCHANGED)
    assert expected is not None
    shown = _render(path, folder / "x.png", "--window", *window)
    assert shown.shape == expected.shape
    assert np.ptp(expected) > 0, "the window shows nothing"
    assert np.abs(shown.astype(int) - np.asarray(expected).astype(int)).max() <= 1


@pytest.mark.parametrize("name", OF_PYDICOM)
def test_shown_as_dcmtk_shows_it(tmp_path: Path, name: str) -> None:
    _agrees_with_dcmtk(PYDICOM / name, tmp_path)
