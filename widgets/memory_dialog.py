"""How much memory open scans may take."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton, TextButton
from widgets.labels import text_label
from widgets.spin_boxes import WholeSpin

STEP_MIB = 256
PURPOSE = (
    "A series that fits in here is kept whole: it scrolls and plays without waiting, and planes "
    "can be cut through it. When it is full, what was looked at longest ago makes room and is "
    "read again when it is next seen."
)


class MemoryDialog(QDialog):
    """Nothing changes until `applied` sends a number of MiB, 0 for `automatic_mib`."""

    applied = Signal(int)

    def __init__(
        self,
        memory_mib: int,
        automatic_mib: int,
        machine_mib: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Memory for open scans")
        self.setMinimumWidth(440)
        self._memory = WholeSpin()
        self._memory.setAccessibleName("Memory for open scans, in MiB")
        self._memory.setRange(0, max(machine_mib, memory_mib))
        self._memory.setSingleStep(STEP_MIB)
        self._memory.setGroupSeparatorShown(True)
        self._memory.setSuffix(" MiB")
        self._memory.setSpecialValueText(f"Automatic ({automatic_mib:,} MiB)")
        self._memory.setValue(memory_mib)
        take, close = PrimaryButton("Apply"), TextButton("Cancel")
        take.setDefault(True)
        close.setAutoDefault(False)
        take.clicked.connect(self._apply)
        close.clicked.connect(self.reject)
        form = QFormLayout()
        form.addRow("Memory", self._memory)
        machine = f"This machine has {machine_mib:,} MiB; models and other programs need theirs."
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(text_label(PURPOSE, wrap=True))
        column.addLayout(form)
        column.addWidget(text_label(machine, "caption", wrap=True))
        column.addStretch(1)
        column.addLayout(foot)
        self.resize(self.minimumWidth(), column.totalHeightForWidth(self.minimumWidth()))

    def _apply(self) -> None:
        self._memory.interpretText()  # a click on Apply leaves the focus, and what is typed, there
        self.applied.emit(self._memory.value())
        self.accept()
