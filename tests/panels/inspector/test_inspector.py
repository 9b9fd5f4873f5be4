"""The Inspector against the machine's numbers, by mouse and by keyboard."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from microgpt.train import State
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.snapshot import Consumer, Link, Reach, Wanted
from microgpt_studio.panels.inspector import EMPTY, InspectorPanel
from microgpt_studio.panels.inspector.contribution_rows import largest_contribution
from microgpt_studio.panels.inspector.fields import Style
from microgpt_studio.panels.inspector.history import History
from microgpt_studio.panels.inspector.layout import Layout
from microgpt_studio.panels.inspector.number_words import constant_text, same_bits, share_text
from microgpt_studio.panels.inspector.page import explained_page
from microgpt_studio.panels.inspector.rows import Fact, Formula, Heading, Note, Term
from microgpt_studio.theme import apply_theme, current_theme
from microgpt_studio.widgets import full, short


@pytest.fixture
def panel(qtbot, qapp):
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 560)
    panel.show()
    yield panel
    apply_theme(qapp, "dark")


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


def rows(panel, kind):
    return [row for row in panel.sheet.page.rows if isinstance(row, kind)]


def facts(panel):
    return {row.label: row.text for row in rows(panel, Fact)}


def terms(panel, title):
    """The terms of the section with this title."""
    found, inside = [], False
    for row in panel.sheet.page.rows:
        if isinstance(row, Heading):
            inside = row.title == title or (inside and not row.title)
        elif inside and isinstance(row, Term):
            found.append(row)
    return found


def link(panel, address, occurrence=0):
    """(row, field) of a link, and its middle in the viewport."""
    page = panel.sheet.page
    row = [i for i, row in enumerate(page.rows) if isinstance(row, Term) and row.address == address][occurrence]
    fields = panel.sheet.fields(row)
    field = next(i for i, field in enumerate(fields) if field.scalar is not None)
    return (row, field), panel.sheet.field_rect(row, field).center().toPoint()


# What it shows


def test_nothing_is_selected(panel, session, show):
    assert panel.empty_state.sentence == EMPTY
    show(panel, session)
    assert panel.empty_state.isVisible()
    assert panel.sheet.page is None
    assert panel.address_edit.text() == ""


def test_data_grad_and_formula_are_the_machine_s(panel, session, show):
    machine = updated(session).runner.machine
    for address in ("pos0.layer0.attn.q[5]", "pos0.embed[1]", "pos0.layer1.mlp.relu[2]", "pos0.loss", "loss"):
        scalar = parse(session, address)
        show(panel, session, scalar)
        assert panel.address_edit.text() == address
        assert facts(panel)["data"] == short(machine.data[scalar])
        assert facts(panel)["grad"] == short(machine.grad[scalar])
        numbers = {row.label: row.full for row in rows(panel, Fact)}
        assert (numbers["data"], numbers["grad"]) == (full(machine.data[scalar]), full(machine.grad[scalar]))


def test_the_formula_holds_the_operands_numbers(panel, session, show):
    machine = updated(session).runner.machine
    scalar = parse(session, "pos0.layer0.attn.q[5].mul[7]")
    show(panel, session, scalar)
    a, b = (machine.data[o] for o in (machine.first[scalar], machine.second[scalar]))
    (formula,) = rows(panel, Formula)
    assert formula.operation == "mul"
    assert formula.text == f"{short(a)} × {short(b)} = {short(machine.data[scalar])}"
    assert formula.full == f"{full(a)} × {full(b)} = {full(machine.data[scalar])}"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("pos0.norm.pow[0]", "{a}^-0.5 = {x}"),
        ("pos0.layer0.mlp.relu[2]", "relu({a}) = {x}"),
        ("pos0.prob.exp[0]", "exp({a}) = {x}"),
        ("pos0.loss.log[0]", "log({a}) = {x}"),
        ("pos0.loss", "{a} × -1 = {x}"),
        ("pos0.layer0.attn.q[5].sum[0]", "{a} + 0 = {x}"),
    ],
)
def test_each_operation_is_written_as_one_writes_it(panel, session, show, address, text):
    machine = updated(session).runner.machine
    scalar = parse(session, address)
    show(panel, session, scalar)
    a, x = short(machine.data[machine.first[scalar]]), short(machine.data[scalar])
    assert rows(panel, Formula)[0].text == text.format(a=a, x=x)


def test_operands_have_their_numbers(panel, session, show):
    updated(session)
    scalar = parse(session, "pos0.layer0.attn.q[5].mul[7]")
    show(panel, session, scalar)
    explanation = panel.snapshot.explanation
    shown = [(t.scalar, t.address, t.numbers) for t in terms(panel, "Operands")]
    assert shown == [
        (o.scalar, o.address, (o.data, o.local_derivative, explanation.grad, o.contribution))
        for o in explanation.operands
    ]


def test_a_constant_has_a_name_and_no_link(panel, session, show, chosen):
    show(panel, updated(session), session.description.program.loss)
    constant = terms(panel, "Operands")[-1]
    positions = panel.snapshot.moment.positions
    assert (constant.scalar, constant.address, constant.numbers) == (None, "1 / number of positions", (1 / positions,))
    row = panel.sheet.page.rows.index(constant)
    panel.sheet.viewport().setFocus()
    for field in range(len(panel.sheet.fields(row))):
        assert panel.sheet.fields(row)[field].scalar is None


def test_consumers_stand_in_the_order_of_adding_and_end_at_the_grad(panel, session, show):
    machine = updated(session).runner.machine
    scalar = parse(session, "pos0.layer0.attn.norm[1]")
    show(panel, session, scalar)
    consumers = terms(panel, "Why this gradient")
    assert len(consumers) > 10
    total = 0.0
    for term in consumers:
        derivative, grad, contribution, running = term.numbers
        assert grad == machine.grad[term.scalar]
        assert contribution == derivative * grad
        total += contribution
        assert running == total
    assert total == machine.grad[scalar]
    closing = rows(panel, Note)[-1]
    assert closing.text == f"total {short(total)} = grad, to the last bit"
    assert not closing.warns


def test_a_total_that_is_not_the_grad_is_not_passed_over(panel, session, show):
    updated(session)
    show(panel, session, parse(session, "pos0.norm[1]"))
    explanation = replace(panel.snapshot.explanation, grad=1.0)
    page = explained_page(explanation, session.description, panel.snapshot.moment)
    assert isinstance(page.rows[-1], Note)
    assert page.rows[-1].warns
    assert "≠ grad 1.0" in page.rows[-1].text


def test_the_operation_of_a_consumer_is_told_once(panel, session, show):
    show(panel, updated(session), parse(session, "pos0.embed[0]"))
    for term in terms(panel, "Why this gradient"):
        assert bool(term.operation) != (".mul[" in term.address or ".sum[" in term.address)


def test_the_loss_starts_the_backward_phase(panel, session, show):
    show(panel, updated(session), session.description.program.loss)
    assert "loss itself" in rows(panel, Note)[-1].text


def test_an_unused_parameter_has_gradient_0_and_says_why(panel, session, show):
    updated(session)
    tokens = session.snapshot(1, Wanted()).moment.tokens
    unused = next(t for t in range(session.description.tokenizer.vocab_size) if t not in tokens[:-1])
    show(panel, session, parse(session, f"wte[{unused},0]"))
    assert facts(panel)["grad"] == "0"
    assert "Nothing in this document's graph uses it" in rows(panel, Note)[-1].text


def test_a_parameter_says_where_it_stands(panel, session, show):
    show(panel, updated(session), parse(session, "wte[0,3]"))
    assert rows(panel, Formula)[0].text == f"row 0 ({session.description.token_text(0)}), column 3"
    assert "made at" not in facts(panel)


def test_the_source_line_begins_with_the_innermost(panel, session, show):
    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[7]"))
    source = facts(panel)["made at"]
    assert source.startswith("model.py:")
    assert [part.split(":")[0].split(" ")[-1] for part in source.split(" ← ")][1:] == ["gpt", "loss"]
    assert source.split(" ← ")[0].endswith(" linear")


def test_a_parameter_s_number_is_said_to_be_the_old_one_as_soon_as_adam_has_made_a_new_one(panel, session, show):
    length, count = session.execution.length, session.description.program.num_parameters
    for done, text in ((0, ""), (5, ""), (6, "  before this update"), (count, "  before this update")):
        session.execution.go_to(Place(0, length - count + done))
        show(panel, session, 5)
        assert facts(panel)["data"] == short(session.runner.machine.data[5]) + text
    show(panel, session, parse(session, "pos0.loss"))
    assert facts(panel)["data"] == short(session.runner.machine.data[parse(session, "pos0.loss")])


def test_the_largest_contribution_is_marked(panel, session, show):
    show(panel, updated(session), parse(session, "layer0.attn_wq[0,0]"))
    sizes = [abs(consumer.contribution) for consumer in panel.snapshot.explanation.consumers]
    consumers = terms(panel, "Why this gradient")
    assert len(consumers) > 3
    assert [term.marked for term in consumers] == [size == max(sizes) for size in sizes]
    assert [term.operation for term in consumers] == ["largest" if term.marked else "" for term in consumers]
    for term in consumers:
        row = panel.sheet.page.rows.index(term)
        assert any(field.style is Style.MARK for field in panel.sheet.fields(row)) == term.marked
        assert panel.sheet.fields(row)[0].text.startswith("pos")
    panel.grab()


@pytest.mark.parametrize(
    ("contributions", "largest"),
    [([], None), ([1.0], None), ([1.0, -2.0], 1), ([2.0, -2.0], None), ([0.0, -0.0], None), ([1.0, math.inf], 1)],
)
def test_which_contribution_is_the_largest(contributions, largest):
    consumers = [Consumer(i, "a", "mul", 1.0, x, x, 0.0) for i, x in enumerate(contributions)]
    assert largest_contribution(consumers) == largest
    nan = Consumer(9, "a", "mul", 1.0, math.nan, math.nan, 0.0)
    assert largest_contribution([*consumers, nan]) is None


# Causes


def with_parameters(session, **factors):
    """The session begun anew with some matrices multiplied."""
    parameters = session.runner.machine.parameters.copy()
    for tensor in session.description.program.tensors:
        if tensor.path in factors:
            parameters[tensor.start : tensor.stop] *= factors[tensor.path]
    zeros = [0.0] * len(parameters)
    session.restore(State(0, parameters.tolist(), zeros, zeros))
    return session


def test_a_fault_shows_the_chain_back_to_its_cause(panel, session, show):
    stop = with_parameters(session, lm_head=1e4).proceed()
    show(panel, session, stop.scalar)
    chain = panel.snapshot.explanation.chain
    assert len(chain) > 4
    assert facts(panel)["data"] == "none: plain Python raises here"
    assert rows(panel, Formula)[0].text == "log(0)"
    shown = terms(panel, "Cause")
    assert [(term.scalar, term.address, term.numbers) for term in shown] == [
        (link.scalar, link.address, (link.value,)) for link in chain[1:]
    ]
    for term, link in zip(shown, chain[1:], strict=True):
        row = panel.sheet.page.rows.index(term)
        assert panel.sheet.tooltip(row, 0) == f"{link.address}: {link.operation}, data {full(link.value)}"
        assert panel.sheet.tooltip(row, 1) == f"data {full(link.value)}"
    (closing,) = (row for row in rows(panel, Note) if row.warns)
    assert closing.text.startswith(f"The parameter {chain[-1].address} is the first cause")
    assert sum("more sum" in row.text for row in rows(panel, Note)) == sum(link.skipped > 0 for link in chain)
    panel.grab()


def test_a_cause_is_a_link(panel, session, show, qtbot, chosen):
    stop = with_parameters(session, lm_head=1e4).proceed()
    show(panel, session, stop.scalar)
    first = terms(panel, "Cause")[0]
    _, point = link(panel, first.address)
    qtbot.mouseClick(panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert chosen == [first.scalar]


@pytest.mark.parametrize("quantity", [Quantity.DATA, Quantity.GRAD])
@pytest.mark.parametrize(("origin", "sentence"), [(True, "is the first cause"), (False, "goes further back")])
def test_how_a_chain_ends_is_said(panel, session, show, quantity, origin, sentence):
    show(panel, updated(session), parse(session, "pos0.loss"))
    links = (
        Link(1, "pos0.loss", "mul", Quantity.GRAD, math.inf, 0, False),
        Link(2, "pos0.loss.log[0]", "log", quantity, 1e5, 3, origin),
    )
    explanation = replace(panel.snapshot.explanation, chain=links)
    page = explained_page(explanation, session.description, panel.snapshot.moment)
    assert sum(isinstance(row, Note) and sentence in row.text and row.warns == origin for row in page.rows) == 1
    assert sum(isinstance(row, Note) and "3 more sums" in row.text for row in page.rows) == 1
    (term,) = (row for row in page.rows if isinstance(row, Term) and row.columns == (quantity.value,))
    assert term.operation == ("data" if quantity is Quantity.DATA else "")


def test_ordinary_numbers_have_no_cause(panel, session, show):
    show(panel, updated(session), parse(session, "pos0.loss"))
    assert "Cause" not in [row.title for row in rows(panel, Heading)]


# What is not there


def test_before_the_first_update_nothing_is_computed(panel, session, show):
    show(panel, session, parse(session, "pos0.layer0.attn.q[5]"))
    assert facts(panel)["data"] == facts(panel)["grad"] == "not computed yet"
    assert rows(panel, Term) == []
    assert rows(panel, Formula)[0].text == "a + b"
    show(panel, session, 0)
    assert facts(panel)["data"] == short(session.runner.machine.data[0])
    assert facts(panel)["grad"] == "not computed yet"


def test_a_probability_of_another_token_is_outside_the_graph(panel, session, show):
    updated(session)
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    show(panel, session, parse(session, f"pos0.prob[{(target + 1) % 3}]"))
    assert facts(panel)["grad"] == "outside the graph: the loss does not depend on it"
    for term in terms(panel, "Operands"):
        assert term.numbers[2:] == (None, None)
    assert terms(panel, "Why this gradient") == []


def test_a_short_document_after_a_long_one(panel, session, show):
    scalar = parse(session, "pos6.layer0.attn.q[5]")
    while session.update().document != "charlotte":
        pass
    show(panel, session, scalar)
    assert facts(panel)["data"] == short(session.runner.machine.data[scalar])
    while session.update().document != "mia":
        pass
    show(panel, session, scalar, new=False)
    assert facts(panel)["data"] == "not in this document's graph"
    assert rows(panel, Note)[0].text == "This document has only 4 positions: pos6 is not part of its graph."
    assert rows(panel, Term) == []


def test_an_answer_about_another_scalar_is_not_shown(panel, session, show):
    updated(session)
    first, second = parse(session, "pos0.embed[0]"), parse(session, "pos0.embed[1]")
    show(panel, session, first)
    panel.show_selection(second)
    assert panel.address_edit.text() == "pos0.embed[1]"
    assert facts(panel) == {"data": "…", "grad": "…"}
    stale = session.snapshot(2, Wanted(selection=first))
    panel.show_snapshot(stale)
    panel.show_text(stale)
    assert facts(panel) == {"data": "…", "grad": "…"}
    panel.show_snapshot(session.snapshot(3, Wanted(selection=second)))
    assert facts(panel)["data"] == short(session.runner.machine.data[second])


def test_a_new_session_voids_everything(panel, session, show):
    show(panel, updated(session), 5)
    panel.show_selection(6)
    panel.show_session(session.description)
    assert panel.sheet.page is None
    assert panel.empty_state.isVisible()
    assert len(panel.history) == 0
    assert not panel.back_button.isEnabled()


def test_while_hidden_it_does_no_work(panel, session, show):
    panel.hide()
    show(panel, updated(session), 5)
    assert panel.sheet.page is None
    panel.show()
    assert facts(panel)["data"] == f"{short(session.runner.machine.data[5])}  before this update"


# Live


def test_numbers_change_while_place_and_cursor_stay(panel, session, show, qtbot):
    panel.resize(340, 240)
    scalar = parse(session, "pos0.norm[1]")
    show(panel, updated(session), scalar)
    panel.sheet.setFocus()
    for _ in range(9):
        qtbot.keyClick(panel.sheet, Qt.Key.Key_Down)
    place, scrolled = panel.sheet.current, panel.sheet.verticalScrollBar().value()
    assert scrolled > 0
    before = facts(panel)["grad"]
    session.update()
    show(panel, session, scalar, new=False)
    assert facts(panel)["grad"] == short(session.runner.machine.grad[scalar]) != before
    assert (panel.sheet.current, panel.sheet.verticalScrollBar().value()) == (place, scrolled)
    show(panel, session, parse(session, "pos0.norm[2]"), new=False)
    assert (panel.sheet.current, panel.sheet.verticalScrollBar().value()) == (None, 0)


# Walking


def test_a_click_on_a_link_walks(panel, session, show, qtbot, chosen):
    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[3]"))
    for address in ("layer0.attn_wq[5,3]", "pos0.layer0.attn.norm[3]", "pos0.layer0.attn.q[5].sum[3]"):
        _, point = link(panel, address)
        qtbot.mouseMove(panel.sheet.viewport(), point)
        qtbot.mouseClick(panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=point)
        assert chosen.pop() == parse(session, address)


def test_a_click_beside_a_link_walks_and_one_on_a_number_does_not(panel, session, show, qtbot, chosen):
    show(panel, updated(session), parse(session, "pos0.embed[0]"))
    for term in terms(panel, "Why this gradient")[:3]:
        row = panel.sheet.page.rows.index(term)
        address, right = panel.sheet.field_rect(row, 0), panel.sheet.viewport().width() - 12
        point = QPoint(right, round(address.center().y()))
        qtbot.mouseClick(panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=point)
        assert chosen == [term.scalar]
        number = panel.sheet.field_rect(row, 1).center().toPoint()
        qtbot.mouseClick(panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=number)
        assert chosen == [term.scalar]
        chosen.clear()


def test_enter_on_a_row_walks(panel, session, show, qtbot, chosen):
    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[7]"))
    panel.sheet.setFocus()
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Return)
    assert chosen == []
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Down)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Return)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Down)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Right)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Enter)
    assert chosen == [parse(session, "layer0.attn_wq[5,7]"), parse(session, "pos0.layer0.attn.norm[7]")]


def test_the_cursor_stays_inside(panel, session, show, qtbot):
    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[7]"))
    panel.sheet.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        for _ in range(30):
            qtbot.keyClick(panel.sheet, key)
            row, field = panel.sheet.current
            assert panel.sheet.fields(row)[field].can_be_used


def test_back_and_forward(panel, session, show, chosen):
    updated(session)
    for scalar in (1, 2, 3):
        show(panel, session, scalar, new=scalar == 1)
    assert not panel.forward_button.isEnabled()
    panel.back_button.click()
    show(panel, session, 2, new=False)
    panel.back_button.click()
    show(panel, session, 1, new=False)
    assert not panel.back_button.isEnabled()
    panel.forward_button.click()
    assert chosen == [2, 1, 2]
    show(panel, session, 2, new=False)
    show(panel, session, 9, new=False)
    assert not panel.forward_button.isEnabled()
    panel.go_back()
    assert chosen[-1] == 2


def test_alt_and_arrows_go_back_and_forward(panel, session, show, qtbot, chosen):
    for scalar in (1, 2):
        show(panel, updated(session), scalar, new=scalar == 1)
    panel.activateWindow()
    panel.sheet.setFocus()
    qtbot.waitUntil(panel.sheet.hasFocus)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    show(panel, session, 1, new=False)
    qtbot.keyClick(panel.sheet, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert chosen == [1, 2]


def test_history_is_bounded():
    history = History()
    for scalar in range(250):
        history.visit(scalar)
        history.visit(scalar)
    assert len(history) == 100
    steps = 0
    while history.go_back() is not None:
        steps += 1
    assert steps == 99
    assert history.previous is None
    assert history.go_forward() == 151


# Addresses


def test_an_address_and_enter_select(panel, session, show, qtbot, chosen):
    show(panel, updated(session), 5)
    panel.address_edit.clear()
    qtbot.keyClicks(panel.address_edit, "  pos0.loss ")
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Return)
    assert chosen == [parse(session, "pos0.loss")]
    assert panel.error_label.isHidden()


def test_a_wrong_address_is_explained_in_place_and_changes_nothing(panel, session, show, qtbot, chosen):
    show(panel, updated(session), 5)
    panel.address_edit.setText("pos0.layer0.attn.q[55]")
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Return)
    assert chosen == []
    assert panel.error_label.isVisible()
    assert "the last element of pos0.layer0.attn.q is pos0.layer0.attn.q[7]." in panel.error_label.text()
    assert panel.sheet.page.scalar == 5
    assert panel.address_edit.text() == "pos0.layer0.attn.q[55]"
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Backspace)
    assert panel.error_label.isHidden()


def test_escape_brings_the_address_back(panel, session, show, qtbot):
    show(panel, updated(session), 5)
    address = panel.address_edit.text()
    panel.address_edit.setText("nonsense")
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Return)
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Escape)
    assert panel.address_edit.text() == address
    assert panel.error_label.isHidden()


def test_updates_do_not_disturb_typing(panel, session, show, qtbot):
    show(panel, updated(session), 5)
    panel.address_edit.setText("pos")
    session.update()
    show(panel, session, 5, new=False)
    assert panel.address_edit.text() == "pos"


def test_every_completion_is_an_address(panel, session, show):
    show(panel, session)
    completions = panel.address_edit.completer().model().stringList()
    assert len(completions) == len(session.description.program.tensors)
    for completion in completions:
        parse(session, completion)


def test_with_no_session_an_address_does_nothing(panel, qtbot, chosen):
    qtbot.keyClicks(panel.address_edit, "loss")
    qtbot.keyClick(panel.address_edit, Qt.Key.Key_Return)
    assert chosen == []


# Copying


def test_copy_takes_the_full_number(panel, session, show, qtbot):
    scalar = parse(session, "pos0.layer0.attn.q[5].mul[7]")
    show(panel, updated(session), scalar)
    row = next(i for i, row in enumerate(panel.sheet.page.rows) if isinstance(row, Fact) and row.label == "grad")
    point = panel.sheet.field_rect(row, 1).topLeft().toPoint() + QPoint(4, 6)
    qtbot.mouseClick(panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=point)
    panel.sheet.setFocus()
    qtbot.keyClick(panel.sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == full(session.runner.machine.grad[scalar])
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == "pos0.layer0.attn.q[5].mul[7]"


def test_the_menu_copies_what_is_under_the_pointer(panel, session, show, qtbot, monkeypatch):
    from PySide6.QtGui import QContextMenuEvent

    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[7]"))
    (row, _), _ = link(panel, "layer0.attn_wq[5,7]")
    field = next(i for i, field in enumerate(panel.sheet.fields(row)) if field.name == "contribution")
    point = panel.sheet.field_rect(row, field).center().toPoint()
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: opened.append(menu))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, panel.sheet.viewport().mapToGlobal(point))
    panel.sheet.contextMenuEvent(event)
    opened[0].actions()[0].trigger()
    contribution = panel.snapshot.explanation.operands[0].contribution
    assert QGuiApplication.clipboard().text() == full(contribution)


def test_hover_tells_every_digit(panel, session, show):
    show(panel, updated(session), parse(session, "pos0.layer0.attn.q[5].mul[7]"))
    (row, _), _ = link(panel, "layer0.attn_wq[5,7]")
    operand = panel.snapshot.explanation.operands[0]
    tips = [panel.sheet.tooltip(row, i) for i in range(5)]
    assert tips[0] == "layer0.attn_wq[5,7]"
    assert tips[1] == f"data {full(operand.data)}"
    assert tips[2] == f"derivative {full(operand.local_derivative)}"
    assert tips[4] == f"contribution {full(operand.contribution)}"


# Geometry and looks


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("width", [200, 330, 340, 420, 680, 1000])
@pytest.mark.parametrize("wrong", [False, True])
def test_no_field_is_cut_and_none_overlaps(panel, session, show, qapp, scale, width, wrong):
    apply_theme(qapp, "dark", scale)
    if wrong:
        show(panel, session, with_parameters(session, lm_head=1e4).proceed().scalar)
    else:
        show(panel, updated(session), parse(session, "pos0.embed[1]"))
    layout = Layout(panel.sheet.page, width, current_theme())
    bottom = 0.0
    for row in range(len(panel.sheet.page.rows)):
        fields = [field for field in layout.fields(row) if field.text]
        for i, field in enumerate(fields):
            assert field.rect.right() <= layout.width + 0.5
            assert field.rect.top() >= bottom - 6.0
            for other in fields[:i]:
                shared = field.rect.intersected(other.rect)
                assert min(shared.width(), shared.height()) <= 2.0, (field, other)
        bottom = max((field.rect.bottom() for field in fields), default=layout.tops[row + 1])
    assert layout.height >= bottom


def test_at_the_default_width_numbers_have_four_digits(panel, session, show):
    show(panel, updated(session), parse(session, "pos0.norm[1]"))
    for row, term in enumerate(panel.sheet.page.rows):
        if isinstance(term, Term):
            shown = [f.text.lstrip("×= ") for f in panel.sheet.fields(row) if f.style is Style.SMALL_NUMBER]
            assert shown == [short(number) for number in term.numbers]


def test_the_theme_changes_live(panel, session, show, qapp, qtbot):
    show(panel, updated(session), parse(session, "pos0.norm[1]"))
    dark = panel.grab().toImage()
    height = panel.sheet.fields(1)[1].rect.height()
    apply_theme(qapp, "light", 1.5)
    assert panel.grab().toImage() != dark
    assert panel.sheet.fields(1)[1].rect.height() > height


def test_numbers_of_the_code_are_written_as_in_the_code():
    assert [constant_text(x) for x in (0.5, -1.0, 1e-5, 0.0, 1 / 3)] == ["0.5", "-1", "1e-05", "0", "0.3333"]


def test_shares_are_in_percent():
    assert [share_text(x) for x in (0.5, -0.48314, 1.0, 0.0, -4.9e-4)] == [
        "50.00 %",
        "-48.31 %",
        "100.0 %",
        "0 %",
        "-0.0490 %",
    ]
    assert share_text(math.nan) == ""


def test_same_bits_tells_zeros_apart_and_nans_not():
    assert same_bits(float("nan"), float("nan"))
    assert not same_bits(0.0, -0.0)
    assert same_bits(0.1, 0.1)


def test_reaches_are_all_in_words(panel, session, show):
    updated(session)
    show(panel, session, 5)
    explanation = panel.snapshot.explanation
    for reach, words in ((Reach.NOT_COMPUTED, "not computed yet"), (Reach.OUTSIDE, "outside the graph")):
        page = explained_page(replace(explanation, grad_reach=reach), session.description, panel.snapshot.moment)
        grad = next(row for row in page.rows if isinstance(row, Fact) and row.label == "grad")
        assert grad.text.startswith(words)
