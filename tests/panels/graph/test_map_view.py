"""The map as it is used: what it asks for, mouse and keys at every level, the lock and the legend."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.contributions import CellContributions
from microgpt_studio.debugger.execution_order import CellOrder
from microgpt_studio.debugger.inside_numbers import CellDerivatives, InsideCells
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView
from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.pointing import Pointed
from microgpt_studio.theme import apply_theme

Q5, PRODUCT = "pos1.layer0.attn.q[5]", "pos1.layer0.attn.q[5].mul[3]"


class Desk:
    """A panel that is shown whatever it asks for as soon as it asks, and selects what it tells, as in the window."""

    def __init__(self, panel: GraphPanel, session: Session) -> None:
        self.panel, self.session = panel, session
        self.asked = 0
        self.selected: list[int] = []
        panel.show_session(session.description)
        panel.wishes_changed.connect(self.answer)
        panel.selected.connect(self.select)
        self.answer()

    def answer(self) -> None:
        self.asked += 1
        snapshot = self.session.snapshot(self.asked, self.panel.add_wishes(Wanted()))
        self.panel.show_snapshot(snapshot)
        self.panel.show_text(snapshot)

    def select(self, scalar: int) -> None:
        self.selected.append(scalar)
        self.panel.show_selection(scalar)
        self.answer()

    @property
    def view(self) -> MapView:
        assert self.panel.view is not None
        return self.panel.view

    def scalar(self, address: str) -> int:
        return self.session.description.addresses.parse(address)

    def address(self, scalar: int) -> str:
        return self.session.description.addresses.format(scalar)

    def cell(self, address: str) -> int:
        return int(self.session.description.expressions.cell[self.scalar(address)])

    def openness(self, address: str) -> float:
        return float(self.view.frame.openness_of(self.cell(address)))

    def inside_cells(self) -> set[int]:
        """The cells whose inside is asked for."""
        asked = [each for each in self.panel.inquiries() if isinstance(each, InsideCells)]
        return set(np.frombuffer(asked[0].cells, dtype=np.int32).tolist()) if asked else set()


@pytest.fixture
def desk(qtbot, session: Session) -> Desk:
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 640)
    panel.show()
    return Desk(panel, session)


def wheel(view: MapView, at: QPointF, delta: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def press(view: MapView, button: Qt.MouseButton) -> None:
    at = QPointF(view.window_of_map().center())
    QApplication.sendEvent(
        view,
        QMouseEvent(
            QEvent.Type.MouseButtonPress, at, view.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier
        ),
    )


def test_far_away_only_cells_are_asked_for(desk: Desk) -> None:
    assert set(desk.panel.inquiries()) == {CellNumbers()}
    assert desk.view.picture.inside is None
    assert len(desk.view.frame.scalars) == 0


def test_what_is_inside_is_asked_for_before_any_cell_opens_and_no_more_on_the_way_out(desk: Desk) -> None:
    point = desk.view.cell_rect(desk.cell(Q5)).center()
    first_asked = first_open = None
    for _ in range(100):
        t, text_scale = desk.view.camera.transform, 1.0
        asked, opening = desk.inside_cells(), desk.view.inside.may_be_open(t.scale_x, t.scale_y, text_scale)
        if asked and first_asked is None:
            first_asked = t.scale_x
        if opening and first_open is None:
            first_open = t.scale_x
        frame = desk.view.frame
        due = frame.cells[desk.view.inside.openness(frame.cells, t.scale_x, t.scale_y, text_scale) > 0]
        assert set(due.tolist()) <= asked  # and their numbers are there:
        assert set(due.tolist()) == set(frame.open_cells)
        wheel(desk.view, point, 60)
    assert first_asked is not None and first_open is not None
    assert first_asked < first_open
    assert desk.openness(Q5) == 1
    for _ in range(200):
        wheel(desk.view, point, -60)
    assert desk.inside_cells() == set()
    assert desk.view.picture.inside is None


def test_a_little_pan_asks_for_nothing_new_and_a_long_one_does(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    before, asked = desk.inside_cells(), desk.asked
    desk.view.levels.pan(-30.0, 10.0)
    desk.view._moved()
    assert desk.asked == asked
    for _ in range(20):
        desk.view.levels.pan(-200.0, 0.0)
        desk.view._moved()
        frame, t = desk.view.frame, desk.view.camera.transform
        due = frame.cells[desk.view.inside.openness(frame.cells, t.scale_x, t.scale_y, 1.0) > 0]
        assert set(due.tolist()) <= desk.inside_cells()
        assert set(frame.open_cells) == set(due.tolist())
    assert desk.asked > asked
    assert desk.inside_cells() != before


def test_a_larger_window_asks_for_what_comes_into_sight(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    qtbot.keyClick(desk.view, Qt.Key.Key_Minus)
    qtbot.keyClick(desk.view, Qt.Key.Key_Minus)
    desk.panel.resize(2600, 1800)
    frame, t = desk.view.frame, desk.view.camera.transform
    due = frame.cells[desk.view.inside.openness(frame.cells, t.scale_x, t.scale_y, 1.0) > 0]
    assert set(due.tolist()) <= desk.inside_cells()


def test_the_columns_of_a_longer_document_are_asked_for_on_the_way_to_them(desk: Desk, qtbot) -> None:
    positions = desk.session.runner.machine.positions
    desk.select(desk.scalar(f"pos{positions - 1}.layer0.attn.q[7]"))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    for _ in range(5):
        qtbot.keyClick(desk.view, Qt.Key.Key_Minus)
    while desk.session.runner.machine.positions <= positions:
        desk.session.update()
    desk.answer()
    desk.view.levels.pan(-300.0, 0.0)
    desk.view._moved()
    frame, t = desk.view.frame, desk.view.camera.transform
    assert frame.positions > positions
    due = frame.cells[desk.view.inside.openness(frame.cells, t.scale_x, t.scale_y, 1.0) > 0]
    assert (desk.view.layout_of_map.position_of[due] == positions).any()  # the column that was not there
    assert set(due.tolist()) <= desk.inside_cells()


@pytest.mark.parametrize(
    ("quantity", "inquiry"),
    [
        (Quantity.DERIVATIVE, CellDerivatives()),
        (Quantity.FORWARD, CellOrder(backward=False)),
        (Quantity.BACKWARD, CellOrder(backward=True)),
    ],
)
def test_a_quantity_is_asked_for_while_it_is_chosen(desk: Desk, quantity: Quantity, inquiry: object) -> None:
    desk.panel.toolbar.choose_quantity(quantity)
    assert inquiry in set(desk.panel.inquiries())
    assert desk.view.picture.ink.known.any()
    desk.panel.toolbar.choose_quantity(Quantity.DATA)
    assert inquiry not in set(desk.panel.inquiries())


def test_contributions_are_asked_for_to_the_selected_scalar(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_C)
    assert desk.view.coloring.quantity is Quantity.CONTRIBUTION
    assert CellContributions(desk.scalar(Q5)) in set(desk.panel.inquiries())
    numbers = desk.view.picture.shown
    machine = desk.session.runner.machine
    assert numbers.values[desk.cell(Q5)] == machine.data[desk.scalar(Q5)]  # it is all of itself


def test_double_clicks_open_a_column_a_cell_and_a_scalar(desk: Desk, qtbot) -> None:
    def double_click(at: QPointF) -> None:
        qtbot.mouseDClick(desk.view, Qt.MouseButton.LeftButton, pos=at.toPoint())

    double_click(desk.view.cell_rect(desk.cell(Q5)).center())
    column = desk.view.camera.transform
    assert desk.view.layout_of_map.pitch * column.scale_x == pytest.approx(desk.view.window_of_map().width() - 20)
    double_click(desk.view.cell_rect(desk.cell(Q5)).center())
    assert desk.openness(Q5) == 1
    cell = desk.view.camera.transform
    double_click(desk.view.box_rect(desk.scalar(PRODUCT)).center())
    assert desk.view.camera.transform.scale_x > cell.scale_x
    assert desk.view.window_of_map().contains(desk.view.box_rect(desk.scalar(PRODUCT)))
    press(desk.view, Qt.MouseButton.BackButton)
    assert desk.view.camera.transform == cell
    press(desk.view, Qt.MouseButton.BackButton)
    assert desk.view.camera.transform == column
    press(desk.view, Qt.MouseButton.ForwardButton)
    assert desk.view.camera.transform == cell


def test_from_the_document_to_an_operation_and_back_with_keys_alone(desk: Desk, qtbot) -> None:
    view, keys = desk.view, Qt.Key
    qtbot.keyClick(view, keys.Key_Right)  # the first cell
    assert desk.address(desk.selected[-1]) == "pos0.embed[0]"
    for _ in range(4):
        qtbot.keyClick(view, keys.Key_Down)
    assert desk.address(desk.selected[-1]).startswith("pos0.layer0.attn.norm")
    qtbot.keyClick(view, keys.Key_Down)
    q = desk.selected[-1]
    assert desk.address(q).startswith("pos0.layer0.attn.q[")
    whole = view.camera.transform
    qtbot.keyClick(view, keys.Key_Return)
    cell = view.camera.transform
    assert desk.openness(desk.address(q)) == 1
    qtbot.keyClick(view, keys.Key_Up)  # from the last sum to its product
    product = desk.selected[-1]
    assert ".mul[" in desk.address(product)
    assert view.camera.transform == cell
    qtbot.keyClick(view, keys.Key_Enter)
    assert view.camera.transform.scale_x > cell.scale_x
    for expected in (lambda: view.camera.transform == cell, lambda: not view.camera.fitted, lambda: view.camera.fitted):
        qtbot.keyClick(view, keys.Key_Escape)
        assert expected()
    qtbot.keyClick(view, keys.Key_Backspace)
    assert not view.camera.fitted
    qtbot.keyClick(view, keys.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert view.camera.transform == cell
    qtbot.keyClick(view, keys.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert not view.camera.fitted
    for _ in range(10):
        qtbot.keyClick(view, keys.Key_Backspace)
    assert view.camera.transform == whole
    assert view.camera.fitted


def test_escape_at_the_whole_document_is_left_to_others(desk: Desk, qtbot) -> None:
    event_seen = []
    desk.panel.keyPressEvent = event_seen.append  # the parent of the map
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    assert desk.view.camera.fitted
    assert len(event_seen) == 1


def test_arrow_keys_inside_an_open_cell_reach_every_box_and_then_leave_it(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    expressions = desk.session.description.expressions
    members = set(expressions.of(desk.cell(Q5)).tolist())
    reached = {desk.scalar(Q5)}
    transform = desk.view.camera.transform
    keys = [Qt.Key.Key_Up, *[Qt.Key.Key_Left] * 12, Qt.Key.Key_Right]
    for key in keys:
        qtbot.keyClick(desk.view, key)
        if desk.selected[-1] in members:
            reached.add(desk.selected[-1])
            assert desk.view.camera.transform == transform  # all of it is in sight
    for start in sorted(members):
        desk.panel.show_selection(start)
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            desk.panel.show_selection(start)
            qtbot.keyClick(desk.view, key)
            reached.add(desk.selected[-1])
    assert members < reached
    left = {desk.address(scalar) for scalar in reached - members}
    assert left == {f"pos1.layer0.attn.{name}" for name in ("q[4]", "q[6]", "k[5]", "norm[5]")}


def test_arrow_keys_go_to_the_parameters_and_back(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar("pos0.layer0.attn.q[0]"))
    qtbot.keyClick(desk.view, Qt.Key.Key_Left)
    parameter = desk.selected[-1]
    assert desk.address(parameter).startswith("layer0.attn_w")
    assert desk.view.selected_position is None
    qtbot.keyClick(desk.view, Qt.Key.Key_Up)
    assert desk.selected[-1] != parameter
    assert desk.selected[-1] < desk.session.description.program.num_parameters
    for _ in range(8):
        qtbot.keyClick(desk.view, Qt.Key.Key_Right)
    assert desk.view.selected_position == 0


def test_keys_zoom_about_what_is_selected(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    for _ in range(12):
        qtbot.keyClick(desk.view, Qt.Key.Key_Plus)
    assert desk.openness(Q5) > 0.5
    assert desk.view.window_of_map().intersects(desk.view.box_rect(desk.scalar(Q5)))


def test_a_click_inside_selects_the_box_and_at_a_port_its_operand(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    transform = desk.view.camera.transform
    qtbot.mouseClick(
        desk.view, Qt.MouseButton.LeftButton, pos=desk.view.box_rect(desk.scalar(PRODUCT)).center().toPoint()
    )
    assert desk.selected[-1] == desk.scalar(PRODUCT)
    assert desk.view.camera.transform == transform
    ports = desk.view.inside.ports(np.array([desk.scalar(PRODUCT)], dtype=np.int32))
    t, corner = desk.view.camera.transform, desk.view.window_of_map().topLeft()
    operands = []
    for i in range(2):
        x = (ports.boxes.left[i] + ports.boxes.width[i] / 2) * t.scale_x + t.x + corner.x()
        y = (ports.boxes.top[i] + ports.boxes.height[i] / 2) * t.scale_y + t.y + corner.y()
        qtbot.mouseMove(desk.view, QPointF(x, y).toPoint())
        operands.append(desk.view.hovered_scalar)
    assert [desk.address(scalar) for scalar in operands] == ["layer0.attn_wq[5,3]", "pos1.layer0.attn.norm[3]"]
    qtbot.mouseClick(desk.view, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint())
    assert desk.selected[-1] == operands[1]
    where = desk.view.box_rect(operands[1]) if desk.openness(desk.address(operands[1])) >= 0.5 else desk.view.cell_rect(
        desk.cell(desk.address(operands[1]))
    )  # fmt: skip
    assert desk.view.window_of_map().intersects(where)  # it is elsewhere: the map goes there


def test_hovering_inside_tells_the_full_numbers(desk: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    desk.panel.hovered_text.connect(heard.append)
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    product, machine = desk.scalar(PRODUCT), desk.session.runner.machine
    at = desk.view.box_rect(product).center()
    qtbot.mouseMove(desk.view, at.toPoint())
    assert desk.view.pointed_at(at) == Pointed(product)
    full = f"{PRODUCT}\ndata {float(machine.data[product])!r}\ngrad {float(machine.grad[product])!r}"
    assert desk.view.describe(product) == full
    assert heard[-1] == full.replace("\n", "   ")
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_: told.append(text))
    QApplication.sendEvent(
        desk.view, QHelpEvent(QEvent.Type.ToolTip, at.toPoint(), desk.view.mapToGlobal(at.toPoint()))
    )
    assert told == [full]


def test_copy_inside_puts_the_full_number_of_what_is_coloured_on_the_clipboard(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(PRODUCT))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    machine, product = desk.session.runner.machine, desk.scalar(PRODUCT)
    for quantity, number in ((Quantity.DATA, machine.data[product]), (Quantity.GRAD, machine.grad[product])):
        desk.panel.toolbar.choose_quantity(quantity)
        qtbot.keyClick(desk.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == repr(float(number))


def test_a_lock_keeps_the_colours_inside_cells_comparable(desk: Desk, qtbot) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    desk.panel.toolbar.lock.setChecked(True)
    picture = desk.view.picture
    scalars = np.array([desk.scalar(PRODUCT), desk.scalar(Q5)], dtype=np.int32)
    band = int(desk.view.layout_of_map.row_of[desk.cell(Q5)])
    limit = picture.limits[band]
    desk.session.update()
    desk.answer()
    after = desk.view.picture
    assert after.limits.tolist() == picture.limits.tolist()
    assert after.locked_at is not None
    desk.panel.toolbar.lock.setChecked(False)
    fitted = desk.view.picture
    assert fitted.limits[band] != limit
    assert fitted.locked_at is None
    assert fitted.inner_ink(scalars)[0].tolist() != after.inner_ink(scalars)[0].tolist()


@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("quantity", list(Quantity))
def test_the_legend_says_of_every_quantity_what_its_ends_are(desk: Desk, quantity: Quantity, norm: Norm) -> None:
    desk.select(desk.scalar(Q5))
    desk.panel.toolbar.choose_norm(norm)
    if quantity is Quantity.CONTRIBUTION:
        desk.panel.toolbar.choose_contribution()
    else:
        desk.panel.toolbar.choose_quantity(quantity)
    desk.answer()
    legend, picture = desk.panel.footer.legend, desk.view.picture
    said = legend.accessibleName()
    words = {
        Quantity.DATA: "data",
        Quantity.GRAD: "grad",
        Quantity.MAGNITUDE: "|grad|",
        Quantity.DERIVATIVE: "local derivative",
        Quantity.CONTRIBUTION: "contribution",
        Quantity.FORWARD: "forward",
        Quantity.BACKWARD: "backward",
    }
    assert words[quantity] in said
    if not quantity.is_order:
        assert ("whole graph" in said) == (norm is Norm.GRAPH)
        assert ("row layer0.attn.q" in said) == (norm is Norm.ROW)
    band = int(desk.view.layout_of_map.row_of[desk.cell(Q5)])
    assert legend.scale == picture.scale(band)
    known = picture.shown.known & np.isfinite(picture.shown.values)
    if norm is Norm.ROW and not quantity.is_order:
        known &= picture.layout.row_of == band
    assert legend.scale.limit == np.abs(picture.shown.values[known]).max()
    assert legend.scale.kind is quantity.kind
    assert ("symlog" in said or "log" in said) == (quantity is Quantity.MAGNITUDE)
    desk.panel.grab()


def test_a_new_session_forgets_the_views_and_asks_for_little_again(desk: Desk, qtbot, session: Session) -> None:
    desk.select(desk.scalar(Q5))
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    assert desk.inside_cells()
    old = desk.view
    desk.panel.show_session(session.description)
    desk.answer()
    assert desk.view is not old
    assert desk.inside_cells() == set()
    assert not desk.view.levels.can_go_back
    assert desk.view.camera.fitted


def test_larger_text_opens_cells_later(desk: Desk, qtbot, qapp: QApplication) -> None:
    desk.select(desk.scalar(Q5))
    while (usual := desk.openness(Q5)) == 0:
        qtbot.keyClick(desk.view, Qt.Key.Key_Plus)
    try:
        apply_theme(qapp, "dark", 1.5)
        scale = desk.view.camera.transform.scale_x
        desk.view._moved()
        assert desk.view.camera.transform.scale_x == scale
        assert desk.openness(Q5) < usual
        desk.panel.grab()
    finally:
        apply_theme(qapp, "dark")


def test_what_is_under_a_resting_pointer_is_asked_anew_when_the_map_moves(desk: Desk, qtbot) -> None:
    view = desk.view
    cell = desk.cell("pos1.layer0.mlp.fc1[9]")
    qtbot.mouseMove(view, view.cell_rect(cell).center().toPoint())
    assert view.hovered_scalar == desk.scalar("pos1.layer0.mlp.fc1[9]")
    at = QPointF(view.cell_rect(cell).center().toPoint())
    for move in (view.zoom_in, view.zoom_in, view.go_back, view.fit, lambda: desk.select(desk.scalar(Q5)), view.fit):
        move()
        under = view.pointed_at(at)
        assert view.hovered_scalar == (None if under is None else under.scalar)
    view._forget_pointer()
    view.zoom_in()
    assert view.hovered_scalar is None
    qtbot.mouseMove(view, QPoint(2, 2))  # another test may move it to the same place


@pytest.mark.parametrize("quantity", [Quantity.FORWARD, Quantity.BACKWARD])
def test_ranks_are_told_with_every_digit(desk: Desk, quantity: Quantity) -> None:
    desk.panel.toolbar.choose_quantity(quantity)
    execution, q = desk.session.execution, desk.scalar(Q5)
    backward = quantity is Quantity.BACKWARD
    rank = execution.order.tolist().index(q) if backward else execution.number_of(0, q)
    assert desk.view.describe(q).split("\n")[-1] == f"{quantity.value} {rank}"
    assert desk.view.describe(3).split("\n")[-1] == f"{quantity.value} no turn"  # a parameter
    assert desk.view.picture.hatched_text() == "no turn"


@pytest.mark.parametrize("quantity", [Quantity.DATA, Quantity.CONTRIBUTION])
def test_the_legend_tells_of_colours_inside_cells_that_are_not_on_it(desk: Desk, quantity: Quantity) -> None:
    desk.select(desk.scalar(Q5))
    desk.panel.toolbar.choose_quantity(quantity)
    assert "inside cells" not in desk.panel.footer.legend.toolTip()
    desk.view.fit_selection()
    desk.answer()
    picture, layout = desk.view.picture, desk.view.layout_of_map
    note = desk.panel.footer.legend.toolTip().split("\n")[-1]
    assert note.startswith("inside cells ports have the scales of their own rows")
    beyond = False
    for scalar, value, known in zip(picture.inside.ids, picture.inner.values, picture.inner.known, strict=True):
        beyond |= bool(known and abs(value) > picture.limits[layout.row_of[layout.cell_of(int(scalar))]])
    assert note.endswith("beyond an end of a scale has the colour of that end") == beyond
    desk.panel.toolbar.choose_norm(Norm.GRAPH)
    assert "own rows" not in desk.panel.footer.legend.toolTip()
