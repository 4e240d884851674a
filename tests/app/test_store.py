"""Results outlive the program; a file that cannot be used costs a sentence, not the work."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.marks import CALIBRATION, key_image_mark, measure_mark
from app.panes import Asked
from app.store import MIGRATIONS, Mark, Store, Wanted
from app.store.folder import FILE
from inference.errors import UserError
from inference.records import (
    Attribution,
    Calibration,
    Completeness,
    Measure,
    Prediction,
    Provenance,
)
from inference.task import Task
from inference.wire import pack

KEY = ("0123456789ab", 4)


def provenance(method: str | None = None, sha256: str = "d" * 64) -> Provenance:
    return Provenance(
        "a-model", sha256, "resized 512 × 512 → 256 × 256", "cpu", 0.25,
        "2026-11-20T12:00:00+00:00", (("torch", "2.15.0"),), method, (("n_steps", 50),), 0,
    )  # fmt: skip


def prediction(p: float = 0.9, sha256: str = "d" * 64) -> Prediction:
    scores = np.array([1 - p, p], np.float32)
    logits = np.log(scores)
    return Prediction(
        KEY, ("normal", "nodule"), scores, logits, "softmax", None, (), provenance(None, sha256)
    )


def attribution(method: str = "saliency", target: int = 1, fill: float = 1.0) -> Attribution:
    return Attribution(
        KEY, target, "nodule", "logit", np.full((4, 6), fill, np.float32), (2, 3), True, None,
        "0", "sum", Completeness(1.0, 1.5), (), provenance(method),
    )  # fmt: skip


def wanted(sha256: str = "d" * 64) -> Wanted:
    return Wanted(KEY, "a-model", sha256)


def test_results_are_there_after_a_restart(tmp_path: Path) -> None:
    place = tmp_path / "new" / "project"
    first = Store(place.parent)
    first.save((prediction(), attribution()), Task())
    first.close()
    second = Store(place.parent)
    found = second.load(wanted(), Task())
    second.close()
    assert found.prediction is not None
    assert found.attribution is not None
    assert found.prediction.scores[1] == np.float32(0.9)
    assert found.attribution.map.shape == (4, 6)
    assert found.attribution.completeness == Completeness(1.0, 1.5)
    assert found.prediction.provenance == provenance()


def test_all_frames_of_a_source_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    others = [replace(prediction(), key=(KEY[0], frame)) for frame in (0, 9)]
    elsewhere = replace(prediction(), key=("f" * 12, 1))
    store.save((*others, replace(attribution(), key=(KEY[0], 2)), elsewhere), Task())
    found = store.load_all(wanted(), Task())
    store.close()
    said = {one.wanted.key: (one.prediction, one.attribution) for one in found}
    assert set(said) == {(KEY[0], frame) for frame in (0, 2, 9)}
    assert said[(KEY[0], 2)][0] is None
    assert said[(KEY[0], 2)][1] is not None
    assert said[(KEY[0], 9)][0] is not None


def test_the_latest_map_is_the_one_that_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for one in (attribution(fill=1), attribution("occlusion", fill=2), attribution(fill=3)):
        store.save((one,), Task())
    found = store.load(wanted(), Task()).attribution
    store.close()
    assert found is not None
    assert found.map[0, 0] == 3


QUESTIONS = (
    Asked("grad_cam", 1, "late"),
    Asked("grad_cam", 1, "stage"),
    Asked("saliency", 1, against=0),
    Asked("saliency", 1, baseline="blur"),
    Asked("saliency", 1, baseline="picture", reference=("s", 3)),
    Asked("saliency", 1, baseline="picture", reference=("s", 4)),
    Asked("saliency", 0),
    Asked("occlusion", 1),
)


def answer(asked: Asked, fill: float) -> Attribution:
    made = attribution(asked.method, asked.target or 0, fill)
    return replace(
        made,
        layer=asked.layer,
        against=None if asked.against is None else "normal",
        against_index=asked.against,
        baseline="what it is in words",
        baseline_name=asked.baseline,
        reference=asked.reference,
    )


def test_each_question_has_its_own_map_and_the_latest_of_it_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for round_ in (0, 100):
        store.save(
            tuple(answer(asked, round_ + place) for place, asked in enumerate(QUESTIONS)), Task()
        )
    for place, asked in enumerate(QUESTIONS):
        found = store.load(replace(wanted(), asked=asked), Task()).attribution
        assert found is not None
        assert found.map[0, 0] == 100 + place
    whole = store.load_all(replace(wanted(), asked=QUESTIONS[3]), Task())
    nobody = store.load(replace(wanted(), asked=Asked("rise", 1)), Task()).attribution
    store.close()
    assert [one.attribution.map[0, 0] for one in whole if one.attribution] == [103]
    assert nobody is None
    database = sqlite3.connect(tmp_path / FILE)
    assert database.execute("SELECT count(*) FROM attribution").fetchone() == (len(QUESTIONS),)
    database.close()


SECOND_VERSION = """
    CREATE TABLE prediction (
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, made_at TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, frame, model_id, sha256)) WITHOUT ROWID;
    CREATE TABLE attribution (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, method TEXT NOT NULL, target INTEGER NOT NULL,
        made_at TEXT NOT NULL, record BLOB NOT NULL,
        UNIQUE (source_id, frame, model_id, sha256, method, target));
    CREATE TABLE mark (
        source_id TEXT NOT NULL, name TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, name)) WITHOUT ROWID;
    PRAGMA user_version = 2;
"""


def test_a_store_of_the_second_version_keeps_its_maps_and_a_copy_of_itself(tmp_path: Path) -> None:
    place = tmp_path / FILE
    old = (answer(QUESTIONS[3], 1.0), answer(QUESTIONS[7], 2.0), attribution("rise", 0, 3.0))
    database = sqlite3.connect(place)
    database.executescript(SECOND_VERSION)
    for number, one in enumerate(old, start=5):
        record = pack(one) if number < 7 else b"of an older shape"
        at = (*KEY, "a-model", "d" * 64, one.provenance.method, one.target, "2026")
        row = (number, *at, record)
        database.execute("INSERT INTO attribution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.commit()
    database.close()
    before = [row[:-1] for row in rows_of(place)]

    store = Store(place.parent)
    store.save((answer(QUESTIONS[3], 9.0), answer(QUESTIONS[0], 10.0)), Task())
    found = [store.load(replace(wanted(), asked=asked), Task()) for asked in QUESTIONS]
    store.close()
    fills = [one.attribution.map[0, 0] if one.attribution else None for one in found]
    assert fills == [10, None, None, 9, None, None, None, 2], "one was replaced, none was lost"
    assert len(rows_of(place)) == 4
    copy = tmp_path / f"{FILE}.before-3"
    assert [row[:-1] for row in rows_of(copy)] == before
    database = sqlite3.connect(copy)
    assert database.execute("PRAGMA user_version").fetchone() == (2,)
    database.close()


def rows_of(place: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(place)
    found = database.execute("SELECT * FROM attribution ORDER BY number").fetchall()
    database.close()
    return found


def test_other_weights_are_another_model(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save((prediction(sha256="a" * 64),), Task())
    assert store.load(wanted("b" * 64), Task()).prediction is None
    assert store.load(wanted("a" * 64), Task()).prediction is not None
    store.close()


def test_a_store_without_a_place_works_for_the_session() -> None:
    store = Store(None)
    store.save((prediction(),), Task())
    assert store.load(wanted(), Task()).prediction is not None
    store.close()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and then nothing", b"hello" * 400])
def test_a_file_that_is_no_store_is_said_and_left(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / FILE
    place.write_bytes(content)
    store = Store(place.parent)
    if content:
        with pytest.raises(UserError, match="is damaged"):
            store.save((prediction(),), Task())
        assert place.read_bytes() == content
    else:
        store.save((prediction(),), Task())  # an empty file is an empty database
    store.close()


def test_a_store_of_a_newer_program_is_said_and_left(tmp_path: Path) -> None:
    place = tmp_path / FILE
    database = sqlite3.connect(place)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    store = Store(place.parent)
    with pytest.raises(UserError, match="newer Lepton"):
        store.save((prediction(),), Task())
    store.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Store(tmp_path / "file" / "project")
    with pytest.raises(UserError, match="could not be kept"):
        store.save((prediction(),), Task())
    store.close()


def test_a_record_of_another_shape_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save((prediction(),), Task())
    store.close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("UPDATE prediction SET record = substr(record, 1, 40)")
    database.commit()
    database.close()
    again = Store(tmp_path)
    assert again.load(wanted(), Task()).prediction is None
    again.close()


MEASURE = Measure("abc", KEY, "length", ((1.0, 2.0), (3.5, 4.0)))
MARKS = (
    measure_mark(MEASURE),
    key_image_mark((f"{KEY[0]}/axial", 7)),
    Mark(KEY[0], CALIBRATION, Calibration((0.5, 0.25), "set by hand")),
)


def load_marks(place: Path) -> dict[str, object]:
    store = Store(place.parent)
    found = store.load_marks(KEY[0], Task())
    store.close()
    return {mark.name: mark.record for mark in found}


def test_marks_are_there_after_a_restart_and_forgotten_ones_are_not(tmp_path: Path) -> None:
    place = tmp_path / FILE
    store = Store(place.parent)
    for mark in (*MARKS, measure_mark(replace(MEASURE, measure_id="gone"))):
        store.save_mark(mark, Task())
    store.save_mark(replace(measure_mark(replace(MEASURE, measure_id="gone")), record=None), Task())
    store.save_mark(Mark("another scan", "abc", MEASURE), Task())
    store.close()
    assert load_marks(place) == {mark.name: mark.record for mark in MARKS}


def test_a_mark_that_was_changed_is_kept_once(tmp_path: Path) -> None:
    moved = replace(MEASURE, points=((0.0, 0.0), (9.0, 9.0)))
    store = Store(tmp_path)
    for measure in (MEASURE, moved):
        store.save_mark(measure_mark(measure), Task())
    store.close()
    assert load_marks(tmp_path / FILE) == {"abc": moved}


def test_a_store_of_the_first_version_learns_to_keep_marks(tmp_path: Path) -> None:
    place = tmp_path / FILE
    database = sqlite3.connect(place)
    database.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
    database.close()
    store = Store(place.parent)
    store.save((prediction(),), Task())
    store.save_mark(MARKS[0], Task())
    store.close()
    assert load_marks(place) == {"abc": MEASURE}


def test_a_mark_of_another_shape_is_left_out(tmp_path: Path) -> None:
    place = tmp_path / FILE
    store = Store(place.parent)
    for mark in MARKS:
        store.save_mark(mark, Task())
    store.close()
    database = sqlite3.connect(place)
    database.execute("UPDATE mark SET record = substr(record, 1, 20) WHERE name = 'abc'")
    database.commit()
    database.close()
    assert set(load_marks(place)) == {mark.name for mark in MARKS[1:]}


def test_marks_in_a_file_that_is_no_store_are_said(tmp_path: Path) -> None:
    place = tmp_path / FILE
    place.write_bytes(b"hello" * 400)
    store = Store(place.parent)
    with pytest.raises(UserError, match="is damaged"):
        store.save_mark(MARKS[0], Task())
    with pytest.raises(UserError, match="is damaged"):
        store.load_marks(KEY[0], Task())
    store.close()


KILLED = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from app.store import Store
from inference.task import Task
from test_store import attribution
store = Store(Path({place!r}))
for target in range(1000):
    store.save((attribution(target=target),), Task())
    print(target, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    place = tmp_path / FILE
    here = Path(__file__).resolve().parent
    code = KILLED.format(root=str(here.parents[1]), tests=str(here), place=str(place.parent))
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(20)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout.read().split()]
    child.wait()
    child.stdout.close()
    database = sqlite3.connect(place)
    kept = {row[0] for row in database.execute("SELECT target FROM attribution")}
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert set(acknowledged) <= kept
