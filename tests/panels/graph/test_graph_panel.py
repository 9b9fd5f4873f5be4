"""The Graph panel shows the numbers of the session, each in its cell, and lets them be selected."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt.program.program import Program
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Reach, Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView
from microgpt_studio.panels.graph.graph_panel import moment_wordings
from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.overlay import attention_weights
from microgpt_studio.theme import apply_theme

Show = Callable[..., None]


@pytest.fixture
def panel(qtbot) -> GraphPanel:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 640)
    panel.show()
    return panel


@pytest.fixture
def trained(session: Session, panel: GraphPanel, show: Show) -> MapView:
    """The panel's map after some updates, the last on a document that does not fill the block."""
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    show(panel, session)
    assert panel.view is not None
    return panel.view


@pytest.fixture
def dress(qapp: QApplication) -> Iterator[Callable[..., object]]:
    def apply(name: str, text_scale: float = 1.0) -> object:
        return apply_theme(qapp, name, text_scale)

    yield apply
    apply_theme(qapp, "dark")


def element(session: Session, address: str) -> int:
    program = session.description.program
    scalar = session.description.addresses.parse(address)
    return int(np.flatnonzero(program.element_ids == scalar)[0])


def middle(view: MapView, cell: int) -> QPoint:
    return view.cell_rect(cell).center().toPoint()


def test_before_a_session_it_says_so(panel: GraphPanel) -> None:
    assert panel.view is None
    assert not panel.toolbar.isVisible()
    panel.grab()


def test_before_the_first_update_nothing_is_known(panel: GraphPanel, session: Session, show: Show) -> None:
    show(panel, session)
    picture = panel.view.picture
    assert not picture.ink.known[picture.layout.row_of >= 0].any()
    assert np.isnan(picture.limits).all()
    assert picture.loss(0) is None
    assert picture.mean_loss() is None
    assert attention_weights(picture, 2) == []
    assert panel.footer.lines.texts[0].startswith("before the first update")
    assert picture.hatched_text() == "not computed"
    assert "not computed yet" in panel.view.describe(element(session, "pos0.embed[0]"))
    panel.grab()


def test_half_way_the_footer_says_so_however_narrow_it_is(panel: GraphPanel, session: Session, show: Show) -> None:
    session.update()
    session.execution.go_to(Place(1, 3000))
    cell = session.description.addresses.parse("pos3.layer0.attn.q[5]")
    show(panel, session, cell)
    length = session.execution.length
    wordings = moment_wordings(panel.view.picture)
    assert wordings[-3:] == (
        f"update 2, 3,000 of {length:,} operations done",
        f"update 2, 3,000 of {length:,}",
        "update 2",
    )
    assert sorted(wordings, key=len, reverse=True) == list(wordings)
    assert panel.footer.lines.texts[1] == "pos3.layer0.attn.q[5]  data and grad not computed yet"


def test_every_cell_shows_the_machine_s_number(trained: MapView, session: Session) -> None:
    machine, picture = session.runner.machine, trained.picture
    ids = session.description.program.element_ids
    assert picture.data.values.tolist() == machine.data[ids].tolist()
    assert picture.grad.values.tolist() == machine.grad[ids].tolist()
    shown = (picture.layout.row_of >= 0) & (picture.layout.position_of < machine.positions)
    assert picture.ink.known[shown].all()
    assert not picture.ink.known[(picture.layout.row_of >= 0) & ~shown].any()
    assert picture.mean_loss() == machine.data[session.description.program.loss]
    losses = [machine.data[ids[element(session, f"pos{p}.loss")]] for p in range(machine.positions)]
    assert [picture.loss(p) for p in range(machine.positions)] == losses


def test_the_limits_are_the_rows_largest_numbers(trained: MapView, session: Session) -> None:
    picture = trained.picture
    row = next(i for i, row in enumerate(picture.layout.rows) if row.stage == "layer1.mlp.fc1")
    cells = (picture.layout.row_of == row) & picture.ink.known
    assert picture.limits[row] == np.abs(picture.data.values[cells]).max()
    assert picture.scale(row).limit == picture.limits[row]


def test_attention_is_that_of_the_selected_position(trained: MapView, session: Session) -> None:
    machine, program = session.runner.machine, session.description.program
    trained.show_selection(session.description.addresses.parse("pos2.layer0.attn.q[1]"))
    assert trained.selected_position == 2
    weights = attention_weights(trained.picture, 2)
    assert len(weights) == 2 * 2 * 3  # layers, heads, positions
    for cell, weight in weights:
        assert weight == machine.data[program.element_ids[cell]]
    trained.grab()


def test_gradients_outside_the_graph(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    qtbot.keyClick(trained, Qt.Key.Key_G)
    assert trained.coloring.quantity is Quantity.GRAD
    picture = trained.picture
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    first = element(session, "pos0.prob[0]")
    reach = picture.grad.reach[first : first + session.runner.config.vocab_size]
    assert [i for i, r in enumerate(reach) if r == Reach.KNOWN] == [target]
    assert "outside the graph" in panel.view.describe(first + (target == 0))
    assert panel.footer.legend.accessibleName().endswith("outside the graph")
    panel.grab()
    qtbot.keyClick(trained, Qt.Key.Key_D)
    assert trained.coloring.quantity is Quantity.DATA


def test_a_short_document_after_a_long_one(panel: GraphPanel, session: Session, show: Show) -> None:
    lengths = []
    for _ in range(8):
        session.update()
        show(panel, session, new=False) if panel.view else show(panel, session)
        picture, positions = panel.view.picture, session.runner.machine.positions
        lengths.append(positions)
        assert panel.view.columns == picture.positions == positions
        known = picture.ink.known & (picture.layout.row_of >= 0)
        assert picture.layout.position_of[known].max() == positions - 1
        panel.grab()
        assert panel.view.camera.fitted
        right = panel.view.cell_rect(element(session, f"pos{positions - 1}.loss")).right()
        assert panel.width() * 0.5 < right < panel.width()
    assert len(set(lengths)) > 1


def test_while_it_runs_columns_are_only_added(panel: GraphPanel, session: Session) -> None:
    panel.show_session(session.description)
    longest = 0
    for _ in range(8):
        session.update()
        panel.show_snapshot(session.snapshot(1, Wanted(cells=True), Pace(True, 1000.0)))
        longest = max(longest, session.runner.machine.positions)
        assert panel.view.columns == longest
    panel.show_snapshot(session.snapshot(1, Wanted(cells=True)))
    assert panel.view.columns == session.runner.machine.positions


def test_a_click_selects(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    cell = element(session, "pos1.layer0.mlp.fc1[5]")
    with qtbot.waitSignal(panel.selected) as heard:
        qtbot.mouseClick(trained, Qt.MouseButton.LeftButton, pos=middle(trained, cell))
    assert heard.args == [session.description.addresses.parse("pos1.layer0.mlp.fc1[5]")]
    qtbot.mouseClick(trained, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))  # no cell: nothing is told


def test_every_large_enough_cell_is_found_where_it_is_drawn(trained: MapView) -> None:
    layout, positions = trained.layout_of_map, trained.picture.positions
    for cell in np.flatnonzero((layout.row_of >= 0) & (layout.position_of < positions))[::11].tolist():
        assert trained.element_at(trained.cell_rect(cell).center()) == cell
    hidden = element_of_last_position(trained)
    assert trained.element_at(trained.cell_rect(hidden).center()) is None


def element_of_last_position(view: MapView) -> int:
    layout = view.layout_of_map
    assert view.picture.positions < layout.num_columns
    return int(np.flatnonzero(layout.position_of == layout.num_columns - 1)[0])


def test_arrow_keys_walk_over_the_cells(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    panel.selected.connect(panel.show_selection)  # as the window does
    addresses = session.description.addresses
    walk = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up):
        qtbot.keyClick(trained, key)
        walk.append(addresses.format(panel.selection))
    assert walk == [
        "pos0.embed[0]",
        "pos0.embed[1]",
        "pos0.norm[1]",
        "pos0.norm[0]",
        "pos0.embed[0]",
        "pos0.embed[0]",
    ]


def test_the_selection_of_the_window(trained: MapView, session: Session) -> None:
    parse = session.description.addresses.parse
    trained.show_selection(parse("pos1.layer0.attn.q[5].mul[7]"))
    assert trained.selected_element == element(session, "pos1.layer0.attn.q[5]")
    trained.show_selection(parse("wte[1,2]"))
    assert trained.selected_element is None
    assert trained.selected_position is None
    trained.show_selection(parse("loss"))
    assert trained.selected_element == element(session, "loss")
    assert trained.selected_position is None
    trained.show_selection(parse("pos7.embed[0]"))  # the document is shorter
    assert trained.selected_element is None
    trained.show_selection(None)
    trained.grab()


def test_a_selection_out_of_sight_is_brought_into_it(trained: MapView, session: Session) -> None:
    trained.camera.zoom(1e3, 0, 0)
    cell = element(session, "pos2.prob[3]")
    assert not trained.window_of_map().intersects(trained.cell_rect(cell))
    trained.show_selection(session.description.addresses.parse("pos2.prob[3]"))
    assert trained.window_of_map().contains(trained.cell_rect(cell).center())


def test_zooming_keeps_every_place(trained: MapView, session: Session, qtbot) -> None:
    cell = element(session, "pos1.layer1.attn.k[2]")
    point = trained.cell_rect(cell).center()
    places = trained.layout_of_map.left.copy()
    for _ in range(6):
        wheel = QWheelEvent(
            point,
            QPointF(trained.mapToGlobal(point.toPoint())),
            QPoint(),
            QPoint(0, 240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(trained, wheel)
        assert trained.element_at(point) == cell
        trained.grab()
    assert trained.cell_rect(cell).width() > 60
    assert (trained.layout_of_map.left == places).all()
    qtbot.keyClick(trained, Qt.Key.Key_Escape)
    assert trained.camera.fitted


def test_keys_zoom(trained: MapView, qtbot) -> None:
    whole = trained.camera.transform.scale_x
    for key in (Qt.Key.Key_0, Qt.Key.Key_Home, Qt.Key.Key_Escape):
        qtbot.keyClick(trained, Qt.Key.Key_Plus)
        qtbot.keyClick(trained, Qt.Key.Key_Plus)
        qtbot.keyClick(trained, Qt.Key.Key_Minus)
        assert trained.camera.transform.scale_x == pytest.approx(1.4 * whole)
        qtbot.keyClick(trained, key)
        assert trained.camera.transform.scale_x == whole


def test_dragging_pans_and_selects_nothing(panel: GraphPanel, trained: MapView, qtbot) -> None:
    heard: list[object] = []
    panel.selected.connect(heard.append)
    trained.camera.zoom(6, 300, 200)
    before = trained.camera.transform
    start, end = QPoint(400, 300), QPoint(370, 280)
    qtbot.mousePress(trained, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(trained, end)
    qtbot.mouseRelease(trained, Qt.MouseButton.LeftButton, pos=end)
    after = trained.camera.transform
    assert (after.x - before.x, after.y - before.y) == pytest.approx((-30, -20))
    assert heard == []


def test_a_double_click_lets_a_column_fill_the_window(trained: MapView, session: Session, qtbot) -> None:
    layout = trained.layout_of_map
    cell = element(session, "pos1.layer1.mlp.fc2[0]")
    for pos in (middle(trained, cell), QPoint(middle(trained, cell).x(), 8), QPoint(30, middle(trained, cell).y())):
        trained.fit()
        qtbot.mouseDClick(trained, Qt.MouseButton.LeftButton, pos=pos)
        window = trained.window_of_map()
        assert layout.pitch * trained.camera.transform.scale_x == pytest.approx(window.width() - 20)


def test_hovering_tells_what_is_there(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    machine = session.runner.machine
    heard: list[str] = []
    panel.hovered_text.connect(heard.append)
    cell = element(session, "pos0.layer0.attn.q[3]")
    qtbot.mouseMove(trained, middle(trained, cell))
    scalar = session.description.addresses.parse("pos0.layer0.attn.q[3]")
    data, grad = float(machine.data[scalar]), float(machine.grad[scalar])
    assert trained.describe(cell) == f"pos0.layer0.attn.q[3]\ndata {data!r}\ngrad {grad!r}"
    assert heard == [trained.describe(cell).replace("\n", "   ")]
    assert panel.footer.lines.texts[1].startswith("pos0.layer0.attn.q[3]")
    assert panel.footer.legend.scale == trained.picture.scale(int(trained.layout_of_map.row_of[cell]))
    qtbot.mouseMove(trained, QPoint(2, 2))
    assert heard[-1] == ""


def test_copy_puts_the_full_number_on_the_clipboard(trained: MapView, session: Session, qtbot) -> None:
    scalar = session.description.addresses.parse("pos0.embed[1]")
    trained.show_selection(scalar)
    qtbot.keyClick(trained, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(float(session.runner.machine.data[scalar]))


def test_a_lock_makes_updates_comparable(panel: GraphPanel, trained: MapView, session: Session, show: Show) -> None:
    panel.toolbar.lock.setChecked(True)
    locked = trained.picture.limits.copy()
    session.update()
    show(panel, session, new=False)
    assert trained.picture.limits.tolist() == locked.tolist()
    assert f"locked at update {session.step - 1}" in panel.footer.legend.accessibleName()
    panel.toolbar.lock.setChecked(False)
    assert trained.picture.limits.tolist() != locked.tolist()


def test_the_scale_is_named_on_screen(panel: GraphPanel, trained: MapView) -> None:
    assert panel.footer.legend.accessibleName().startswith("data, row embed")
    panel.toolbar.choose_norm(Norm.GRAPH)
    panel.toolbar.symlog.setChecked(True)
    assert panel.footer.legend.accessibleName().startswith("data, whole graph · symlog")
    assert len(set(trained.picture.limits.tolist())) == 1
    panel.grab()


def test_another_theme_recolours(panel: GraphPanel, trained: MapView, dress: Callable[..., object]) -> None:
    dress("dark")
    dark = trained.picture.ink.pixels.copy()
    dress("light", 1.25)
    assert (trained.picture.ink.pixels != dark).any()
    panel.grab()
    for size in ((300, 200), (700, 300), (1600, 1000)):
        panel.resize(*size)
        panel.grab()


def test_a_snapshot_without_cells_shows_no_old_numbers(panel: GraphPanel, trained: MapView, session: Session) -> None:
    panel.show_snapshot(session.snapshot(2, Wanted()))
    assert not trained.picture.ink.known.any()


def test_a_new_session_starts_anew(
    panel: GraphPanel, trained: MapView, program: Program, session: Session, show: Show
) -> None:
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=5, seed=3)
    documents = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
    panel.toolbar.choose_quantity(Quantity.GRAD)
    show(panel, Session(settings, documents, program, "again"))
    assert panel.view is not trained
    assert panel.view.coloring.quantity is Quantity.GRAD
    assert not panel.view.picture.ink.known[panel.view.layout_of_map.row_of >= 0].any()
    panel.grab()
