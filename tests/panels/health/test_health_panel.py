"""The Health panel against the inquiries' answers: values, marks, histories, what is missing, mouse and keyboard."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.health import Health
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.health_history import HealthHistory
from microgpt_studio.debugger.health_ranges import Mark
from microgpt_studio.debugger.snapshot import Pace, Reach, Wanted
from microgpt_studio.debugger.update_spans import ALL, last
from microgpt_studio.panels.health.detail import Form
from microgpt_studio.panels.health.words import as_text, brief, hover, summary, title, value_text
from microgpt_studio.theme import apply_theme
from microgpt_studio.widgets.number_text import full, short

FAST = Pace(running=True, updates_per_second=1000.0)
SLOW = Pace(running=True, updates_per_second=5.0)


def numbers_of(session):
    return session.snapshot(0, Wanted(inquiries=frozenset([Health()]))).answer(Health())


def named(panel, kind, name):
    return next(r for r in panel.readings.all if (r.figure.kind, r.figure.name) == (kind, name))


def tile_of(panel, kind, name):
    return panel.readings.all.index(named(panel, kind, name))


def center(panel, tile):
    return panel.tiles.box(tile).center().toPoint()


# What is shown


def test_before_a_session_there_is_a_sentence(panel):
    assert panel._empty.isVisible()
    assert panel.readings is None


def test_every_figure_has_a_tile_with_its_value(panel, session, see):
    session.run(15)
    see()
    numbers = numbers_of(session)
    places = numbers.places
    assert [r.figure for r in panel.readings.all if r.figure.kind is not Kind.DEAD] == [
        f for f in places.figures if f.kind not in (Kind.DEAD, Kind.NATS)
    ]
    for reading in panel.readings.all:
        assert reading.is_known
        if reading.figure.kind is not Kind.DEAD:
            assert reading.value == numbers.values[reading.figure.column]
        assert value_text(reading) == short(reading.value)
        assert value_text(reading, exact=True) == full(reading.value)


def test_long_silence_is_that_of_the_latest_finished_update(panel, session, see):
    session.run(15)
    see()
    rows = panel.readings.history.rows
    for reading in panel.readings.all:
        if reading.figure.kind is Kind.DEAD:
            assert reading.value == rows.values[-1, reading.figure.column]
            assert reading.update == 15


def test_histories_are_the_rows(panel, session, see):
    session.run(15)
    see()
    rows = session.snapshot(0, Wanted(inquiries=frozenset([HealthHistory(last(100))]))).answer(HealthHistory(last(100)))
    for reading in panel.readings.all:
        assert np.array_equal(reading.past, rows.values[:, reading.figure.column], equal_nan=True)
    assert panel.readings.history.updates.tolist() == list(range(1, 16))


def test_marks_have_a_sign_and_a_word(panel, session, see):
    session.run(1)
    see()
    reading = named(panel, Kind.UPDATE, "wte")
    assert reading.mark is Mark.HIGH
    assert "▲ high" in brief(panel.readings, reading)
    assert "▲ update ÷ weight of wte" in summary(panel.readings)
    assert f"{len(panel.readings.marked)} outside" in panel.line.text


def test_a_dead_layer_is_marked_and_counted(panel, session, see):
    fc1 = next(t for t in session.description.program.tensors if t.path == "layer0.mlp_fc1")
    state = session.state()
    parameters = list(state.parameters)
    parameters[fc1.start : fc1.stop] = [0.0] * fc1.size
    session.restore(replace(state, parameters=parameters))
    session.run(12)
    see(new=True)
    for kind in (Kind.SILENT, Kind.DEAD):
        reading = named(panel, kind, "layer0.mlp")
        assert (reading.value, reading.mark) == (1.0, Mark.HIGH)
        assert "32 of 32 units fired in none of the 12 updates measured, 1 to 12." in hover(panel.readings, reading)
    assert named(panel, Kind.GRADIENT, "layer0.mlp_fc1").mark is Mark.ZERO
    assert named(panel, Kind.DEAD, "layer1.mlp").mark is Mark.NONE


def test_half_way_there_is_a_dash_and_never_0(panel, session, see):
    session.run(12)
    session.go_to_place(Place(11, session.execution.lengths[0]))
    see()
    for reading in panel.readings.all:
        forward = reading.figure.kind not in (Kind.GRADIENT, Kind.UPDATE)
        assert reading.is_known is forward
        if not forward:
            assert value_text(reading) == "–"
            assert math.isnan(reading.value)
            assert "Not computed yet in this update." in hover(panel.readings, reading)
    assert named(panel, Kind.DEAD, "layer0.mlp").update == 11


def test_what_is_not_known_is_hatched(panel, session, see):
    """A tile with a value differs from the same tile without one beside its dash, too."""
    session.run(3)
    see()
    tile = tile_of(panel, Kind.GRADIENT, "wte")
    known = panel.tiles.grab(panel.tiles.box(tile).toRect()).toImage()
    session.go_to_place(Place(3, 0))
    see()
    unknown = panel.tiles.grab(panel.tiles.box(tile).toRect()).toImage()
    assert known != unknown


def test_before_the_first_update_nothing_is_claimed(panel, session, see):
    session.go_to_place(Place(0, 0))
    see()
    assert "nothing of it is computed yet" in panel.line.text
    assert not any(reading.is_known for reading in panel.readings.all)
    assert panel.readings.marked == ()


def test_a_growing_history_says_how_far_it_is(panel, session, see):
    session.run(12)
    see(growing=2)
    done = panel.readings.history.count
    assert 0 < done < 12
    assert f"{done} of 12 replayed" in panel.line.text
    see()
    assert "Histories: updates 1 to 12." in panel.line.text


def test_a_new_session_forgets_the_old_one(panel, session, see):
    session.run(2)
    see()
    panel.show_session(session.description)
    assert panel.readings is None
    assert panel._empty.isVisible()


# Training that runs


def test_while_it_runs_fast_histories_are_of_what_was_shown(panel, session, see, qtbot):
    session.run(3)
    with qtbot.waitSignal(panel.wishes_changed):
        see(FAST)
    assert list(panel.inquiries()) == [Health()]
    session.run(5)
    see(FAST)
    assert panel.readings.history.updates.tolist() == [3, 8]
    assert panel.readings.history.rows is None
    assert "the 2 updates shown of 3 to 8" in panel.line.text
    dead = named(panel, Kind.DEAD, "layer0.mlp")
    assert dead.reach is Reach.NOT_COMPUTED
    assert "it takes 10 finished updates" in hover(panel.readings, dead)
    see()
    assert panel.readings.history.updates.tolist() == list(range(1, 9))


def test_a_slow_run_has_all_updates_in_a_row(panel, session, see):
    session.run(4)
    see(SLOW)
    assert panel.readings.history.updates.tolist() == [1, 2, 3, 4]


def test_between_fast_and_slow_it_stays_what_it_is(panel, session, see):
    session.run(2)
    between = Pace(running=True, updates_per_second=50.0)
    see(between)
    assert len(list(panel.inquiries())) == 2
    see(FAST)
    see(between)
    assert len(list(panel.inquiries())) == 1


# Mouse and keyboard


def test_a_click_shows_the_details_and_another_beside_them_hides_them(panel, session, see, qtbot):
    session.run(12)
    see()
    assert not panel.detail.isVisible()
    qtbot.mouseClick(panel.tiles, Qt.MouseButton.LeftButton, pos=center(panel, 3))
    assert panel.tiles.current == 3
    assert panel.detail.isVisible()
    assert panel.detail.name.text == title(panel.readings.all[3])
    assert panel.line.text == brief(panel.readings, panel.readings.all[3])
    qtbot.mouseClick(panel.tiles, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert not panel.detail.isVisible()
    assert panel.line.text == summary(panel.readings)


def test_arrows_go_from_tile_to_tile_and_return_selects(panel, session, see, qtbot):
    session.run(12)
    see()
    panel.tiles.setFocus()
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Right)
    assert panel.tiles.current == 0
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Down)
    assert panel.tiles.current == 1
    with qtbot.waitSignal(panel.selected) as selected:
        qtbot.keyClick(panel.tiles, Qt.Key.Key_Return)
    assert selected.args == [session.description.addresses.parse("wte[0,0]")]
    qtbot.keyClick(panel.tiles, Qt.Key.Key_End)
    assert panel.tiles.current == len(panel.readings.all) - 1
    box = panel.tiles.box(panel.tiles.current)
    assert panel.tiles.visibleRegion().contains(box.center().toPoint())
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Escape)
    assert panel.tiles.current is None


def test_every_tile_s_link_selects_a_scalar_of_it(panel, session, see, qtbot):
    session.run(12)
    see()
    for tile, reading in enumerate(panel.readings.all):
        panel.tiles.set_current(tile)
        with qtbot.waitSignal(panel.selected) as selected:
            panel.detail.link.click()
        address = session.description.addresses.format(selected.args[0])
        assert panel.detail.link.text() == address
        layer = reading.figure.name.split(".")[0]
        assert layer == "all" or layer in address


def test_a_click_in_the_history_goes_to_that_update(panel, session, see, qtbot):
    session.run(12)
    see()
    panel.tiles.set_current(0)
    frame = panel.detail.plot.frame
    at = QPointF(frame.x(5), frame.rect.center().y()).toPoint()
    with qtbot.waitSignal(panel.commanded) as commanded:
        qtbot.mouseClick(panel.detail.plot, Qt.MouseButton.LeftButton, pos=at)
    assert commanded.args == [GoTo(5)]


def test_the_crosshair_by_keyboard(panel, session, see, qtbot):
    session.run(12)
    see()
    panel.tiles.set_current(0)
    plot = panel.detail.plot
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.crosshair == 12
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert plot.crosshair == 1
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.text_at(2).startswith(f"update 2: {full(panel.readings.all[0].past[1])}")
    with qtbot.waitSignal(panel.commanded) as commanded:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert commanded.args == [GoTo(2)]
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.crosshair is None
    assert panel.tiles.current is None


def test_what_was_not_measured_is_said_at_the_crosshair(panel, session, see):
    session.run(12)
    see()
    panel.tiles.set_current(tile_of(panel, Kind.DEAD, "layer0.mlp"))
    assert panel.detail.plot.text_at(3) == "update 3: not measured"
    assert panel.detail.plot.text_at(99) == "update 99: not measured"


def test_pointing_at_a_tile_tells_of_it(panel, session, see, qtbot):
    session.run(12)
    see()
    qtbot.mouseMove(panel.tiles, center(panel, 2))
    assert panel.line.text == brief(panel.readings, panel.readings.all[2])
    qtbot.mouseMove(panel.tiles, QPoint(2, 2))
    assert panel.line.text == summary(panel.readings)


def test_hovering_tells_every_digit(panel, session, see):
    session.run(12)
    see()
    for reading in panel.readings.all:
        text = hover(panel.readings, reading)
        assert full(reading.value) in text
        low, high = reading.extremes
        assert f"{full(low)} to {full(high)} in updates 1 to 12" in text
        if reading.figure.kind is Kind.ENTROPY:
            assert f"{full(panel.readings.nats(reading))} nats" in text


def test_the_wheel_goes_sideways(panel, session, see):
    session.run(2)
    panel.resize(500, 110)
    see()
    bar = panel.scrolled.horizontalScrollBar()
    assert bar.maximum() > 0
    for turn, expected in ((-120, 120), (120, 0)):
        panel.scrolled.wheelEvent(
            QWheelEvent(
                QPointF(50, 50),
                QPointF(50, 50),
                QPoint(),
                QPoint(0, turn),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
        )
        assert bar.value() == expected


def test_copying_takes_all_figures_with_every_digit(panel, session, see, qtbot):
    session.run(12)
    see()
    panel.tiles.setFocus()
    qtbot.keyClick(panel.tiles, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert "\n".join(lines) == as_text(panel.readings)
    cells = {line.split("\t")[0]: line.split("\t") for line in lines[1:] if "\tnats\t" not in line}
    numbers = numbers_of(session)
    for reading in panel.readings.all:
        assert cells[title(reading)][1] == full(reading.value)
    nats = [line.split("\t")[1] for line in lines if "\tnats\t" in line]
    assert nats == [full(x) for x in numbers.values[numbers.places.columns(Kind.NATS)].tolist()]


def test_copying_half_an_update_says_what_is_missing(panel, session, see):
    session.run(1)
    session.go_to_place(Place(1, 0))
    see()
    lines = as_text(panel.readings).split("\n")
    assert all("\tnot computed\t" in line for line in lines[1:])


# Room


def test_details_lie_below_where_there_is_room(panel, session, see):
    session.run(12)
    see()
    panel.resize(1000, 600)
    assert panel.detail.form is Form.TALL
    assert panel.detail.isVisible()
    assert panel.detail.geometry().top() > panel.scrolled.geometry().bottom() - 1
    assert panel.detail.name.text == title(panel.readings.all[0])
    panel.resize(1040, 150)
    assert panel.detail.form is Form.LOW
    assert not panel.detail.isVisible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", [(1040, 150), (1000, 600), (260, 90)])
def test_it_paints_at_any_size(panel, session, see, qapp, theme, scale, size):
    session.run(12)
    see()
    apply_theme(qapp, theme, scale)
    panel.resize(*size)
    for tile in (None, 0, len(panel.readings.all) - 1):
        panel.tiles.set_current(tile)
        image = panel.grab().toImage()
        colors = {image.pixel(x, image.height() // 2) for x in range(0, image.width(), 3)}
        assert len(colors) > 2


def test_numbers_that_are_none_are_painted_and_marked(panel, session, see):
    state = session.state()
    parameters = list(state.parameters)
    parameters[0 : session.description.program.num_parameters] = [math.nan] * len(parameters)
    session.restore(replace(state, parameters=parameters))
    session.run(2)
    see(new=True)
    assert named(panel, Kind.GRADIENT, "all").mark is Mark.NONFINITE
    assert "✕ not finite" in hover(panel.readings, named(panel, Kind.GRADIENT, "all"))
    assert not panel.grab().isNull()


# The choice of updates


def test_other_updates_can_be_chosen(panel, session, see, qtbot):
    session.run(20)
    see()
    assert HealthHistory(last(100)) in panel.inquiries()
    for index, span in ((0, last(20)), (2, ALL)):
        with qtbot.waitSignal(panel.wishes_changed):
            panel.chooser.setCurrentIndex(index)
            panel.chooser.activated.emit(index)
        assert HealthHistory(span) in panel.inquiries()


def test_labels_tell_layers_apart(panel, session, see):
    session.run(1)
    see()
    labels = [reading.label for reading in panel.readings.all]
    assert labels[:5] == ["all", "wte", "wpe", "lm_head", "0.attn_wq"]
    for group in panel.readings.groups:
        assert len({reading.label for reading in group}) == len(group)
