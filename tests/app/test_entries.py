"""The box of entries: what is listed is true, and each entry runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app import cli
from inference.card_files import find_model
from inference.entries import find_entry, list_entries, source_of
from inference.errors import UserError
from inference.requests import OpenRequest
from inference.task import Task

KEYS = {"name", "title", "purpose", "source", "models", "method", "expected", "status"}
NAMES = ["chest-radiograph", "hippocampus", "label-organ", "phantom-pair"]


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_list_says_what_each_entry_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["entries", "--json"]) == 0
    document = _json(capsys)
    assert next(iter(document)) == "schema"
    assert document["schema"] == "lepton.entries/1"
    entries = document["entries"]
    assert isinstance(entries, list)
    assert [entry["name"] for entry in entries] == NAMES
    for entry in entries:
        assert set(entry) == KEYS
        assert entry["status"].split(":")[0] in ("works", "stands in", "needs data")


def test_expected_figures_are_those_of_the_cards() -> None:
    for entry in list_entries(OpenRequest(()), Task()):
        assert entry.expected
        for model in entry.models:
            card = find_model(model, Task())
            assert entry.target in card.labels
            mine = [words for words in entry.expected if words.startswith(f"{model}: ")]
            assert mine
            for words in mine:
                assert any(f"{metric.value:.3f}" in words for metric in card.metrics)


def test_without_data_the_entries_that_need_them_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEPTON_TEST_DATA", str(tmp_path / "nothing"))
    status = {entry.name: entry.status for entry in list_entries(OpenRequest(()), Task())}
    assert status["phantom-pair"] == "works"
    for name in ("chest-radiograph", "hippocampus", "label-organ"):
        assert status[name].startswith("needs data: ")
        assert cli.main(["entry", name, "--out", str(tmp_path / "out"), "--json"]) == 4
        said = capsys.readouterr()
        assert "are not here" in json.loads(said.out)["error"]["message"]
        assert "LEPTON_TEST_DATA" in said.err
    assert not (tmp_path / "out").exists()


def test_an_unknown_entry_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["entry", "soup"]) == 2
    assert "phantom-pair" in capsys.readouterr().err


def test_the_phantom_pair_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert cli.main(["entry", "phantom-pair", "--out", str(out), "--json"]) == 0
    document = _json(capsys)
    assert document["schema"] == "lepton.entry/1"
    assert json.loads((out / "result.json").read_text()) == document
    results = document["results"]
    assert isinstance(results, dict)
    assert list(results) == ["phantom-nodule", "phantom-shortcut"]
    for model, result in results.items():
        assert result["prediction"]["top"] == "nodule"
        names = {path.name for path in (out / model).iterdir()}
        assert names == {"map.npy", "overlay.png", "report.html", "result.json"}
        assert np.load(out / model / "map.npy").shape == (512, 512)
        assert result["warnings"] == []


def test_each_looks_where_its_name_says(tmp_path: Path) -> None:
    """The strongest place of each map, and how much of it lies on the plate of 0.6 % of pixels."""
    from inference.phantom.case import generate

    entry = find_entry("phantom-pair")
    case = generate(entry.seed, entry.case, entry.marker)
    assert cli.main(["entry", "phantom-pair", "--out", str(tmp_path)]) == 0
    assert case.marker_box is not None
    nodules, plate = [nodule.box for nodule in case.nodules], [case.marker_box]
    sound = np.abs(np.load(tmp_path / "phantom-nodule" / "map.npy"))
    shortcut = np.abs(np.load(tmp_path / "phantom-shortcut" / "map.npy"))
    assert _peak_inside(sound, nodules)
    assert _peak_inside(shortcut, plate)
    assert _share(shortcut, plate) > 0.3
    assert _share(sound, plate) < 0.05


@pytest.mark.parametrize("name", ["chest-radiograph", "hippocampus"])
def test_entries_on_real_data_run(
    name: str, tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEPTON_TEST_DATA", str(shared_data))
    assert find_entry(name).status == "works"
    assert cli.main(["entry", name, "--out", str(tmp_path)]) == 0
    folder = tmp_path / find_entry(name).models[0]
    assert (folder / "overlay.png").is_file()
    result = json.loads((folder / "result.json").read_text())
    scores = result["prediction"]["scores"]
    assert scores[find_entry(name).target] > 0.05, "the target is not to be seen on this frame"


def test_the_source_of_an_entry_is_made_where_it_is_asked(tmp_path: Path) -> None:
    place = source_of(find_entry("phantom-pair"), tmp_path)
    assert len(list(place.glob("*.dcm"))) == 3


def test_data_that_are_not_here_are_the_surroundings_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEPTON_TEST_DATA", str(tmp_path))
    with pytest.raises(UserError) as raised:
        source_of(find_entry("hippocampus"), tmp_path)
    assert raised.value.fault == "surroundings"


def _peak_inside(strength: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> bool:
    row, column = np.unravel_index(int(strength.argmax()), strength.shape)
    return any(x0 <= column < x1 and y0 <= row < y1 for x0, y0, x1, y1 in boxes)


def _share(strength: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> float:
    """The boxes' share of a map, with eight pixels around that the network mixes in."""
    inside = sum(strength[y0 - 8 : y1 + 8, x0 - 8 : x1 + 8].sum() for x0, y0, x1, y1 in boxes)
    return float(inside / strength.sum())


def test_the_walk_through_labelling_reaches_its_figure(shared_data: Path, tmp_path: Path) -> None:
    """Interpolated masks as near to the known ones as the entry says, and the files come back."""
    entry = find_entry("label-organ")
    assert entry.walk is not None
    assert cli.main(["entry", "label-organ", "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "result.json").read_text())["labelling"]
    assert found["frames"] == list(range(entry.walk.slices[0] + 1, entry.walk.slices[1]))
    assert found["interpolated"] == pytest.approx(entry.walk.dice, abs=5e-4)
    assert found["came_back"] is True
    assert found["accepted"] > 0.8
    volume = next((tmp_path / "out" / "labels").glob("*.nii.gz"))
    assert int(np.count_nonzero(_voxels(volume))) > 1000


def _voxels(path: Path) -> np.ndarray:
    """What is stored, by another reader than ours."""
    import SimpleITK

    return np.asarray(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path))))
