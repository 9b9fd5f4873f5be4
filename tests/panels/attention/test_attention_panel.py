"""The Attention panel shows every head of the current document, and only what causality lets be."""

from functools import partial
from math import log

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.attention.quantity import Quantity
from microgpt_studio.theme import Scale, ScaleKind, apply_theme, current_theme
from microgpt_studio.theme.fonts import SMALL

# The offscreen platform says so of every window with a smallest size.


@pytest.fixture
def dress(qapp):
    yield partial(apply_theme, qapp)
    apply_theme(qapp, "dark")


@pytest.fixture
def panel(qtbot):
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 250)
    panel.show()
    return panel


def choose(panel, quantity):
    panel.quantity_choice.setCurrentIndex(list(Quantity).index(quantity))


def click(qtbot, heads, point):
    qtbot.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(point.x()), int(point.y())))


def update_until(session, length):
    """Update until a document with so many positions was read."""
    while session.update() is not None:
        if session.runner.machine.positions == length:
            return
    raise AssertionError(f"no document of {length} positions")


def test_before_a_session_it_says_what_is_missing(panel):
    assert panel.empty.isVisible()
    assert not panel.heads.isVisible()


@pytest.mark.parametrize("quantity", [quantity for quantity in Quantity if quantity is not Quantity.CHANGE])
def test_every_pair_is_where_its_address_says(panel, session, show, quantity):
    session.update()
    show(panel, session)
    choose(panel, quantity)
    heads, addresses, machine = panel.heads, session.description.addresses, session.runner.machine
    n = machine.positions
    assert [tile.name for tile in heads.tiles] == [f"L{i}H{h}" for i in range(2) for h in range(2)]
    numbers = machine.grad if quantity.is_grad else machine.data
    for tile in range(4):
        layer, head = divmod(tile, 2)
        for query in range(n):
            for key in range(n):
                cell = heads.cell(tile, query, key)
                if key > query:
                    assert heads.ids[cell] == -1
                    assert not heads.known[cell]
                    assert not heads.exists(cell)
                    continue
                address = f"pos{query}.layer{layer}.attn.head{head}.{quantity.tensor}[{key}]"
                scalar = addresses.parse(address)
                assert heads.ids[cell] == scalar
                assert heads.known[cell]
                assert heads.values[cell] == numbers[scalar]


def test_characters_on_both_axes_are_the_documents(panel, session, show):
    update_until(session, 7)
    show(panel, session)
    document = session.snapshot(1, Wanted()).moment.document
    for tile in panel.heads.tiles:
        assert tile.row_labels == tile.col_labels == ("·", *document[:6])
        assert tile.causal


def test_a_short_document_after_a_long_one(panel, session, show):
    update_until(session, 8)
    show(panel, session)
    places = panel.heads.arrangement.placed
    update_until(session, 5)
    show(panel, session, new=False)
    assert [tile.rows for tile in panel.heads.tiles] == [5] * 4
    assert len(panel.heads.values) == 4 * 25
    assert [placed.title for placed in panel.heads.arrangement.placed] == [placed.title for placed in places]
    update_until(session, 4)
    show(panel, session, new=False)
    assert panel.heads.arrangement.side >= places[0].grid.cell_height


def test_before_the_first_update_nothing_is_known(panel, session, show):
    show(panel, session)
    assert not panel.heads.known.any()
    assert "not computed" in panel.legend.accessibleName()
    text = panel.heads.describe(0)
    assert "weight not computed yet" in text and "q · k not computed yet" in text
    assert "added up from key 0: not computed yet" in text
    assert "score grad not computed yet" in text
    session.update()
    show(panel, session, new=False)
    assert panel.heads.all_known
    assert "not computed" not in panel.legend.accessibleName()


def test_weights_have_the_scale_from_0_to_1_others_a_signed_one(panel, session, show):
    session.update()
    show(panel, session)
    assert panel.legend.scale == Scale(ScaleKind.UNSIGNED, 1.0)
    choose(panel, Quantity.SCORE)
    heads = panel.heads
    assert panel.legend.scale == Scale(ScaleKind.SIGNED, np.abs(heads.values[heads.known]).max())
    assert set(heads.scales) == {panel.legend.scale}


def test_between_two_texts_another_document_keeps_the_scale_of_the_legend(panel, session, show):
    update_until(session, 8)
    show(panel, session)
    choose(panel, Quantity.WEIGHT_GRAD)
    update_until(session, 5)
    snapshot = session.snapshot(2, Wanted(cells=True))
    panel.show_snapshot(snapshot)
    assert set(panel.heads.scales) == {panel.legend.scale}
    panel.show_text(snapshot)
    assert set(panel.heads.scales) == {panel.legend.scale}
    assert panel.legend.scale.limit == np.abs(panel.heads.values[panel.heads.known]).max()


def test_the_tooltip_says_query_key_and_numbers_in_full(panel, session, show):
    session.update()
    show(panel, session)
    heads, machine, addresses = panel.heads, session.runner.machine, session.description.addresses
    document = session.snapshot(1, Wanted()).moment.document
    path = "pos2.layer1.attn.head0"
    weight, score, dot = (addresses.parse(f"{path}.{name}") for name in ("weight[1]", "score[1]", "score[1].sum[3]"))
    weights = [float(machine.data[addresses.parse(f"{path}.weight[{key}]")]) for key in range(3)]
    assert heads.describe(heads.cell(2, 2, 1)).splitlines() == [
        f"{path}.weight[1]",
        f"query 2 “{document[1]}”, key 1 “{document[0]}”",
        f"q · k {float(machine.data[dot])!r} · {path}.score[1].sum[3]",
        "× 1/√4 = 0.5, a constant",
        f"score {float(machine.data[score])!r} · {path}.score[1]",
        f"weight {float(machine.data[weight])!r} · {path}.weight[1]",
        f"the row's weights, added up from key 0: {weights[0] + weights[1] + weights[2]!r}",
        f"score grad {float(machine.grad[score])!r}",
        f"weight grad {float(machine.grad[weight])!r}",
        "update 1",
    ]


def test_what_is_outside_the_graph_is_not_shown_as_a_number(panel, session, show):
    from dataclasses import replace

    session.update()
    show(panel, session)
    snapshot = session.snapshot(2, Wanted(cells=True))
    outside = np.full_like(snapshot.cells.grad_reach, Reach.OUTSIDE)
    panel.show_snapshot(replace(snapshot, cells=replace(snapshot.cells, grad_reach=outside)))
    choose(panel, Quantity.WEIGHT_GRAD)
    assert not panel.heads.known.any()
    assert "weight grad outside the graph" in panel.heads.describe(0)


def test_a_click_selects_the_weight_but_not_what_is_excluded(panel, session, show, qtbot):
    session.update()
    show(panel, session)
    heads = panel.heads
    with qtbot.waitSignal(panel.selected) as chosen:
        click(qtbot, heads, heads.cell_rect(heads.cell(3, 2, 1)).center())
    assert chosen.args == [session.description.addresses.parse("pos2.layer1.attn.head1.weight[1]")]
    with qtbot.assertNotEmitted(panel.selected):
        click(qtbot, heads, heads.cell_rect(heads.cell(3, 1, 2)).center())


def test_the_selection_stays_with_its_scalar(panel, session, show):
    update_until(session, 7)
    scalar = session.description.addresses.parse("pos6.layer0.attn.head1.weight[2]")
    show(panel, session, scalar)
    assert panel.heads.selected == panel.heads.cell(1, 6, 2)
    choose(panel, Quantity.SCORE)
    assert panel.heads.selected is None
    choose(panel, Quantity.WEIGHT)
    assert panel.heads.selected == panel.heads.cell(1, 6, 2)
    update_until(session, 4)
    show(panel, session, scalar, new=False)
    assert panel.heads.selected is None


def test_keys_stay_below_the_diagonal(panel, session, show, qtbot):
    session.update()
    show(panel, session)
    heads = panel.heads
    for key, there in (
        (Qt.Key.Key_Down, (0, 0, 0)),
        (Qt.Key.Key_Right, (0, 0, 0)),
        (Qt.Key.Key_Down, (0, 1, 0)),
        (Qt.Key.Key_Right, (0, 1, 1)),
        (Qt.Key.Key_Right, (0, 1, 1)),
        (Qt.Key.Key_Up, (0, 1, 1)),
        (Qt.Key.Key_PageDown, (1, 0, 0)),
    ):
        qtbot.keyClick(heads, key)
        assert heads.place(heads.selected) == there
    qtbot.keyClick(heads, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == repr(float(heads.values[heads.selected]))


def test_a_head_is_enlarged_by_title_and_enter_and_stays_with_the_next_document(panel, session, show, qtbot):
    update_until(session, 7)
    show(panel, session)
    heads = panel.heads
    click(qtbot, heads, heads.title_rect(1).center())
    assert heads.enlarged == 1
    assert panel.header.back.isVisible()
    update_until(session, 4)
    show(panel, session, new=False)
    assert heads.enlarged == 1
    assert heads.arrangement.placed[0].grid.rows == 4
    qtbot.keyClick(heads, Qt.Key.Key_Escape)
    assert heads.enlarged is None
    qtbot.keyClick(heads, Qt.Key.Key_Enter)
    assert heads.enlarged == 0
    panel.header.back.click()
    assert heads.enlarged is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_paints_in_both_themes_and_survives_a_live_switch(panel, session, show, dress, theme):
    show(panel, session)
    assert not panel.grab().isNull()
    session.update()
    show(panel, session)
    dress(theme, 1.25)
    assert not panel.grab().isNull()
    dress("dark")
    panel.heads.enlarge(2)
    panel.resize(700, 600)
    assert not panel.grab().isNull()


def test_a_new_session_makes_everything_before_void(panel, session, show):
    session.update()
    show(panel, session)
    panel.show_session(session.description)
    assert panel.empty.isVisible()
    assert panel.heads.tiles == ()
    assert len(panel.heads.ids) == 0


def test_the_footer_says_what_a_row_adds_up_to(panel, session, show, qtbot):
    session.update()
    show(panel, session, session.description.addresses.parse("pos3.layer1.attn.head0.weight[1]"))
    machine, parse = session.runner.machine, session.description.addresses.parse
    total = 0.0
    for key in range(4):
        total += float(machine.data[parse(f"pos3.layer1.attn.head0.weight[{key}]")])
    assert panel.footer.text.startswith("query 3 “") and panel.footer.text.endswith("its weights add up to 1.000")
    assert repr(total) in panel.footer.toolTip()
    heads = panel.heads
    qtbot.mouseMove(heads.viewport(), heads.cell_rect(heads.cell(2, 1, 0)).center().toPoint())
    assert panel.footer.text.startswith("query 1 “")
    panel.grab()
    panel.show_selection(None)
    heads.set_hovered(None, None)
    assert panel.footer.text == ""


def test_before_the_forward_phase_no_row_adds_up(panel, session, show):
    show(panel, session, session.description.addresses.parse("pos3.layer1.attn.head0.weight[1]"))
    assert panel.footer.text.endswith("–") and "not computed yet" in panel.footer.toolTip()


def test_labels_say_over_what_they_are_measured(panel, session, show):
    session.run(3)
    show(panel, session)
    heads = panel.heads
    rows = session.runner.machine.positions - 2
    tip = heads.describe_title(1)
    assert f"over {rows} rows of this document" in tip and "rows of the last 3 documents" in tip
    assert "entropy" in tip and "A label needs" in tip
    panel.resize(900, 700)
    panel.grab()
    metrics = QFontMetricsF(current_theme().number_font(SMALL))
    name, label = heads.title_lines(1, heads.title_rect(1), metrics)
    assert (name, label.split()[0]) == ("L0H1", "diffuse")
    pattern, documents = heads.label(1)
    assert documents == 3 and float(label.split()[1]) == pytest.approx(pattern.entropy, abs=0.05)
    assert repr(label_figure(session, 0, 1))[:12] in tip


def label_figure(session, layer, head):
    """Mean entropy of the rows from 2 on, each by the logarithm of its length."""
    machine, parse = session.runner.machine, session.description.addresses.parse
    shares = []
    for query in range(2, machine.positions):
        path = f"pos{query}.layer{layer}.attn.head{head}.weight"
        row = [float(machine.data[parse(f"{path}[{key}]")]) for key in range(query + 1)]
        shares.append(-sum(weight * log(weight) for weight in row) / log(len(row)))
    return sum(shares) / len(shares)


def replayed(panel, session, show, selection=None):
    """Shown until the earlier state has been found."""
    for _ in range(40):
        show(panel, session, selection, new=False)
        if not session.is_tracing:
            return
        session.trace_on(lambda: False)
    raise AssertionError("it does not end")


def test_the_difference_to_an_earlier_update(panel, session, show, qtbot):
    session.run(9)
    show(panel, session)
    choose(panel, Quantity.CHANGE)
    heads, document = panel.heads, session.snapshot(1, Wanted()).moment.document
    assert not heads.known.any()  # nothing of it was asked before
    replayed(panel, session, show)
    assert panel.since.isVisible() and panel.since.value == 0
    assert heads.all_known and panel.legend.scale == Scale(ScaleKind.SIGNED, np.abs(heads.values[heads.known]).max())
    assert panel.footer.text == f"now − after update 0, both over “{document}”"
    first = heads.values.copy()
    panel.since.updates.setValue(8)  # the parameters that the ninth update has used
    replayed(panel, session, show)
    assert (heads.values[heads.known] == 0.0).all()
    panel.since.updates.setValue(4)
    replayed(panel, session, show)
    assert not np.array_equal(heads.values[heads.known], first[heads.known])
    parse, machine = session.description.addresses.parse, session.runner.machine
    cell = heads.cell(2, 3, 1)
    now = float(machine.data[parse("pos3.layer1.attn.head0.weight[1]")])
    assert heads.ids[cell] == parse("pos3.layer1.attn.head0.weight[1]")
    tip = heads.describe(cell)
    assert f"change {float(heads.values[cell])!r}" in tip
    then = float(tip.split("after update 4: ")[1].split("\n")[0])
    assert now - then == heads.values[cell]
    panel.grab()


def test_an_update_that_was_not_reached_is_said_to_be_unknown(panel, session, show):
    session.run(3)
    show(panel, session)
    choose(panel, Quantity.CHANGE)
    panel.since.updates.setValue(7)
    replayed(panel, session, show)
    assert not panel.heads.known.any()
    assert panel.footer.text == "no difference: update 7 is not known: 0 to 3 are"
    panel.grab()


def test_a_bookmark_is_what_the_change_is_measured_from_until_one_chooses(panel, session, show):
    session.run(6)
    session.go_to(2)
    session.set_bookmark(None, True)
    session.go_to(6)
    show(panel, session)
    assert panel.since.value == 2
    panel.since.fill()
    offers = {action.text(): action for action in panel.since.menu.actions() if action.data() is not None}
    assert list(offers) == ["the beginning (update 0)", "what is used now (update 5)", "update 2"]
    panel.since.menu.triggered.emit(offers["the beginning (update 0)"])
    show(panel, session, new=False)
    assert panel.since.value == 0


@pytest.mark.parametrize("size", [(250, 240), (250, 400), (345, 230), (345, 400), (900, 500)])
def test_the_enlarged_head_and_its_terms_share_the_panel(panel, session, show, size):
    session.run(3)
    show(panel, session)
    panel.resize(*size)
    panel.heads.enlarge(1)
    show(panel, session, new=False)
    panel.grab()
    assert panel.size().toTuple() == size
    assert panel.terms.isVisible() and panel.header.query.isVisible()
    assert panel.heads.isVisible() == panel.legend.isVisible() == (size[0] >= 320 or size[1] >= 330)
    if panel.heads.isVisible():
        assert (panel.split.orientation() is Qt.Orientation.Horizontal) == (size[0] >= 320)
        assert panel.heads.width() >= 80
    assert panel.terms.width() > 180
    panel.header.back.click()
    assert panel.heads.isVisible() and not panel.terms.isVisible() and not panel.header.query.isVisible()


def test_the_query_is_chosen_by_number_and_by_page(panel, session, show, qtbot):
    session.run(3)
    show(panel, session)
    panel.heads.enlarge(1)
    show(panel, session, new=False)
    last = session.runner.machine.positions - 1
    assert panel.header.query.value() == last == panel.header.query.maximum()
    panel.header.query.setValue(2)
    show(panel, session, new=False)
    assert panel.terms.blocks[0].title.startswith("L0H1: q of 2 “")
    for key, query in (
        (Qt.Key.Key_PageUp, 1),
        (Qt.Key.Key_PageUp, 0),
        (Qt.Key.Key_PageUp, 0),
        (Qt.Key.Key_PageDown, 1),
    ):
        qtbot.keyClick(panel.terms, key)
        show(panel, session, new=False)
        assert panel.terms.blocks[0].title.startswith(f"L0H1: q of {query} “")


def test_a_pointer_upon_what_a_shorter_document_does_not_have(panel, session, show):
    update_until(session, 8)
    show(panel, session)
    heads = panel.heads
    heads.set_hovered(heads.cell(3, 7, 7), None)
    assert panel.footer.text.startswith("query 7 ")
    update_until(session, 4)
    show(panel, session, new=False)
    assert panel.footer.text == ""


def test_a_session_that_goes_on_from_a_state_compares_with_its_beginning(panel, session, show):
    session.run(5)
    session.restore(session.state())
    session.run(2)
    show(panel, session)
    choose(panel, Quantity.CHANGE)
    replayed(panel, session, show)
    replayed(panel, session, show)
    assert panel.since.value == 5 and panel.heads.all_known
    panel.since.fill()
    assert panel.since.menu.actions()[0].text() == "the beginning (update 5)"


def test_the_keyboard_goes_to_the_terms_where_they_are_alone(panel, session, show, qtbot):
    session.run(2)
    show(panel, session)
    panel.resize(260, 200)
    panel.activateWindow()
    panel.heads.setFocus()
    qtbot.waitUntil(panel.heads.hasFocus)
    qtbot.keyClick(panel.heads, Qt.Key.Key_Return)
    assert panel.terms.hasFocus()
    qtbot.keyClick(panel.terms, Qt.Key.Key_Escape)
    assert panel.heads.hasFocus() and panel.heads.isVisible()
