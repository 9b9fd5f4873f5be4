"""History, SGD, Bias: every figure is in the snapshot, or follows from it by the formula that is shown."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.adam_history import AdamHistory, Column
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.sgd import Match
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.update_spans import ALL, between, last
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.theme import apply_theme
from microgpt_studio.widgets import short

PARAMETER = 40


def rows_of(session, span):
    """What was replayed."""
    inquiry = AdamHistory(PARAMETER, span)
    session.snapshot(1, Wanted(inquiries=frozenset([inquiry])))
    session.trace_on(lambda: False)
    return session.snapshot(1, Wanted(inquiries=frozenset([inquiry]))).answer(inquiry)


def type_into(chooser, text, qtbot):
    """As a person does, and Enter."""
    chooser.combo.setEditText(text)
    qtbot.keyClick(chooser.combo.lineEdit(), Qt.Key.Key_Return)


def curves(page):
    """All curves by title and name."""
    return {f"{strip.title} {c.name}".strip(): c for strip in page.view.strips.strips for c in strip.curves}


# History


def test_the_history_shows_what_was_replayed(panel, session, replay):
    session.run(12)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    rows, shown = rows_of(session, last(100)), curves(panel.history)
    for name, column in (
        ("g", Column.GRAD),
        ("m̂", Column.M_HAT),
        ("√v̂", Column.ROOT_V_HAT),
        ("lr/(√v̂ + ε)", Column.STEP_SIZE),
        ("Δ", Column.CHANGE),
    ):
        assert shown[name].values.tolist() == rows[column].tolist()
        assert shown[name].first == 1
    assert shown["w"].values.tolist() == [rows.before, *rows[Column.WEIGHT].tolist()]
    assert shown["w"].first == 0
    panel.history.symlog.click()
    assert panel.history.view.symlog
    assert len(panel.history.view.strips.strips) == 5
    assert panel.history.sentence.text == "Updates 1 to 12."
    assert panel.history.view.now == 12
    panel.grab()


def test_while_it_is_replayed_it_says_how_far(panel, session, show):
    session.run(12)
    panel.turn_to(Tab.HISTORY)
    show(panel, session, PARAMETER)
    assert panel.history.sentence.text == "Replayed 0 of 12 updates."
    for _ in range(5):
        session.trace_on(lambda: True)
        show(panel, session, PARAMETER, new=False)
    assert panel.history.sentence.text == "Replayed 5 of 12 updates."
    assert panel.history.view.strips.known == 5
    assert panel.history.view.strips.stop == 12
    panel.grab()


def test_before_the_first_update_it_says_so(panel, session, replay):
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    assert panel.history.sentence.text == "No update is done yet."
    panel.grab()


def test_of_updates_that_lie_ahead_it_says_that_none_is_done(panel, session, replay, qtbot):
    session.run(3)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    type_into(panel.history.chooser, "9-11", qtbot)
    replay(panel, session, PARAMETER)
    assert panel.history.sentence.text == "None of these updates is done yet."


def test_a_span_is_chosen_or_typed_and_asked_for(panel, session, replay, qtbot):
    session.run(15)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    chooser = panel.history.chooser
    with qtbot.waitSignal(panel.wishes_changed):
        chooser.combo.activated.emit(chooser.combo.findText("all"))
    assert list(panel.inquiries()) == [AdamHistory(PARAMETER, ALL)]
    assert chooser.combo.currentText() == "all"
    for text in ("3-9", "3 – 9", " 3..9 ", "3 to 9"):
        chooser.choose(ALL)
        type_into(chooser, text, qtbot)
        assert list(panel.inquiries()) == [AdamHistory(PARAMETER, between(3, 9))]
        assert chooser.combo.currentText() == "3–9"
    type_into(chooser, "Last 100", qtbot)
    assert list(panel.inquiries()) == [AdamHistory(PARAMETER, last(100))]
    type_into(chooser, "3-9", qtbot)
    replay(panel, session, PARAMETER, new=False)
    assert panel.history.sentence.text == "Updates 3 to 9."
    assert curves(panel.history)["Δ"].values.tolist() == rows_of(session, ALL)[Column.CHANGE][2:9].tolist()


@pytest.mark.parametrize("text", ["nonsense", "9-3", "0-4", "7", "-1-4", "nan-3", "1.5-2"])
def test_a_range_that_is_none_is_refused_in_place(panel, session, replay, qtbot, text):
    session.run(5)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    chooser = panel.history.chooser
    type_into(chooser, text, qtbot)
    assert panel.history.sentence.is_error
    assert list(panel.inquiries()) == [AdamHistory(PARAMETER, last(100))]
    qtbot.keyClick(chooser.combo.lineEdit(), Qt.Key.Key_Escape)
    assert not panel.history.sentence.is_error
    assert chooser.combo.currentText() == "last 100"
    type_into(chooser, text, qtbot)
    chooser.combo.activated.emit(0)
    assert not panel.history.sentence.is_error


def test_a_click_goes_to_an_update(panel, session, replay, qtbot):
    session.run(12)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    view, given = panel.history.view, []
    panel.commanded.connect(given.append)
    view.point(7)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert given == [GoTo(7)]
    session.go_to(7)
    replay(panel, session, PARAMETER, new=False)
    assert list(panel.inquiries()) == [AdamHistory(PARAMETER, between(1, 12))]  # it stays where it was
    assert panel.history.sentence.text == "Updates 1 to 12."
    assert view.now == 7


def test_a_span_that_does_not_move_is_not_held(panel, session, replay, qtbot):
    session.run(12)
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, PARAMETER)
    panel.descent.chooser.choose(ALL)
    replay(panel, session, PARAMETER, new=False)
    panel.descent.view.point(7)
    qtbot.keyClick(panel.descent.view, Qt.Key.Key_Return)
    assert list(panel.inquiries()) == [AdamHistory(PARAMETER, ALL)]


def test_half_way_through_an_update_the_past_is_there(panel, session, replay):
    session.run(12)
    whole = rows_of(session, ALL)
    panel.turn_to(Tab.HISTORY)
    session.go_to_place(Place(6, session.execution.length // 2))
    replay(panel, session, PARAMETER)
    assert curves(panel.history)["g"].values.tolist() == whole[Column.GRAD][:6].tolist()
    assert panel.history.view.now == 6


def test_another_parameter_is_another_history(panel, session, replay, show):
    session.run(6)
    panel.turn_to(Tab.HISTORY)
    replay(panel, session, PARAMETER)
    panel.show_selection(PARAMETER + 1)
    assert panel.history.view.strips.strips == ()
    replay(panel, session, PARAMETER + 1, new=False)
    assert curves(panel.history)["w"].values[-1] == session.runner.machine.parameters[PARAMETER + 1]


# SGD


def plain_descent(rows, total, rate, momentum):
    """In plain Python: what is subtracted, and the weight after it."""
    w, v, changes, weights = rows.before, 0.0, [], []
    for step, g in enumerate(rows[Column.GRAD].tolist(), start=rows.first):
        v = momentum * v + g if momentum else g
        change = rate * (1 - step / total) * v
        w -= change
        changes.append(change)
        weights.append(w)
    return changes, weights


def test_sgd_goes_down_the_gradients_of_the_actual_run(panel, session, replay):
    session.run(15)
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, PARAMETER)
    rows, shown, comparison = rows_of(session, last(100)), curves(panel.descent), panel.descent.comparison
    assert shown["w Adam"].values.tolist() == [rows.before, *rows[Column.WEIGHT].tolist()]
    assert shown["Δ Adam"].values.tolist() == rows[Column.CHANGE].tolist()
    for name, found, momentum in (("SGD", comparison.plain, 0.0), ("momentum", comparison.momentum, 0.9)):
        changes, weights = plain_descent(rows, 20, found.learning_rate, momentum)
        assert shown[f"Δ {name}"].values.tolist() == changes
        assert shown[f"w {name}"].values.tolist() == [rows.before, *weights]
        assert sum(map(abs, changes)) == pytest.approx(np.abs(rows[Column.CHANGE]).sum())
        assert f"lr = {short(found.learning_rate)}" in panel.descent.sentence.text
    assert "with the gradients g of the actual run" in panel.descent.sentence.text
    panel.grab()


def test_the_learning_rate_is_matched_taken_or_typed(panel, session, replay, qtbot):
    session.run(15)
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, PARAMETER)
    page = panel.descent
    page.match_combo.setCurrentIndex(1)
    page.match_combo.activated.emit(1)
    first = curves(page)
    assert abs(first["Δ SGD"].values[0]) == pytest.approx(abs(first["Δ Adam"].values[0]))
    page.match_combo.setCurrentIndex(2)
    page.match_combo.activated.emit(2)
    assert page.comparison.plain.learning_rate == session.settings.adam.learning_rate
    page.match_combo.setCurrentIndex(3)
    page.match_combo.activated.emit(3)
    assert page.rate_field.isVisible()
    page.rate_field.setText("0.25")
    qtbot.keyClick(page.rate_field, Qt.Key.Key_Return)
    page.momentum_field.setText("0.5")
    qtbot.keyClick(page.momentum_field, Qt.Key.Key_Return)
    rows = rows_of(session, last(100))
    assert curves(page)["w momentum"].values[1:].tolist() == plain_descent(rows, 20, 0.25, 0.5)[1]
    assert curves(page)["w SGD"].values[1:].tolist() == plain_descent(rows, 20, 0.25, 0.0)[1]


@pytest.mark.parametrize("text", ["1", "-0.1", "nan", "inf", "much", ""])
def test_a_momentum_that_is_none_is_refused(panel, session, replay, qtbot, text):
    session.run(5)
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, PARAMETER)
    before = curves(panel.descent)["w momentum"].values.tolist()
    panel.descent.momentum_field.setText(text)
    qtbot.keyClick(panel.descent.momentum_field, Qt.Key.Key_Return)
    assert panel.descent.sentence.text.startswith(f"⚠ μ is “{text}”")
    assert curves(panel.descent)["w momentum"].values.tolist() == before


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "fast", ""])
def test_a_learning_rate_that_is_none_is_refused(panel, session, replay, qtbot, text):
    session.run(5)
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, PARAMETER)
    page = panel.descent
    page.match_combo.setCurrentIndex(3)
    page.match_combo.activated.emit(3)
    page.rate_field.setText(text)
    qtbot.keyClick(page.rate_field, Qt.Key.Key_Return)
    assert page.sentence.text.startswith(f"⚠ lr is “{text}”")
    page.match_combo.setCurrentIndex(int(Match.PATH))
    page.match_combo.activated.emit(int(Match.PATH))
    assert not page.sentence.is_error


def test_without_a_gradient_there_is_nothing_to_match(panel, session, replay):
    session.run(1)
    unused = next(
        row for row in range(15) if not session.runner.machine.grad[row * 8 : row * 8 + 8].any()
    )  # the embedding of a character that the document does not have
    panel.turn_to(Tab.DESCENT)
    replay(panel, session, unused * 8)
    assert "No learning rate can be found" in panel.descent.sentence.text
    panel.grab()


# Bias


def test_the_bias_page_shows_moments_and_factors(panel, session, replay):
    session.run(15)
    panel.turn_to(Tab.BIAS)
    replay(panel, session, PARAMETER)
    rows, shown, adam = rows_of(session, ALL), curves(panel.bias), session.settings.adam
    for name, column in (("m", Column.M), ("m̂", Column.M_HAT), ("√v", Column.ROOT_V), ("√v̂", Column.ROOT_V_HAT)):
        assert shown[name].values.tolist() == rows[column].tolist()
    assert shown["1/(1 − β₁ᵗ)"].values.tolist() == [1 / (1 - adam.beta1**t) for t in range(1, 16)]
    assert shown["1/(1 − β₂ᵗ)"].values.tolist() == [1 / (1 - adam.beta2**t) for t in range(1, 16)]
    assert f"Update t = 15 divides m by 1 − β₁ᵗ = {short(1 - adam.beta1**15)}" in panel.bias.sentence.text
    panel.grab()


def test_so_many_of_the_first_updates_as_are_chosen(panel, session, replay):
    session.run(18)
    panel.turn_to(Tab.BIAS)
    replay(panel, session, PARAMETER)
    panel.bias.count_combo.setCurrentIndex(0)
    panel.bias.count_combo.activated.emit(0)
    session.go_to(5)
    replay(panel, session, PARAMETER, new=False)
    assert panel.bias.view.strips.stop == 18
    assert panel.bias.view.now == 5
    assert "Update t = 5 divides" in panel.bias.sentence.text


# All


@pytest.mark.parametrize("tab", list(Tab))
@pytest.mark.parametrize(("theme", "scale", "width"), [("dark", 1.0, 356), ("light", 1.5, 356), ("dark", 1.0, 900)])
def test_every_page_in_every_size(panel, session, replay, qapp, tab, theme, scale, width):
    apply_theme(qapp, theme, scale)
    panel.resize(width, 334)
    session.run(4)
    panel.turn_to(tab)
    replay(panel, session, PARAMETER)
    assert panel.page is panel.pages[tab]
    assert panel.page.isVisible()
    assert panel.head.button(tab).isChecked()
    seen = [page for page in panel.pages if page.corner is not None and page.corner.isVisible()]
    assert seen == ([] if panel.page.corner is None else [panel.page])
    assert not panel.grab().isNull()


def test_only_the_page_in_front_asks(panel, session, replay):
    session.run(3)
    replay(panel, session, PARAMETER)
    asked = {}
    for tab in Tab:
        panel.turn_to(tab)
        asked[tab] = {type(inquiry).__name__ for inquiry in panel.inquiries()}
    assert asked == {
        Tab.LEDGER: set(),
        Tab.HISTORY: {"AdamHistory"},
        Tab.DESCENT: {"AdamHistory"},
        Tab.BIAS: {"AdamHistory"},
        Tab.MATRIX: set(),
        Tab.MOVERS: {"Movers"},
    }
    panel.show_selection(session.description.program.loss)
    assert {type(inquiry).__name__ for inquiry in panel.inquiries()} == {"Movers"}


def test_tabs_stay_where_they_are(panel, session, replay, qtbot):
    session.run(3)
    replay(panel, session, PARAMETER)
    for width in (250, 300, 356, 500, 900):
        panel.resize(width, 400)
        places = set()
        for tab in Tab:
            panel.turn_to(tab)
            qtbot.wait(1)
            places.add(panel.head.button(Tab.LEDGER).mapTo(panel, QPoint(0, 0)).toTuple())
        assert len(places) == 1, width


def test_a_session_that_goes_on_says_that_its_first_updates_are_later(panel, session, replay):
    session.run(4)
    session.restore(session.state())
    session.run(3)
    panel.turn_to(Tab.BIAS)
    replay(panel, session, PARAMETER)
    assert panel.bias.sentence.text.startswith("Updates 5 to 7. This session begins after update 4:")
    assert curves(panel.bias)["1/(1 − β₂ᵗ)"].values.tolist() == [1 / (1 - 0.99**t) for t in (5, 6, 7)]
