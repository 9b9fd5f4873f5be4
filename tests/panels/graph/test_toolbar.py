"""The map's tool bar says what is chosen and has room at every width; the legend says what its figures are."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.execution_order import CellOrder
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.graph.captions import scale_captions, short_address
from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.picture import num_operations
from microgpt_studio.panels.graph.toolbar import Toolbar
from microgpt_studio.theme import apply_theme

Q5 = "pos1.layer0.attn.q[5]"
Dress = Callable[..., object]


@pytest.fixture
def dress(qapp: QApplication) -> Iterator[Dress]:
    def apply(name: str, text_scale: float = 1.0) -> object:
        theme = apply_theme(qapp, name, text_scale)
        qapp.processEvents()
        return theme

    yield apply
    apply_theme(qapp, "dark")


@pytest.fixture
def bar(qtbot, dress: Dress) -> Toolbar:
    dress("dark")
    bar = Toolbar()
    qtbot.addWidget(bar)
    bar.resize(900, bar.sizeHint().height())
    bar.show()
    return bar


@pytest.fixture
def panel(qtbot, session: Session, dress: Dress) -> GraphPanel:
    dress("dark")
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(690, 390)
    panel.show()
    session.update()
    session.update()
    panel.selected.connect(panel.show_selection)  # as the window does
    panel.show_session(session.description)
    panel.show_selection(session.description.addresses.parse(Q5))
    give(panel, session)
    return panel


def give(panel: GraphPanel, session: Session) -> None:
    snapshot = session.snapshot(1, Wanted(inquiries=frozenset(panel.inquiries())))
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)


def shown(bar: Toolbar) -> list[QToolButton]:
    return [button for button in bar.findChildren(QToolButton) if button.isVisible()]


def entries(bar: Toolbar) -> dict[str, object]:
    """The actions of the menu by name, as they are when it opens."""
    bar.more.menu().aboutToShow.emit()
    return {action.text().split("\t")[0]: action for action in bar.more.menu().actions()}


def caption(panel: GraphPanel) -> str:
    """The whole caption, whatever of it there is room for."""
    return panel.footer.legend.toolTip().splitlines()[0]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [240, 300, 480, 560, 690, 800, 1200])
@pytest.mark.parametrize("quantity", [Quantity.DATA, Quantity.CONTRIBUTION])
def test_at_every_width_nothing_is_cut_or_lost(
    bar: Toolbar, dress: Dress, quantity: Quantity, width: int, scale: float
) -> None:
    dress("light", scale)
    bar.choose_quantity(quantity)
    bar.choose_scalar(7, "pos11.layer0.attn.head2.score[1].mul[3]")
    bar.resize(max(width, bar.minimumSizeHint().width()), bar.sizeHint().height())
    QApplication.processEvents()
    boxes = sorted((w.geometry() for w in (*shown(bar), bar.quantity_choice)), key=lambda box: box.left())
    assert all(box.left() >= 0 and box.right() < bar.width() for box in boxes)
    assert all(one.right() < other.left() for one, other in pairwise(boxes))
    for button in shown(bar):
        assert button.width() >= button.sizeHint().width()
    in_menu = entries(bar)
    assert bool(in_menu) == bar.more.isVisible()
    buttons = [bar.symlog, bar.lock, bar.back, bar.forward, bar.fit_selection, bar.zoom_out, bar.zoom_in]
    buttons += [bar.fit, bar.chain, bar.minimap, *bar._norms.buttons()]
    buttons += [bar.target] if quantity is Quantity.CONTRIBUTION else []
    assert sum(not button.isVisible() for button in buttons) == len(in_menu)


def test_at_the_panel_s_usual_width_all_buttons_are_there(bar: Toolbar) -> None:
    bar.resize(720, bar.height())
    assert entries(bar) == {}
    bar.resize(690, bar.height())
    assert entries(bar).keys() <= {"Smaller", "Larger"}  # the wheel and the keys do that as well
    bar.resize(480, bar.height())
    assert {"lock", "Smaller", "Larger"} <= entries(bar).keys()
    assert bar.back.isVisible()
    assert bar.fit.isVisible()


def test_the_menu_does_what_its_buttons_do(bar: Toolbar, qtbot) -> None:
    bar.resize(bar.minimumSizeHint().width(), bar.height())
    bar.show_ways(back=True, forward=False, selection=True, out=True)
    heard: list[str] = []
    bar.back_chosen.connect(lambda: heard.append("back"))
    bar.lock_chosen.connect(lambda on: heard.append(f"lock {on}"))
    menu = entries(bar)
    assert not menu["Later view"].isEnabled()
    menu["Earlier view"].trigger()
    menu["lock"].trigger()
    assert heard == ["back", "lock True"]
    assert entries(bar)["lock"].isChecked()
    menu = entries(bar)
    menu["graph"].trigger()
    assert bar.coloring.norm is Norm.GRAPH
    assert not entries(bar)["row"].isChecked()


def test_what_has_no_meaning_is_off(bar: Toolbar) -> None:
    off, tips = {}, bar.symlog.toolTip()
    for quantity in Quantity:
        bar.choose_quantity(quantity)
        norms = {button.isEnabled() for button in bar._norms.buttons()}
        assert (bar.symlog.toolTip() == tips) == bar.symlog.isEnabled()  # or else it says why
        off[quantity] = (bar.symlog.isEnabled(), norms == {True})
    assert {q for q, (log, _) in off.items() if not log} == {Quantity.MAGNITUDE, Quantity.FORWARD, Quantity.BACKWARD}
    assert {q for q, (_, norm) in off.items() if not norm} == {Quantity.FORWARD, Quantity.BACKWARD}


def test_tool_tips_name_the_keys(bar: Toolbar) -> None:
    for button, key in (
        (bar.back, "Alt+←"),
        (bar.forward, "Alt+→"),
        (bar.fit, "Home"),
        (bar.fit_selection, "Enter"),
        (bar.zoom_in, "+"),
        (bar.zoom_out, "−"),
        (bar.minimap, "M"),
        (bar.target, "C"),
    ):
        assert key in button.toolTip()


def test_contributions_go_to_what_is_selected_when_they_are_chosen(panel: GraphPanel, session: Session, qtbot) -> None:
    parse, bar = session.description.addresses.parse, panel.toolbar
    assert not bar.target.isVisible()
    bar.choose_quantity(Quantity.CONTRIBUTION)
    assert panel.view.coloring.chosen == parse(Q5)
    assert bar.target.isVisible()
    assert Q5.endswith(bar.target.text().removeprefix("→ "))
    assert Q5 in bar.target.toolTip()
    panel.show_selection(parse("pos0.embed[1]"))
    assert panel.view.coloring.chosen == parse(Q5)  # it stays
    qtbot.keyClick(panel.view, Qt.Key.Key_C)
    assert panel.view.coloring.chosen == parse("pos0.embed[1]")
    panel.show_selection(parse(Q5))
    qtbot.mouseClick(bar.target, Qt.MouseButton.LeftButton)
    assert panel.view.coloring.chosen == parse(Q5)
    qtbot.keyClick(panel.view, Qt.Key.Key_D)
    assert not bar.target.isVisible()
    panel.show_selection(parse("pos0.embed[1]"))
    qtbot.keyClick(panel.view, Qt.Key.Key_C)
    assert panel.view.coloring.quantity is Quantity.CONTRIBUTION
    assert panel.view.coloring.chosen == parse("pos0.embed[1]")


def test_contributions_wait_for_a_selection(panel: GraphPanel, session: Session) -> None:
    panel.show_selection(None)
    panel.toolbar.choose_quantity(Quantity.CONTRIBUTION)
    give(panel, session)
    assert panel.view.coloring.chosen is None
    assert "select" in panel.toolbar.target.text()
    assert "select" in caption(panel)
    scalar = session.description.addresses.parse(Q5)
    panel.show_selection(scalar)
    assert panel.view.coloring.chosen == scalar
    panel.show_session(session.description)  # its numbers stand for other scalars
    assert panel.view.coloring.chosen is None


def test_the_target_is_as_long_as_there_is_room(bar: Toolbar) -> None:
    bar.choose_quantity(Quantity.CONTRIBUTION)
    bar.choose_scalar(7, "pos3.layer0.attn.q[5]")
    bar.resize(1200, bar.height())
    assert bar.target.text() == "→ pos3.layer0.attn.q[5]"
    bar.resize(690, bar.height())
    assert bar.target.text() == "→ q[5]"


def test_the_ways_back_and_forward(panel: GraphPanel, session: Session, qtbot) -> None:
    bar, view = panel.toolbar, panel.view
    assert not bar.back.isEnabled()
    assert not bar.forward.isEnabled()
    assert not bar.fit.isEnabled()
    fitted = view.camera.transform
    bar.fit_selection.click()
    opened = view.camera.transform
    assert opened != fitted
    assert bar.back.isEnabled()
    assert bar.fit.isEnabled()
    bar.back.click()
    assert view.camera.transform == fitted
    assert bar.forward.isEnabled()
    bar.forward.click()
    assert view.camera.transform == opened
    bar.fit.click()
    assert view.camera.fitted
    bar.back.click()
    assert view.camera.transform == opened
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Backspace)  # the second Home was no move
    assert view.camera.transform == opened
    panel.show_selection(None)
    assert not bar.fit_selection.isEnabled()


def test_zoom_and_minimap_buttons(panel: GraphPanel) -> None:
    bar, view = panel.toolbar, panel.view
    bar.zoom_in.click()
    bar.zoom_in.click()
    assert view.minimap.isVisible()
    bar.minimap.click()
    assert not view.minimap.isVisible()
    bar.minimap.click()
    assert view.minimap.isVisible()
    bar.zoom_out.click()
    bar.zoom_out.click()
    assert view.camera.transform.scale_x == pytest.approx(view.camera._fitting.scale_x)


def test_the_legend_says_what_its_figures_are(panel: GraphPanel, session: Session, qtbot) -> None:
    machine = session.runner.machine
    said = {}
    for quantity in Quantity:
        panel.toolbar.choose_quantity(quantity)
        give(panel, session)
        said[quantity] = caption(panel)
    forward, backward, _ = session.execution.lengths
    row = "row layer0.attn.q"
    assert said == {
        Quantity.DATA: f"data, {row}",
        Quantity.GRAD: f"grad, d loss / d cell, {row}",
        Quantity.MAGNITUDE: f"|grad|, |d loss / d cell|, {row}",
        Quantity.DERIVATIVE: f"local derivative d cell / d operand, larger of two, {row}",
        Quantity.CONTRIBUTION: f"contribution to {Q5}, {row}",
        Quantity.FORWARD: f"order in the forward phase, of {forward:,}",
        Quantity.BACKWARD: f"order in the backward phase, of {backward:,}",
    }
    assert panel.footer.legend.accessibleName().endswith(f": 0, {len(machine.order) - 1:,}; hatched: no turn")
    panel.toolbar.choose_quantity(Quantity.DATA)
    panel.toolbar.choose_norm(Norm.GRAPH)
    assert caption(panel) == "data, whole graph"
    panel.toolbar.choose_norm(Norm.ROW)
    panel.toolbar.lock.setChecked(True)
    assert caption(panel) == f"data, {row}, locked at update 2"
    panel.show_selection(session.description.addresses.parse("layer1.mlp_fc1[3,4]"))
    assert caption(panel).startswith("data, matrix layer1.mlp_fc1")


@pytest.mark.parametrize("done", [0, 1000, None])
def test_the_phases_have_as_many_operations(panel: GraphPanel, session: Session, done: int | None) -> None:
    if done is not None:
        session.execution.go_to(Place(2, done))
    give(panel, session)
    for quantity in (Quantity.FORWARD, Quantity.BACKWARD):
        inquiry = CellOrder(backward=quantity is Quantity.BACKWARD)
        ranks = session.snapshot(2, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry).rank
        panel.toolbar.choose_quantity(quantity)
        give(panel, session)
        picture = panel.view.picture
        assert num_operations(picture.moment, picture.layout, quantity) == ranks.max() + 1
        assert set(picture.limits.tolist()) == {ranks.max()}  # the scale stands still while the phase goes on


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [480, 690, 1100])
def test_the_legend_is_never_cut(panel: GraphPanel, session: Session, dress: Dress, width: int, scale: float) -> None:
    dress("dark", scale)
    session.execution.go_to(Place(2, session.execution.length - 40_000))  # in the backward phase
    panel.toolbar.lock.setChecked(True)
    panel.resize(width, 600)
    for quantity in Quantity:
        panel.toolbar.choose_quantity(quantity)
        give(panel, session)
        QApplication.processEvents()
        footer = panel.footer
        assert panel.width() == width
        assert footer.legend.width() >= footer.legend.sizeHint().width()
        assert footer.legend.geometry().right() <= footer.width()
        assert footer.lines.width() >= 0.4 * width
        assert footer.lines.geometry().bottom() <= footer.height()


def test_captions_get_shorter(panel: GraphPanel, session: Session) -> None:
    panel.toolbar.lock.setChecked(True)
    for quantity in Quantity:
        panel.toolbar.choose_quantity(quantity)
        give(panel, session)
        captions = scale_captions(panel.view.picture, 3, Q5)
        lengths = [len(each) for each in captions]
        assert lengths == sorted(set(lengths), reverse=True)
        assert lengths[-1] <= len(Quantity.DERIVATIVE.value)


def test_short_addresses() -> None:
    assert short_address("pos4.layer0.attn.q[5].mul[7]") == "q[5].mul[7]"
    assert short_address("layer0.attn_wq[1,2]") == "attn_wq[1,2]"
    assert short_address("pos4.loss") == "loss"
    assert short_address("loss") == "loss"
