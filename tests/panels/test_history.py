"""The History panel against histories of real sessions, replayed."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt_studio.bridge.commands import Ask, GoTo, Pause
from microgpt_studio.debugger.events import Answered, Crashed, Refused, Searching
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question, Was
from microgpt_studio.debugger.retrospect import Retrospect
from microgpt_studio.debugger.snapshot import History, Pace, Wanted, WantedHistory
from microgpt_studio.panels.history import HistoryPanel
from microgpt_studio.panels.history_questions import RefusedQuestion, read_question
from microgpt_studio.theme import apply_theme

RUNNING = Pace(running=True, updates_per_second=100.0)
EXAMPLE = 'abs(grad("wte[0,0]")) > 0.1'


@pytest.fixture
def commands():
    """What the panel asked the worker for."""
    return []


@pytest.fixture
def panel(qtbot, commands, session):
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    panel.commanded.connect(commands.append)
    panel.resize(1080, 160)
    panel.show()
    panel.show_session(session.description)
    return panel


@pytest.fixture
def select(panel, session):
    """Let a scalar be the selected one of the window."""

    def select(address):
        scalar = session.description.addresses.parse(address)
        panel.show_selection(scalar)
        return scalar

    return select


def replayed(session, wish, stop=None, total=None):
    """The history that a wish gets, or its beginning."""
    total = session.furthest if total is None else total
    trace = Retrospect(session.execution).trace(wish.quantity, wish.scalar, 0, total if stop is None else stop)
    return History(wish, 0, trace.values, total)


def give(panel, session, history, **changes):
    """Let the panel see the present moment with a history."""
    snapshot = replace(session.snapshot(1, Wanted()), history=history, **changes)
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)


def give_row(panel, session, values, num_steps=None):
    """A history of numbers that nobody has to wait for."""
    description = session.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=num_steps or len(values))))
    panel.show_selection(0)
    give(panel, session, History(WantedHistory(Quantity.DATA, 0), 0, np.array(values, dtype=float), len(values)))


# What is asked for


def test_without_a_selection_it_says_so_and_asks_for_nothing(panel):
    assert panel.add_wishes(Wanted()).history is None
    assert "No scalar is selected" in panel.empty.sentence and panel.empty.isVisible()
    assert not panel.plot.isVisible() and not panel.reading.isVisible()
    panel.grab()


def test_it_wishes_for_the_selected_scalar(panel, select, qtbot):
    with qtbot.waitSignal(panel.wishes_changed):
        scalar = select("wte[1,2]")
    assert panel.add_wishes(Wanted(number=4)) == Wanted(number=4, history=WantedHistory(Quantity.DATA, scalar))
    with qtbot.waitSignal(panel.wishes_changed):
        panel.chooser.choose(Quantity.V_HAT)
    assert panel.add_wishes(Wanted()).history == WantedHistory(Quantity.V_HAT, scalar)
    with qtbot.assertNotEmitted(panel.wishes_changed):
        select("wte[1,2]")


def test_only_parameters_have_moments(panel, select):
    select("wte[1,2]")
    panel.chooser.choose(Quantity.M)
    select("pos0.logit[1]")
    assert panel.wish.quantity is Quantity.DATA and panel.chooser.currentText() == "data"
    items = [panel.chooser.model().item(row) for row in range(panel.chooser.count())]
    assert [item.isEnabled() for item in items] == [True, True, False, False, False, False, False]
    assert "only parameters have it" in items[2].data(Qt.ItemDataRole.ToolTipRole)
    select("wte[1,2]")
    assert panel.wish.quantity is Quantity.M


def test_a_replay_can_be_cancelled_and_gone_on_with(panel, session, select, qtbot):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish, stop=8))
    assert panel.status.text == "8 of 20 updates"
    assert panel.status.bar.isVisible() and panel.status.bar.progress == 0.4
    assert panel.status.button.text() == "Cancel"
    with qtbot.waitSignal(panel.wishes_changed):
        panel.status.button.click()
    assert panel.add_wishes(Wanted()).history is None
    give(panel, session, None)
    assert len(panel.plot.curve.values) == 8 and "up to update 8 of 20" in panel.status.text
    assert panel.status.button.text() == "Go on" and not panel.status.bar.isVisible()
    panel.grab()
    panel.status.button.click()
    assert panel.add_wishes(Wanted()).history == panel.wish
    give(panel, session, replayed(session, panel.wish, stop=3))  # where it begins anew, nothing is taken away
    assert len(panel.plot.curve.values) == 8
    give(panel, session, replayed(session, panel.wish))
    assert len(panel.plot.curve.values) == 20 and not panel.status.button.isVisible()
    select("wte[1,3]")
    assert len(panel.plot.curve.values) == 0


def test_another_scalar_ends_the_cancelling(panel, session, select):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish, stop=8))
    panel.status.button.click()
    select("wte[1,3]")
    assert panel.add_wishes(Wanted()).history == panel.wish


def test_while_training_runs_it_says_how_far_it_is(panel, session, select):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish, stop=8), pace=RUNNING)
    assert panel.status.text.startswith("up to update 8 of 20") and not panel.status.button.isVisible()


def test_the_answer_to_an_earlier_wish_is_none(panel, session, select):
    session.run(5)
    select("wte[1,2]")
    old = replayed(session, panel.wish)
    select("wte[1,3]")
    give(panel, session, old)
    assert len(panel.plot.curve.values) == 0 and panel.reading.reading.value == "not computed yet"


def test_the_session_grows_what_the_panel_wishes(panel, session, select):
    session.run(20)
    select("layer0.attn_wq[1,2]")
    wanted = panel.add_wishes(Wanted())
    session.trace(wanted.history)
    while session.is_tracing:
        session.trace_on(lambda: True)  # one update at a time
        panel.show_snapshot(session.snapshot(1, wanted))
    expected = replayed(session, panel.wish).values
    assert panel.plot.curve.values.tolist() == expected.tolist()


# What is shown


@pytest.mark.parametrize("quantity", list(Quantity))
def test_it_shows_every_value(panel, session, select, quantity):
    session.run(20)
    select("wte[1,2]")
    panel.chooser.choose(quantity)
    history = replayed(session, panel.wish)
    give(panel, session, history)
    values = history.values.tolist()
    assert panel.plot.bins.low.tolist() == panel.plot.bins.high.tolist() == values
    assert panel.reading.text == f"{quantity} of wte[1,2] after update 20: {values[-1]!r}"
    assert panel.smallest.extreme.value == min(values) and panel.largest.extreme.value == max(values)
    assert values[panel.smallest.extreme.update - 1] == min(values)
    assert repr(max(values)) in panel.largest.toolTip()
    assert panel.status.text == "20 updates"
    panel.grab()


def test_the_extremes_lead_to_their_updates(panel, session, select, commands):
    session.run(20)
    select("wte[1,2]")
    history = replayed(session, panel.wish)
    give(panel, session, history)
    panel.smallest.click()
    panel.largest.click()
    assert commands == [GoTo(int(np.argmin(history.values)) + 1), GoTo(int(np.argmax(history.values)) + 1)]


def test_gaps_are_told(panel, session, select):
    session.run(20)
    select("pos6.layer0.attn.q[1]")
    history = replayed(session, panel.wish)
    missing = int(np.isnan(history.values).sum())
    assert 0 < missing < 20  # some names are too short for it
    give(panel, session, history)
    assert f"not computed in {missing} of 20 updates (document too short" in panel.status.text
    panel.grab()
    gap = int(np.flatnonzero(np.isnan(history.values))[0]) + 1
    panel.plot.point(gap)
    assert panel.reading.reading.value == "no value here"
    panel.chooser.choose(Quantity.GRAD)
    give(panel, session, replayed(session, panel.wish))
    assert "the loss does not depend on it" in panel.status.text


def test_nan_and_infinity_are_numbers_of_a_parameter(panel, session):
    give_row(panel, session, [1.0, inf, -inf, nan, 2.0])
    assert panel.status.text == "5 updates · gaps: nan in 1 of 5 updates · infinite in 2"
    assert panel.smallest.extreme.value == -inf
    panel.grab()
    give_row(panel, session, [nan, nan])
    assert panel.smallest.extreme is None and not panel.smallest.isEnabled()
    assert panel.plot.axis is None
    panel.grab()


def test_a_reason_is_told(panel, session, select):
    session.run(3)
    select("wte[1,2]")
    reason = "update 3 stops at pos0.loss: math domain error"
    give(panel, session, replace(replayed(session, panel.wish, stop=2), reason=reason))
    assert panel.status.text.startswith(reason) and not panel.status.button.isVisible()


def test_before_the_first_update(panel, session, select):
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish))
    assert panel.status.text == "No update is done yet."
    assert panel.reading.reading.when == "before update 1"
    panel.grab()


def test_many_updates_are_put_together_and_it_says_so(panel, session):
    values = np.random.default_rng(3).normal(0.0, 0.3, 100_000)
    values[50_000] = 9.0
    give_row(panel, session, values)
    bins = panel.plot.bins
    assert bins.width > 1 and len(bins.low) <= panel.width() and bins.high.max() == 9.0
    assert f"min to max of every {bins.width}" in panel.status.text
    panel.grab()
    before = bins.width
    panel.resize(400, 200)
    assert panel.plot.bins.width > before
    assert f"min to max of every {panel.plot.bins.width}" in panel.status.text


def test_a_history_from_a_checkpoint_begins_there(panel, session):
    panel.show_selection(0)
    give(panel, session, History(WantedHistory(Quantity.DATA, 0), 6, np.array([1.0, 2.0]), 2))
    assert panel.status.text == "updates 7 to 8" and panel.plot.in_view[0] == 6.0
    assert panel.largest.extreme.update == 8
    panel.plot.point(7)
    assert panel.reading.reading.value == "1.0"


def test_the_present_update_is_marked(panel, session, select):
    session.run(20)
    select("wte[1,2]")
    history = replayed(session, panel.wish)
    session.go_to(5)
    give(panel, session, history)
    assert panel.plot.now == 5 and panel.reading.reading.value == repr(float(history.values[4]))


def test_hidden_it_does_nothing_and_catches_up(qtbot, session):
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    panel.show_session(session.description)
    panel.show_selection(0)
    session.run(5)
    give(panel, session, replayed(session, panel.wish))
    assert len(panel.plot.curve.values) == 0
    panel.show()
    assert len(panel.plot.curve.values) == 5 and panel.status.text == "5 updates"


def test_a_new_session_begins_anew(panel, session, select):
    session.run(5)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish))
    panel.show_session(session.description)
    assert len(panel.plot.curve.values) == 0 and panel.wish is None and panel.status.text == ""


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0])
def test_it_follows_the_theme(panel, session, select, qapp, scale):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish))
    try:
        for name in ("light", "dark"):
            theme = apply_theme(qapp, name, scale)
            panel.resize(panel.minimumSizeHint().expandedTo(panel.size()))
            picture = panel.plot.grab().toImage()
            assert QColor(theme.palette.accent).rgb() in {
                picture.pixel(x, picture.height() // 3) for x in range(picture.width())
            }
    finally:
        apply_theme(qapp, "dark")


# The way back


def test_a_click_and_a_drag_ask_for_updates_and_never_twice(panel, session, commands, qtbot):
    give_row(panel, session, np.linspace(-1.0, 1.0, 1000))
    plot, asked = panel.plot, commands
    center = plot.rect().center()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=center)
    send_move(plot, center)
    send_move(plot, center + QPoint(50, 0))
    send_move(plot, center + QPoint(5000, 0))
    send_move(plot, center + QPoint(5001, 0))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=center)
    steps = [command.step for command in asked]
    assert 400 < steps[0] < 600 and steps[0] < steps[1] < 700 and steps[2:] == [1000]
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=center + QPoint(5000, 0))
    assert len(asked) == 3
    plot.show_now(7)  # training has moved elsewhere: it may be asked for again
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=center)
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(5000, center.y()))
    assert asked[3:] == [GoTo(1000)]


def test_the_crosshair_by_keyboard(panel, session, select, commands, qtbot):
    session.run(20)
    select("wte[1,2]")
    history = replayed(session, panel.wish)
    give(panel, session, history)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left)
    assert panel.plot.crosshair == 19 and panel.reading.reading.value == repr(float(history.values[18]))
    panel.grab()
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert panel.plot.crosshair == 9
    qtbot.keyClick(panel.plot, Qt.Key.Key_Home)
    assert panel.plot.crosshair == 1
    qtbot.keyClick(panel.plot, Qt.Key.Key_Return)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Return)
    assert commands == [GoTo(1)]
    qtbot.keyClick(panel.plot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(float(history.values[0]))
    qtbot.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert panel.plot.crosshair is None and panel.reading.reading.when == "after update 20"


def test_the_crosshair_stays_in_view(panel, session, qtbot):
    give_row(panel, session, np.linspace(-1.0, 1.0, 1000))
    for _ in range(10):
        qtbot.keyClick(panel.plot, Qt.Key.Key_Plus)
    qtbot.keyClick(panel.plot, Qt.Key.Key_End)
    low, high = panel.plot.in_view
    assert low <= 1000 <= high and high - low < 200
    qtbot.keyClick(panel.plot, Qt.Key.Key_Home)
    assert panel.plot.in_view[0] == 0.0
    qtbot.keyClick(panel.plot, Qt.Key.Key_Minus)
    assert np.diff(panel.plot.in_view)[0] > high - low


def test_the_crosshair_follows_the_pointer(panel, session, qtbot):
    give_row(panel, session, np.linspace(-1.0, 1.0, 1000))
    qtbot.mouseMove(panel.plot, panel.plot.rect().center())
    at = panel.plot.crosshair
    assert 400 < at < 600 and panel.reading.reading.when == f"after update {at}"
    QApplication.sendEvent(panel.plot, QEvent(QEvent.Type.Leave))
    assert panel.plot.crosshair is None


def test_the_wheel_zooms_a_drag_pans_and_a_double_click_shows_all(panel, session, qtbot):
    give_row(panel, session, np.linspace(-1.0, 1.0, 1000))
    plot = panel.plot
    center = plot.rect().center()
    turn = QWheelEvent(
        QPointF(center),
        QPointF(plot.mapToGlobal(center)),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot, turn)
    low, high = plot.in_view
    assert 0.0 < low < high < 1000.0 and not plot.is_whole
    assert plot.axis.high < 1.0  # it reaches over what is in view
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, center)
    send_move(plot, center + QPoint(50, 0))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=center)
    assert plot.in_view[0] < low and np.diff(plot.in_view)[0] == pytest.approx(high - low)
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=center)
    assert plot.is_whole and plot.in_view[0] == 0.0


def test_a_view_of_all_stands_still_while_updates_are_done(panel, session):
    give_row(panel, session, np.ones(101), num_steps=1000)
    before = panel.plot.in_view
    values = np.ones(180)
    give(panel, session, History(WantedHistory(Quantity.DATA, 0), 0, values, len(values)))
    assert panel.plot.in_view == before and before[1] == pytest.approx(200, abs=5)


def test_a_symmetric_logarithmic_axis(panel, session):
    give_row(panel, session, [1e-3, -1.0, 1.0, 1e-2])
    height = panel.plot.frame.y(0.0) - panel.plot.frame.y(1e-2)
    panel.symlog.click()
    assert panel.plot.axis.limit == 1.0
    assert panel.plot.frame.y(0.0) - panel.plot.frame.y(1e-2) > 10 * height
    panel.grab()


# Questions


def test_a_question_is_asked(panel, select, commands, qtbot):
    scalar = select("wte[1,2]")
    panel.chooser.choose(Quantity.GRAD)
    panel.questions.button.click()
    panel.questions.choose(Was.LARGER)
    panel.questions.field.setText(" 0.25 ")
    qtbot.keyClick(panel.questions.field, Qt.Key.Key_Return)
    panel.questions.choose(Was.CONDITION)
    panel.questions.field.setText("loss > 2")
    qtbot.keyClick(panel.questions.choice, Qt.Key.Key_Return)
    assert commands == [
        Ask(Question(Was.SIGN, Quantity.GRAD, scalar)),
        Ask(Question(Was.LARGER, Quantity.GRAD, scalar, 0.25)),
        Ask(Question(Was.CONDITION, condition="loss > 2")),
    ]


def test_what_is_no_level_is_refused_in_place(panel, select, commands):
    select("wte[1,2]")
    panel.questions.choose(Was.CROSSED)
    panel.questions.field.setText("about 3")
    panel.questions.button.click()
    assert commands == [] and panel.status.sentence.is_error
    assert "'about 3' is no level" in panel.status.text and panel.questions.field.text() == "about 3"
    panel.questions.field.setText("3")
    panel.questions.button.click()
    assert len(commands) == 1 and not panel.status.sentence.is_error


@pytest.mark.parametrize(
    "was, scalar, text, sentence",
    [
        (Was.CROSSED, 0, "", "There is no level"),
        (Was.CROSSED, 0, "nan", "finite"),
        (Was.LARGER, 0, "inf", "finite"),
        (Was.LARGER, 0, "-1", "0 or more"),
        (Was.CONDITION, 0, "  ", "no condition"),
        (Was.SIGN, None, "", "no scalar"),
    ],
)
def test_questions_that_make_no_sense(was, scalar, text, sentence):
    with pytest.raises(RefusedQuestion, match=sentence):
        read_question(was, Quantity.DATA, scalar, text)


def test_only_a_relu_fires(panel, select, commands):
    def can_fire():
        return panel.questions.choice.model().item(list(Was).index(Was.FIRED)).isEnabled()

    select("wte[1,2]")
    assert not can_fire()
    relu = select("pos0.layer0.mlp.relu[3]")
    assert can_fire()
    panel.questions.choose(Was.FIRED)
    panel.chooser.choose(Quantity.GRAD)
    panel.questions.button.click()
    assert commands == [Ask(Question(Was.FIRED, Quantity.DATA, relu))]
    select("wte[1,2]")
    assert panel.questions.was is Was.SIGN
    select("pos0.layer0.mlp.relu[4]")
    assert panel.questions.was is Was.FIRED


def test_without_a_scalar_a_condition_can_be_asked_for(panel, select, commands):
    assert panel.questions.was is Was.CONDITION
    assert panel.questions.field.placeholderText() == EXAMPLE
    panel.questions.field.setText(EXAMPLE)
    panel.questions.ask()
    assert commands == [Ask(Question(Was.CONDITION, condition=EXAMPLE))]
    select("wte[1,2]")
    assert panel.questions.was is Was.SIGN


def test_a_search_shows_its_progress_and_its_answer(panel, session, select, commands):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish))
    panel.show_event(Searching("Going back", 1, 2))  # not of this panel
    assert not panel.status.bar.isVisible()
    panel.questions.button.click()
    panel.show_event(Searching("Searching for it", 412, 1000))
    assert panel.status.text == "Searching for it: 412 of 1,000 updates"
    assert panel.status.bar.progress == 0.412
    panel.grab()
    panel.status.button.click()
    assert commands[1:] == [Pause()]
    sentence = "Update 7 is the last in which data of wte[1,2] has changed sign."
    panel.show_event(Answered(sentence, True))
    assert panel.status.text == f"{sentence} · 20 updates" and not panel.status.button.isVisible()
    panel.show_event(Answered("Something else.", True))
    assert panel.status.text.startswith(sentence)
    select("wte[1,3]")
    assert sentence not in panel.status.text


@pytest.mark.parametrize("event", [Refused("1/0 has no value"), Crashed("ZeroDivisionError", "…")])
def test_a_question_that_is_refused_says_so(panel, select, event):
    select("wte[1,2]")
    panel.show_event(event)
    assert not panel.status.sentence.is_error
    panel.questions.choose(Was.CONDITION)
    panel.questions.field.setText("1/0")
    panel.questions.ask()
    panel.show_event(event)
    assert panel.status.sentence.is_error and panel.questions.field.text() == "1/0"
    assert panel.status.text == ("⚠ 1/0 has no value" if isinstance(event, Refused) else "⚠ The search has failed.")


def test_a_restart_forgets_the_answer(panel, session, select):
    session.run(20)
    select("wte[1,2]")
    give(panel, session, replayed(session, panel.wish))
    panel.questions.ask()
    panel.show_event(Answered("Update 7 is the last.", True))
    session.restart()
    give(panel, session, replayed(session, panel.wish))
    assert panel.status.text == "No update is done yet." and len(panel.plot.curve.values) == 0


def test_all_questions_have_answers(panel, session, select, commands):
    session.run(20)
    select("wte[1,2]")
    for was in (Was.SIGN, Was.CROSSED, Was.LARGER, Was.CONDITION):
        panel.questions.choose(was)
        panel.questions.field.setText("loss > 2" if was is Was.CONDITION else "0.01")
        panel.questions.ask()
    for command in commands:
        assert session.ask(command.question).sentence


# The layout


@pytest.mark.parametrize("width", [400, 700, 1080, 1400])
def test_everything_is_inside_at_every_width(panel, session, select, width):
    session.run(20)
    select("pos6.layer0.attn.q[1]")
    give(panel, session, replayed(session, panel.wish))
    panel.questions.choose(Was.CONDITION)
    panel.resize(width, 130)
    panel.resize(width, max(130, panel.minimumSizeHint().height()))
    QApplication.processEvents()
    parts = (panel.chooser, panel.reading, panel.smallest, panel.largest, panel.questions, panel.status)
    for part in parts:
        assert part.geometry().right() < width
        assert part.geometry().bottom() < panel.plot.mapTo(panel, QPoint()).y()
    panel.grab()


def test_a_replay_moves_nothing(panel, session, select):
    session.run(20)
    for width in (700, 1080, 1400):
        panel.resize(width, 160)
        select("wte[1,2]")
        give(panel, session, replayed(session, panel.wish, stop=8))
        QApplication.processEvents()
        before = panel.plot.height()
        give(panel, session, replayed(session, panel.wish))
        QApplication.processEvents()
        assert panel.plot.height() == before
        select("wte[1,3]")


def send_move(widget, at):
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        widget.mapToGlobal(QPointF(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)
