"""What this program is, what it is not, and what it is made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton
from widgets.labels import Notice, rule, text_label
from widgets.start_page import CAUTION, PURPOSE

LIMITS = (
    "Its models are examples. Nothing that it shows is a finding, and no map proves what a "
    "model has learned; do not use it for a decision about a patient."
)


class AboutDialog(QDialog):
    """`lines` name the parts with their versions and licences, one a line."""

    def __init__(
        self, version: str, lines: tuple[str, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Lepton")
        self.setMinimumWidth(440)
        close = PrimaryButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(10)
        column.addWidget(text_label("Lepton", "title"))
        column.addWidget(text_label(f"Version {version}", "quiet"))
        column.addWidget(text_label(PURPOSE, wrap=True))
        column.addWidget(Notice("doubtful", CAUTION, LIMITS))
        if lines:
            column.addWidget(rule())
            made_of = text_label("\n".join(lines), "caption", wrap=True)
            made_of.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(made_of)
        column.addStretch(1)
        column.addSpacing(8)
        column.addLayout(foot)
        self.resize(self.minimumWidth(), column.totalHeightForWidth(self.minimumWidth()))
