"""What keeps the house in order beyond linters: sizes, names, imports, what files may not hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "widgets", "inference", "explain", "resources")
LAUNCHER = (ROOT / "lepton", *sorted((ROOT / "packaging" / "launcher").glob("*.py")))
LOCKS = ("requirements.lock", "requirements-dev.lock", "packaging/uv.lock.txt")
TEXTS = {".py", ".md", ".toml", ".yaml", ".lock", ".txt", ".svg", ""}

LONGEST_FILE = 400
DRAWER = re.compile(r"^(.*_)?(utils?|misc|helpers?|managers?|common|stuff)(_.*)?$")
HOME = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[a-z]")

HEAVY = {
    *("torch", "torchvision", "captum", "triton", "cuda", "pydicom", "pypdfium2", "SimpleITK"),
    *("sklearn", "scipy", "matplotlib", "pyqtgraph", "gdcm", "openjpeg", "jpeg_ls"),
}
"""What the window's process never imports, or not before its first paint."""


def python_files() -> Iterator[Path]:
    yield from LAUNCHER
    for folder in (*PACKAGES, "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    """What is or would be in the repository."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in TEXTS and path.is_file() and path != Path(__file__):
            yield path


def modules_after(code: str, *, without: tuple[str, ...] = ()) -> set[str]:
    """The top-level modules in memory after some code, in a Python of its own.

    `without` names packages that cannot be imported there, as if they were not installed.
    """
    block = (
        "import sys, json\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {without!r}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        f"{code}\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "path", tuple(python_files()), ids=lambda path: str(path.relative_to(ROOT))
)
def test_file_is_short_and_says_its_purpose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    assert not DRAWER.match(path.stem)
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "one sentence of purpose at the top"


def test_drawers_are_known() -> None:
    assert all(DRAWER.match(name) for name in ("utils", "dicom_util", "helpers", "misc_things"))
    assert not any(DRAWER.match(name) for name in ("utility", "frame", "miscarriage", "manage"))


def test_locks_hold_hashes_and_no_address() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, name
        assert "index-url" not in text, name
        pins = re.findall(r"^[A-Za-z0-9._-]+==[^\\]*\\$", text, flags=re.MULTILINE)
        starts = re.findall(r"^[A-Za-z0-9._-]+", text, flags=re.MULTILINE)
        assert len(pins) == len(starts) > 0, name


def test_developer_lock_holds_the_runtime_lock() -> None:
    """An environment with the developer's packages is one with the program's."""
    runtime, developer = (
        set(re.findall(r"^[A-Za-z0-9._-]+==\S+", (ROOT / name).read_text(), flags=re.MULTILINE))
        for name in LOCKS[:2]
    )
    assert runtime < developer


def test_distributions_that_stand_for_others() -> None:
    """The whole PySide6 is 440 MB larger; opencv-python brings a Qt of its own."""
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / LOCKS[0]).read_text(), re.MULTILINE))
    assert {"pyside6-essentials", "opencv-python-headless"} <= names
    assert not {"pyside6", "pyside6-addons", "opencv-python", "pylibjpeg-libjpeg"} & names


def test_no_file_names_somebodys_folder() -> None:
    """Neither this machine's folders anywhere, nor, outside tests, anybody's."""
    here = (f"{ROOT}/", f"{Path.home()}/")
    found = []
    for path in text_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(ROOT)
        found += [f"{name}: {place}" for place in here if place in text]
        if name.parts[0] != "tests":
            found += [f"{name}: {match[0]}" for match in HOME.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_of_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_places_that_documents_name_are_there() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    named = set(re.findall(rf"\b(?:{'|'.join(PACKAGES)})/[a-z_/0-9]+\.py\b", text))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", LAUNCHER, ids=lambda path: path.name)
def test_launcher_is_standard_library_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= sys.stdlib_module_names | {"launcher"}


def test_window_imports_nothing_heavy() -> None:
    found = modules_after("import app.main_window")
    assert "PySide6" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize(
    "module", ["inference.sources.registry", "inference.display", "inference.cards", "app.worker"]
)
def test_opening_files_needs_neither_torch_nor_qt(module: str) -> None:
    found = modules_after(f"import {module}")
    assert found & {"torch", "torchvision", "captum", "PySide6", "shiboken6"} == set()


def test_command_line_needs_no_qt() -> None:
    code = (
        "import importlib, app.cli\n"
        "for name in app.cli.COMMANDS: importlib.import_module(f'app.commands.{name}')"
    )
    found = modules_after(code, without=("PySide6", "shiboken6", "pyqtgraph"))
    assert "PySide6" not in found
    assert "torch" not in found


@pytest.mark.parametrize("package", ["inference", "explain"])
def test_headless_packages_import_without_qt(package: str) -> None:
    """Every module of them, where PySide6 is not installed."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "__init__.py"
    ]
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    modules_after(code, without=("PySide6", "shiboken6", "pyqtgraph"))


def test_headless_tests_run_without_qt() -> None:
    """The suite's own plugins and one of its headless tests, where PySide6 is not installed."""
    code = (
        "import pytest\n"
        "words = ['-p', 'no:pytest-qt', '-p', 'no:cacheprovider',\n"
        "         '-W', 'ignore::pytest.PytestConfigWarning', 'tests/inference/test_task.py']\n"
        "assert pytest.main(words) == 0"
    )
    assert "PySide6" not in modules_after(code, without=("PySide6", "shiboken6"))
