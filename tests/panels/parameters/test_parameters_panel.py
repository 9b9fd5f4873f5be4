"""The Parameters panel shows the machine's own numbers, in every quantity and size, and tells what is chosen."""

import math
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.parameters.arrangement import candidates_of, tiles_of
from microgpt_studio.panels.parameters.quantity import Quantity
from microgpt_studio.panels.parameters.scaling import Scaling
from microgpt_studio.theme import ScaleKind, apply_theme
from microgpt_studio.widgets.mosaic_layout import Detail, Leaf, Placed, Stack, Tile, Type, Wish, arrange
from microgpt_studio.widgets.number_text import fitted, short

MATRICES = ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")

# The offscreen platform says so of every window with a smallest size.


@pytest.fixture
def dress(qapp):
    yield partial(apply_theme, qapp)
    apply_theme(qapp, "dark")


def choose(panel, quantity):
    panel.toolbar.quantity_choice.setCurrentIndex(list(Quantity).index(quantity))


def click(qtbot, matrices, point):
    qtbot.mouseClick(matrices.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(point.x()), int(point.y())))


def expected(session, quantity):
    """What plain Python computes, after the update that was done last."""
    machine, adam, t = session.runner.machine, session.settings.adam, session.step
    m, v = machine.m.tolist(), machine.v.tolist()
    before, change = machine.data[: machine.program.num_parameters].tolist(), machine.change.tolist()
    if quantity is Quantity.M_HAT:
        return np.array([each / (1 - adam.beta1**t) for each in m])
    if quantity is Quantity.ROOT_OF_V_HAT:
        return np.array([(each / (1 - adam.beta2**t)) ** 0.5 for each in v])
    if quantity is Quantity.RATIO:
        ratios = [abs(update / weight) for update, weight in zip(change, before, strict=True)]
        return np.array([math.log10(ratio) if ratio else math.nan for ratio in ratios])
    return {
        Quantity.BEFORE: machine.data[: machine.program.num_parameters],
        Quantity.DATA: machine.parameters,
        Quantity.GRAD: machine.grad[: machine.program.num_parameters],
        Quantity.M: machine.m,
        Quantity.V: machine.v,
        Quantity.UPDATE: machine.change,
    }[quantity]


def test_before_a_session_it_says_what_is_missing(panel):
    assert panel.empty.isVisible()
    assert not panel.matrices.isVisible()


def test_every_matrix_is_there_with_name_shape_and_labels(panel, session, show):
    show(panel, session)
    assert not panel.empty.isVisible()
    tiles = panel.matrices.tiles
    assert [tile.full_name for tile in tiles] == list(session.description.program.config.shapes())
    tokens = [*session.runner.tokenizer.characters, "·"]
    wte, wpe, lm_head = tiles[:3]
    assert list(wte.row_labels) == list(lm_head.row_labels) == tokens
    assert wpe.row_labels == tuple(map(str, range(8)))
    assert wte.col_labels == tuple(map(str, range(8)))
    assert wte.shape == f"{len(tokens)}×8"
    for layer in range(2):
        wq, wk, wv, wo, fc1, fc2 = tiles[3 + 6 * layer : 9 + 6 * layer]
        assert [wq.row_group, wk.row_group, wv.row_group, wo.col_group] == [4, 4, 4, 4]
        assert [wq.col_group, wo.row_group, fc1.row_group, fc2.col_group] == [0, 0, 0, 0]
        assert (fc1.rows, fc1.cols, fc2.rows, fc2.cols) == (32, 8, 8, 32)


@pytest.mark.parametrize("quantity", [quantity for quantity in Quantity if quantity is not Quantity.CHANGE])
def test_numbers_are_what_plain_python_computes(panel, session, show, quantity):
    for _ in range(3):
        session.update()
    show(panel, session)
    choose(panel, quantity)
    matrices, numbers = panel.matrices, expected(session, quantity)
    assert matrices.known.tolist() == (~np.isnan(numbers))[matrices.ids].tolist()
    np.testing.assert_array_equal(matrices.values, numbers[matrices.ids])
    assert sorted(matrices.ids) == list(range(session.description.program.num_parameters))
    scale = panel.heatmaps.legend.scale
    assert scale.limit == (3.0 if quantity is Quantity.RATIO else np.nanmax(np.abs(numbers)))
    unsigned = quantity in (Quantity.V, Quantity.ROOT_OF_V_HAT)
    assert scale.kind is (ScaleKind.UNSIGNED if unsigned else ScaleKind.SIGNED)


def test_a_change_is_measured_from_the_update_that_was_chosen(panel, session, show):
    session.run(3)
    then = session.runner.machine.parameters.copy()
    session.run(4)
    show(panel, session)
    choose(panel, Quantity.CHANGE)
    panel.toolbar.since.updates.setValue(3)
    show(panel, session, new=False)
    assert not panel.matrices.known.any()
    assert "not replayed yet" in panel.heatmaps.legend.accessibleName()
    session.trace_on(lambda: False)
    show(panel, session, new=False)
    assert panel.matrices.known.all()
    now = session.runner.machine.parameters
    changes = np.array([a - b for a, b in zip(now.tolist(), then.tolist(), strict=True)])
    np.testing.assert_array_equal(panel.matrices.values, changes[panel.matrices.ids])
    assert panel.heatmaps.legend.caption.text == "data after update 7 − data after update 3"
    cell = int(np.flatnonzero(panel.matrices.ids == 5)[0])
    assert f"change since update 3: {float(changes[5])!r}" in panel.matrices.describe(cell).splitlines()


def test_a_change_from_an_update_that_was_not_done_is_refused_in_place(panel, session, show):
    session.run(2)
    show(panel, session)
    choose(panel, Quantity.CHANGE)
    panel.toolbar.since.updates.setValue(9)
    show(panel, session, new=False)
    assert not panel.matrices.known.any()
    assert panel.heatmaps.legend.caption.text == "Update 9 has not been done yet; the latest is 2."


def test_the_update_to_measure_from_can_be_taken_from_the_bookmarks(panel, session, show):
    session.run(2)
    session.set_bookmark(None, True)
    session.run(3)
    show(panel, session)
    since = panel.toolbar.since
    since.fill()
    offered = {action.text(): action for action in since.menu.actions() if action.data() is not None}
    assert list(offered) == ["the beginning (update 0)", "this moment (update 5)", "update 2"]
    offered["update 2"].trigger()
    assert since.value == 2


def test_before_the_first_update_gradients_and_updates_are_not_known(panel, session, show):
    show(panel, session)
    known = (Quantity.DATA, Quantity.BEFORE, Quantity.M, Quantity.V)
    for quantity in Quantity:
        choose(panel, quantity)
        if quantity is Quantity.CHANGE:
            continue
        missing = quantity not in known
        assert panel.matrices.known.any() != missing
        assert ("not computed" in panel.heatmaps.legend.accessibleName()) == missing
    assert "grad not computed yet" in panel.matrices.describe(0)
    assert "update not computed yet" in panel.matrices.describe(0)


def test_while_adam_is_on_its_way_only_what_it_has_come_to_is_shown(panel, session, show):
    session.update()
    length, count = session.execution.length, session.description.program.num_parameters
    for done, shown in ((0, count), (1, 1), (700, 700), (count, count)):
        session.execution.go_to(Place(0, length - count + done))
        show(panel, session)
        for quantity in (Quantity.DATA, Quantity.M, Quantity.V):
            choose(panel, quantity)
            assert panel.matrices.known.tolist() == [i < shown for i in panel.matrices.ids]
            assert ("not updated yet" in panel.heatmaps.legend.accessibleName()) == (shown < count)
        for quantity in (Quantity.UPDATE, Quantity.M_HAT, Quantity.ROOT_OF_V_HAT):
            choose(panel, quantity)
            assert panel.matrices.known.tolist() == [i < done for i in panel.matrices.ids]
        choose(panel, Quantity.BEFORE)
        assert panel.matrices.known.all()
        panel.grab()


def test_a_gradient_that_is_not_complete_is_hatched_and_told_so_far(panel, session, show):
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    show(panel, session)
    choose(panel, Quantity.GRAD)
    reach = panel.snapshot.parameters.grad_reach
    assert panel.matrices.known.tolist() == (reach[panel.matrices.ids] == Reach.KNOWN).tolist()
    assert "not computed, partial" in panel.heatmaps.legend.accessibleName()
    partial = int(np.flatnonzero(reach == Reach.PARTIAL)[0])
    cell = int(np.flatnonzero(panel.matrices.ids == partial)[0])
    grad = float(session.runner.machine.grad[partial])
    assert f"grad {grad!r} so far, more contributions are to come" in panel.matrices.describe(cell).splitlines()


def test_a_fault_leaves_gradients_unknown(panel, session, show):
    session.update()
    session.runner.machine.parameters *= 1e6  # so sure of itself that the target gets probability 0
    session.update()
    assert session.fault is not None
    show(panel, session)
    choose(panel, Quantity.GRAD)
    assert not panel.matrices.known.any()


def test_the_tooltip_says_everything_in_full(panel, session, show):
    for _ in range(2):
        session.update()
    show(panel, session)
    machine, matrices = session.runner.machine, panel.matrices
    scalar = session.description.addresses.parse("layer1.attn_wo[5,2]")
    cell = int(np.flatnonzero(matrices.ids == scalar)[0])
    lines = matrices.describe(cell).splitlines()
    assert lines == [
        "layer1.attn_wo[5,2]",
        f"data {float(machine.parameters[scalar])!r} after update 2",
        f"before {float(machine.data[scalar])!r}",
        f"grad {float(machine.grad[scalar])!r}",
        f"m {float(machine.m[scalar])!r}",
        f"v {float(machine.v[scalar])!r}",
        f"m̂ {float(expected(session, Quantity.M_HAT)[scalar])!r}",
        f"√v̂ {float(expected(session, Quantity.ROOT_OF_V_HAT)[scalar])!r}",
        f"update {float(machine.change[scalar])!r} subtracted",
        f"log₁₀ |update ÷ weight before| {float(expected(session, Quantity.RATIO)[scalar])!r}",
    ]
    assert matrices.describe(0).startswith("wte[0,0] (“a”)")
    assert "click to enlarge" in matrices.describe_title(0)


def test_one_scale_for_all_or_each_its_own(panel, session, show):
    session.update()
    show(panel, session)
    matrices = panel.matrices
    assert len(set(matrices.scales)) == 1
    assert set(matrices.notes) == {("",)}
    panel.toolbar.scaling.set_scaling(Scaling(own=True))
    for tile in range(len(matrices.tiles)):
        assert matrices.scales[tile].limit == np.abs(matrices.values[matrices.span(tile)]).max()
        assert matrices.notes[tile][0].startswith("±")
    scalar = session.description.addresses.parse("wpe[1,1]")
    panel.show_selection(scalar)
    assert panel.heatmaps.legend.scale == matrices.scales[1]
    assert "wpe" in panel.heatmaps.legend.accessibleName()
    panel.toolbar.scaling.set_scaling(Scaling(own=True, log=True))
    assert all(scale.symlog for scale in matrices.scales)
    panel.toolbar.scaling.set_scaling(Scaling(log=True))
    assert len(set(matrices.scales)) == 1


def test_what_was_done_before_the_session_cannot_be_chosen(panel, session, show):
    session.run(5)
    session.restore(session.state())
    show(panel, session)
    since = panel.toolbar.since
    assert (since.value, since.updates.minimum()) == (5, 5)
    session.run(2)
    show(panel, session, new=False)
    since.updates.setValue(2)
    assert since.value == 5
    choose(panel, Quantity.CHANGE)
    show(panel, session, new=False)
    session.trace_on(lambda: False)
    show(panel, session, new=False)
    assert panel.heatmaps.legend.caption.text == "data after update 7 − data after update 5"


def test_a_locked_scale_keeps_its_limits_and_says_since_when(panel, session, show):
    session.run(2)
    show(panel, session)
    choose(panel, Quantity.GRAD)
    legend = panel.heatmaps.legend
    limit = legend.scale.limit
    panel.toolbar.scaling.lock.trigger()
    for _ in range(12):
        session.update()
        show(panel, session, new=False)
        assert legend.scale.limit == limit
        beyond = int((np.abs(panel.matrices.values) > limit).sum())
        assert legend.note.text == "locked at update 2" + (f", {beyond} beyond" if beyond else "")
    choose(panel, Quantity.M)  # the limits of another quantity would mean nothing
    assert legend.scale.limit == np.abs(panel.matrices.values).max()
    assert legend.note.text == "locked at update 14"
    panel.toolbar.scaling.follow.trigger()
    assert legend.note.text == ""
    session.update()
    show(panel, session, new=False)
    assert legend.scale.limit == np.abs(panel.matrices.values).max()


def test_a_lock_waits_for_the_first_numbers(panel, session, show):
    show(panel, session)
    choose(panel, Quantity.UPDATE)
    panel.toolbar.scaling.set_scaling(Scaling(locked=True))
    assert panel.heatmaps.legend.note.text == ""
    session.update()
    show(panel, session, new=False)
    assert panel.heatmaps.legend.scale.limit == np.abs(panel.matrices.values).max()
    assert panel.heatmaps.legend.note.text == "locked at update 1"


def test_the_menu_of_the_scale_says_and_makes_the_choice(panel, session, show):
    session.update()
    show(panel, session)
    scaling = panel.toolbar.scaling
    for action, text in ((scaling.own, "own"), (scaling.log, "own · log"), (scaling.shared, "shared · log")):
        action.trigger()
        assert scaling.text() == text
        assert panel.matrices.scaling == scaling.scaling
    assert "symlog" in panel.heatmaps.legend.caption.text
    scaling.lock.trigger()
    assert not scaling.icon().isNull()
    scaling.follow.trigger()
    scaling.linear.trigger()
    assert scaling.scaling == Scaling()


def test_statistics_are_of_what_is_shown(panel, session, show, qtbot):
    session.run(2)
    panel.resize(480, 300)
    show(panel, session)
    choose(panel, Quantity.GRAD)
    matrices, grads = panel.matrices, session.runner.machine.grad

    def told(name, values):
        norm = 0.0
        for x in values.tolist():
            norm += x * x
        zeros = (values == 0).sum() / len(values)
        assert panel.heatmaps.line.text.split() == [
            *([name] if name else []),
            *("min", short(values.min()), "max", short(values.max()), "norm", short(math.sqrt(norm))),
            *("zeros", "0%" if zeros == 0 else "<1%" if zeros < 0.01 else f"{100 * zeros:.0f}%"),
        ]

    told("all", grads[matrices.ids])
    scalar = session.description.addresses.parse("layer0.mlp_fc1[3,3]")
    panel.show_selection(scalar)
    fc1 = next(i for i, tile in enumerate(matrices.tiles) if tile.full_name == "layer0.mlp_fc1")
    told("mlp_fc1", grads[matrices.ids[matrices.span(fc1)]])
    matrices.set_hovered(matrices.cell(1, 0, 0), None)
    told("wpe", grads[matrices.ids[matrices.span(1)]])
    matrices.set_hovered(None, None)
    matrices.enlarge(2)
    told("", grads[matrices.ids[matrices.span(2)]])
    lines = matrices.describe_title(2).splitlines()
    assert f"min {float(grads[matrices.ids[matrices.span(2)]].min())!r}" in lines


def test_where_there_is_room_statistics_stand_beside_the_names(panel, session, show, qapp):
    session.run(2)
    show(panel, session)
    assert panel.matrices.notes[0] == ("",)
    panel.resize(1400, 900)
    qapp.processEvents()
    values = panel.matrices.values[panel.matrices.span(0)]
    low, high, _, zeros = panel.matrices.notes[0]
    assert (low, high, zeros) == (f"min {fitted(values.min(), 8)}", f"max {fitted(values.max(), 8)}", "zeros 0%")
    assert panel.matrices.arrangement.height <= panel.matrices.viewport().height()
    for height in range(380, 700, 40):  # they never make it so large that it has to be scrolled
        panel.resize(700, height)
        qapp.processEvents()
        fits = panel.matrices.arrangement.height <= panel.matrices.maximumViewportSize().height()
        assert fits or panel.matrices.notes[0] == ("",)


def test_the_words_say_of_which_moment_the_numbers_are(panel, session, show):
    def caption(quantity):
        choose(panel, quantity)
        return panel.heatmaps.legend.caption.text

    show(panel, session)
    assert caption(Quantity.DATA) == "data before the first update"
    assert caption(Quantity.BEFORE) == "data before update 1"
    session.run(3)
    show(panel, session, new=False)
    assert caption(Quantity.DATA) == "data after update 3"
    assert caption(Quantity.BEFORE) == "data before update 3"
    assert caption(Quantity.GRAD) == "grad of update 3"
    assert caption(Quantity.M_HAT) == "m̂ of update 3"
    assert caption(Quantity.UPDATE) == "subtracted by update 3"
    assert caption(Quantity.RATIO) == "log₁₀ |update ÷ weight| of update 3"
    session.execution.go_to(Place(3, 10))
    show(panel, session, new=False)
    assert caption(Quantity.DATA) == "data after update 3"
    assert caption(Quantity.BEFORE) == "data before update 4"
    assert caption(Quantity.M) == "m after update 3"
    assert caption(Quantity.GRAD) == "grad of update 4"


def test_where_there_is_no_ratio_it_is_hatched_and_said(panel, session, show):
    session.run(1)
    show(panel, session)
    choose(panel, Quantity.RATIO)
    zero = session.runner.machine.change == 0
    assert zero.any()
    assert panel.matrices.known.tolist() == (~zero)[panel.matrices.ids].tolist()
    assert panel.heatmaps.legend.hatched.text == "no number: update or weight is 0"
    cell = int(np.flatnonzero(zero[panel.matrices.ids])[0])
    assert "is no number: the update is 0" in panel.matrices.describe(cell)
    assert "norm" not in panel.heatmaps.line.text
    assert panel.heatmaps.legend.bar.texts == ("-6.000", "-3", "0")
    beyond = int((np.abs(panel.matrices.values + 3)[panel.matrices.known] > 3).sum())
    assert panel.heatmaps.legend.note.text == f"{beyond:,} beyond"


def test_in_a_low_panel_words_of_the_legend_give_way_but_are_told(panel, session, show, qapp):
    session.run(1)
    show(panel, session)
    choose(panel, Quantity.RATIO)
    legend = panel.heatmaps.legend
    assert legend.hatched.isVisible()
    panel.resize(300, 130)
    qapp.processEvents()
    assert legend.bar.isVisible()
    assert not legend.caption.isVisible()
    assert "of update 1" in legend.bar.toolTip()
    panel.resize(480, 250)
    qapp.processEvents()
    assert legend.caption.isVisible()


def test_labels_stay_when_an_enlarged_matrix_scrolls(panel, session, show, qtbot, qapp):
    session.update()
    show(panel, session)
    matrices = panel.matrices
    panel.resize(300, 200)
    fc1 = next(i for i, tile in enumerate(matrices.tiles) if tile.full_name == "layer0.mlp_fc1")
    matrices.enlarge(fc1)
    qapp.processEvents()
    placed = matrices.placed(fc1)
    top = placed.grid.y
    before = matrices.viewport().grab().toImage()
    panel.show_selection(int(matrices.ids[matrices.cell(fc1, 10, 0)]))
    for _ in range(10):
        qtbot.keyClick(matrices, Qt.Key.Key_Down)
    assert matrices.verticalScrollBar().value() > 0
    assert matrices.cell_rect(matrices.selected).top() >= top
    after = matrices.viewport().grab().toImage()
    head = (0, 0, after.width(), int(top) - 2)
    assert before.copy(*head) == after.copy(*head)
    assert before != after
    assert matrices._cell_at(QPointF(placed.grid.x + 4, top - 4)) is None  # a cell lies there, below the labels
    assert matrices._cell_at(QPointF(placed.grid.x + 4, top + 4)) is not None


def test_what_is_selected_elsewhere_is_scrolled_to(panel, session, show, qapp):
    session.update()
    panel.resize(300, 160)
    show(panel, session)
    qapp.processEvents()
    matrices = panel.matrices
    assert matrices.verticalScrollBar().maximum() > 0
    for address in ("layer1.mlp_fc2[7,31]", "wte[0,0]", "layer1.mlp_fc1[31,7]"):
        panel.show_selection(session.description.addresses.parse(address))
        assert QRectF(matrices.viewport().rect()).contains(matrices.cell_rect(matrices.selected))
    before = matrices.verticalScrollBar().value()
    matrices.verticalScrollBar().setValue(0)
    panel.show_selection(session.description.addresses.parse("layer1.mlp_fc1[31,7]"))
    assert matrices.verticalScrollBar().value() == 0 != before  # it was selected already: a person scrolled away


def test_scroll_bars_go_when_there_is_room_again(panel, session, show, qapp):
    session.update()
    show(panel, session)
    matrices = panel.matrices
    panel.resize(250, 130)
    qapp.processEvents()
    assert matrices.verticalScrollBar().maximum() > 0
    panel.resize(1000, 700)
    qapp.processEvents()
    for tile in (3, 8, 7, 2, 0):
        matrices.enlarge(tile)
        qapp.processEvents()
        assert matrices.horizontalScrollBar().maximum() == 0
        layout, room = matrices.arrangement, matrices.maximumViewportSize()
        assert (matrices.verticalScrollBar().maximum() > 0) == (layout.height > room.height())


def test_while_training_runs_legend_and_colours_change_together(panel, session, show):
    session.update()
    show(panel, session)
    choose(panel, Quantity.GRAD)
    before = panel.heatmaps.legend.scale
    session.update()
    snapshot = session.snapshot(2, panel_wants(panel))
    panel.show_snapshot(snapshot)
    np.testing.assert_array_equal(panel.matrices.values, snapshot.parameters.grad[panel.matrices.ids])
    assert panel.heatmaps.legend.scale == panel.matrices.scales[0] == before
    panel.show_text(snapshot)
    assert panel.heatmaps.legend.scale == panel.matrices.scales[0] != before


def panel_wants(panel):
    from microgpt_studio.debugger.snapshot import Wanted

    return Wanted(parameters=True)


def test_a_click_selects_and_the_windows_selection_is_outlined(panel, session, show, qtbot):
    session.update()
    show(panel, session)
    matrices, addresses = panel.matrices, session.description.addresses
    scalar = addresses.parse("layer0.mlp_fc2[3,17]")
    cell = int(np.flatnonzero(matrices.ids == scalar)[0])
    with qtbot.waitSignal(panel.selected) as chosen:
        click(qtbot, matrices, matrices.cell_rect(cell).center())
    assert chosen.args == [scalar]
    assert matrices.selected == cell
    panel.show_selection(addresses.parse("pos0.embed[0]"))
    assert matrices.selected is None
    panel.show_selection(scalar)
    assert matrices.selected == cell


def test_keys_move_the_selection_across_edges(panel, session, show, qtbot):
    session.update()
    show(panel, session)
    matrices, addresses = panel.matrices, session.description.addresses
    panel.selected.connect(panel.show_selection)

    def address():
        return addresses.format(int(matrices.ids[matrices.selected]))

    qtbot.keyClick(matrices, Qt.Key.Key_Right)
    assert address() == "wte[0,0]"
    for key, there in (
        (Qt.Key.Key_Right, "wte[0,1]"),
        (Qt.Key.Key_Down, "wte[1,1]"),
        (Qt.Key.Key_Up, "wte[0,1]"),
        (Qt.Key.Key_Left, "wte[0,0]"),
        (Qt.Key.Key_Left, "wte[0,0]"),
        (Qt.Key.Key_PageDown, "wpe[0,0]"),
        (Qt.Key.Key_PageUp, "wte[0,0]"),
    ):
        qtbot.keyClick(matrices, key)
        assert address() == there
    panel.show_selection(addresses.parse("layer0.attn_wq[3,7]"))
    qtbot.keyClick(matrices, Qt.Key.Key_Right)
    assert address() == "layer0.attn_wk[3,0]"
    qtbot.keyClick(matrices, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    scalar = int(matrices.ids[matrices.selected])
    assert QApplication.clipboard().text() == repr(float(session.runner.machine.parameters[scalar]))


def test_a_title_or_enter_enlarges_and_esc_or_the_button_returns(panel, session, show, qtbot):
    session.update()
    show(panel, session)
    matrices = panel.matrices
    click(qtbot, matrices, matrices.title_rect(4).center())
    assert matrices.enlarged == 4
    assert [placed.tile for placed in matrices.arrangement.placed] == [4]
    assert panel.heatmaps.line.isVisible()
    assert panel.toolbar.back.isVisible()
    qtbot.keyClick(matrices, Qt.Key.Key_Escape)
    assert matrices.enlarged is None
    assert not panel.toolbar.back.isVisible()
    panel.show_selection(session.description.addresses.parse("layer1.mlp_fc1[20,0]"))
    qtbot.keyClick(matrices, Qt.Key.Key_Return)
    assert matrices.tiles[matrices.enlarged].full_name == "layer1.mlp_fc1"
    qtbot.keyClick(matrices, Qt.Key.Key_Down)
    view = QRectF(matrices.viewport().rect())
    assert view.contains(matrices.cell_rect(matrices.selected))
    qtbot.keyClick(matrices, Qt.Key.Key_PageDown)
    assert matrices.tiles[matrices.enlarged].full_name == "layer1.mlp_fc2"
    panel.toolbar.back.click()
    assert matrices.enlarged is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_paints_in_both_themes_and_survives_a_live_switch(panel, session, show, dress, theme):
    session.update()
    session.runner.machine.parameters[3] = np.nan
    show(panel, session)
    dress(theme, 1.25)
    assert not panel.grab().isNull()
    side = panel.matrices.arrangement.side
    dress("dark")
    assert panel.matrices.arrangement.side >= side
    panel.matrices.enlarge(0)
    assert not panel.grab().isNull()


def test_a_new_session_makes_everything_before_void(panel, session, show):
    session.update()
    show(panel, session, selection=3)
    panel.show_session(session.description)
    assert panel.empty.isVisible()
    assert panel.matrices.selected is None
    assert not panel.matrices.known.any()


def boxes(layout):
    for placed in layout.placed:
        yield placed.title
        rect = placed.grid.rect
        yield rect.adjusted(-placed.row_labels, -placed.col_labels, 0, 0)


@pytest.mark.parametrize("note", [0, 8])
@pytest.mark.parametrize("size", [(200, 120), (300, 200), (480, 221), (640, 290), (1200, 700), (400, 900)])
@pytest.mark.parametrize("n_layer", [1, 2])
def test_nothing_overlaps_and_all_is_inside(session, size, note, n_layer):
    tiles = tiles_of(session.description)[: 3 + 6 * n_layer]
    type_ = Type(line=14.0, label=12.0, advance=6.6, note=(note,) if note else ())
    layout = arrange(candidates_of(n_layer), tiles, type_, Wish(), *size)
    assert sorted(placed.tile for placed in layout.placed) == list(range(len(tiles)))
    rects = list(boxes(layout))
    for i, one in enumerate(rects):
        assert QRectF(0, 0, layout.width, layout.height).contains(one)
        for other in rects[:i]:
            common = one.intersected(other)
            assert min(common.width(), common.height()) <= 0
    assert len({(p.grid.cell_width, p.grid.cell_height) for p in layout.placed}) == 1


def test_cells_are_as_large_as_fit_and_labels_give_way_first():
    tiles = [Tile("a", 10, 10, tuple("0123456789"), tuple("0123456789"))]
    type_ = Type(line=14.0, label=12.0, advance=7.0)
    large = arrange([Leaf(0)], tiles, type_, Wish(), 150.0, 170.0)
    assert large.side == 13
    assert large.placed[0].row_labels == 0.0
    room = arrange([Leaf(0)], tiles, type_, Wish(detail=Detail.ALL), 150.0, 170.0)
    assert room.side == 12
    assert room.placed[0].row_labels > 0
    small = arrange([Leaf(0), Stack((Leaf(0),))], tiles, type_, Wish(smallest=4), 20.0, 20.0)
    assert small.side == 4
    assert isinstance(small.placed[0], Placed)
    assert small.tile_at(QPointF(-1, -1)) is None


def test_the_tool_bar_takes_a_second_line_only_when_narrow(panel, session, show, qapp):
    session.update()
    show(panel, session)
    qapp.processEvents()
    one = panel.toolbar.height()
    panel.resize(200, 250)
    qapp.processEvents()
    assert panel.toolbar.height() > one
    panel.resize(480, 250)
    qapp.processEvents()
    assert panel.toolbar.height() == one
