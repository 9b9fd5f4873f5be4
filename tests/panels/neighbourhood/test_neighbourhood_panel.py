"""The Neighbourhood panel shows what the program has around the selected scalar, with the machine's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.derivatives import local_derivatives, operand_ids
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.neighbourhood import Direction, Extent
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.edge_painter import edge_words
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.theme import apply_theme
from microgpt_studio.widgets.number_text import short

if TYPE_CHECKING:
    from tests.panels.neighbourhood.conftest import Reader

Q = "pos1.layer0.attn.q[5]"


@pytest.fixture
def plain_theme(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    apply_theme(qapp, "dark")


def drawing_of(panel: NeighbourhoodPanel) -> Drawing:
    assert panel.view.drawing is not None
    return panel.view.drawing


def figures_of(panel: NeighbourhoodPanel) -> Figures:
    assert panel.view.figures is not None
    return panel.view.figures


def node(reader: Reader, address: str) -> int:
    return drawing_of(reader.panel).index[reader.id(address)]


def middle(reader: Reader, address: str) -> QPoint:
    """Of a node's first line, where its address stands."""
    rect = reader.panel.view.node_rect(node(reader, address))
    return QPointF(rect.center().x(), rect.top() + 0.15 * rect.height()).toPoint()


def click(qtbot: QtBot, reader: Reader, point: QPoint) -> None:
    qtbot.mouseClick(reader.panel.view, Qt.MouseButton.LeftButton, pos=point)


def check_numbers(panel: NeighbourhoodPanel, session: Session) -> None:
    """What is drawn is the machine's: numbers by node and edge, read back from the drawn model."""
    machine, drawing, numbers = session.runner.machine, drawing_of(panel), figures_of(panel).numbers
    neighbourhood = drawing.neighbourhood
    for place, scalar in enumerate(neighbourhood.scalars.tolist()):
        assert drawing.addresses[place] == session.description.addresses.format(scalar)
        assert numbers.data[place] == machine.data[scalar]
        assert numbers.grad[place] == machine.grad[scalar]
    for edge in range(neighbourhood.num_edges):
        operand, consumer = int(neighbourhood.edge_operand[edge]), int(neighbourhood.edge_consumer[edge])
        slot = int(neighbourhood.slot[edge])
        assert operand_ids(machine, consumer)[slot] == operand
        derivative = local_derivatives(machine, consumer)[slot]
        assert numbers.derivative[edge] == derivative
        assert numbers.contribution[edge] == derivative * machine.grad[consumer]


def test_before_a_session_and_a_selection_it_says_so(panel: NeighbourhoodPanel, reader: Reader) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.sentence.startswith("Select a scalar")
    assert not panel.toolbar.isVisible()
    assert list(panel.inquiries()) == []
    panel.grab()


@pytest.mark.parametrize("address", [Q, "layer0.attn_wq[0,0]", "loss", "pos1.prob[2]", "pos2.layer1.attn.norm.pow[0]"])
@pytest.mark.parametrize("depth", [1, 3])
def test_numbers_are_the_machine_s(panel: NeighbourhoodPanel, reader: Reader, address: str, depth: int) -> None:
    panel.toolbar.depth_box.setValue(depth)
    reader.select(address)
    check_numbers(panel, reader.session)
    drawing = drawing_of(panel)
    assert drawing.addresses[drawing.neighbourhood.focus] == address
    panel.grab()


def test_every_node_has_its_place_and_its_words_fit(panel: NeighbourhoodPanel, reader: Reader) -> None:
    panel.toolbar.depth_box.setValue(2)
    reader.select(Q)
    drawing = drawing_of(panel)
    for place, rect in enumerate(drawing.rects):
        assert drawing.node_at(rect.center().x(), rect.center().y()) == place
        assert not any(rect.intersects(other) for other in drawing.rects[:place])
        assert rect.width() >= len(drawing.addresses[place]) * drawing.measures.advance
        assert rect.left() >= -1 and rect.right() <= drawing.size.width() + 1
    n = drawing.neighbourhood
    for edge, path in enumerate(drawing.edges):  # from the right of the operand to the left of the consumer
        start, end = path.pointAtPercent(0.0), path.pointAtPercent(1.0)
        operand, consumer = drawing.rects[int(n.operand[edge])], drawing.rects[int(n.consumer[edge])]
        assert abs(start.x() - operand.right()) < 3 and abs(start.y() - operand.center().y()) < 3
        assert abs(end.x() - consumer.left()) < 3 and abs(end.y() - consumer.center().y()) < 3
        assert operand.right() < consumer.left()
    labels = [label for label in drawing.labels if label is not None]
    for place, label in enumerate(labels):
        assert not any(label.intersects(other) for other in (*labels[:place], *drawing.rects))
    assert len(labels) > n.num_edges // 2


def test_new_numbers_are_drawn_in_place(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select("layer0.attn_wq[0,0]")
    before = drawing_of(panel)
    asked = len(reader.layouts.texts)
    positions = reader.session.runner.machine.positions
    for _ in range(6):
        reader.session.update()
        reader.show()
        check_numbers(panel, reader.session)
        if reader.session.runner.machine.positions == positions:
            assert drawing_of(panel).rects == before.rects
    assert len(set(reader.layouts.texts[asked:])) == len(reader.layouts.texts[asked:])  # none was laid out twice


def test_while_training_runs_the_picture_keeps_still(panel: NeighbourhoodPanel, reader: Reader) -> None:
    """A shorter document's neighbourhood is shown in a longer one's picture: what it does not have is hatched."""
    reader.select("layer0.attn_wq[0,0]")
    while reader.session.runner.machine.positions < 8:
        reader.session.update()
    reader.show(running=True)
    drawing = drawing_of(panel)
    assert drawing.neighbourhood.num_nodes == 9
    while reader.session.runner.machine.positions == 8:
        reader.session.update()
    reader.show(running=True)
    assert drawing_of(panel) is drawing
    figures, machine = figures_of(panel), reader.session.runner.machine
    for place, scalar in enumerate(drawing.neighbourhood.scalars.tolist()):
        there = place == 0 or place <= machine.positions
        assert figures.nodes_there[place] == there
        assert figures.numbers.data_reach[place] == (Reach.KNOWN if there else Reach.NOT_COMPUTED)
        if there:
            assert figures.numbers.data[place] == machine.data[scalar]
            assert figures.numbers.grad[place] == machine.grad[scalar]
    assert figures.edges_there.tolist() == figures.nodes_there.tolist()[1:]
    absent = node(reader, "pos7.layer0.attn.q[0]")
    panel.view.hovered = absent
    assert panel.view.description().endswith("not in this document")
    panel.grab()
    reader.show()  # it stands: the picture is this document's
    assert drawing_of(panel).neighbourhood.num_nodes == 1 + machine.positions


def test_while_training_runs_the_picture_changes_now_and_then(
    panel: NeighbourhoodPanel, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every document has another letter at position 1, and so another row of the embedding."""
    now = 100.0
    monkeypatch.setattr("microgpt_studio.panels.neighbourhood.neighbourhood_panel.monotonic", lambda: now)

    def go_on() -> None:
        letter = reader.session.runner.machine.first[reader.id("pos1.embed[0]")]
        while reader.session.runner.machine.first[reader.id("pos1.embed[0]")] == letter:
            reader.session.update()
        reader.show(running=True)

    reader.select("pos1.embed[0]")
    address = drawing_of(panel).addresses
    go_on()
    first = drawing_of(panel)
    assert first.addresses != address
    go_on()
    assert drawing_of(panel) is first
    there = dict(zip(first.addresses, figures_of(panel).nodes_there.tolist(), strict=True))
    assert there.pop("pos1.embed[0]") and there.pop("wpe[1,0]")
    assert sum(not is_there for is_there in there.values()) == 1  # the letter's
    now += 5.0
    reader.show(running=True)
    assert drawing_of(panel) is not first
    check_numbers(panel, reader.session)


def test_a_scalar_that_comes_and_goes_while_training_runs(panel: NeighbourhoodPanel, reader: Reader) -> None:
    while reader.session.runner.machine.positions < 8:
        reader.session.update()
    reader.select("pos7.layer0.attn.q[1]")
    drawing = drawing_of(panel)
    while reader.session.runner.machine.positions == 8:
        reader.session.update()
    reader.show(running=True)
    assert drawing_of(panel) is drawing
    assert not figures_of(panel).nodes_there.any()
    panel.grab()
    reader.show()
    assert panel.view.drawing is None
    assert panel.empty.isVisible()
    n = reader.session.runner.machine.positions
    assert panel.empty.sentence.startswith("pos7.layer0.attn.q[1] is not in this document: “")
    assert panel.empty.sentence.endswith(f"has {n} positions.")


def test_half_way_it_says_what_is_not_known(panel: NeighbourhoodPanel, reader: Reader) -> None:
    session = reader.session
    forward = session.execution.lengths[0]
    session.execution.go_to(Place(session.execution.place.updates, forward))
    reader.select(Q)
    figures = figures_of(panel)
    assert (figures.numbers.data_reach == Reach.KNOWN).all()
    assert (figures.numbers.grad_reach == Reach.NOT_COMPUTED).all()
    assert edge_words(figures, 0)[0].startswith("∂ ")
    assert edge_words(figures, 0)[1] == ""
    panel.view.hovered = 0
    assert "grad not computed yet" in panel.view.description()
    assert "operations done" in panel.footer.lines.texts[0]
    panel.grab()


def test_the_words_on_an_edge(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select(Q)
    n, machine = drawing_of(panel).neighbourhood, reader.session.runner.machine
    weight, x = reader.id("layer0.attn_wq[5,2]"), reader.id("pos1.layer0.attn.norm[2]")
    edge = next(i for i in range(n.num_edges) if n.edge_operand[i] == weight)
    contribution = machine.data[x] * machine.grad[reader.id(Q)]
    assert edge_words(figures_of(panel), edge) == (f"∂ {short(machine.data[x])}", f"∂·g {short(contribution)}")
    panel.view.hovered_edge = edge
    assert panel.view.description().splitlines() == [
        f"layer0.attn_wq[5,2] → {Q}",
        f"local derivative {machine.data[x].item()!r}",
        f"contribution {float(contribution)!r}",
    ]


def test_a_click_walks_there_and_back(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    panel.view.fit()
    reader.select("pos1.layer0.mlp.relu[5]")
    other = "pos1.layer0.mlp.fc1[5]"
    click(qtbot, reader, middle(reader, other))
    assert panel.selection == reader.id(other)
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus] == other
    assert panel.toolbar.back.isEnabled()
    assert not panel.toolbar.forward.isEnabled()
    panel.toolbar.back.click()
    assert panel.selection == reader.id("pos1.layer0.mlp.relu[5]")
    qtbot.keyClick(panel.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert panel.selection == reader.id(other)
    qtbot.keyClick(panel.view, Qt.Key.Key_Backspace)
    assert panel.selection == reader.id("pos1.layer0.mlp.relu[5]")
    qtbot.mouseClick(panel.view, Qt.MouseButton.ForwardButton)
    assert panel.selection == reader.id(other)
    qtbot.keyClick(panel.view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert panel.selection == reader.id("pos1.layer0.mlp.relu[5]")


def test_a_sigma_opens_and_folds_on_a_click(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select(Q)
    folded = drawing_of(panel)
    focus = folded.neighbourhood.focus
    click(qtbot, reader, panel.view.sum_button_rect(focus).center().toPoint())
    opened = drawing_of(panel)
    assert opened.neighbourhood.num_nodes == folded.neighbourhood.num_nodes + 15
    assert panel.selection == reader.id(Q)
    check_numbers(panel, reader.session)
    panel.grab()
    panel.view.camera.center(opened.rects[opened.neighbourhood.focus], panel.view.size().toSizeF())
    click(qtbot, reader, panel.view.sum_button_rect(opened.neighbourhood.focus).center().toPoint())
    assert drawing_of(panel).neighbourhood == folded.neighbourhood


def test_the_sigma_of_another_node_opens_where_it_is(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select("layer0.attn_wq[0,0]")
    address = "pos2.layer0.attn.q[0]"
    view = panel.view
    view.camera.zoom_at(1.1, QPointF(10, 10))
    rect = view.node_rect(node(reader, address))
    click(qtbot, reader, view.sum_button_rect(node(reader, address)).center().toPoint())
    after = view.node_rect(node(reader, address))
    assert not drawing_of(panel).neighbourhood.folded[node(reader, address)]
    assert abs(after.center().x() - rect.center().x()) < 1 and abs(after.center().y() - rect.center().y()) < 1
    click(qtbot, reader, middle(reader, address))  # beside the button
    assert panel.selection == reader.id(address)


def test_all_are_unfolded_and_folded(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select("layer0.attn_wq[0,0]")
    before = drawing_of(panel).neighbourhood
    panel.toolbar.unfold_all.click()
    everything = drawing_of(panel).neighbourhood
    assert not everything.folded.any()
    one = node(reader, "pos1.layer0.attn.q[0]")
    panel.view.cursor_node = one
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    rest = drawing_of(panel).neighbourhood
    assert rest.folded.sum() == 1
    assert rest.folded[node(reader, "pos1.layer0.attn.q[0]")]
    panel.toolbar.fold_all.click()
    assert drawing_of(panel).neighbourhood == before


def test_a_sigma_for_which_there_is_no_room_says_so(
    panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt_studio.debugger.neighbourhood.MOST_NODES", 25)
    reader.select(Q)
    focus = drawing_of(panel).neighbourhood.focus
    click(qtbot, reader, panel.view.sum_button_rect(focus).center().toPoint())
    assert drawing_of(panel).neighbourhood.folded[focus]
    assert panel.footer.problem.text.startswith(f"⚠ {Q} stays folded: with its 8 terms there would be more than")
    click(qtbot, reader, panel.view.sum_button_rect(focus).center().toPoint())
    assert not panel.footer.problem.isVisible()


def test_depth_and_direction(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select(Q)
    for depth, direction in ((2, Direction.OPERANDS), (3, Direction.LOSS), (1, Direction.BOTH)):
        panel.toolbar.depth_box.setValue(depth)
        panel.toolbar.choose_direction(direction)
        assert panel.extent == Extent(reader.id(Q), depth, direction)
        distance = drawing_of(panel).neighbourhood.distance
        assert (distance.min() == 0) == (direction is Direction.LOSS)
        assert (distance.max() == 0) == (direction is Direction.OPERANDS)
        assert abs(distance).max() == depth


def test_the_keyboard_walks(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select("pos1.layer0.mlp.relu[5]")
    view = panel.view
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.cursor_node == node(reader, "pos1.layer0.mlp.fc1[5]")
    data = reader.session.runner.machine.data[reader.id("pos1.layer0.mlp.fc1[5]")].item()
    assert panel.footer.lines.texts[1].startswith(f"pos1.layer0.mlp.fc1[5]   Σ 8 products   data {data!r}   grad ")
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.cursor_node == node(reader, "pos1.layer0.mlp.fc1[5]")  # nothing is farther left
    panel.grab()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.cursor_node == node(reader, "pos1.layer0.mlp.relu[5]")
    qtbot.keyClick(view, Qt.Key.Key_Right)
    first = view.cursor_node
    assert first is not None
    assert drawing_of(panel).addresses[first].startswith("pos1.layer0.mlp.fc2[")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    second = view.cursor_node
    assert second is not None
    rects = drawing_of(panel).rects
    assert rects[second].top() > rects[first].top()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.cursor_node == first
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus].startswith("pos1.layer0.mlp.fc2[")


def test_zoom_pan_and_fit(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select(Q)
    view = panel.view
    panel.toolbar.fit.click()
    assert view.camera.is_fitted
    rects = [view.node_rect(i) for i in range(drawing_of(panel).neighbourhood.num_nodes)]
    assert all(view.rect().contains(rect.toAlignedRect()) for rect in rects)
    zoom = view.camera.zoom
    at = QPointF(200, 150)
    before = view.camera.to_drawing(at)
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    assert view.camera.zoom > zoom
    after = view.camera.to_drawing(at)
    assert abs(after.x() - before.x()) < 1e-6 and abs(after.y() - before.y()) < 1e-6
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    selection, place = panel.selection, view.node_rect(0).topLeft()
    start = middle(reader, Q)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(30, 20))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 20))
    moved = view.node_rect(0).topLeft() - place
    assert (round(moved.x()), round(moved.y())) == (30, 20)
    assert panel.selection == selection
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.camera.is_fitted


def test_hover_tells_every_digit_and_copies(panel: NeighbourhoodPanel, reader: Reader, qtbot: QtBot) -> None:
    reader.select(Q)
    view, machine = panel.view, reader.session.runner.machine
    panel.toolbar.fit.click()
    qtbot.mouseMove(view, middle(reader, "layer0.attn_wq[5,2]"))
    assert view.hovered == node(reader, "layer0.attn_wq[5,2]")
    scalar = reader.id("layer0.attn_wq[5,2]")
    positions = machine.positions
    text = (
        "layer0.attn_wq[5,2]\nparameter\n"
        f"data {machine.data[scalar].item()!r}\ngrad {machine.grad[scalar].item()!r}\n"
        f"not drawn: 0 edges from operands, {positions - 1} edges to consumers"
    )
    assert view.description() == text
    assert panel.footer.lines.texts[1] == text.replace("\n", "   ")
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == text
    edge = drawing_of(panel).edges[0].pointAtPercent(0.5)
    view.camera.zoom_at(3.0, QPointF(0, 0))
    view.camera.pan(QPointF(300, 300) - (edge * view.camera.zoom + view.camera.offset))
    qtbot.mouseMove(view, QPoint(300, 300))
    assert view.hovered is None
    assert view.hovered_edge is not None
    panel.grab()


def test_while_it_is_laid_out_the_last_picture_stays(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select(Q)
    before = drawing_of(panel)
    reader.layouts.at_once = False
    reader.select("pos2.layer1.mlp.fc2[3]")
    assert panel.is_waiting
    assert drawing_of(panel) is before
    assert panel.footer.lines.texts[0].startswith("laying out… · ")
    reader.layouts.answer()
    assert not panel.is_waiting
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus] == "pos2.layer1.mlp.fc2[3]"
    assert not panel.footer.lines.texts[0].startswith("laying out")
    check_numbers(panel, reader.session)


def test_a_stale_layout_is_dropped(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.layouts.at_once = False
    reader.select(Q)
    reader.select("pos2.layer1.mlp.fc2[3]")
    reader.select("loss")
    assert len(reader.layouts.requests) == 3
    reader.layouts.answer()
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus] == "loss"
    check_numbers(panel, reader.session)


def test_the_same_shape_is_laid_out_once(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select("pos1.layer0.attn.q[5]")
    asked = len(reader.layouts.texts)
    reader.select("pos1.layer0.attn.q[6]")
    assert len(reader.layouts.texts) == asked
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus] == "pos1.layer0.attn.q[6]"
    check_numbers(panel, reader.session)


def test_a_layout_that_is_killed_leaves_a_message_and_the_last_picture(
    panel: NeighbourhoodPanel, reader: Reader
) -> None:
    reader.select(Q)
    before, update = drawing_of(panel), reader.session.step
    reader.layouts.at_once = False
    reader.select("pos2.layer1.mlp.fc2[3]")
    reader.layouts.fail("Graphviz was stopped: it took longer than 2 seconds.")
    assert drawing_of(panel) is before
    assert panel.footer.problem.is_error
    assert panel.footer.problem.isVisible()
    assert panel.footer.problem.text == (
        "⚠ Graphviz was stopped: it took longer than 2 seconds. The last picture stays, "
        f"with its numbers of update {update}. A smaller depth has fewer nodes."
    )
    asked = len(reader.layouts.texts)
    reader.session.update()
    reader.show()
    assert drawing_of(panel) is before
    if reader.session.runner.machine.positions == 4:
        assert len(reader.layouts.texts) == asked  # the same text is not tried again and again
    panel.grab()
    reader.layouts.at_once = True
    reader.select("loss")
    assert not panel.footer.problem.isVisible()
    check_numbers(panel, reader.session)


def test_a_first_layout_that_fails_says_so_in_its_place(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.layouts.at_once = False
    reader.select(Q)
    assert panel.empty.sentence == "Graphviz lays it out…"
    reader.layouts.fail("Graphviz could not lay this out: its process ended.")
    assert panel.empty.isVisible()
    assert panel.empty.sentence.startswith("Graphviz could not lay this out: its process ended.")
    assert "last picture" not in panel.empty.sentence


def test_a_new_session_forgets_the_old(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select(Q)
    reader.select("loss")
    panel.show_session(reader.session.description)
    assert panel.view.drawing is None
    assert panel.selection is None
    assert panel.empty.isVisible()
    reader.select(Q)
    assert not panel.toolbar.back.isEnabled()


def test_hidden_it_stops_the_process_and_shows_itself_again(panel: NeighbourhoodPanel, reader: Reader) -> None:
    reader.select(Q)
    before = drawing_of(panel)
    stopped = reader.layouts.stopped
    panel.hide()
    assert reader.layouts.stopped == stopped + 1
    panel.show()
    assert drawing_of(panel) is before
    reader.layouts.at_once = False
    reader.select("loss")
    panel.hide()
    assert not panel.is_waiting
    panel.show()
    assert panel.is_waiting
    reader.layouts.answer()
    assert drawing_of(panel).addresses[drawing_of(panel).neighbourhood.focus] == "loss"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_larger_letters_need_another_layout(
    panel: NeighbourhoodPanel, reader: Reader, plain_theme: QApplication, theme: str
) -> None:
    apply_theme(plain_theme, "dark")
    reader.select(Q)
    before = drawing_of(panel).rects[0]
    apply_theme(plain_theme, "light" if theme == "light" else "dark", 1.5)
    reader.layouts.answer()
    after = drawing_of(panel).rects[0]
    assert after.width() > 1.3 * before.width()
    assert after.height() > 1.3 * before.height()
    panel.grab()


def test_dot_text_has_every_number(panel: NeighbourhoodPanel, reader: Reader) -> None:
    assert panel.dot_text() is None
    assert panel.whole_picture() is None
    reader.select(Q)
    text = panel.dot_text()
    assert text is not None
    machine = reader.session.runner.machine
    assert text.startswith("digraph neighbourhood {")
    assert f"Neighbourhood of {Q}" in text
    for scalar in drawing_of(panel).neighbourhood.scalars.tolist():
        address = reader.session.description.addresses.format(scalar)
        assert f'"{address}" [label="{address}\\n' in text or f'{address} [label="{address}\\n' in text
        assert f"data {machine.data[scalar].item()!r}\\ngrad {machine.grad[scalar].item()!r}" in text
    assert text.count(" -> ") == drawing_of(panel).neighbourhood.num_edges
