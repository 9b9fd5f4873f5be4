"""The timeline of the Loss panel: marks above the curve, and going to them, against real sessions."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from microgpt_studio.bridge.commands import GoTo, GoToPlace, SetBookmark
from microgpt_studio.debugger.events import Refused
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import BreakpointRow, Wanted
from microgpt_studio.debugger.stop import Reason, Stop
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.loss_marks import Marks, MarksReader, updates_in_words
from microgpt_studio.panels.loss_plot import HOW_TO
from microgpt_studio.panels.loss_spans import Span
from microgpt_studio.theme import apply_theme, current_theme


def row(number, updates, *, enabled=True, condition="loss < 2"):
    hits = np.array(updates, dtype=np.int32)
    return BreakpointRow(number, Definition(Event.CONDITION, condition=condition), enabled, len(hits), None, hits)


@pytest.fixture
def trained(session):
    assert session.run(20) == 20
    return session


@pytest.fixture
def panel(qtbot):
    panel = LossPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 130)
    panel.show()
    panel.commands = []
    panel.commanded.connect(panel.commands.append)
    return panel


def taken(session, place=None, stop=None, **parts):
    """A snapshot of a moment, with these breakpoints and bookmarks."""
    if place is not None:
        session.execution.go_to(place)
    snapshot = replace(session.snapshot(1, Wanted()), **({"breakpoints": (), "bookmarks": ()} | parts))
    return replace(snapshot, moment=replace(snapshot.moment, stop=stop))


def show(panel, snapshot, session=None):
    if session is not None:
        panel.show_session(session.description)
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)
    return panel


def at(panel, position, height=0.75):
    """The point of the lane above a position."""
    lane = panel.plot.lane
    return QPoint(round(lane.scale.x(position)), round(lane.area.height() * height))


def move(widget, point, buttons=Qt.MouseButton.LeftButton):
    place = QPointF(point)
    where = widget.mapToGlobal(place)
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, place, where, Qt.MouseButton.NoButton, buttons, none)
    )


def ends(session, update):
    """The end of an update."""
    session.execution.go_to(Place(update - 1, 0))
    return Place(update - 1, session.execution.length)


# What is marked


def test_where_training_stands(trained):
    for place, position in ((Place(0, 0), 0.0), (Place(6, 0), 6.0), (ends(trained, 7), 7.0)):
        assert MarksReader().read(taken(trained, place)).position == position
    trained.execution.go_to(Place(6, 300))
    marks = MarksReader().read(taken(trained))
    assert marks.position == 6 + 300 / trained.execution.length
    assert "update 7 › forward" in marks.standing
    assert marks.trouble is None


def test_only_breakpoints_that_are_enabled_and_were_hit(trained):
    rows = (row(1, [3]), row(2, [4], enabled=False), row(3, []))
    assert MarksReader().read(taken(trained, breakpoints=rows)).breakpoints == rows[:1]


def test_a_bookmark_stands_exactly_where_its_update_was_seen(trained):
    reader = MarksReader()
    within, end = Place(6, 300), ends(trained, 12)
    parts = {"bookmarks": (Place(3, 0), within, end)}
    before = reader.read(taken(trained, Place(1, 0), **parts)).bookmarks
    assert [bookmark.position for bookmark in before] == [3.0, 6.5, 11.5]  # half-way: not known better
    assert [bookmark.words for bookmark in before] == [
        "update 4 › start",
        "update 7 › after 300 operations",
        f"update 12 › after {end.done:,} operations",
    ]
    reader.read(taken(trained, Place(11, 5), **parts))
    there = taken(trained, within, **parts)
    reader.read(there)
    after = reader.read(taken(trained, Place(1, 0), **parts)).bookmarks
    assert [bookmark.position for bookmark in after] == [3.0, 6 + 300 / there.moment.cursor.length, 12.0]
    assert after[1].words == " › ".join(there.moment.cursor.breadcrumb)
    assert after[2].words == "update 12 › end"


@pytest.mark.parametrize("reason", [Reason.FAULT, Reason.NONFINITE, Reason.FAILURE])
def test_a_fault_is_trouble(trained, reason):
    stop = Stop(reason, Place(6, 300), "log(0) cannot be computed.")
    marks = MarksReader().read(taken(trained, Place(6, 300), stop))
    assert marks.trouble == "log(0) cannot be computed."
    assert marks.standing.endswith("\nlog(0) cannot be computed.")


def test_a_breakpoint_is_no_trouble(trained):
    stop = Stop(Reason.BREAKPOINT, Place(6, 300), "Breakpoint 1.", breakpoint=1)
    marks = MarksReader().read(taken(trained, Place(6, 300), stop))
    assert marks.trouble is None and marks.standing.endswith("Breakpoint 1.")


@pytest.mark.parametrize("position", [0.0, 2.0, 2.5, 3.0, 6.9, 7.0, 9.0, 15.0, 20.0])
def test_before_and_after_are_those_of_a_sorted_list(trained, position):
    rows = (row(1, [2, 3, 9]), row(2, [3, 15]), row(3, [1], enabled=False))
    end = ends(trained, 9)
    marks = MarksReader().read(taken(trained, breakpoints=rows, bookmarks=(Place(0, 0), Place(7, 0), end)))
    expected = [2.0, 3.0, 9.0, 15.0, 0.0, 7.0]
    after = min((mark for mark in expected if mark > position), default=None)
    before = max((mark for mark in expected if mark < position), default=None)
    found = marks.after(position), marks.before(position)
    assert tuple(target and target.position for target in found) == (after, before)
    for target in found:
        if target is not None and target.position in (0.0, 7.0, 9.0):
            assert isinstance(target.goal, GoToPlace)  # also where there is a hit
        elif target is not None:
            assert target.goal == GoTo(int(target.position))


def test_no_marks():
    marks = Marks()
    assert marks.after(0.0) is marks.before(5.0) is None
    assert marks.hit_near(1.0, 0.0, 2.0) is marks.bookmark_near(1.0, 0.0, 2.0) is None
    assert marks.count_hits() == 0


def test_updates_with_hits_are_counted_once():
    assert Marks((row(1, [2, 3, 9]), row(2, [3, 15]))).count_hits() == 4
    assert Marks((row(1, [2, 3, 9]),)).count_hits() == 3


@pytest.mark.parametrize(
    "updates, words",
    [
        ([7], "update 7"),
        ([7, 9], "updates 7 and 9"),
        ([12, 13, 14, 15], "updates 12 to 15"),
        ([12, 13, 15, 19], "4 of the updates 12 to 19"),
    ],
)
def test_updates_in_words(updates, words):
    assert updates_in_words(updates) == words


def test_many_sentences_and_long_ones_are_cut_short():
    marks = Marks(tuple(row(i, [3], condition="loss < 2" + " and loss < 2" * 9) for i in range(1, 8)))
    sentences = marks.describe_hits(2.5, 3.5)
    assert len(sentences) == 5 and sentences[-1] == "and 3 more breakpoints"
    assert "…) was hit in update 3" in sentences[0] and len(sentences[0]) < 120


# The lane


def test_tips_say_what_is_there(panel, trained):
    rows = (row(2, [12, 13]), row(4, [5]))
    show(panel, taken(trained, Place(8, 300), breakpoints=rows, bookmarks=(Place(16, 0),)), trained)
    tip = panel.plot.tip
    assert tip(at(panel, 12)).splitlines() == [
        "Breakpoint 2 (loss < 2) was hit in update 12",
        "Click to go to update 12",
    ]
    assert tip(at(panel, 16) + QPoint(6, 0)).splitlines() == [
        "Bookmark: update 17 › start",
        "Click to go to the bookmark",
    ]
    assert tip(at(panel, 8.0 + 300 / trained.execution.length)).startswith("Training stands at update 9 › forward")
    assert tip(at(panel, 18)) == HOW_TO
    assert tip(panel.plot.rect().center()) == ""


def test_the_tip_is_shown_and_no_markup(panel, trained, monkeypatch):
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, *__: shown.append(text))
    rows = (row(1, [12], condition="step <b> 3"),)
    show(panel, taken(trained, Place(3, 0), breakpoints=rows), trained)
    point = at(panel, 12)
    QApplication.sendEvent(panel.plot, QHelpEvent(QEvent.Type.ToolTip, point, panel.plot.mapToGlobal(point)))
    assert "step &lt;b&gt; 3" in shown[0] and "<br>Click to go" in shown[0]


def test_a_click_on_a_mark_goes_to_it(panel, trained, qtbot):
    show(panel, taken(trained, Place(3, 0), breakpoints=(row(1, [12]),), bookmarks=(Place(8, 0),)), trained)
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 12) + QPoint(3, 0))
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 8) + QPoint(7, 0))
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 16))
    assert panel.commands == [GoTo(12), GoToPlace(Place(8, 0)), GoTo(16)]


def test_where_both_are_the_flag_is_above_and_the_hit_below(panel, trained, qtbot):
    place = Place(9, 300)
    show(panel, taken(trained, place, breakpoints=(row(1, [10]),), bookmarks=(Place(10, 0),)), trained)
    lane, marks = panel.plot.lane, panel.plot.marks
    assert lane.goal_at(marks, at(panel, 10, 0.2).toPointF()) == GoToPlace(Place(10, 0))
    assert lane.goal_at(marks, at(panel, 10, 0.8).toPointF()) == GoTo(10)


def test_a_hand_that_trembles_does_not_leave_a_mark(panel, trained, qtbot):
    trained.execution.go_to(Place(3, 0))
    long = replace(taken(trained), losses=np.full(2000, 2.0), breakpoints=(row(1, [1200]),))
    description = trained.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=2000)))
    show(panel, long)
    point = at(panel, 1200)
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=point)
    move(panel.plot, point + QPoint(2, 0))
    assert panel.commands == [GoTo(1200)]
    panel.show_event(Refused("no"))
    move(panel.plot, point + QPoint(60, 0))
    qtbot.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=point)
    assert len(panel.commands) == 2 and panel.commands[1].step > 1250


def test_the_pointer_is_a_hand_over_marks(panel, trained):
    show(panel, taken(trained, Place(3, 0), breakpoints=(row(1, [12]),)), trained)
    move(panel.plot, at(panel, 12), Qt.MouseButton.NoButton)
    assert panel.plot.cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert panel.plot.crosshair == 12
    move(panel.plot, at(panel, 15), Qt.MouseButton.NoButton)
    assert panel.plot.cursor().shape() is Qt.CursorShape.ArrowCursor


def colors(panel, position, reach=4):
    """The colours in the lane around a position, from top to bottom."""
    picture, lane = panel.plot.grab().toImage(), panel.plot.lane
    x = round(lane.scale.x(position))
    columns = range(x - reach, x + reach + 1)
    return [{picture.pixelColor(c, y).name() for c in columns} for y in range(round(lane.area.height()))]


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0])
def test_shapes_tell_marks_apart(panel, trained, qapp, name, scale):
    stop = Stop(Reason.FAULT, Place(16, 0), "log(0) cannot be computed.")
    parts = {"breakpoints": (row(1, [5]),), "bookmarks": (Place(10, 0),)}
    try:
        palette = apply_theme(qapp, name, scale).palette
        panel.resize(1000, panel.minimumSizeHint().height())
        show(panel, taken(trained, Place(16, 0), stop, **parts), trained)
        hit, flag, standing = colors(panel, 5), colors(panel, 10), colors(panel, 16)
        half = len(hit) // 2
        assert palette.error in set.union(*hit[half:]) and palette.error not in set.union(*hit[: half - 1])
        assert palette.text in set.union(*flag[:half]) and palette.text in flag[-1]
        assert palette.accent in set.union(*standing[:half])
        assert QColor(palette.error).name() in set.union(*standing[half:])
    finally:
        apply_theme(qapp, "dark")


def test_more_hits_in_a_column_are_a_higher_bar(panel, trained):
    description = trained.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=100_000)))
    hits = row(1, [20_000, *range(50_000, 50_100), *range(70_000, 79_000)])
    show(panel, replace(taken(trained, Place(3, 0)), losses=np.full(100_000, 2.0), breakpoints=(hits,)))
    error = current_theme().palette.error

    def height(position):
        return sum(error in line for line in colors(panel, position, 1))

    assert 0 < height(20_000) < height(50_050)
    assert height(75_000) == height(75_500) > height(20_000)


def test_the_legend_counts(panel, trained):
    rows = (row(1, [2, 3, 9]), row(2, [3, 15]))
    show(panel, taken(trained, breakpoints=rows, bookmarks=(Place(8, 0),)), trained)
    assert "updates with hits 4 · bookmarks 1" in panel.legend.text
    assert "breakpoints were hit in 4 updates\n1 bookmark\n" in panel.legend.explanation()
    assert "hit in 4 updates" in panel.plot.accessibleDescription()
    panel.grab()
    show(panel, taken(trained))
    assert "hits" not in panel.legend.text and "bookmark" not in panel.legend.text


# Going


def test_a_drag_asks_for_one_update_at_a_time_and_then_for_the_newest(panel, trained, qtbot):
    show(panel, taken(trained, Place(19, 10**9)), trained)
    plot = panel.plot
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=at(panel, 18))
    for position in np.linspace(18, 4, 200):
        move(plot, at(panel, position))
    assert panel.commands == [GoTo(18)]
    show(panel, taken(trained, ends(trained, 18)))
    assert panel.commands == [GoTo(18), GoTo(4)]
    move(plot, at(panel, 6))
    move(plot, at(panel, 4))
    show(panel, taken(trained, ends(trained, 4)))
    assert panel.commands == [GoTo(18), GoTo(4)]
    move(plot, at(panel, 4))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=at(panel, 4))
    assert panel.commands == [GoTo(18), GoTo(4)]


def test_snapshots_of_other_moments_are_waited_through_but_not_for_ever(panel, trained, qtbot):
    show(panel, taken(trained, ends(trained, 20)), trained)
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 18))
    move(panel.plot, at(panel, 4))
    for count in (1, 1, 2):
        show(panel, taken(trained, ends(trained, 20)))
        assert len(panel.commands) == count
    assert panel.commands[-1] == GoTo(4)


def test_an_event_may_be_the_answer(panel, trained, qtbot):
    show(panel, taken(trained, ends(trained, 20)), trained)
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 18))
    move(panel.plot, at(panel, 4))
    panel.show_event(Refused("There is no such moment."))
    assert panel.commands == [GoTo(18), GoTo(4)]
    panel.show_event(Refused("There is no such moment."))
    assert panel.commands == [GoTo(18), GoTo(4)]


def test_a_new_press_waits_for_nothing(panel, trained, qtbot):
    show(panel, taken(trained, ends(trained, 20)), trained)
    for position in (18, 4, 4):
        qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, position))
    assert panel.commands == [GoTo(18), GoTo(4), GoTo(4)]


def test_where_training_stands_it_does_not_go_but_from_within_an_update(panel, trained, qtbot):
    show(panel, taken(trained, ends(trained, 6)), trained)
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 6))
    assert panel.commands == []
    show(panel, taken(trained, Place(6, 300)))
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 6))
    assert panel.commands == [GoTo(6)]


def test_while_training_runs_a_click_on_the_present_update_stops_there(panel, trained, qtbot):
    snapshot = taken(trained, ends(trained, 6))
    show(panel, replace(snapshot, pace=replace(snapshot.pace, running=True)), trained)
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at(panel, 6))
    assert panel.commands == [GoTo(6)]


def test_the_marks_before_and_after_by_keyboard(panel, trained, qtbot):
    parts = {"breakpoints": (row(1, [3, 12]),), "bookmarks": (Place(8, 0),)}
    show(panel, taken(trained, Place(6, 300), **parts), trained)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left, control)
    assert panel.commands == [GoTo(3)] and panel.plot.crosshair is None
    show(panel, taken(trained, ends(trained, 3), **parts))
    panel.previous_mark()
    assert panel.commands == [GoTo(3)]
    qtbot.keyClick(panel.plot, Qt.Key.Key_Right, control)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Right, control)  # from where the first will lead
    qtbot.keyClick(panel.plot, Qt.Key.Key_Right, control)
    assert panel.commands == [GoTo(3), GoToPlace(Place(8, 0))]
    show(panel, taken(trained, Place(8, 0), **parts))
    assert panel.commands[2:] == [GoTo(12)]


def test_a_mark_out_of_view_is_brought_into_it(panel, trained, qtbot):
    description = trained.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=1000)))
    show(panel, replace(taken(trained, ends(trained, 20)), losses=np.full(1000, 2.0), breakpoints=(row(1, [700]),)))
    panel.plot._see(0.0, 100.0)
    panel.next_mark()
    low, high = panel.plot.in_view
    assert panel.commands == [GoTo(700)]
    assert low < 700 < high and high - low == pytest.approx(100.0)
    panel.previous_mark()
    assert panel.plot.in_view == (low, high)


def test_hidden_it_goes_by_the_last_snapshot(panel, trained):
    show(panel, taken(trained, ends(trained, 20)), trained)
    panel.hide()
    show(panel, taken(trained, ends(trained, 6), breakpoints=(row(1, [3, 12]),)))
    panel.next_mark()
    assert panel.commands == [GoTo(12)]


def test_before_a_session_nothing_happens(panel, qtbot):
    for key in (Qt.Key.Key_B, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
        qtbot.keyClick(panel.plot, key)
    panel.next_mark()
    panel.previous_mark()
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=panel.plot.rect().center())
    assert panel.commands == [] and panel.plot.tip(QPointF(100.0, 5.0)) == ""


def test_pages_pan_by_a_screen(panel, trained, qtbot):
    description = trained.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=1000)))
    show(panel, replace(taken(trained), losses=np.full(1000, 2.0)))
    qtbot.keyClick(panel.plot, Qt.Key.Key_PageDown)
    assert panel.plot.span is Span.WHOLE  # there is nowhere to go
    panel.plot._see(200.0, 100.0)
    qtbot.keyClick(panel.plot, Qt.Key.Key_PageDown)
    assert panel.plot.in_view == pytest.approx((300.0, 400.0))
    for expected in (200.0, 100.0, 0.0, 0.0):
        qtbot.keyClick(panel.plot, Qt.Key.Key_PageUp)
        assert panel.plot.in_view[0] == pytest.approx(expected)


# Bookmarks


def test_b_sets_a_bookmark(panel, trained, qtbot):
    show(panel, taken(trained), trained)
    qtbot.keyClick(panel.plot, Qt.Key.Key_B)
    (command,) = panel.commands
    assert isinstance(command, SetBookmark) and (command.place, command.marked) == (None, None)


def entries(menu):
    return {action.text().split("\t")[0]: action for action in menu.actions() if not action.isSeparator()}


@pytest.fixture
def menu(panel, monkeypatch):
    """Open the context menu at a point of the plot."""
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: opened.append(menu))

    def open_at(point, reason=QContextMenuEvent.Reason.Mouse):
        event = QContextMenuEvent(reason, point, panel.plot.mapToGlobal(point))
        QApplication.sendEvent(panel.plot, event)
        return entries(opened[-1])

    yield open_at
    for each in opened:
        each.close()


def test_the_menu(panel, trained, menu):
    parts = {"breakpoints": (row(1, [3]),), "bookmarks": (Place(6, 300), Place(12, 0))}
    show(panel, taken(trained, Place(6, 300), **parts), trained)
    there = menu(at(panel, 12) + QPoint(4, 0))
    assert list(there) == [
        "Go to update 12",
        "Remove the bookmark of the present moment",
        "Remove the bookmark at update 13 › start",
        "Remove all bookmarks",
        "Previous mark",
        "Next mark",
    ]
    for text in there:
        there[text].trigger()
    goals = [command for command in panel.commands if not isinstance(command, SetBookmark)]
    edits = [(edit.place, edit.marked) for edit in panel.commands if isinstance(edit, SetBookmark)]
    assert edits == [(None, None), (Place(12, 0), False), (Place(6, 300), False), (Place(12, 0), False)]
    assert goals == [GoTo(12)]  # the others wait for its answer


def test_the_menu_where_nothing_is(panel, trained, menu):
    show(panel, taken(trained, ends(trained, 20)), trained)
    there = menu(panel.plot.rect().center())
    assert "Bookmark the present moment" in there and not any("the bookmark at" in text for text in there)
    assert [text for text, action in there.items() if not action.isEnabled()] == [
        "Remove all bookmarks",
        "Previous mark",
        "Next mark",
    ]


def test_the_menu_by_keyboard_is_that_of_the_crosshair(panel, trained, menu):
    show(panel, taken(trained, ends(trained, 20), bookmarks=(Place(8, 0),)), trained)
    keyboard = QContextMenuEvent.Reason.Keyboard
    assert "Go to update 20" in menu(panel.plot.rect().center(), keyboard)
    panel.plot.point(7)
    assert "Go to update 7" in menu(panel.plot.rect().center(), keyboard)


def test_no_menu_before_a_session(panel):
    before = set(QApplication.topLevelWidgets())
    point = panel.plot.rect().center()
    QApplication.sendEvent(
        panel.plot, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, panel.plot.mapToGlobal(point))
    )
    assert set(QApplication.topLevelWidgets()) == before
