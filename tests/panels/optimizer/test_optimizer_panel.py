"""The Optimizer against the machine's arrays and the ledger's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from microgpt.adam import Adam
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.panels.optimizer import EMPTY
from microgpt_studio.panels.optimizer.equations import NOT_COMPUTED, WAITING, update_account
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.theme import apply_theme
from microgpt_studio.widgets import full, short

SYMBOLS = ["t", "lr", "g", "m", "v", "m̂", "v̂", "Δ", "w"]


@pytest.fixture
def chosen(panel):
    """The scalars that the panel has selected."""
    scalars: list[int] = []
    panel.selected.connect(scalars.append)
    return scalars


def updated(session, count=3):
    for _ in range(count):
        session.update()
    return session


def parse(session, address):
    return session.description.addresses.parse(address)


def equations(panel):
    panel.turn_to(Tab.LEDGER)
    return {equation.symbol: equation for equation in panel.ledger.view.account.equations}


def maps(panel):
    """The heatmaps' numbers and whether they are known, by their quantities."""
    panel.turn_to(Tab.MATRIX)
    return {tile.layer.quantity: (tile.layer.values, tile.layer.known) for tile in panel.matrix_page.maps.tiles}


def tiles(panel):
    """The heatmaps by their quantities."""
    panel.turn_to(Tab.MATRIX)
    return {tile.layer.quantity: tile for tile in panel.matrix_page.maps.tiles}


# Equations


def test_every_result_is_the_ledger_s(panel, session, show):
    updated(session)
    scalar = parse(session, "layer1.attn_wq[5,7]")
    show(panel, session, scalar)
    ledger = adam_ledger(session.settings.adam, panel.snapshot.parameters, 3, 20, scalar)
    shown = equations(panel)
    assert list(shown) == SYMBOLS
    expected = {
        "lr": ledger.rate,
        "g": ledger.grad,
        "m": ledger.m,
        "v": ledger.v,
        "m̂": ledger.m_hat,
        "v̂": ledger.v_hat,
        "Δ": ledger.change,
        "w": ledger.after,
    }
    assert {symbol: shown[symbol].result for symbol in expected} == expected
    assert shown["t"].words == "3 of 20"
    machine = session.runner.machine
    assert (shown["g"].result, shown["w"].result) == (machine.grad[scalar], machine.parameters[scalar])


def test_the_numbers_stand_in_the_formula(panel, session, show):
    updated(session)
    scalar = parse(session, "layer0.attn_wq[5,7]")
    show(panel, session, scalar)
    ledger = adam_ledger(session.settings.adam, panel.snapshot.parameters, 3, 20, scalar)
    shown = equations(panel)
    assert shown["lr"].numbers() == "0.01 · (1 − 2/20)"
    assert shown["m"].numbers() == f"0.85 · {short(ledger.m_before)}\n+ 0.15 · {short(ledger.grad)}"
    assert shown["m̂"].numbers() == f"{short(ledger.m)} / {short(ledger.correction1)}"
    assert shown["Δ"].numbers() == (
        f"{short(ledger.rate)} · {short(ledger.m_hat)}\n/ ({short(ledger.v_hat**0.5)} + 1e-08)"
    )
    assert shown["v"].whole().startswith("v = β₂ · v + (1 − β₂) · g² = 0.99 · ")
    assert shown["v"].whole().endswith(f" = {full(ledger.v)}")
    assert full(ledger.before) in shown["w"].whole()
    assert full(1 - 0.85) in shown["m"].whole()


def test_the_numbers_in_full_give_the_result_in_plain_python(panel, session, show):
    updated(session)
    for scalar in range(0, session.description.program.num_parameters, 97):
        show(panel, session, scalar)
        for symbol, equation in equations(panel).items():
            if symbol in ("t", "g"):
                continue
            numbers = equation.whole().split(" = ")[-2]
            if symbol == "lr":
                assert eval(python(numbers)) == equation.result
            else:
                assert eval(python(numbers)) == pytest.approx(equation.result, rel=1e-14, abs=1e-300)


def python(numbers: str) -> str:
    return numbers.replace("·", "*").replace("−", "-").replace("²", "**2")


def test_a_negative_change_is_bracketed():
    ledger = adam_ledger_of(before=1.0, change=-0.5)
    assert update_account(ledger, Adam(), 10).equations[-1].numbers() == "1.000 − (-0.5000)"
    assert update_account(ledger, Adam(), 10).equations[-1].result == 1.5


def adam_ledger_of(before: float, change: float):
    from microgpt_studio.debugger.ledger import Ledger

    return Ledger(1, 0.01, -2.0, 0.0, 0.0, 0.1, 0.1, 0.15, 0.01, 0.1, 0.1, 0.3, change, before, before - change)


def test_before_the_first_update_the_moments_are_0_and_the_rest_is_not_computed(panel, session, show):
    scalar = parse(session, "wte[3,2]")
    show(panel, session, scalar)
    shown = equations(panel)
    assert panel.ledger.view.account.sentence.startswith("No update yet")
    assert (shown["m"].result, shown["v"].result) == (0.0, 0.0)
    assert shown["w"].result == session.runner.machine.parameters[scalar]
    for symbol in ("lr", "g", "m̂", "v̂", "Δ"):
        assert (shown[symbol].result, shown[symbol].words) == (None, NOT_COMPUTED)
    whole = {quantity for quantity, (_, known) in maps(panel).items() if known.all()}
    nothing = {quantity for quantity, (_, known) in maps(panel).items() if not known.any()}
    assert (whole, nothing) == ({"m", "v", "w"}, {"g", "m̂", "√v̂", "lr/(√v̂ + ε)", "Δ"})
    assert tiles(panel)["g"].words.text() == "g   not computed yet"
    assert tiles(panel)["g"].color_scale.isHidden()
    assert tiles(panel)["g"].figures.text == ""


def test_after_a_restored_state_the_moments_are_its(panel, session, show):
    state = updated(session).state()
    session.restore(state)
    show(panel, session, 7)
    shown = equations(panel)
    assert (shown["m"].result, shown["v"].result) == (state.m[7], state.v[7])
    assert shown["g"].words == NOT_COMPUTED
    assert panel.ledger.view.account.sentence.startswith("This update of the parameter is not computed yet")
    assert shown["t"].words == "3 of 20"


def test_a_gradient_that_is_not_complete_is_told_so_far(panel, session, show):
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    parameter = parse(session, "layer1.mlp_fc1[3,2]")
    show(panel, session, parameter)
    grad = float(session.runner.machine.grad[parameter])
    assert equations(panel)["g"].result_text() == f"{short(grad)} so far"
    assert equations(panel)["g"].whole() == f"g = {full(grad)} so far"
    tile = tiles(panel)["g"]
    assert tile.words.text() == "g   partial so far"
    assert not tile.layer.known.any()
    assert tile.heatmap.description(3, 2) == (
        f"layer1.mlp_fc1[3,2]\ng {full(grad)} so far, more contributions are to come"
    )


def test_within_an_update_the_rate_is_known_from_its_first_operation_on(panel, session, show):
    parameter = parse(session, "wte[3,2]")
    for updates in (0, 4):
        session.execution.go_to(Place(updates, 1))
        show(panel, session, parameter)
        shown = equations(panel)["lr"]
        assert shown.result == panel.snapshot.moment.lr == session.settings.adam.rate(updates, 20)
        assert shown.numbers() == f"0.01 · (1 − {updates}/20)"
        assert panel.ledger.view.account.sentence.startswith("This update of the parameter is not computed yet")
    rate = equations(panel)["lr"]
    session.execution.go_to(Place(4, session.execution.length))
    show(panel, session, parameter)
    assert equations(panel)["lr"] == rate


def test_a_gradient_is_shown_element_by_element_as_it_is_completed(panel, session, show):
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    show(panel, session, parse(session, "wte[0,0]"))
    reach = panel.snapshot.parameters.grad_reach[: session.description.program.tensors[0].size]
    values, known = maps(panel)["g"]
    assert known.ravel().tolist() == (reach == Reach.KNOWN).tolist()
    assert known.any()
    assert not known.all()
    assert tiles(panel)["g"].words.isHidden()
    assert tiles(panel)["g"].heatmap.scale.limit == np.abs(values[known]).max()


def test_while_adam_is_on_its_way_a_map_shows_what_is_done(panel, session, show):
    length, count = session.execution.length, session.description.program.num_parameters
    matrix = next(t for t in session.description.program.tensors if t.path == "layer0.attn_wk")
    done = matrix.start + 19
    session.execution.go_to(Place(0, length - count + done))
    show(panel, session, done - 1)
    assert equations(panel)["Δ"].result == session.runner.machine.change[done - 1]
    show(panel, session, done, new=False)
    assert equations(panel)["Δ"].words == NOT_COMPUTED
    assert equations(panel)["w"].result == session.runner.machine.data[done]
    values, known = maps(panel)["Δ"]
    assert known.ravel().tolist() == [True] * 19 + [False] * (matrix.size - 19)
    assert np.array_equal(values[known], session.runner.machine.change[matrix.start : done])
    assert tiles(panel)["Δ"].heatmap.description(*divmod(19, matrix.shape[1])).endswith("Δ not computed yet")
    panel.grab()


def test_numbers_follow_the_updates(panel, session, show):
    show(panel, session, 7)
    for t in (1, 2, 3):
        session.update()
        show(panel, session, 7, new=False)
        assert equations(panel)["t"].words == f"{t} of 20"
        assert equations(panel)["m"].result == session.runner.machine.m[7]
        assert panel.ledger.view.account.sentence == ""


def test_without_numbers_none_are_shown(panel, session, show):
    show(panel, updated(session), 7)
    bare = session.snapshot(2, Wanted())
    panel.show_snapshot(bare)
    panel.show_text(bare)
    assert {equation.words for equation in equations(panel).values()} == {WAITING}
    assert not any(known.any() for _, known in maps(panel).values())


# Selection


def test_no_session_and_no_selection(panel, session, show):
    assert panel.page is panel.movers
    assert panel.movers.notice.text == EMPTY
    assert not panel.head.matrix_combo.isEnabled()
    show(panel, session)
    assert panel.page is panel.movers
    assert panel.head.matrix_combo.isEnabled()
    assert panel.head.matrix_combo.currentIndex() == -1


def test_what_is_no_parameter_has_no_update(panel, session, show):
    show(panel, updated(session), 7)
    assert panel.page is panel.ledger
    assert panel.movers.notice.isHidden()
    assert panel.head.matrix_combo.currentText() == "wte"
    panel.show_selection(parse(session, "pos0.loss"))
    assert panel.page is panel.movers
    assert panel.movers.isVisible()
    assert panel.movers.notice.text == f"pos0.loss is no parameter. {EMPTY}"
    assert panel.head.matrix_combo.currentIndex() == -1
    assert panel.head.element_label.text() == ""
    assert panel.matrix is None


def test_the_tab_that_is_marked_is_the_one_in_front(panel, session, show, qtbot):
    show(panel, updated(session), 7)
    qtbot.mouseClick(panel.head.button(Tab.HISTORY), Qt.MouseButton.LeftButton)
    assert panel.head.button(Tab.HISTORY).isChecked()
    panel.show_selection(parse(session, "pos0.loss"))
    assert panel.head.button(Tab.MOVERS).isChecked()
    qtbot.mouseClick(panel.head.button(Tab.BIAS), Qt.MouseButton.LeftButton)  # there is nothing to be seen there
    assert panel.head.button(Tab.MOVERS).isChecked()
    panel.show_selection(7)
    assert panel.page is panel.bias
    assert panel.head.button(Tab.BIAS).isChecked()


def test_the_combo_offers_every_matrix_and_goes_to_its_first_element(panel, session, show, chosen):
    show(panel, updated(session))
    paths = list(session.description.program.config.shapes())
    assert [panel.head.matrix_combo.itemText(i) for i in range(panel.head.matrix_combo.count())] == paths
    for i, path in enumerate(paths):
        panel.head.matrix_combo.activated.emit(i)
        assert chosen.pop() == parse(session, f"{path}[0,0]")
    panel.show_selection(parse(session, "layer1.mlp_fc2[3,20]"))
    assert panel.head.matrix_combo.currentText() == "layer1.mlp_fc2"
    assert panel.head.element_label.text() == "[3,20]"
    assert chosen == []


def test_a_click_in_a_map_selects(panel, session, show, qtbot, chosen):
    show(panel, updated(session), parse(session, "layer0.attn_wq[5,7]"))
    for tile in tiles(panel).values():
        point = tile.heatmap.cell_rect(2, 3).center().toPoint()
        qtbot.mouseClick(tile.heatmap, Qt.MouseButton.LeftButton, pos=point)
        assert chosen.pop() == parse(session, "layer0.attn_wq[2,3]")


def test_an_arrow_key_in_a_map_selects_the_neighbour(panel, session, show, qtbot, chosen):
    show(panel, updated(session), parse(session, "layer0.attn_wq[5,6]"))
    heatmap = tiles(panel)["m"].heatmap
    qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    qtbot.keyClick(heatmap, Qt.Key.Key_Down)
    assert chosen == [parse(session, "layer0.attn_wq[5,7]"), parse(session, "layer0.attn_wq[6,7]")]


def test_a_new_session_voids_everything(panel, session, show):
    show(panel, updated(session), 7)
    panel.show_session(session.description)
    assert panel.page is panel.movers
    assert panel.selection is None


# Maps


def test_maps_are_the_machine_s_matrices(panel, session, show):
    updated(session)
    machine, program = session.runner.machine, session.description.program
    for address in ("wte[1,2]", "layer1.mlp_fc1[30,7]", "layer0.mlp_fc2[7,30]"):
        scalar = parse(session, address)
        show(panel, session, scalar)
        tensor = program.tensors[program.tensor[scalar]]
        arrays = {"g": machine.grad, "m": machine.m, "v": machine.v, "Δ": machine.change, "w": machine.parameters}
        for quantity, array in arrays.items():
            (values, known), tile = maps(panel)[quantity], tiles(panel)[quantity]
            assert known.all()
            assert np.array_equal(values, array[tensor.start : tensor.stop].reshape(tensor.shape))
            assert tile.heatmap.scale.limit == np.abs(values).max()
            assert tile.color_scale.scale == tile.heatmap.scale
            assert tile.heatmap.selected == divmod(scalar - tensor.start, tensor.shape[1])


def test_a_map_tells_address_quantity_and_every_digit(panel, session, show):
    show(panel, updated(session), parse(session, "layer0.attn_wq[5,7]"))
    machine, scalar = session.runner.machine, parse(session, "layer0.attn_wq[2,3]")
    assert tiles(panel)["m"].heatmap.description(2, 3) == f"layer0.attn_wq[2,3]\nm {full(machine.m[scalar])}"
    session.restart()
    show(panel, session, parse(session, "layer0.attn_wq[5,7]"), new=False)
    assert tiles(panel)["Δ"].heatmap.description(2, 3) == "layer0.attn_wq[2,3]\nΔ not computed yet"


def test_a_scale_grows_at_once_and_shrinks_with_the_text(panel, session, show):
    show(panel, updated(session, 1), 7)
    small = session.snapshot(2, Wanted(parameters=True))
    for _ in range(5):
        session.update()
    m = tiles(panel)["m"]
    before, large = m.heatmap.scale.limit, session.snapshot(3, Wanted(parameters=True))
    largest = float(np.abs(large.parameters.m[: m.layer.values.size]).max())
    panel.show_snapshot(large)
    assert m.heatmap.scale.limit == max(before, largest)
    panel.show_snapshot(small)
    assert m.heatmap.scale.limit == max(before, largest)
    panel.show_text(small)
    assert m.heatmap.scale.limit == before


@pytest.mark.parametrize(("width", "columns"), [(200, 1), (340, 2), (500, 2), (680, 4), (1200, 4)])
def test_maps_stand_beside_each_other_as_they_fit(panel, session, show, qtbot, width, columns):
    show(panel, updated(session), 7)
    panel.turn_to(Tab.MATRIX)
    panel.resize(width, 420)
    qtbot.waitUntil(lambda: panel.matrix_page.maps.columns == columns)


def test_while_hidden_it_does_no_work(panel, session, show):
    panel.hide()
    show(panel, updated(session), 7)
    assert {equation.symbol: equation for equation in panel.ledger.view.account.equations}["m"].words == WAITING
    panel.show()
    assert equations(panel)["m"].result == session.runner.machine.m[7]


# The ledger's view


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("width", [250, 330, 340, 425, 680, 1100])
def test_rows_follow_each_other_and_numbers_keep_their_digits(panel, session, show, qapp, qtbot, scale, width):
    apply_theme(qapp, "dark", scale)
    panel.resize(round(width * max(scale, 1.25)), 500)
    show(panel, updated(session), 7)
    view = panel.ledger.view
    end = 0.0
    for row, equation in enumerate(view.account.equations):
        rect = view.row_rect(row)
        assert rect.top() == end
        end = rect.bottom()
        assert view.numbers_text(row).replace("\n", " ") == equation.numbers().replace("\n", " ")
    assert view.height() == round(end)


def test_copy_takes_the_result_of_the_row_with_the_cursor(panel, session, show, qtbot):
    show(panel, updated(session), 7)
    view = panel.ledger.view
    row = SYMBOLS.index("v")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.row_rect(row).center().toPoint())
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == full(session.runner.machine.v[7])
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == full(session.runner.machine.m[7])
    for key, row in ((Qt.Key.Key_Up, 0), (Qt.Key.Key_Down, len(SYMBOLS) - 1)):
        for _ in range(20):
            qtbot.keyClick(view, key)
        assert view.current == row


def test_the_menu_copies_the_equation(panel, session, show, monkeypatch):
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QMenu

    show(panel, updated(session), 7)
    view = panel.ledger.view
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: opened.append(menu))
    point = view.row_rect(SYMBOLS.index("m")).center().toPoint()
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, QPoint(0, 0)))
    result, whole = opened[0].actions()
    result.trigger()
    assert QGuiApplication.clipboard().text() == full(session.runner.machine.m[7])
    whole.trigger()
    assert QGuiApplication.clipboard().text() == equations(panel)["m"].whole()


def test_the_theme_changes_live(panel, session, show, qapp):
    show(panel, updated(session), 7)
    dark, height = panel.grab().toImage(), panel.ledger.view.height()
    apply_theme(qapp, "light", 1.5)
    assert panel.grab().toImage() != dark
    assert panel.ledger.view.height() > height


# What Adam computes on its way


def test_the_maps_of_what_adam_computes_are_those_of_plain_python(panel, session, show):
    updated(session)
    scalar = parse(session, "layer0.attn_wq[0,0]")
    show(panel, session, scalar)
    found, adam = maps(panel), session.settings.adam
    for i in range(64):
        ledger = adam_ledger(adam, panel.snapshot.parameters, 3, 20, scalar + i)
        told = {quantity: float(values.ravel()[i]) for quantity, (values, _) in found.items()}
        assert told == {
            "g": ledger.grad,
            "m": ledger.m,
            "v": ledger.v,
            "m̂": ledger.m_hat,
            "√v̂": ledger.v_hat**0.5,
            "lr/(√v̂ + ε)": ledger.rate / (ledger.v_hat**0.5 + adam.eps),
            "Δ": ledger.change,
            "w": ledger.after,
        }


def test_half_way_through_adam_its_numbers_are_known_where_it_has_been(panel, session, show):
    length, count = session.execution.length, session.description.program.num_parameters
    matrix = next(t for t in session.description.program.tensors if t.path == "layer0.attn_wk")
    session.execution.go_to(Place(0, length - count + matrix.start + 19))
    show(panel, session, matrix.start)
    for quantity, (_, known) in maps(panel).items():
        whole = quantity in ("g", "m", "v", "w")
        assert known.ravel().tolist() == [whole or i < 19 for i in range(matrix.size)]
    assert tiles(panel)["m̂"].figures.text.endswith(f"of the 19 of {matrix.size} that are known")


def test_a_shared_scale_fits_all_matrices(panel, session, show):
    updated(session)
    show(panel, session, parse(session, "layer0.attn_wq[0,0]"))
    own = tiles(panel)["g"].heatmap.scale.limit
    panel.matrix_page.shared_button.click()
    grad = session.runner.machine.grad[: session.description.program.num_parameters]
    assert tiles(panel)["g"].heatmap.scale.limit == np.abs(grad).max() > own
    panel.matrix_page.own_button.click()
    assert tiles(panel)["g"].heatmap.scale.limit == own


def test_figures_below_a_map_are_those_of_its_numbers(panel, session, show):
    updated(session)
    show(panel, session, parse(session, "layer0.attn_wq[0,0]"))
    for tile in tiles(panel).values():
        values, square = tile.layer.values, 0.0
        for x in values.ravel().tolist():
            square += x * x
        expected = f"min {full(values.min())}\nmax {full(values.max())}\nnorm {full(square**0.5)}"
        assert tile.figures.text == expected
