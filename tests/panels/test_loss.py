"""The Loss panel against the losses of real sessions and plain Python."""

from dataclasses import replace
from math import inf, isnan, log, nan

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.loss_axes import ticks
from microgpt_studio.panels.loss_curve import BETA, LossCurve, readable_range
from microgpt_studio.panels.loss_legend import BREVITIES
from microgpt_studio.panels.loss_spans import RECENT, Span
from microgpt_studio.theme import apply_theme


def smoothed_plainly(losses):
    a, k, out = 0.0, 0, []
    for loss in losses:
        if not isnan(loss) and abs(loss) != inf:
            a, k = BETA * a + (1 - BETA) * loss, k + 1
        out.append(a / (1 - BETA**k) if k else nan)
    return out


@pytest.fixture
def panel(qtbot):
    panel = LossPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 130)
    panel.show()
    return panel


def updated(session, count):
    for _ in range(count):
        assert session.update() is not None
    return session


def long_run(panel, session, losses, num_steps):
    """Show losses of a run that nobody has to wait for."""
    description = session.description
    panel.show_session(replace(description, settings=replace(description.settings, num_steps=num_steps)))
    snapshot = replace(session.snapshot(1, Wanted()), losses=losses)
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)


# The curve


def test_the_average_is_that_of_plain_python():
    losses = np.random.default_rng(0).normal(2.5, 0.4, 300)
    curve = LossCurve()
    curve.show(losses)
    assert curve.smoothed == pytest.approx(smoothed_plainly(losses.tolist()), rel=1e-12)


def test_the_average_goes_on_exactly_as_if_computed_at_once():
    losses = np.random.default_rng(0).normal(2.5, 0.4, 3000)
    whole, parts = LossCurve(), LossCurve()
    whole.show(losses)
    for stop in (0, 1, 2, 700, 700, 1500, 3000):
        parts.show(losses[:stop])
        assert len(parts) == stop
    assert np.array_equal(whole.smoothed, parts.smoothed)


def test_the_average_leaves_out_what_is_not_there():
    losses = np.array([nan, nan, 3.0, inf, nan, 2.0])
    curve = LossCurve()
    curve.show(losses)
    assert curve.first_known == 2
    assert curve.smoothed == pytest.approx(smoothed_plainly(losses.tolist()), nan_ok=True)
    assert curve.smoothed[2] == pytest.approx(3.0)


def test_the_first_known_loss_is_found_when_it_comes_later():
    curve = LossCurve()
    curve.show(np.full(5, nan))
    assert curve.first_known == 5
    curve.show(np.array([nan] * 7 + [2.0, nan]))
    assert curve.first_known == 7


@pytest.mark.parametrize(
    "other", [np.array([9.0, 2.0, 1.0, 1.0]), np.array([3.0]), np.array([nan, nan, nan, 1.0]), np.empty(0)]
)
def test_other_losses_begin_anew(other):
    curve = LossCurve()
    curve.show(np.array([3.0, 2.0, 1.0]))
    curve.show(other)
    assert np.array_equal(curve.losses, other, equal_nan=True)
    assert curve.smoothed == pytest.approx(smoothed_plainly(other.tolist()), nan_ok=True)


def test_bins_are_the_updates_themselves_where_there_is_room():
    curve = LossCurve()
    curve.show(np.array([4.0, 3.0, 2.0, 1.0]))
    bins = curve.bins(1, 3, 10)
    assert bins.width == 1
    assert bins.updates.tolist() == bins.last.tolist() == [2.0, 3.0]
    assert bins.low.tolist() == bins.high.tolist() == [3.0, 2.0]
    assert bins.smoothed.tolist() == curve.smoothed[1:3].tolist()


@pytest.mark.parametrize("first, stop, most", [(0, 1000, 100), (37, 801, 50), (0, 5000, 7), (999, 1000, 1)])
def test_bins_keep_every_peak(first, stop, most):
    losses = np.random.default_rng(1).normal(2.0, 1.0, 1000)
    losses[:100] = nan
    curve = LossCurve()
    curve.show(losses)
    bins = curve.bins(first, stop, most)
    assert len(bins.low) <= most + 1
    for middle, last, low, high in zip(bins.updates, bins.last, bins.low, bins.high, strict=True):
        begin = int(2 * middle - last) - 1
        span = losses[begin : int(last)]
        span = span[~np.isnan(span)]
        assert (isnan(low) and isnan(high)) if not len(span) else (low, high) == (span.min(), span.max())
        assert begin % bins.width == 0
    assert bins.last[0] - bins.width <= first and bins.last[-1] >= min(stop, 1000)


def test_no_bins_of_nothing():
    assert len(LossCurve().bins(0, 100, 10).low) == 0


def test_the_range_holds_the_level_and_the_losses_but_not_one_spike():
    curve = LossCurve()
    losses = np.random.default_rng(2).uniform(1.6, 3.1, 500)
    curve.show(losses)
    low, high = readable_range(curve.bins(0, 500, 1000), 3.296)
    assert 0.0 <= low <= losses.min() and max(3.296, losses.max()) <= high <= 4.0
    losses[400] = 700.0
    curve.show(losses.copy())
    assert readable_range(curve.bins(0, 500, 1000), 3.296)[1] < 10.0
    assert curve.beyond(0, 500, low, high) == 1


def test_the_range_of_nothing_holds_the_level():
    low, high = readable_range(LossCurve().bins(0, 0, 1), 3.296)
    assert low == 0.0 and high > 3.296


# The panel


def test_before_the_first_update(panel, session, show):
    show(panel, session)
    reading = panel.legend.reading
    assert reading.update == 0 and isnan(reading.loss) and isnan(reading.smoothed)
    assert "update 0 of 20" in panel.legend.text and "loss none yet" in panel.legend.text
    assert reading.level == panel.plot.level == log(session.description.tokenizer.vocab_size)
    assert len(panel.plot.bins.low) == 0
    panel.grab()  # nothing to paint is painted


def test_it_shows_every_loss(panel, session, show):
    losses = [session.update().loss for _ in range(7)]
    show(panel, session)
    assert panel.plot.curve.losses.tolist() == panel.plot.bins.low.tolist() == losses
    reading = panel.legend.reading
    assert (reading.update, reading.num_steps, reading.loss) == (7, 20, losses[-1])
    assert reading.smoothed == pytest.approx(smoothed_plainly(losses)[-1])
    assert f"loss {losses[-1]:.4g} nats" in panel.legend.text
    assert repr(losses[-1]) in panel.legend.explanation()
    panel.grab()


def test_a_restart_begins_anew(panel, session, show):
    show(panel, updated(session, 7))
    session.restart()
    show(panel, session, new=False)
    assert len(panel.plot.curve) == 0 and panel.legend.reading.update == 0


def test_a_new_session_begins_anew(panel, session, show):
    show(panel, updated(session, 7))
    panel.plot.set_span(Span.RECENT)
    panel.show_session(session.description)
    assert len(panel.plot.curve) == 0
    assert panel.legend.reading.update == 0
    assert panel.plot.span is Span.WHOLE


def test_losses_before_the_session_are_said_not_to_be_known(panel, program, session, show):
    updated(session, 6)
    state = session.state()
    later = Session(session.settings, sorted(session.runner.documents), program, "eight names")
    later.restore(state)
    show(panel, later)
    assert panel.plot.curve.first_known == 6
    assert "hatched: before this session (to update 6)" in panel.legend.text
    assert "loss not known" in panel.legend.text
    later.update()
    show(panel, later, new=False)
    assert panel.plot.curve.smoothed[-1] == pytest.approx(panel.plot.curve.losses[-1])
    panel.grab()


def test_the_spans(panel, session):
    long_run(panel, session, np.full(500, 2.0), 1000)
    assert panel.plot.in_view[0] == 0.0 and 1000 < panel.plot.in_view[1] < 1050
    whole, recent = panel.spans.buttons
    assert whole.isChecked() and not recent.isChecked()
    recent.click()
    assert panel.plot.span is Span.RECENT
    assert panel.plot.in_view[0] == 500 - RECENT and 500 < panel.plot.in_view[1] < 505
    assert recent.isChecked() and not whole.isChecked()
    recent.click()
    assert recent.isChecked()
    whole.click()
    assert panel.plot.span is Span.WHOLE


def test_the_recent_span_follows_the_training(panel, session):
    long_run(panel, session, np.full(500, 2.0), 1000)
    panel.plot.set_span(Span.RECENT)
    panel.show_snapshot(replace(session.snapshot(2, Wanted()), losses=np.full(600, 2.0)))
    assert panel.plot.in_view[0] == 500.0


def test_the_wheel_zooms_and_a_double_click_shows_the_whole_run(panel, session, qtbot):
    long_run(panel, session, np.full(500, 2.0), 1000)
    plot = panel.plot
    qtbot.waitExposed(panel)
    nats = plot.nats_in_view
    center = plot.rect().center()
    turn = QWheelEvent(
        QPointF(center),
        QPointF(plot.mapToGlobal(center)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot, turn)
    assert plot.span is Span.OWN
    low, high = plot.in_view
    assert low > 0.0 and high < 1000.0 and plot.nats_in_view == nats
    assert not any(button.isChecked() for button in panel.spans.buttons)
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=center)
    assert plot.span is Span.WHOLE and plot.in_view[0] == 0.0


def test_a_drag_moves_what_is_in_view(panel, session, qtbot):
    long_run(panel, session, np.full(1000, 2.0), 1000)
    plot = panel.plot
    for _ in range(5):
        qtbot.keyClick(plot, Qt.Key.Key_Plus)
    plot._see(400.0, 200.0)
    center = plot.rect().center()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, center)
    send_move(plot, center + QPoint(50, 0))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=center + QPoint(50, 0))
    low, high = plot.in_view
    assert 300 < low < 400 and high - low == pytest.approx(200.0)
    plot._see(-50.0, 200.0)
    assert plot.in_view[0] == 0.0
    plot._see(5000.0, 200.0)
    assert plot.in_view[1] < 1050.0


def test_a_click_and_a_drag_ask_for_updates(panel, session, qtbot):
    long_run(panel, session, np.full(1000, 2.0), 1000)
    plot, asked = panel.plot, []
    panel.commanded.connect(asked.append)
    center = plot.rect().center()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=center)
    answer(panel, asked[-1])
    send_move(plot, center + QPoint(50, 0))
    answer(panel, asked[-1])
    send_move(plot, center + QPoint(5000, 0))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=center + QPoint(50, 0))
    assert all(type(command) is GoTo for command in asked)
    first, second, third = (command.step for command in asked)
    assert 400 < first < 600 and first < second < 700 and third == 1000
    answer(panel, asked[-1])
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert asked[3:] == [GoTo(1)]


def answer(panel, command):
    """Show the end of the update that was asked for."""
    snapshot = panel.snapshot
    cursor = replace(snapshot.moment.cursor, done=snapshot.moment.cursor.length)
    moment = replace(snapshot.moment, step=command.step, update=max(command.step, 1), cursor=cursor)
    panel.show_snapshot(replace(snapshot, moment=moment))


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


@pytest.mark.parametrize(
    "ends, most, least, expected",
    [
        ((0.0, 1000.0), 10, 1.0, (list(range(0, 1001, 100)), 0)),
        ((0.0, 10.0), 40, 1.0, (list(range(11)), 0)),
        ((1.4, 4.1), 3, 0.0, ([2.0, 3.0, 4.0], 0)),
        ((1.9, 2.6), 4, 0.0, ([2.0, 2.2, 2.4, 2.6], 1)),
        ((0.0, 1.0), 0, 0.0, ([0.0, 1.0], 0)),
    ],
)
def test_ticks_are_round_numbers(ends, most, least, expected):
    places, decimals = ticks(ends, most, least)
    assert (places, decimals) == (pytest.approx(expected[0]), expected[1])


def test_keys_zoom(panel, session, qtbot):
    long_run(panel, session, np.full(500, 2.0), 1000)
    width = np.diff(panel.plot.in_view)[0]
    qtbot.keyClick(panel.plot, Qt.Key.Key_Plus)
    assert np.diff(panel.plot.in_view)[0] < width and panel.plot.span is Span.OWN
    qtbot.keyClick(panel.plot, Qt.Key.Key_Minus)
    assert np.diff(panel.plot.in_view)[0] == pytest.approx(width, rel=0.05)


def test_the_crosshair_by_keyboard(panel, session, show, qtbot):
    show(panel, updated(session, 12))
    losses = panel.plot.curve.losses
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left)
    reading = panel.legend.reading
    assert (reading.update, reading.loss, reading.pointed) == (11, losses[10], True)
    assert repr(float(losses[10])) in panel.legend.text
    panel.grab()
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert panel.plot.crosshair == 1
    qtbot.keyClick(panel.plot, Qt.Key.Key_End)
    assert panel.plot.crosshair == 12
    qtbot.keyClick(panel.plot, Qt.Key.Key_Home)
    assert panel.plot.crosshair == 1
    qtbot.keyClick(panel.plot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(float(losses[0]))
    qtbot.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert panel.plot.crosshair is None and panel.legend.reading.update == 12


def test_the_crosshair_follows_the_pointer(panel, session, qtbot):
    losses = np.linspace(3.0, 2.0, 1000)
    long_run(panel, session, losses, 1000)
    qtbot.mouseMove(panel.plot, panel.plot.rect().center())
    at = panel.plot.crosshair
    assert at is not None and 400 < at < 600
    assert panel.legend.reading.loss == losses[at - 1]
    QApplication.sendEvent(panel.plot, QEvent(QEvent.Type.Leave))
    assert panel.plot.crosshair is None and not panel.legend.reading.pointed


def test_the_crosshair_goes_when_its_update_is_gone(panel, session, show):
    show(panel, updated(session, 12))
    panel.plot.point(10)
    session.restart()
    show(panel, updated(session, 3), new=False)
    assert panel.plot.crosshair is None


def test_many_updates_are_put_together_and_it_says_so(panel, session):
    losses = np.random.default_rng(3).normal(2.0, 0.3, 100_000)
    losses[50_000] = 9.0
    long_run(panel, session, losses, 100_000)
    bins = panel.plot.bins
    assert bins.width > 1 and len(bins.low) <= panel.width()
    assert bins.high.max() == 9.0
    assert f"smallest to largest of every {bins.width} updates" in panel.legend.text
    panel.grab()


def test_losses_off_the_scale_are_counted(panel, session):
    losses = np.random.default_rng(3).normal(2.0, 0.3, 500)
    losses[77] = 900.0
    long_run(panel, session, losses, 500)
    assert panel.plot.nats_in_view[1] < 10.0
    assert "1 off the scale" in panel.legend.text


@pytest.mark.parametrize("count", [500, 20_000])
def test_infinite_losses_are_painted_off_the_scale(panel, session, count):
    losses = np.random.default_rng(3).normal(2.0, 0.3, count)
    losses[[77, 78]] = inf
    long_run(panel, session, losses, count)
    assert "2 off the scale" in panel.legend.text
    panel.grab()


def test_the_legend_says_less_in_less_room(panel, session, show):
    show(panel, updated(session, 5))
    entries = [panel.legend.reading.entries(brevity) for brevity in range(BREVITIES)]
    lengths = [sum(len(entry.name) + len(entry.number) for entry in line) for line in entries]
    assert lengths == sorted(lengths, reverse=True)
    assert all(any(entry.name == "loss" for entry in line) for line in entries)
    panel.resize(420, 110)
    assert len(panel.legend.shown) < 4


def test_hidden_it_does_nothing_and_catches_up(qtbot, session, show):
    panel = LossPanel()
    qtbot.addWidget(panel)
    show(panel, updated(session, 5))
    assert len(panel.plot.curve) == 0
    panel.show()
    assert len(panel.plot.curve) == 5 and panel.legend.reading.update == 5


def test_empty(panel):
    assert panel.legend.text == ""
    panel.grab()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_it_follows_the_theme(panel, session, show, qapp, scale):
    show(panel, updated(session, 5))
    try:
        for name in ("light", "dark"):
            theme = apply_theme(qapp, name, scale)
            picture = panel.plot.grab().toImage()
            assert QColor(theme.palette.accent).rgb() in {
                picture.pixel(x, picture.height() // 3) for x in range(picture.width())
            }
    finally:
        apply_theme(qapp, "dark")


def test_without_a_session_nothing_is_drawn(qtbot):
    panel = LossPanel()
    plot = panel.plot
    qtbot.addWidget(panel)
    plot.resize(400, 100)
    empty = plot.grab().toImage()
    plot.begin(100, 3.0)
    assert plot.has_begun
    blank = empty.copy()
    blank.fill(empty.pixelColor(0, 0))
    assert empty == blank
    assert plot.grab().toImage() != empty
