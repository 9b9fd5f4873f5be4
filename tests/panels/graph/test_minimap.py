"""The minimap shows the whole map in its colours, says what of it is seen, and takes the window elsewhere."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.breakpoints import Definition, Event
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView, minimap
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.inside import HEADER
from microgpt_studio.panels.graph.map_colors import Coloring, Quantity
from microgpt_studio.panels.graph.minimap import Minimap
from microgpt_studio.panels.graph.minimap_places import corner, place_in
from microgpt_studio.theme.colormaps import argb

Q5 = "pos1.layer0.attn.q[5]"


@pytest.fixture
def panel(qtbot, session: Session) -> GraphPanel:
    """After some updates, the last on a document that does not fill the block."""
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 640)
    panel.show()
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    panel.show_session(session.description)
    give(panel, session)
    return panel


@pytest.fixture
def view(panel: GraphPanel) -> MapView:
    assert panel.view is not None
    return panel.view


def give(panel: GraphPanel, session: Session, *, running: bool = False) -> None:
    """Show the session's present moment, with all that the panel asks for."""
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    panel.show_snapshot(session.snapshot(1, wanted, Pace(running, 100.0)))


def centre(view: MapView) -> tuple[float, float]:
    """What of the map is in the middle of its window."""
    window = view.window_of_map()
    return view.camera.transform.to_map(window.width() / 2, window.height() / 2)


def shown(minimap: Minimap) -> np.ndarray:
    """Its colours, (height, width)."""
    image = minimap.grab().toImage()
    return np.array([[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())])


def in_miniature(view: MapView, x: float, y: float) -> QPoint:
    return QPointF(*view.minimap.transform.to_pixels(x, y)).toPoint()


def test_it_is_there_while_a_part_is_seen(view: MapView, qtbot) -> None:
    assert not view.minimap.isVisible()
    view.zoom_in()
    assert view.minimap.isVisible()
    assert view.window_of_map().contains(QRectF(view.minimap.geometry()))
    assert view.minimap.width() <= view.window_of_map().width() / 3
    assert view.minimap.height() <= view.window_of_map().height() / 3
    view.fit()
    assert not view.minimap.isVisible()
    qtbot.keyClick(view, Qt.Key.Key_M)
    view.zoom_in()
    assert not view.minimap.isVisible()
    qtbot.keyClick(view, Qt.Key.Key_M)
    assert view.minimap.isVisible()


def test_a_window_that_is_too_small_has_none(panel: GraphPanel, view: MapView) -> None:
    view.zoom_in()
    panel.resize(300, 170)
    QApplication.processEvents()
    assert not view.minimap.isVisible()
    panel.resize(900, 640)
    QApplication.processEvents()
    assert view.minimap.isVisible()


def test_it_holds_every_cell_of_the_document(view: MapView) -> None:
    view.zoom_in()
    layout, positions = view.layout_of_map, view.picture.positions
    here = QRectF(view.minimap.rect())
    for cell in range(0, len(layout.row_of), 7):
        place = view.minimap.place_of(int(layout.expressions.scalar[cell]))
        if layout.position_of[cell] >= positions:
            assert place is None
        else:
            assert here.contains(place)


def test_its_colours_are_those_of_the_cells(view: MapView) -> None:
    view.zoom_in()
    view.minimap.grab()  # paints the cells
    pixels, layout, checked = view.minimap._pixels, view.layout_of_map, 0
    for cell in range(len(layout.row_of)):
        place = view.minimap.place_of(int(layout.expressions.scalar[cell]))
        if place is not None and place.width() >= 4 and place.height() >= 1:
            middle = place.center()
            row = int(np.floor(place.top() + 0.5))
            assert pixels[row, int(middle.x())] == view.picture.ink.pixels[cell]
            checked += 1
    assert checked >= view.picture.positions  # a loss is as wide as its column


def test_the_frame_is_the_window(view: MapView, session: Session) -> None:
    view.show_selection(session.description.addresses.parse(Q5))
    for _ in range(3):
        view.zoom_in()
    t, window = view.minimap.transform, view.window_of_map()
    left, top = t.to_pixels(*view.camera.transform.to_map(0.0, 0.0))
    right, bottom = t.to_pixels(*view.camera.transform.to_map(window.width(), window.height()))
    frame = view.minimap.frame
    assert (frame.left(), frame.top(), frame.right(), frame.bottom()) == pytest.approx((left, top, right, bottom))
    view.fit_selection()
    view.fit_selection()  # now the operation is as large as it can be: a thousandth of the map is seen
    frame = view.minimap.frame
    assert frame.width() >= 6
    assert frame.height() >= 6
    middle = view.minimap.transform.to_pixels(*centre(view))  # it is smaller now
    assert (frame.center().x(), frame.center().y()) == pytest.approx(middle)
    assert frame.contains(view.minimap.place_of(view.selected_scalar).center())
    view.minimap.grab()


def test_a_click_goes_there_and_can_be_undone(panel: GraphPanel, view: MapView, qtbot) -> None:
    heard: list[object] = []
    panel.selected.connect(heard.append)
    for _ in range(6):
        view.zoom_in()
    before = view.camera.transform
    aim = in_miniature(view, 2.5 * view.layout_of_map.pitch, view.layout_of_map.total_height / 2)
    qtbot.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=aim)
    expected = view.minimap.transform.to_map(aim.x(), aim.y())
    assert centre(view) == pytest.approx(expected)
    assert view.camera.transform.scale_x == before.scale_x
    assert heard == []
    view.go_back()
    assert view.camera.transform == before
    view.go_forward()
    assert centre(view) == pytest.approx(expected)


def test_a_click_into_the_frame_centres_as_well(view: MapView, qtbot) -> None:
    for _ in range(4):
        view.zoom_in()
    view.levels.pan(-1.0, -1.0)
    aim = view.minimap.frame.center().toPoint() + QPoint(3, 2)
    expected = view.minimap.transform.to_map(aim.x(), aim.y())
    qtbot.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=aim)
    assert centre(view) == pytest.approx(expected)


def test_dragging_the_frame_moves_it_as_far_and_is_one_view(view: MapView, qtbot) -> None:
    for _ in range(6):
        view.zoom_in()
    before, was = view.camera.transform, view.minimap.frame
    start = was.center().toPoint() + QPoint(2, 2)
    qtbot.mousePress(view.minimap, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 8):
        qtbot.mouseMove(view.minimap, start + QPoint(-step, step))
    qtbot.mouseRelease(view.minimap, Qt.MouseButton.LeftButton, pos=start + QPoint(-7, 7))
    moved = view.minimap.frame.center() - was.center()
    assert (moved.x(), moved.y()) == pytest.approx((-7, 7))
    qtbot.mouseMove(view.minimap, start)  # not held any more
    assert view.minimap.frame.center() - was.center() == moved
    view.go_back()
    assert view.camera.transform == before


def test_the_wheel_zooms_about_the_place_below_it(view: MapView) -> None:
    for _ in range(6):
        view.zoom_in()
    for place in (centre(view), (2.5 * view.layout_of_map.pitch, view.layout_of_map.total_height - 5.0)):
        scale = view.camera.transform.scale_x
        aim = QPointF(*view.minimap.transform.to_pixels(*place))
        wheel = QWheelEvent(
            aim,
            view.minimap.mapToGlobal(aim),
            QPoint(),
            QPoint(0, 240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.minimap, wheel)
        assert view.camera.transform.scale_x > 1.3 * scale
        at = view.camera.transform.to_pixels(*place)
        window = view.window_of_map()
        assert QRectF(QPointF(0, 0), window.size()).contains(QPointF(*at))


def test_other_buttons_do_nothing_to_the_map(view: MapView, qtbot) -> None:
    view.zoom_in()
    before = view.camera.transform
    qtbot.mouseClick(view.minimap, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
    qtbot.mouseDClick(view.minimap, Qt.MouseButton.MiddleButton, pos=QPoint(5, 5))
    assert view.camera.transform == before
    qtbot.mouseClick(view.minimap, Qt.MouseButton.BackButton, pos=QPoint(5, 5))
    assert view.camera.fitted


def test_the_pointer_is_not_on_the_map_while_it_is_here(view: MapView, session: Session, qtbot) -> None:
    view.zoom_in()
    q = session.description.addresses.parse("pos0.embed[0]")
    view.levels.reveal(q)
    qtbot.mouseMove(view, view.box_rect(q).center().toPoint())
    assert view.hovered_scalar == q
    point = QPointF(5, 5)
    QApplication.sendEvent(view.minimap, QEnterEvent(point, point, view.minimap.mapToGlobal(point)))
    assert view.hovered_scalar is None


def test_it_says_where_a_click_would_go(view: MapView) -> None:
    view.zoom_in()
    layout = view.layout_of_map
    row = next(row for row in layout.rows if row.stage == "layer1.mlp.fc1")
    y = (row.top + row.bottom) / 2
    said = [
        view.minimap.describe(QPointF(*view.minimap.transform.to_pixels(x, y)))
        for x in (1.5 * layout.pitch, layout.parameters_left / 2)
    ]
    assert [text.splitlines()[0] for text in said] == ["pos1.layer1.mlp.fc1", "parameters"]


def test_while_it_runs_it_takes_four_pictures_a_second(
    panel: GraphPanel, view: MapView, session: Session, monkeypatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(minimap, "monotonic", lambda: now[0])
    view.zoom_in()
    kept = []
    for _ in range(12):
        now[0] += 0.1
        session.update()
        give(panel, session, running=True)
        kept.append(view.minimap.picture)
    positions = [picture.positions for picture in kept]
    changes = sum(a is not b for a, b in pairwise(kept))
    longer = sum(a != b for a, b in pairwise(positions))
    assert changes <= 4 + longer  # of another length: at once
    assert changes >= 3
    give(panel, session)
    assert view.minimap.picture is view.picture  # it stands: the last one in any case
    give(panel, session, running=True)
    view.set_coloring(Coloring(Quantity.GRAD))
    assert view.minimap.picture is view.picture


def test_what_is_lit_is_lit_here(view: MapView, session: Session) -> None:
    view.zoom_in()
    scalar = session.description.addresses.parse("pos1.prob[3]")
    view.show_lit(np.array([scalar], dtype=np.int32))
    view.minimap.grab()
    spot = view.minimap.place_of(scalar).center()
    text = argb(view.picture.palette.text)
    assert view.minimap._pixels[int(spot.y()), int(spot.x())] == text
    view.show_lit(np.empty(0, dtype=np.int32))
    view.minimap.grab()
    assert view.minimap._pixels[int(spot.y()), int(spot.x())] != text


def test_breakpoints_and_the_cursor_are_marked(panel: GraphPanel, view: MapView, session: Session) -> None:
    address = "pos1.layer1.mlp.fc1[5]"
    view.zoom_in()
    here = view.minimap.place_of(session.description.addresses.parse(address)).center().toPoint()
    palette = view.picture.palette
    assert color_around(view, here, palette.error) == 0
    session.breakpoints.add(Definition(Event.COMPUTED, address))
    give(panel, session)
    assert color_around(view, here, palette.error) > 0
    session.execution.go_to(Place(session.step - 1, 9000))
    give(panel, session)
    cursor = view.minimap.place_of(view.picture.moment.cursor.scalar).center().toPoint()
    assert color_around(view, cursor, palette.accent) >= 5


def color_around(view: MapView, middle: QPoint, color: str) -> int:
    """How many pixels of the minimap near a point have a colour."""
    x, y = middle.x(), middle.y()
    return int((shown(view.minimap)[y - 4 : y + 5, x - 4 : x + 5] == argb(color)).sum())


def test_it_keeps_clear_of_the_selection(view: MapView, session: Session) -> None:
    scalar = session.description.addresses.parse("pos2.layer1.mlp.fc1[5]")
    view.show_selection(scalar)
    for _ in range(5):
        view.zoom_in()
    window, box = view.window_of_map(), view.box_rect(scalar)
    places = []
    for aim in (window.bottomRight() - QPointF(60, 60), window.topLeft() + QPointF(60, 60)):
        shift = aim - view.box_rect(scalar).center()
        view.levels.camera.pan(shift.x(), shift.y())
        view._moved()
        box = view.box_rect(scalar)
        place = QRectF(view.minimap.geometry())
        assert window.contains(box.center())
        assert not place.intersects(box)
        places.append(place.topLeft())
    assert places[0] != places[1]


def test_the_corners() -> None:
    size, window = QSizeF(100, 60), QRectF(50, 20, 600, 400)
    lower_right, lower_left = QRectF(540, 350, 100, 60), QRectF(60, 350, 100, 60)
    upper_right, upper_left = QRectF(540, 30, 100, 60), QRectF(60, 30, 100, 60)
    assert corner(size, window, []) == lower_right
    assert corner(size, window, [QRectF(500, 100, 30, 30)]) == lower_right
    assert corner(size, window, [QRectF(600, 380, 30, 30)]) == upper_left
    assert corner(size, window, [QRectF(500, 345, 60, 30)]) == upper_left
    assert corner(size, window, [QRectF(600, 380, 30, 30), QRectF(100, 20, 500, 60)]) == lower_left
    assert corner(size, window, [QRectF(55, 340, 560, 70), QRectF(70, 20, 200, 60)]) == upper_right
    assert corner(size, window, [QRectF(600, 380, 30, 30), QRectF(0, 0, 700, 500)]) == upper_left
    assert window.contains(corner(size, window, [QRectF(0, 0, 700, 500)]))


def test_it_is_smaller_where_it_would_cover_something(qapp: QApplication) -> None:
    extent, window = (-20.0, 140.0, 120.0), QRectF(50, 20, 600, 400)
    usual = place_in(extent, window, [])
    assert usual == place_in(extent, window, [QRectF(300, 200, 30, 30)])  # in the middle: out of its way
    assert usual == place_in(extent, window, [QRectF(60, 30, 300, 380)])
    between = QRectF(200, 30, 300, 380)  # leaves 150 pixels on each side
    small = place_in(extent, window, [between])
    assert small.width() == pytest.approx(0.6 * usual.width(), abs=1)
    assert small.height() == pytest.approx(0.6 * usual.height(), abs=1)
    assert small.bottomRight() == usual.bottomRight()
    assert not small.intersects(between)
    everywhere = place_in(extent, window, [QRectF(300, 200, 30, 30), window])
    assert everywhere.size() == small.size()
    assert window.contains(everywhere)
    low = QRectF(0, 0, 250, 120)
    assert place_in(extent, low, []).height() <= 36
    assert place_in(extent, low, [low]).width() >= 48
    assert place_in(extent, low, [low]).height() >= 32
    assert place_in(extent, QRectF(0, 0, 100, 60), []) is None


def test_the_name_of_an_open_cell_is_not_covered(panel: GraphPanel, view: MapView, session: Session) -> None:
    panel.resize(690, 400)
    QApplication.processEvents()
    scalar = session.description.addresses.parse("pos1.layer1.mlp.fc1[5]")  # its last operation, at the lower right
    view.show_selection(scalar)
    view.fit_selection()
    give(panel, session)
    place, cell = QRectF(view.minimap.geometry()), view.cell_rect(view.layout_of_map.cell_of(scalar))
    header = QRectF(cell.topLeft(), QSizeF(cell.width(), HEADER * cell.height()))
    assert view.box_rect(scalar) != cell
    assert not place.intersects(view.box_rect(scalar))
    assert not place.intersects(header)


def test_both_themes_and_sizes_of_text(panel: GraphPanel, view: MapView, dress: Callable[..., object]) -> None:
    view.zoom_in()
    dress("dark")
    dark, width = shown(view.minimap), view.minimap.width()
    dress("light", 1.5)
    QApplication.processEvents()
    assert view.minimap.width() > width
    light = shown(view.minimap)
    assert np.median(light & 0xFF) > np.median(dark & 0xFF)


def test_the_transform_is_that_of_the_map(view: MapView) -> None:
    view.zoom_in()
    t = view.minimap.transform
    assert isinstance(t, Transform)
    left, right, height = view.layout_of_map.extent(view.columns)
    assert t.to_pixels(left, 0.0) == pytest.approx((4, 4))
    corner_of_map = t.to_pixels(right, height)
    assert corner_of_map == pytest.approx((view.minimap.width() - 4, view.minimap.height() - 4), abs=1.5)
