"""Mouse and keyboard on the Health panel: details, selections, moments, and copies with every digit."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.health import Health
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.health.words import as_text, brief, hover, summary, title
from microgpt_studio.widgets.number_text import full


def tile_of(panel, kind, name):
    return next(tile for tile, r in enumerate(panel.readings.all) if (r.figure.kind, r.figure.name) == (kind, name))


def center(panel, tile):
    return panel.tiles.box(tile).center().toPoint()


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
    numbers = session.snapshot(0, Wanted(inquiries=frozenset([Health()]))).answer(Health())
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
