"""The Health panel against the inquiries' answers: values, marks, histories, what is missing, mouse and keyboard."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.health import Health
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.health_history import HealthHistory
from microgpt_studio.debugger.health_ranges import Mark
from microgpt_studio.debugger.snapshot import Pace, Reach, Wanted
from microgpt_studio.debugger.update_spans import ALL, last
from microgpt_studio.panels.health import readings
from microgpt_studio.panels.health.detail import Form
from microgpt_studio.panels.health.words import brief, hover, summary, title, value_text
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


# What is shown


def test_before_a_session_there_is_a_sentence(panel):
    assert panel._empty.isVisible()
    assert panel._empty.sentence.startswith("No session yet.")
    assert panel.readings is None


def test_before_the_first_answer_of_a_session_the_figures_are_being_computed(panel, session, see):
    session.run(5)
    panel.show_session(session.description)
    panel.show_snapshot(session.snapshot(0, Wanted()))
    assert panel._empty.isVisible()
    assert panel._empty.sentence == "The figures are being computed…"
    see()
    assert not panel._empty.isVisible()


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


def test_a_growing_history_is_drawn_a_few_times_only(panel, session, see, monkeypatch):
    monkeypatch.setattr(readings, "_GLIMPSES", 3)
    session.run(12)
    see(growing=0)
    drawn = []
    while panel.readings.history.count < 12:
        wanted = Wanted(inquiries=frozenset(panel.inquiries()))
        session.trace_on(lambda: True)
        panel.show_snapshot(session.snapshot(2, wanted))
        if not drawn or drawn[-1] != panel.readings.history.count:
            drawn.append(panel.readings.history.count)
    assert drawn == [0, 4, 8, 12]


def test_stepping_within_an_update_is_shown_while_a_history_grows(panel, session, see):
    session.run(12)
    session.go_to_place(Place(11, 0))
    see(growing=0)
    session.go_to_place(Place(11, session.execution.lengths[0]))
    see(growing=0)
    assert named(panel, Kind.STREAM, "embed").is_known


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


def test_a_snapshot_without_the_figures_changes_nothing(panel, session, see):
    session.run(3)
    see(FAST)
    session.run(1)
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    before = panel.readings
    panel.show_snapshot(session.snapshot(2, wanted, FAST, slow_parts_are_due=False))
    assert panel.readings is before
    panel.show_snapshot(session.snapshot(3, wanted, FAST))
    assert panel.readings.numbers.update == 4


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
