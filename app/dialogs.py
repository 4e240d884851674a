"""The few dialogs: one's own model, keys, windows on keys, memory, what this program is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from app import __version__
from app.actions import models
from app.jobs import Jobs
from app.key_editing import KeyEditing, rows
from app.key_map import KeyChanges
from app.keys import Command
from app.machine import default_budget_bytes, memory_bytes
from app.presets import DEFAULTS, UNITS, Preset
from app.session import Session
from inference.requests import AddModelRequest
from widgets.about import AboutDialog
from widgets.buttons import TextButton
from widgets.memory_dialog import MemoryDialog
from widgets.preset_editor import PresetEditor
from widgets.preset_list import PresetRow
from widgets.shortcuts_page import ShortcutsPage
from widgets.spin_boxes import WholeSpin

ARCHITECTURES = (
    "resnet18",
    "resnet34",
    "resnet50",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "convnext_tiny",
    "vgg16",
    "vit_b_16",
)
"""Offered first; any other torchvision classification name may be typed."""


def show_shortcuts(
    parent: QWidget,
    commands: tuple[Command, ...],
    changes: KeyChanges,
    apply: Callable[[KeyChanges], None],
) -> None:
    """All keys and the mouse; `commands` have the table's own keys, `apply` hears each change."""
    page = ShortcutsPage(rows(commands, changes), parent)
    KeyEditing(page, commands, changes, apply)
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    page.open()


def edit_presets(
    parent: QWidget,
    presets: tuple[Preset, ...],
    modality: str,
    apply: Callable[[tuple[Preset, ...]], None],
) -> None:
    """The windows on keys, those of `modality` first; `apply` hears all of them if they change."""
    editor = PresetEditor(_rows_of(presets), _rows_of(DEFAULTS), UNITS, parent)
    editor.set_modality(modality)
    editor.applied.connect(
        lambda found: apply(
            tuple(Preset(row.modality, row.center, row.width, row.title) for row in found)
        )
    )
    editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    editor.open()


def edit_memory(parent: QWidget, memory_mib: int, apply: Callable[[int], None]) -> None:
    """How much memory open scans may take; `apply` hears it in MiB, 0 for the machine's share."""
    machine, share = memory_bytes() >> 20, default_budget_bytes() >> 20
    dialog = MemoryDialog(memory_mib, share, machine, parent)
    dialog.applied.connect(apply)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def _rows_of(presets: tuple[Preset, ...]) -> tuple[PresetRow, ...]:
    return tuple(PresetRow(one.modality, one.center, one.width, one.title) for one in presets)


def show_about(parent: QWidget) -> None:
    """Version, purpose, licence and the versions underneath."""
    from importlib.metadata import PackageNotFoundError, version

    lines = ["Apache License 2.0"]
    for name in ("PySide6-Essentials", "torch", "captum", "pydicom"):
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:  # a frozen program may ship without metadata
            continue
    AboutDialog(__version__, tuple(lines), parent).open()


def ask_for_model(parent: QWidget, session: Session, jobs: Jobs) -> None:
    """Ask what one's own weights are, then add them to the models."""
    dialog = AddModelDialog(parent)

    def add() -> None:
        models.add_model(session, jobs, dialog.request())

    dialog.accepted.connect(add)
    dialog.open()


class AddModelDialog(QDialog):
    """Asks for a weights file of a torchvision classification network and what it means."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add your own model")
        self.setMinimumWidth(520)
        self._file = QLineEdit()
        self._file.setPlaceholderText("weights.safetensors or weights.pth")
        choose = TextButton("Choose")
        choose.clicked.connect(self._choose)
        place = QHBoxLayout()
        place.addWidget(self._file, 1)
        place.addWidget(choose)
        self._architecture = QComboBox()
        self._architecture.setEditable(True)
        self._architecture.addItems(ARCHITECTURES)
        self._labels = QLineEdit()
        self._labels.setPlaceholderText("normal, pneumonia")
        self._rows, self._columns = WholeSpin(), WholeSpin()
        for box in (self._rows, self._columns):
            box.setRange(16, 2048)
            box.setValue(224)
        size = QHBoxLayout()
        size.addWidget(self._rows)
        size.addWidget(QLabel("rows ×"))
        size.addWidget(self._columns)
        size.addWidget(QLabel("columns"))
        size.addStretch(1)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        add = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        add.setText("Add model")
        add.setProperty("kind", "primary")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setSpacing(12)
        form.setContentsMargins(16, 16, 16, 16)
        what = QLabel(
            "Weights for a torchvision classification network. The file is read as numbers only; "
            "nothing in it is run."
        )
        what.setWordWrap(True)
        form.addRow(what)
        form.addRow("Weights", place)
        form.addRow("Architecture", self._architecture)
        form.addRow("Labels, in order", self._labels)
        form.addRow("Input size", size)
        form.addRow(self._buttons)
        for widget in (self._file, self._labels):
            widget.textChanged.connect(self._check)
        self._check()

    def fill_in(self, file: str, architecture: str, labels: str) -> None:
        """Put words into the fields, as a person would."""
        self._file.setText(file)
        self._architecture.setCurrentText(architecture)
        self._labels.setText(labels)

    def request(self) -> AddModelRequest:
        """What was asked for, as the engine needs it."""
        labels = tuple(word.strip() for word in self._labels.text().split(",") if word.strip())
        return AddModelRequest(
            self._file.text().strip(),
            self._architecture.currentText().strip(),
            labels,
            (self._rows.value(), self._columns.value()),
        )

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose weights", "", "Weights (*.safetensors *.pth *.pt)"
        )
        if path:
            self._file.setText(path)

    def _check(self) -> None:
        request = self.request()
        complete = bool(request.labels) and Path(request.file).is_file()
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(complete)
