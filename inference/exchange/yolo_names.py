"""The names of classes in a YOLO folder: data.yaml, or one a line in classes.txt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inference.exchange.reading import (
    EntryError,
    as_text,
    placed,
    read_text,
    refusal,
)

NAMES_FILES = ("classes.txt", "obj.names", "train.txt", "val.txt", "test.txt")
"""Texts that lie beside label files without being one."""

_YAML = ("data.yaml", "data.yml", "dataset.yaml")
_BYTES_LIMIT = 256 * 2**10
_NAMES_LIMIT = 65535


def read_names(path: Path) -> tuple[str, ...]:
    """The names by class number; `path` is the folder or the file itself.

    Raises UserError where there are none, or they are no list of names.
    """
    if path.is_dir():
        places = (path / name for name in (*_YAML, "classes.txt"))
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise refusal(path, "it holds neither data.yaml nor classes.txt to name its classes")
        path = found
    text = read_text(path, _BYTES_LIMIT)
    with placed(path, ""):
        if path.suffix.lower() in (".yaml", ".yml"):
            return _from_yaml(text, path)
        return tuple(as_text(line.strip(), "a line") for line in text.splitlines() if line.strip())


def _from_yaml(text: str, path: Path) -> tuple[str, ...]:
    """`names:` as a list, or as a mapping from class number to name."""
    import yaml

    try:
        # Words alone: a class called "no" or "1.10" stays what was written, nothing is constructed.
        document = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise refusal(path, f"at line {line}, it is no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise refusal(path, "it is no YAML") from error
    names: Any = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, dict):
        names = _in_order(names)
    if not isinstance(names, list) or len(names) > _NAMES_LIMIT:
        raise EntryError("names is neither a list nor a mapping from number to name")
    return tuple(as_text(one, "a name") for one in names)


def _in_order(names: dict[Any, Any]) -> list[Any]:
    found: dict[int, Any] = {}
    for key, name in names.items():
        if not (isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 9):
            raise EntryError("a key of names is not a class number")
        found[int(key)] = name
    if sorted(found) != list(range(len(names))):
        raise EntryError("the numbers of names do not run from 0 on")
    return [found[place] for place in range(len(found))]
