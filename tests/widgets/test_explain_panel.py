"""The explanation panel: what is asked for, and how far to believe the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from widgets.choosers import Chooser
from widgets.explain_panel import Belief, Choice, ExplainPanel, MethodRow
from widgets.option_form import OptionForm, OptionRow
from widgets.preset_buttons import PresetRow

STEPS = OptionRow("n_steps", "int", 50, 8, 500)
INTEGRATED = MethodRow("integrated_gradients", "Integrated gradients", "good", options=(STEPS,))
GRAD_CAM = MethodRow("grad_cam", "Grad-CAM", "doubtful", "Coarse here.", has_layer=True)
DEEPLIFT = MethodRow("deeplift", "DeepLIFT", "bad", "Reused activation.", "integrated_gradients")


@pytest.fixture
def panel(qtbot: QtBot) -> ExplainPanel:
    made = ExplainPanel()
    qtbot.addWidget(made)
    made.resize(320, 700)
    made.set_methods((DEEPLIFT, INTEGRATED, GRAD_CAM), "integrated_gradients")
    made.set_targets(("normal", "nodule"), 1)
    made.set_layers(("layer1", "layer2"), "layer2")
    made.set_ready(True)
    return made


def chooser(panel: QWidget, name: str) -> Chooser:
    return next(c for c in panel.findChildren(Chooser) if c.accessibleName() == name)


def overlay_box(panel: ExplainPanel) -> QCheckBox:
    boxes = panel.overlay.findChildren(QCheckBox)
    return next(box for box in boxes if box.text() == "Overlay")


def button(panel: QWidget, name: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.accessibleName() == name)


def words(panel: QWidget) -> list[str]:
    labels = panel.findChildren(QLabel)
    texts = [label.text() for label in labels if label.isVisibleTo(panel)]
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts if text]


def test_explain_sends_all_that_was_chosen(panel: ExplainPanel, qtbot: QtBot) -> None:
    steps = panel.findChildren(QSpinBox)[0]
    steps.selectAll()
    QTest.keyClicks(steps, "100")
    with qtbot.waitSignal(panel.explain_requested, timeout=500) as sent:
        button(panel, "Explain").click()
    assert sent.args == [Choice("integrated_gradients", 1, None, (("n_steps", 100),))]


def test_a_method_of_layers_asks_for_one_and_others_do_not(
    panel: ExplainPanel, qtbot: QtBot
) -> None:
    panel.unfold(True)
    assert not chooser(panel, "Layer").isVisibleTo(panel)
    with qtbot.waitSignal(panel.choice_changed, timeout=500) as sent:
        QTest.keyClick(chooser(panel, "Method"), Qt.Key.Key_Down)
    assert sent.args == [Choice("grad_cam", 1, "layer2", ())]
    assert chooser(panel, "Layer").isVisibleTo(panel)
    assert "Coarse here." in words(panel)


def test_what_else_can_be_asked_is_folded_away(panel: ExplainPanel, qtbot: QtBot) -> None:
    panel.set_baselines((("card", "As the card says"), ("blur", "Blurred")), "card")
    panel.set_truths((("drawn 1", "Rectangle"),), "")
    panel.set_methods((replace(INTEGRATED, has_baseline=True),), "integrated_gradients")
    assert not chooser(panel, "Baseline").isVisibleTo(panel)
    with qtbot.waitSignal(panel.unfolded, timeout=500) as told:
        button(panel, "Options").click()
    assert told.args == [True]
    for name in ("Baseline", "Judge by", "Against"):
        assert chooser(panel, name).isVisibleTo(panel)
        QTest.keyClick(chooser(panel, name), Qt.Key.Key_Down)
    choice = panel.choice()
    assert choice is not None
    assert (choice.against, choice.baseline, choice.truth) == (0, "blur", "drawn 1")


def test_a_target_is_not_set_against_itself(panel: ExplainPanel) -> None:
    panel.set_targets(("normal", "nodule"), 1, 1)
    choice = panel.choice()
    assert choice is not None
    assert choice.against is None


def test_a_method_that_was_taken_elsewhere_offers_another(
    panel: ExplainPanel, qtbot: QtBot
) -> None:
    panel.set_methods((DEEPLIFT, INTEGRATED), "deeplift")
    with qtbot.waitSignal(panel.choice_changed, timeout=500) as sent:
        button(panel, "Take Integrated gradients instead").click()
    assert sent.args[0].method == "integrated_gradients"


def test_a_preset_says_what_it_takes_and_waits_until_it_can(
    panel: ExplainPanel, qtbot: QtBot
) -> None:
    row = PresetRow("quick", "Quick look", "Coarse.", "Grad-CAM · about 2 s, 1 pass")
    panel.set_presets((row,))
    assert "Grad-CAM · about 2 s, 1 pass" in words(panel)
    with qtbot.waitSignal(panel.preset_requested, timeout=500) as sent:
        button(panel, "Quick look").click()
    assert sent.args == ["quick"]
    panel.set_ready(False, "Open a scan first.")
    assert not button(panel, "Quick look").isEnabled()


def test_enough_is_offered_while_it_means_something(panel: ExplainPanel, qtbot: QtBot) -> None:
    enough = button(panel, "Enough")
    assert not enough.isVisibleTo(panel)
    panel.set_working("RISE", 0.5)
    assert not enough.isVisibleTo(panel)
    panel.set_working("RISE", 0.5, can_stop=True)
    with qtbot.waitSignal(panel.enough_requested, timeout=500):
        enough.click()


def test_a_method_that_does_not_suit_cannot_be_taken_and_says_why(panel: ExplainPanel) -> None:
    methods = chooser(panel, "Method")
    model = methods.model()
    assert not model.flags(model.index(0, 0)) & model.flags(model.index(1, 0)).ItemIsEnabled
    tip = methods.itemData(0, 3)
    assert tip == "Reused activation. Take Integrated gradients instead."
    for _ in range(3):
        QTest.keyClick(methods, Qt.Key.Key_Up)
        assert methods.chosen_key() == "integrated_gradients"


def test_the_same_methods_once_more_keep_what_was_typed(panel: ExplainPanel) -> None:
    steps = panel.findChildren(QSpinBox)[0]
    steps.selectAll()
    QTest.keyClicks(steps, "12")
    panel.set_methods((DEEPLIFT, INTEGRATED, GRAD_CAM), "integrated_gradients")
    QTest.keyClicks(steps, "0")
    QTest.keyClick(steps, Qt.Key.Key_Return)
    choice = panel.choice()
    assert choice is not None
    assert choice.options == (("n_steps", 120),)


def test_a_target_is_chosen_by_key(panel: ExplainPanel) -> None:
    asked: list[int] = []
    panel.choice_changed.connect(lambda choice: asked.append(choice.target))
    QTest.keyClick(chooser(panel, "Target"), Qt.Key.Key_Up)
    assert asked == [0]


def test_the_options_shown_are_those_that_were_asked_for(panel: ExplainPanel, qtbot: QtBot) -> None:
    """Each viewport has its own question; what was typed for another is not left standing."""
    steps = panel.findChildren(QSpinBox)[0]
    steps.setValue(100)
    methods = (DEEPLIFT, INTEGRATED, GRAD_CAM)
    with qtbot.assertNotEmitted(panel.choice_changed):
        panel.set_methods(methods, "integrated_gradients", ())
        assert steps.value() == 50
        panel.set_methods(methods, "integrated_gradients", (("n_steps", 100),))
    assert panel.choice() == Choice("integrated_gradients", 1, None, (("n_steps", 100),))


def test_keys_are_named_as_they_are_now(panel: ExplainPanel) -> None:
    panel.set_keys({"explain": "Ctrl+E", "overlay": "J", "threshold_up": "+"})
    assert button(panel, "Explain").toolTip() == "Show why the model answers so  (Ctrl+E)"
    assert "J; hold Space" in overlay_box(panel).toolTip()
    panel.set_keys({})
    assert button(panel, "Explain").toolTip() == "Show why the model answers so"


def test_setters_send_nothing(panel: ExplainPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.choice_changed):
        panel.set_methods((GRAD_CAM,), "grad_cam")
        panel.set_targets(("a", "b"), 0)
        panel.set_layers(("x",), "x")


@pytest.mark.parametrize("missing", ["ready", "target", "method"])
def test_explain_needs_everything(panel: ExplainPanel, missing: str) -> None:
    assert button(panel, "Explain").isEnabled()
    take_away = {
        "ready": lambda: panel.set_ready(False, "Predict first."),
        "target": lambda: panel.set_targets((), 0),
        "method": lambda: panel.set_methods((), None),
    }
    take_away[missing]()
    assert not button(panel, "Explain").isEnabled()


def test_the_overlay_is_driven_by_toggle_and_sliders(panel: ExplainPanel, qtbot: QtBot) -> None:
    panel.set_map_title("Saliency for nodule")
    threshold, opacity = panel.findChildren(QSlider)
    with qtbot.waitSignal(panel.overlay.threshold_changed, timeout=500) as cut:
        threshold.setValue(25)
    with qtbot.waitSignal(panel.overlay.opacity_changed, timeout=500) as cover:
        opacity.setValue(50)
    with qtbot.waitSignal(panel.overlay.overlay_toggled, timeout=500) as shown:
        overlay_box(panel).click()
    assert (cut.args, cover.args, shown.args) == ([0.25], [0.5], [False])


def test_without_a_map_there_is_nothing_to_drive(panel: ExplainPanel) -> None:
    assert "No map yet" in words(panel)
    assert not any(slider.isEnabled() for slider in panel.findChildren(QSlider))


def test_while_working_the_old_map_is_called_old(panel: ExplainPanel) -> None:
    panel.set_map_title("Saliency for nodule")
    panel.set_working("Grad-CAM is being computed", 0.3)
    assert "Old map: Saliency for nodule" in words(panel)
    panel.set_working(None)
    assert "Saliency for nodule" in words(panel)


def test_beliefs_cost_and_failure_are_said(panel: ExplainPanel, qtbot: QtBot) -> None:
    panel.set_cost("about 40 s, 1,024 passes")
    panel.set_beliefs((Belief("good", "Complete to 0.4 %"), Belief("bad", "Not repeatable")))
    panel.set_failure("The numbers are no answer.", "Try another method.")
    said = words(panel)
    assert "about 40 s, 1,024 passes" in said
    assert "Complete to 0.4 %" in said
    assert "The numbers are no answer. Try another method." in said
    with qtbot.waitSignal(panel.retry_requested, timeout=500):
        button(panel, "Retry").click()


def test_a_form_gives_values_of_the_declared_kinds(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    form = OptionForm(window)
    form.set_options(
        (
            STEPS,
            OptionRow("share", "float", 0.15, 0.0, 1.0),
            OptionRow("absolute", "bool", True),
            OptionRow("mode", "choice", "mean", choices=("mean", "max")),
        )
    )
    assert form.values() == (
        ("n_steps", 50),
        ("share", 0.15),
        ("absolute", True),
        ("mode", "mean"),
    )
    form.findChildren(QSpinBox)[0].setValue(10_000)
    with qtbot.waitSignal(form.changed, timeout=500):
        QTest.keyClick(chooser(form, "Mode"), Qt.Key.Key_Down)
    assert form.values()[0] == ("n_steps", 500)
    assert form.values()[3] == ("mode", "max")
    form.set_options(())
    assert form.values() == ()


def test_scrolling_the_panel_changes_no_number(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    form = OptionForm(window)
    form.set_options((STEPS, OptionRow("share", "float", 0.15, 0.0, 1.0)))
    before = form.values()
    none = Qt.MouseButton.NoButton
    for box in (*form.findChildren(QSpinBox), *form.findChildren(QDoubleSpinBox)):
        turned = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, 0),
            QPoint(0, 120),
            none,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, turned)
        assert not turned.isAccepted()
    assert form.values() == before


def test_a_small_default_is_not_rounded_away(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    form = OptionForm(window)
    form.set_options((OptionRow("noise", "float", 0.00002, 0.0, 1.0),))
    assert form.values() == (("noise", 0.00002),)


def test_methods_that_are_still_tried_are_not_called_missing(panel: ExplainPanel) -> None:
    panel.set_trying(True)
    panel.set_methods((), None)
    assert chooser(panel, "Method").placeholderText() == "Being tried …"
    panel.set_trying(False)
    assert chooser(panel, "Method").placeholderText() == "No method"
