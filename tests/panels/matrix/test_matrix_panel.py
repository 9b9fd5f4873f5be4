"""The Matrix panel shows a session's edges, tells what is pointed at, and lets scalars be selected."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.derivatives import local_derivatives
from microgpt_studio.debugger.edges import NumbersOfEdges, WholeGraph
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.bands import Level
from microgpt_studio.panels.matrix.marks import Edge
from microgpt_studio.panels.matrix.matrix_panel import seen_wordings
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.pointed import without_repetition


def edge(view: MatrixView, operand: str, consumer: str) -> Edge:
    parse = view.description.addresses.parse
    found = view.edges.place_of(parse(operand)), view.edges.place_of(parse(consumer))
    assert found[0] in view.edges.operands(found[1])
    return found


def near(view: MatrixView, pair: Edge) -> None:
    """Zoom until the squares of single edges can be told apart."""
    view.camera.x.show(pair[0] - 3, pair[0] + 4)
    view.camera.y.show(pair[1] - 8, pair[1] + 9)


def point(view: MatrixView, pair: Edge) -> QPoint:
    return view.point_of(pair).toPoint()


def wheel(view: MatrixView, at: QPoint, turned: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.mapToGlobal(at)),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


SOME = ("pos1.layer0.attn.q[5].mul[6]", "pos1.layer0.attn.q[5].sum[6]")


def test_before_a_session_it_says_so(panel: MatrixPanel) -> None:
    assert panel.view is None
    assert not panel.footer.isVisible()
    panel.grab()


def test_before_the_edges_have_come_nothing_is_shown(panel: MatrixPanel, session: Session) -> None:
    panel.show_session(session.description)
    panel.show_snapshot(session.snapshot(1, Wanted()))
    assert panel.view.density is None
    assert panel.view.rulers is None
    assert panel.footer.lines.texts == ("", "")
    panel.grab()


def test_it_says_what_is_seen(panel: MatrixPanel, view: MatrixView, session: Session) -> None:
    moment = session.snapshot(1, Wanted()).moment
    text = panel.footer.lines.texts[0]
    assert text.startswith("a dot for every edge: x operand, y consumer")
    assert text.endswith(f"“{moment.document}” · {moment.num_scalars:,} scalars · {view.edges.count:,} edges")
    wordings = seen_wordings(panel.snapshot, view.edges)
    assert sorted(wordings, key=len, reverse=True) == list(wordings)
    scale = panel.footer.legend.scale
    assert scale.limit == view.density.limit
    assert [scale.ticks[0], scale.ticks[-1]] == [(0.0, "1"), (1.0, f"{view.density.limit:,}")]
    panel.grab()


def test_hovering_tells_the_exact_edge_and_its_numbers(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot, show_moment
) -> None:
    pair = edge(view, *SOME)
    near(view, pair)
    view.camera.zoom(0.3, 300.0, 200.0)
    view._reveal(pair[1])
    with qtbot.waitSignal(panel.wishes_changed):
        qtbot.mouseMove(view, point(view, pair))
    assert panel.edge == pair
    assert NumbersOfEdges(pair[1], pair[1] + 1) in panel.inquiries()
    assert panel.footer.lines.texts[1].startswith(f"{SOME[0]} → {SOME[1]}")
    assert "derivative" not in panel.footer.lines.texts[1]  # not known before it has come
    show_moment(panel, session)
    machine, consumer = session.runner.machine, view.edges.id_of(pair[1])
    side = view.edges.operands(pair[1]).index(pair[0])
    derivative = local_derivatives(machine, consumer)[side]
    contribution = derivative * float(machine.grad[consumer])
    assert panel.describe(pair) == (
        f"{SOME[0]} → {SOME[1]}   derivative {derivative!r}   contribution {contribution!r}"
    )
    assert "derivative 1.000  contribution" in panel.footer.lines.texts[1]
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == panel.describe(pair)
    qtbot.mouseMove(view, QPoint(2, 2))
    assert panel.edge is None
    panel.show_selection(session.description.addresses.parse("wte[1,2]"))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "wte[1,2]"


def test_what_is_under_a_resting_pointer_is_asked_anew_when_the_picture_moves(
    panel: MatrixPanel, view: MatrixView, qtbot
) -> None:
    at = point(view, edge(view, *SOME))
    qtbot.mouseMove(view, at)
    assert panel.edge is not None
    for move in (view.zoom_in, lambda: view.open_at(QPointF(at)), view.zoom_in, view.leave, view.fit):
        move()
        assert panel.edge == view.edge_at(QPointF(at))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    view.zoom_in()
    assert panel.edge is None
    qtbot.mouseMove(view, QPoint(2, 2))  # the next test moves it to the same place


def test_an_edge_among_many_is_said_to_be_one_of_them(panel: MatrixPanel, view: MatrixView, qtbot) -> None:
    pair = edge(view, *SOME)
    at = point(view, pair)
    qtbot.mouseMove(view, at)
    assert panel.edge is not None
    count = view.count_at(panel.edge)
    assert (
        count
        == view.density.counts[
            (panel.edge[1] >> view.density.tiles.shift_y) - view.density.tiles.top,
            (panel.edge[0] >> view.density.tiles.shift_x) - view.density.tiles.left,
        ]
    )
    assert count > 1
    assert panel.footer.lines.texts[1].startswith(f"nearest of {count:,} in this dot: ")


def test_every_edge_is_found_where_it_is_drawn(view: MatrixView) -> None:
    for consumer in range(view.edges.num_parameters, view.edges.num_scalars, 503):
        for operand in view.edges.operands(consumer):
            near(view, (operand, consumer))
            assert view.edge_at(view.point_of((operand, consumer))) == (operand, consumer)


def test_a_click_selects_the_consumer_and_with_shift_the_operand(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot
) -> None:
    pair = edge(view, "layer0.attn_wq[5,6]", SOME[0])
    near(view, pair)
    parse = session.description.addresses.parse
    panel.selected.connect(panel.show_selection)  # as the window does
    seen = view.camera.x.span, view.camera.y.span
    with qtbot.waitSignal(panel.selected) as heard:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point(view, pair))
    assert heard.args == [parse(SOME[0])]
    with qtbot.waitSignal(panel.selected) as heard:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, point(view, pair))
    assert heard.args == [parse("layer0.attn_wq[5,6]")]
    assert (view.camera.x.span, view.camera.y.span) == seen  # what was clicked does not move away


def test_the_selected_scalar_s_edges_are_marked(panel: MatrixPanel, view: MatrixView, session: Session) -> None:
    parse = session.description.addresses.parse
    for address in ("pos1.layer0.attn.q[5]", "wte[1,2]", "loss", "pos0.embed[0]"):
        panel.show_selection(parse(address))
        place = view.marks.selected
        assert place == view.edges.place_of(parse(address))
        everything = [(a, c) for c in range(view.edges.num_scalars) for a in view.edges.operands(c)]
        assert {tuple(pair) for pair in view.marks.selected_edges.tolist()} == {
            pair for pair in everything if place in pair
        }
        panel.grab()
    panel.show_selection(parse("pos7.embed[0]"))  # the document is shorter
    assert view.marks.selected is None
    assert len(view.marks.selected_edges) == 0
    panel.grab()


def test_a_selection_out_of_sight_is_brought_into_it(view: MatrixView, session: Session) -> None:
    near(view, edge(view, *SOME))
    parse = session.description.addresses.parse
    for address in ("pos3.layer1.mlp.fc2[3]", "layer1.mlp_fc2[3,4]", "pos0.embed[0]", "loss"):
        view.show_selection(parse(address))
        operand, consumer = view.marks.selected_edges[0].tolist()
        assert view.camera.x.span.first <= operand <= view.camera.x.span.last
        assert view.camera.y.span.first <= consumer <= view.camera.y.span.last


def test_lit_scalars_are_marked_if_the_document_has_them(
    panel: MatrixPanel, view: MatrixView, session: Session
) -> None:
    parse = session.description.addresses.parse
    lit = ["wte[0,0]", "pos1.layer0.attn.q[5]", "pos7.embed[0]"]
    panel.show_lit(np.array([parse(address) for address in lit], dtype=np.int32))
    assert view.marks.lit.tolist() == [parse(address) for address in lit[:2]]
    panel.grab()
    panel.show_lit(np.empty(0, dtype=np.int32))
    assert len(view.marks.lit) == 0


def test_half_way_the_cursor_s_scalar_is_marked(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment
) -> None:
    assert view.marks.cursor is None
    session.execution.go_to(Place(session.step - 1, 4000))
    show_moment(panel, session)
    assert view.marks.cursor == session.description.program.num_parameters + 4000
    panel.grab()
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(session.execution.place.updates, forward + backward + 7))
    show_moment(panel, session)
    assert view.marks.cursor == 7
    panel.grab()


def test_large_cells_have_their_numbers(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot, show_moment
) -> None:
    assert view.figured_consumers() is None
    pair = edge(view, *SOME)
    near(view, pair)
    with qtbot.waitSignal(panel.wishes_changed):
        view.looked.emit()
    start, stop = view.figured_consumers()
    assert start <= view.camera.y.span.first < view.camera.y.span.last <= stop
    assert set(panel.inquiries()) == {WholeGraph(), NumbersOfEdges(start, stop)}
    show_moment(panel, session)
    figures = view._figures
    for consumer in range(start, stop):
        derivatives = local_derivatives(session.runner.machine, view.edges.id_of(consumer))
        assert figures.derivatives[: len(derivatives), consumer - start].tolist() == list(derivatives)
    panel.grab()
    session.execution.go_to(Place(session.step - 1, 3))  # their numbers are not computed yet
    show_moment(panel, session)
    assert panel.describe(pair).endswith("derivative not computed yet")
    panel.grab()


def test_what_the_loss_does_not_depend_on_adds_nothing(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment
) -> None:
    target = session.snapshot(1, Wanted()).moment.tokens[2]
    other = f"pos1.prob[{(target + 1) % 3}]"
    consumer = view.edges.place_of(session.description.addresses.parse(other))
    pair = (view.edges.operands(consumer)[0], consumer)
    near(view, pair)
    panel._ask()
    show_moment(panel, session)
    assert panel.describe(pair).endswith("the loss does not depend on it")


def test_a_double_click_opens_a_band_and_escape_leaves_it(view: MatrixView, qtbot) -> None:
    pair = edge(view, *SOME)
    for level in (Level.POSITION, Level.BLOCK, Level.TENSOR, Level.ELEMENT):
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=point(view, pair))
        for axis, place in zip((view.camera.x, view.camera.y), pair, strict=True):
            band, span = view.bands.at(level, place), axis.span
            assert (span.first + span.last) / 2 == pytest.approx((band.start + band.stop) / 2, abs=1)
            if level is not Level.ELEMENT:  # which does not fill the window even in the nearest view
                assert (span.first, span.last) == pytest.approx((band.start, band.stop), abs=1)
        view.grab()
    for level in (Level.TENSOR, Level.BLOCK, Level.POSITION):
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        band = view.bands.at(level, pair[1])
        assert (view.camera.y.span.first, view.camera.y.span.last) == pytest.approx((band.start, band.stop), abs=1)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.camera.is_whole


def test_a_double_click_on_a_ruler_opens_one_axis(view: MatrixView, qtbot) -> None:
    at = point(view, edge(view, *SOME))
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(at.x(), 8))
    assert view.camera.y.is_whole
    assert not view.camera.x.is_whole
    view.fit()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(30, at.y()))
    assert view.camera.x.is_whole
    assert not view.camera.y.is_whole
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.camera.x.is_whole
    assert not view.camera.y.is_whole
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.camera.is_whole


def places_at(view: MatrixView, at: QPoint) -> tuple[float, float]:
    origin = view.point_of((0, 0)) - QPointF(view.camera.x.span.to_pixel(0.5), view.camera.y.span.to_pixel(0.5))
    inside = QPointF(at) - origin
    return view.camera.x.span.to_place(inside.x()), view.camera.y.span.to_place(inside.y())


def test_the_wheel_zooms_about_the_pointer(view: MatrixView) -> None:
    at = point(view, edge(view, *SOME))
    before = places_at(view, at)
    for _ in range(8):
        wheel(view, at, 240)
        assert places_at(view, at) == pytest.approx(before)
    assert not view.camera.x.is_whole
    view.fit()
    wheel(view, at, 240, Qt.KeyboardModifier.ShiftModifier)
    assert (view.camera.x.is_whole, view.camera.y.is_whole) == (False, True)
    view.fit()
    wheel(view, at, 240, Qt.KeyboardModifier.ControlModifier)
    assert (view.camera.x.is_whole, view.camera.y.is_whole) == (True, False)


def test_keys_zoom_pan_and_fit(view: MatrixView, qtbot) -> None:
    for key in (Qt.Key.Key_0, Qt.Key.Key_Home):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
        qtbot.keyClick(view, Qt.Key.Key_Plus)
        nearer = view.camera.x.span
        qtbot.keyClick(view, Qt.Key.Key_Minus)
        assert view.camera.x.span.scale < nearer.scale
        before = view.camera.x.span.first, view.camera.y.span.first
        qtbot.keyClick(view, Qt.Key.Key_Right)
        qtbot.keyClick(view, Qt.Key.Key_Down)
        assert view.camera.x.span.first > before[0]
        assert view.camera.y.span.first > before[1]
        qtbot.keyClick(view, Qt.Key.Key_Left)
        qtbot.keyClick(view, Qt.Key.Key_Up)
        assert (view.camera.x.span.first, view.camera.y.span.first) == pytest.approx(before)
        qtbot.keyClick(view, key)
        assert view.camera.is_whole


def test_dragging_pans_and_selects_nothing(panel: MatrixPanel, view: MatrixView, qtbot) -> None:
    heard: list[object] = []
    panel.selected.connect(heard.append)
    view.camera.zoom(50, 300, 200)
    x, y = view.camera.x.span, view.camera.y.span
    start, end = QPoint(400, 300), QPoint(370, 280)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert x.to_pixel(view.camera.x.span.first) == pytest.approx(30)
    assert y.to_pixel(view.camera.y.span.first) == pytest.approx(20)
    assert heard == []


def test_while_it_runs_the_axes_only_grow(panel: MatrixPanel, session: Session, show_moment) -> None:
    panel.show_session(session.description)
    longest = 0
    for _ in range(8):
        session.update()
        show_moment(panel, session, Pace(True, 1000.0))
        longest = max(longest, panel.view.edges.num_scalars)
        assert panel.view.camera.x.high == panel.view.camera.y.high == longest
        panel.grab()
    show_moment(panel, session)
    assert panel.view.camera.y.high == panel.view.edges.num_scalars


def test_rulers_tell_the_whole_name(view: MatrixView) -> None:
    place = edge(view, *SOME)[1]
    at = point(view, edge(view, *SOME))
    band = view.bands.at(view.rulers[1].level, place)
    text = view.describe(QPointF(20.0, at.y()))
    assert text == f"{band.path}\n{band.size:,} scalars"
    assert view.describe(QPointF(2.0, 2.0)) == ""
    near(view, edge(view, *SOME))
    at = point(view, edge(view, *SOME))
    assert view.describe(QPointF(20.0, at.y())) == f"{SOME[1]}\n1 scalar"


def test_a_new_session_begins_anew(panel: MatrixPanel, view: MatrixView, session: Session, show_moment) -> None:
    view.camera.zoom(50, 300, 200)
    panel.show_session(session.description)
    assert panel.view is not view
    assert panel.view.edges is None
    show_moment(panel, session)
    assert panel.view.camera.is_whole


def test_what_operand_and_consumer_have_in_common_is_said_once() -> None:
    assert without_repetition("pos1.layer0.attn.q[5].sum[14]", "pos1.layer0.attn.q[5]") == "…q[5]"
    assert without_repetition("pos1.layer0.attn.q[5].mul[6]", "pos1.layer0.attn.q[5].sum[6]") == "…sum[6]"
    assert without_repetition("wte[1,2]", "pos0.embed[2]") == "pos0.embed[2]"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_paints_in_both_themes_and_large(panel: MatrixPanel, view: MatrixView, dress, theme: str) -> None:
    for text_scale in (1.0, 1.8):
        dress(theme, text_scale)
        for factor in (1.0, 30.0, 1e9):
            view.fit()
            view.camera.zoom(factor, 200.0, 200.0)
            panel.grab()
