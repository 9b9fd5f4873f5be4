"""What is lit is outlined: the cells of the scalars, no others, at every zoom."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from microgpt.program.program import Program
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import GraphPanel, MapLayout, MapView
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.lit import Lit, arrow_to, lit_cells

FITTED, CLOSE = Transform(2.5, 8.0, 10.0, 10.0), Transform(60.0, 45.0, -700.0, -300.0)


@pytest.fixture(scope="module")
def layout(program: Program) -> MapLayout:
    return MapLayout(program, Expressions.of_program(program))


def ids(program: Program, test: Callable[[int], bool]) -> np.ndarray:
    return np.array([scalar for scalar in range(program.num_scalars) if test(scalar)], dtype=np.int32)


def middle(layout: MapLayout, cell: int, t: Transform) -> QPointF:
    left, top, width, height = layout.rect_of(cell)
    return QPointF(*t.to_pixels(left + width / 2, top + height / 2))


def one(scalar: int) -> np.ndarray:
    return np.array([scalar], dtype=np.int32)


def test_a_scalar_lights_the_cell_that_it_is_or_belongs_to(program: Program, layout: MapLayout) -> None:
    for scalar in range(0, program.num_scalars, 97):
        (cell,) = lit_cells(layout, one(scalar)).tolist()
        assert scalar in layout.expressions.of(cell)
        tensor, own = program.tensors[program.tensor[scalar]], int(program.element[scalar])
        if own >= 0 or tensor.shape == ():
            assert cell == tensor.first_element + max(own, 0)
        else:
            assert cell >= layout.expressions.num_elements  # what all of a tensor's elements share


def test_many_at_once_are_all_of_them(program: Program, layout: MapLayout) -> None:
    scalars = np.random.default_rng(1).integers(0, program.num_scalars, 2000).astype(np.int32)
    each = [lit_cells(layout, scalars[i : i + 1]) for i in range(len(scalars))]
    assert lit_cells(layout, scalars).tolist() == np.unique(np.concatenate(each)).tolist()


def test_nothing_has_no_outline(layout: MapLayout) -> None:
    assert Lit(layout, np.array([], dtype=np.int32)).outline(FITTED, 8).isEmpty()


def test_parameters_are_outlined_in_their_own_column_whatever_the_document(layout: MapLayout) -> None:
    t = Transform(60.0, 45.0, 600.0, 0.0)
    outline = Lit(layout, np.array([0, 5], dtype=np.int32)).outline(t, 1)
    assert [outline.contains(middle(layout, cell, t)) for cell in range(7)] == [True, *4 * [False], True, False]


@pytest.mark.parametrize("t", [FITTED, CLOSE])
def test_every_lit_cell_is_inside_the_outline(program: Program, layout: MapLayout, t: Transform) -> None:
    scalars = ids(program, lambda s: program.tensors[program.tensor[s]].stage == "layer1.mlp.fc1" and s % 3 == 0)
    lit = Lit(layout, scalars)
    outline = lit.outline(t, 5)
    for cell in lit.cells.tolist():
        assert outline.contains(middle(layout, cell, t)) == (layout.position_of[cell] < 5)


def test_close_up_no_other_cell_is_inside_the_outline(program: Program, layout: MapLayout) -> None:
    scalars = layout.expressions.scalar
    scalars = np.concatenate([scalars[:60:7], scalars[program.num_parameters :][:900:5]])
    closest = Transform(600.0, 450.0, -700.0, -300.0)  # a parameter is flat: only here is it higher than its outline
    lit = Lit(layout, scalars)
    outline, cells = lit.outline(closest, 8), set(lit.cells.tolist())
    for cell in range(layout.expressions.num_cells):
        assert outline.contains(middle(layout, cell, closest)) == (cell in cells)


def test_very_many_share_outlines_and_none_is_left_out(program: Program, layout: MapLayout) -> None:
    lit = Lit(layout, layout.expressions.scalar[::3])
    for t in (FITTED, CLOSE):
        outline = lit.outline(t, 6)
        assert all(
            outline.contains(middle(layout, cell, t)) == (layout.position_of[cell] < 6) for cell in lit.cells.tolist()
        )
        assert len(outline.toSubpathPolygons()) <= len(layout.rows) * 6 + len(layout.matrices)


def test_a_single_cell_far_away_has_an_outline_that_can_be_seen(program: Program, layout: MapLayout) -> None:
    lit = Lit(layout, one(int(layout.expressions.scalar[program.num_parameters + 40])))
    box = lit.outline(Transform(0.5, 1.0), 8).boundingRect()
    assert min(box.width(), box.height()) >= 10


def test_a_whole_tensor_has_one_outline(program: Program, layout: MapLayout) -> None:
    tensor = next(t for t in program.tensors if t.path == "pos2.layer0.attn.q")
    outline = Lit(layout, program.elements(tensor)).outline(FITTED, 8)
    assert len(outline.toSubpathPolygons()) == 1


@pytest.mark.parametrize(
    ("box", "towards"),
    [
        (QRectF(-50, 40, 10, 10), (-1, 0)),
        (QRectF(500, 40, 10, 10), (1, 0)),
        (QRectF(40, -30, 10, 10), (0, -1)),
        (QRectF(40, 300, 10, 10), (0, 1)),
        (QRectF(500, 300, 10, 10), (1, 1)),
    ],
)
def test_an_arrow_points_to_what_is_out_of_sight(box: QRectF, towards: tuple[int, int]) -> None:
    window = QRectF(0, 0, 200, 100)
    arrow = arrow_to(box, window)
    assert window.contains(arrow.boundingRect())
    tip, *back = (arrow.at(i) for i in range(3))
    ahead = tip - (back[0] + back[1]) / 2
    assert (np.sign(round(ahead.x(), 6)), np.sign(round(ahead.y(), 6))) == towards
    assert arrow_to(QRectF(-5, -5, 10, 10), window) is None


@pytest.fixture
def panel(qtbot, session: Session, show: Callable[..., None]) -> GraphPanel:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(760, 440)
    panel.show()
    session.update()
    show(panel, session)
    return panel


def test_the_panel_lights_and_clears(panel: GraphPanel, session: Session) -> None:
    dark = panel.view.grab().toImage()
    scalar = session.description.addresses.parse("pos1.layer0.attn.q[3].mul[2]")
    panel.show_lit(np.array([scalar], dtype=np.int32))
    cell = panel.view.layout_of_map.cell_of(scalar)
    assert panel.view.lit_cells == (cell,)
    assert panel.view.grab().toImage() != dark
    panel.show_snapshot(session.snapshot(2, panel.add_wishes(Wanted())))
    assert panel.view.lit_cells == (cell,)
    panel.show_lit(np.array([], dtype=np.int32))
    assert panel.view.lit_cells == ()
    assert panel.view.grab().toImage() == dark


def test_a_new_session_lights_nothing(panel: GraphPanel, session: Session, show: Callable[..., None]) -> None:
    panel.show_lit(np.array([session.description.program.loss], dtype=np.int32))
    show(panel, session)
    assert panel.view.lit_cells == ()


def test_before_a_session_nothing_is_lit(qtbot) -> None:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.show_lit(np.array([1], dtype=np.int32))
    assert panel.view is None


def test_it_is_seen_close_up_and_out_of_sight(panel: GraphPanel, session: Session) -> None:
    view: MapView = panel.view
    scalar = session.description.addresses.parse("pos1.layer0.attn.q[3]")
    for x, y in ((0.0, 0.0), (600.0, 380.0)):
        view.fit()
        view.camera.zoom(12.0, x, y)
        panel.show_lit(np.array([], dtype=np.int32))
        plain = view.grab().toImage()
        panel.show_lit(np.array([scalar], dtype=np.int32))
        assert view.grab().toImage() != plain
