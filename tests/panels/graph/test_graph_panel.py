"""The Graph panel shows the numbers of the session, each in its cell, and lets them be selected."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from microgpt.program.program import Program
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.flows import HeadFlows
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Reach, Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView
from microgpt_studio.panels.graph.attention_curves import curves_text, strands
from microgpt_studio.panels.graph.graph_panel import moment_wordings
from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.pointing import Pointed
from microgpt_studio.widgets.number_text import short

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


def scalar(session: Session, address: str) -> int:
    return session.description.addresses.parse(address)


def cell(session: Session, address: str) -> int:
    return int(session.description.expressions.cell[scalar(session, address)])


def middle(view: MapView, where: int) -> QPoint:
    return view.cell_rect(where).center().toPoint()


def test_before_a_session_it_says_so(panel: GraphPanel) -> None:
    assert panel.view is None
    assert not panel.toolbar.isVisible()
    panel.grab()


def test_before_the_first_update_nothing_is_known(panel: GraphPanel, session: Session, show: Show) -> None:
    show(panel, session)
    picture = panel.view.picture
    parameters = session.description.program.num_parameters
    assert picture.ink.known[:parameters].all()  # they are there from the beginning
    assert not picture.ink.known[parameters:].any()
    rows = len(picture.layout.rows)
    assert np.isnan(picture.limits[:rows]).all()
    assert not np.isnan(picture.limits[rows:]).any()
    assert picture.loss(0) is None
    assert picture.mean_loss() is None
    assert strands(picture, 2) == ((), 0.0)
    assert curves_text(picture, 2) == ""
    assert panel.footer.lines.texts[0].startswith("before the first update")
    assert picture.hatched_text() == "not computed"
    assert "not computed yet" in panel.view.describe(scalar(session, "pos0.embed[0]"))
    panel.grab()


def test_half_way_the_footer_says_so_however_narrow_it_is(panel: GraphPanel, session: Session, show: Show) -> None:
    session.update()
    session.execution.go_to(Place(1, 3000))
    show(panel, session, scalar(session, "pos3.layer0.attn.q[5]"))
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
    program, scalars = session.description.program, session.description.expressions.scalar
    assert picture.data.values.tolist() == machine.data[scalars].tolist()
    assert picture.grad.values.tolist() == machine.grad[scalars].tolist()
    assert picture.shown.values.tolist() == machine.data[scalars].tolist()
    shown = picture.layout.position_of < machine.positions
    assert picture.ink.known[shown].all()
    assert not picture.ink.known[~shown].any()
    assert (~shown).any()
    assert picture.mean_loss() == machine.data[program.loss]
    losses = [machine.data[scalar(session, f"pos{p}.loss")] for p in range(machine.positions)]
    assert [picture.loss(p) for p in range(machine.positions)] == losses


def test_the_limits_are_the_rows_largest_numbers(trained: MapView, session: Session) -> None:
    picture = trained.picture
    row = next(i for i, row in enumerate(picture.layout.rows) if row.stage == "layer1.mlp.fc1")
    cells = (picture.layout.row_of == row) & picture.ink.known
    assert picture.limits[row] == np.abs(picture.data.values[cells]).max()
    assert picture.scale(row).limit == picture.limits[row]


def test_attention_is_that_of_the_selected_position(
    panel: GraphPanel, trained: MapView, session: Session, show: Show
) -> None:
    machine = session.runner.machine
    show(panel, session, scalar(session, "pos2.layer0.attn.q[1]"), new=False)
    assert trained.selected_position == 2
    both, most = strands(trained.picture, 2)
    assert most == 1
    assert [each.reads for each in both] == ["v", "k"]
    for each in both:
        assert each.values.shape == (2, 2, 3)  # layers, heads, positions
        for layer, head, t in np.ndindex(each.values.shape):
            weight = scalar(session, f"pos2.layer{layer}.attn.head{head}.weight[{t}]")
            assert each.values[layer, head, t] == machine.data[weight]
    trained.grab()


def test_with_gradients_in_view_attention_is_what_flows_back(
    panel: GraphPanel, trained: MapView, session: Session, show: Show
) -> None:
    panel.toolbar.choose_quantity(Quantity.GRAD)
    show(panel, session, scalar(session, "pos2.layer0.attn.q[1]"), new=False)
    flows = session.snapshot(1, panel.add_wishes(Wanted())).answer(HeadFlows(2))
    both, most = strands(trained.picture, 2)
    assert [each.reads for each in both] == ["v", "k"]
    assert both[0].values.tolist() == flows.value_grad.tolist()
    assert both[1].values.tolist() == flows.key_grad.tolist()
    assert most == max(each.values.max() for each in both) > 0
    assert short(most) in curves_text(trained.picture, 2)
    trained.grab()


def test_gradients_outside_the_graph(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    qtbot.keyClick(trained, Qt.Key.Key_G)
    assert trained.coloring.quantity is Quantity.GRAD
    picture = trained.picture
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    first, inner = cell(session, "pos0.prob[0]"), scalar(session, f"pos0.prob[{int(target == 0)}]")
    reach = picture.grad.reach[first : first + session.runner.config.vocab_size]
    assert [i for i, r in enumerate(reach) if r == Reach.KNOWN] == [target]
    assert "outside the graph" in panel.view.describe(inner)
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
        assert picture.layout.position_of[picture.ink.known].max() == positions - 1
        panel.grab()
        assert panel.view.camera.fitted
        right = panel.view.cell_rect(cell(session, f"pos{positions - 1}.loss")).right()
        assert panel.width() * 0.5 < right < panel.width()
    assert len(set(lengths)) > 1


def test_while_it_runs_columns_are_only_added(panel: GraphPanel, session: Session) -> None:
    panel.show_session(session.description)
    longest = 0
    for _ in range(8):
        session.update()
        panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted()), Pace(True, 1000.0)))
        longest = max(longest, session.runner.machine.positions)
        assert panel.view.columns == longest
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    assert panel.view.columns == session.runner.machine.positions


def test_a_click_selects(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    for address in ("pos1.layer0.mlp.fc1[5]", "wpe[3,2]", "lm_head[0,0]"):
        where = cell(session, address)
        with qtbot.waitSignal(panel.selected) as heard:
            qtbot.mouseClick(trained, Qt.MouseButton.LeftButton, pos=middle(trained, where))
        pointed = trained.pointed_at(QPointF(middle(trained, where)))
        assert heard.args == [pointed.scalar]
        if trained.cell_rect(where).height() >= 2:  # else the middle of a pixel may be in another
            assert heard.args == [scalar(session, address)]
    heard_too: list[object] = []
    panel.selected.connect(heard_too.append)
    qtbot.mouseClick(trained, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))  # no cell: nothing is told
    assert heard_too == []


def test_every_cell_is_found_where_it_is_drawn(trained: MapView, session: Session) -> None:
    layout, positions = trained.layout_of_map, trained.picture.positions
    for where in np.flatnonzero(layout.position_of < positions)[::11].tolist():
        found = trained.pointed_at(trained.cell_rect(where).center())
        assert found == Pointed(int(session.description.expressions.scalar[where]))
    hidden = cell_of_last_position(trained)
    assert trained.pointed_at(trained.cell_rect(hidden).center()) is None


def cell_of_last_position(view: MapView) -> int:
    layout = view.layout_of_map
    assert view.picture.positions < layout.num_columns
    return int(np.flatnonzero(layout.position_of == layout.num_columns - 1)[0])


def test_arrow_keys_walk_over_the_cells(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    panel.selected.connect(panel.show_selection)  # as the window does
    addresses = session.description.addresses
    walk = []
    right, left, up, down = Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down
    for key in (right, right, down, down, left, up, up, up):
        qtbot.keyClick(trained, key)
        walk.append(addresses.format(panel.selection))
    assert walk == [
        "pos0.embed[0]",
        "pos0.embed[1]",
        "pos0.norm.pow[0]",  # the scale that the norm shares
        "pos0.norm[3]",  # below the middle of it
        "pos0.norm[2]",
        "pos0.norm.pow[0]",
        "pos0.embed[3]",
        "pos0.embed[3]",
    ]


def test_the_selection_of_the_window(trained: MapView, session: Session) -> None:
    marked = []
    for address in ("pos1.layer0.attn.q[5].mul[7]", "wte[1,2]", "loss", "pos7.embed[0]"):  # the document is shorter
        trained.show_selection(scalar(session, address))
        here = trained.selected_scalar
        marked.append((None if here is None else session.description.addresses.format(here), trained.selected_position))
        trained.grab()
    assert marked == [("pos1.layer0.attn.q[5].mul[7]", 1), ("wte[1,2]", None), ("loss", None), (None, None)]
    trained.show_selection(None)
    assert trained.selected_scalar is None
    trained.grab()


def test_a_selection_out_of_sight_is_brought_into_it(trained: MapView, session: Session) -> None:
    trained.camera.zoom(12, 0, 0)
    for address in ("pos2.prob[3]", "wte[0,1]", "pos1.layer0.attn.q[5].mul[7]"):
        where = cell(session, address)
        assert not trained.window_of_map().intersects(trained.cell_rect(where))
        trained.show_selection(scalar(session, address))
        assert trained.window_of_map().contains(trained.cell_rect(where).center())
        place = trained.camera.transform
        trained.show_selection(scalar(session, address))  # it is in sight: nothing moves
        assert trained.camera.transform == place


def test_where_cells_are_larger_than_the_window_the_box_is_brought_into_it(trained: MapView, session: Session) -> None:
    trained.camera.zoom(1e3, 0, 0)
    for address in ("pos2.prob[3]", "pos1.layer0.attn.q[5].mul[7]", "pos0.layer1.mlp.fc2[3]"):
        assert not trained.window_of_map().intersects(trained.box_rect(scalar(session, address)))
        trained.show_selection(scalar(session, address))
        box = trained.box_rect(scalar(session, address))
        assert trained.window_of_map().contains(box.topLeft())
        assert trained.window_of_map().contains(box.center()) or box.width() > trained.window_of_map().width()


def test_zooming_keeps_every_place(trained: MapView, session: Session, qtbot) -> None:
    where = cell(session, "pos1.layer1.attn.k[2]")
    point = trained.cell_rect(where).center()
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
        assert trained.pointed_at(point) == Pointed(scalar(session, "pos1.layer1.attn.k[2]"))
        trained.grab()
    assert trained.cell_rect(where).width() > 60
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
    at = middle(trained, cell(session, "pos1.layer1.mlp.fc2[0]"))
    for pos in (at, QPoint(at.x(), 8), QPoint(30, at.y()), middle(trained, cell(session, "wpe[2,0]"))):
        trained.fit()
        qtbot.mouseDClick(trained, Qt.MouseButton.LeftButton, pos=pos)
        window = trained.window_of_map()
        assert layout.pitch * trained.camera.transform.scale_x == pytest.approx(window.width() - 20)


def test_hovering_tells_what_is_there(panel: GraphPanel, trained: MapView, session: Session, qtbot) -> None:
    machine = session.runner.machine
    heard: list[str] = []
    panel.hovered_text.connect(heard.append)
    where, here = cell(session, "pos0.layer0.attn.q[3]"), scalar(session, "pos0.layer0.attn.q[3]")
    qtbot.mouseMove(trained, middle(trained, where))
    assert trained.hovered_scalar == here
    data, grad = float(machine.data[here]), float(machine.grad[here])
    assert trained.describe(here) == f"pos0.layer0.attn.q[3]\ndata {data!r}\ngrad {grad!r}"
    assert heard == [trained.describe(here).replace("\n", "   ")]
    assert panel.footer.lines.texts[1].startswith("pos0.layer0.attn.q[3]")
    assert panel.footer.legend.scale == trained.picture.scale(int(trained.layout_of_map.row_of[where]))
    qtbot.mouseMove(trained, QPoint(2, 2))
    assert heard[-1] == ""


def test_copy_puts_the_full_number_on_the_clipboard(trained: MapView, session: Session, qtbot) -> None:
    here = scalar(session, "pos0.embed[1]")
    trained.show_selection(here)
    qtbot.keyClick(trained, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(float(session.runner.machine.data[here]))


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
    assert not panel.view.picture.ink.known.any()  # not even of parameters is a gradient known
    panel.grab()
