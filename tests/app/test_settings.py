"""Settings come back; whatever is wrong in their file is passed over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.presets import DEFAULTS, Preset
from app.settings import RECENT_LIMIT, Settings, load_settings, save_settings


def test_settings_come_back(tmp_path: Path) -> None:
    kept = Settings(theme="light", device="cpu", recent=("/a", "/b"), geometry="AAAA")
    kept = replace(kept, keys=(("explain", ("X", "Ctrl+E")), ("demo", ())))
    kept = kept.with_presets((Preset("MR", 300.0, 600.0, "Mine"),))
    save_settings(tmp_path / "new" / "settings.json", kept)
    assert load_settings(tmp_path / "new" / "settings.json") == kept


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"theme": 3}', '{"theme": "pink"}', "\x00", '{"keys": [1]}']
)
def test_what_is_wrong_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    assert load_settings(tmp_path / "settings.json") == Settings()


def test_what_makes_sense_is_taken_from_a_file_that_is_partly_wrong(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"device": "cpu", "recent": [1], "more": {}}')
    assert load_settings(tmp_path / "settings.json") == Settings(device="cpu")


def test_the_program_s_own_windows_are_not_kept(tmp_path: Path) -> None:
    assert Settings().windows == DEFAULTS
    assert Settings().with_presets(DEFAULTS).presets is None
    none_at_all = Settings().with_presets(())
    save_settings(tmp_path / "settings.json", none_at_all)
    assert load_settings(tmp_path / "settings.json").windows == ()


def test_recent_paths_come_once_and_latest_first() -> None:
    found = Settings(recent=("/a", "/b")).with_recent(("/b", "/c"))
    assert found.recent == ("/b", "/c", "/a")
    many = Settings().with_recent(tuple(f"/{number}" for number in range(40)))
    assert len(many.recent) == RECENT_LIMIT


def test_a_place_that_cannot_be_written_troubles_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    save_settings(tmp_path / "file" / "settings.json", Settings())
