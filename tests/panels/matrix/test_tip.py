"""The matrix's tool tip says what the footer says, and where; it changes with the footer, and goes with the pointer."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from microgpt_studio.debugger.derivatives import local_derivatives
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.bands import Level
from microgpt_studio.panels.matrix.marks import Edge
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.pointed import Pointed
from microgpt_studio.widgets.number_text import short

SHOW, IS_VISIBLE, TEXT = QToolTip.showText, QToolTip.isVisible, QToolTip.text  # Qt's own
ENDS = ("pos1.layer0.attn.q[5].mul[6]", "pos1.layer0.attn.q[5].sum[6]")


def pair_of(view: MatrixView) -> Edge:
    operand, consumer = (view.edges.place_of(view.description.addresses.parse(address)) for address in ENDS)
    assert operand in view.edges.operands(consumer)
    return operand, consumer


def rest(view: MatrixView, at: QPointF) -> None:
    """Let the pointer rest at a point of the view."""
    point = at.toPoint()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, point, view.mapToGlobal(point)))


def numbers_of(session: Session, view: MatrixView, pair: Edge) -> str:
    machine, consumer = session.runner.machine, view.edges.id_of(pair[1])
    derivative = local_derivatives(machine, consumer)[view.edges.operands(pair[1]).index(pair[0])]
    contribution = derivative * float(machine.grad[consumer])
    return f"derivative {short(derivative)}  contribution {short(contribution)}"


def test_far_away_it_says_the_bands_and_how_many_edges_a_dot_is(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment, shown
) -> None:
    rest(view, view.point_of(pair_of(view)))
    pair, tiles = panel.edge, view.density.tiles
    panel._ask()
    show_moment(panel, session)
    operand, consumer = pair
    count = view.density.counts[(consumer >> tiles.shift_y) - tiles.top, (operand >> tiles.shift_x) - tiles.left]
    bands = [view.bands.at(Level.BLOCK, place).path for place in pair]
    assert count > 1
    assert shown.tip.split("\n") == [
        f"operand in {bands[0]}, consumer in {bands[1]}",
        f"nearest of {count:,} in this dot: {view.bands.address(operand)} → {view.bands.address(consumer)}",
        numbers_of(session, view, pair),
    ]


def test_near_it_says_the_exact_edge_with_its_numbers(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment, shown
) -> None:
    pair = pair_of(view)
    view.camera.x.show(pair[0] - 3, pair[0] + 4)
    view.camera.y.show(pair[1] - 8, pair[1] + 9)
    assert view.density.is_single
    rest(view, view.point_of(pair))
    assert panel.edge == pair
    assert shown.tip == f"{ENDS[0]} → {ENDS[1]}"  # the numbers have not come
    panel._ask()
    show_moment(panel, session)
    assert shown.tip == f"{ENDS[0]} → {ENDS[1]}\n{numbers_of(session, view, pair)}"


def test_it_says_what_the_footer_says(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment, shown
) -> None:
    pair = pair_of(view)
    for factor in (1.0, 3.0, 40.0, 1e4, 1e9):
        view.fit()
        at = view.point_of(pair)
        view.camera.zoom(factor, at.x() - view.point_of((0, 0)).x(), 100.0)
        view._reveal(pair[1])
        rest(view, view.point_of(pair))
        panel._ask()
        show_moment(panel, session)
        lines = shown.tip.split("\n")
        if not view.density.is_single:
            assert lines.pop(0).startswith("operand in pos1.layer0.attn")
        assert "  ".join(lines) == panel.footer.lines.texts[1]
    session.execution.go_to(Place(session.step - 1, 3))  # the numbers change under the pointer
    show_moment(panel, session)
    assert shown.tip.split("\n")[-1] == "derivative not computed yet"
    assert "  ".join(shown.tip.split("\n")[-2:]) == panel.footer.lines.texts[1]


def test_it_goes_when_something_else_is_pointed_at(panel: MatrixPanel, view: MatrixView, qtbot, shown) -> None:
    pair = pair_of(view)
    view.camera.x.show(pair[0] - 3, pair[0] + 4)
    view.camera.y.show(pair[1] - 8, pair[1] + 9)
    rest(view, view.point_of(pair))
    assert shown.tip
    qtbot.mouseMove(view, QPoint(2, 2))
    assert panel.edge is None
    assert shown.tip == ""


def test_where_there_is_no_edge_it_says_so_and_where(panel: MatrixPanel, view: MatrixView, shown) -> None:
    parse = view.description.addresses.parse
    places = [view.edges.place_of(parse(address)) for address in ("pos2.layer0.mlp.fc1[9]", "pos0.layer1.mlp.fc1[9]")]
    rest(view, view.point_of((places[0], places[1])))  # the later position is no operand
    assert panel.edge is None
    assert shown.tip == "operand in pos2.layer0.mlp, consumer in pos0.layer1.mlp\nno edge here"
    view.camera.x.high = view.camera.y.high = 2 * view.edges.num_scalars  # as while longer documents were shown
    view.fit()
    rest(view, QPointF(view.width() - 3, view.height() - 3))
    assert shown.tip == ""


def test_before_there_are_edges_it_says_nothing(panel: MatrixPanel, session: Session, shown) -> None:
    panel.show_session(session.description)
    rest(panel.view, QPointF(300, 200))
    assert shown.tip == ""


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # without a display
def test_qt_shows_the_tool_tip_and_it_goes(view: MatrixView, qtbot, monkeypatch) -> None:
    for name, own in (("showText", SHOW), ("isVisible", IS_VISIBLE), ("text", TEXT)):
        monkeypatch.setattr(QToolTip, name, own)
    rest(view, view.point_of(pair_of(view)))
    assert QToolTip.text().startswith("operand in pos1.layer0.attn")
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_words_for_one_edge_and_for_several() -> None:
    one = Pointed("a.b", "a.c", (), 1, "there")
    assert one.wordings[0].strip() == "a.b → a.c"
    assert one.tip == "there\na.b → a.c"
    several = Pointed("a.b", "a.c", ("derivative 1.000",), 1200, "")
    assert several.wordings[0] == "nearest of 1,200 in this dot: a.b → a.c  derivative 1.000"
    assert several.tip == "nearest of 1,200 in this dot: a.b → a.c\nderivative 1.000"
    assert sorted(several.wordings, key=len, reverse=True) == list(several.wordings)
