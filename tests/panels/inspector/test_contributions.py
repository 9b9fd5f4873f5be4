"""Contributions in groups, with subtotals and shares; folding; copying all of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.contribution_groups import Grouping, grouped
from microgpt_studio.debugger.execution import Place
from microgpt_studio.panels.inspector.contribution_rows import SECTION, TITLE, closing_of_groups
from microgpt_studio.panels.inspector.copying import as_latex, as_text
from microgpt_studio.panels.inspector.fields import Style
from microgpt_studio.panels.inspector.rows import Bar, Heading, Note, Term
from microgpt_studio.widgets import full, short

WEIGHT = "layer0.attn_wq[0,0]"


def expected_groups(person, grouping):
    snapshot = person.panel.snapshot
    program = person.session.description.program
    return grouped(snapshot.explanation.consumers, grouping, program, snapshot.moment.tokens)


def choose(person, grouping):
    person.panel.contributions.form.button(grouping).click()


@pytest.mark.parametrize("grouping", Grouping)
def test_groups_show_their_subtotals_and_shares(person, grouping):
    person.select(WEIGHT)
    choose(person, grouping)
    groups = expected_groups(person, grouping)
    bars = person.of(Bar)
    assert [(bar.number, bar.share) for bar in bars] == [(group.subtotal, group.share) for group in groups.groups]
    for bar, group in zip(bars, groups.groups, strict=True):
        fields = person.panel.sheet.fields(person.rows.index(bar))
        painted = next(field for field in fields if field.style is Style.BAR)
        assert (painted.share, painted.is_signed) == (group.share, True)
        number = next(field for field in fields if field.name == "subtotal")
        assert (number.text, number.copied) == (short(group.subtotal), full(group.subtotal))
        assert full(group.subtotal) in bar.tip
    assert not [row for row in person.section(TITLE) if isinstance(row, Term)]


def test_labels_tell_positions_and_characters(person):
    while person.session.update().document != "isabella":
        pass
    person.select(WEIGHT)
    choose(person, Grouping.POSITION)
    assert {bar.label for bar in person.of(Bar)} >= {"pos0 “·”", "pos1 “i”", "pos7 “l”"}
    choose(person, Grouping.CHARACTER)
    assert {bar.label for bar in person.of(Bar)} >= {"“·” pos0", "“l” pos6, 7"}
    choose(person, Grouping.CONSUMER)
    assert [bar.label for bar in person.of(Bar)] == ["layer0.attn.q"]


def test_what_shares_are_of_is_said(person):
    person.select(WEIGHT)
    choose(person, Grouping.POSITION)
    groups = expected_groups(person, Grouping.POSITION)
    assert f"Shares are of the sum of all |subtotal|, {short(groups.absolute)}" in person.notes()
    signs = {group.share > 0 for group in groups.groups if group.share}
    assert ("opposite signs cancel" in person.notes()) == (len(signs) == 2)


def test_subtotals_that_miss_the_last_digits_are_not_called_the_grad(person):
    """Somewhere among all scalars the order of adding makes a difference, and there it is told."""
    seen = set()
    for i in range(8):
        person.select(f"pos0.layer1.attn.norm[{i}]")
        choose(person, Grouping.CONSUMER)
        explanation = person.panel.snapshot.explanation
        groups = expected_groups(person, Grouping.CONSUMER)
        same = groups.total == explanation.grad
        seen.add(same)
        assert ("= grad, to the last bit" in person.notes()) == same
        assert (f"they differ by {short(groups.total - explanation.grad)}" in person.notes()) == (not same)
    assert seen == {True, False}


def test_a_group_opens_by_mouse_and_by_keyboard(person, qtbot):
    person.select(WEIGHT)
    choose(person, Grouping.POSITION)
    sheet = person.panel.sheet
    first, second = person.of(Bar)[:2]
    qtbot.mouseClick(sheet.viewport(), Qt.MouseButton.LeftButton, pos=person.place(first))
    group = expected_groups(person, Grouping.POSITION).groups[0]
    (term,) = (row for row in person.section(TITLE) if isinstance(row, Term))
    (consumer,) = group.consumers
    assert (term.scalar, term.numbers) == (
        consumer.scalar,
        (consumer.local_derivative, consumer.grad, consumer.contribution, group.subtotal),
    )
    sheet.setFocus()
    while person.rows[sheet.current[0]] != second:
        qtbot.keyClick(sheet, Qt.Key.Key_Down)
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert len([row for row in person.section(TITLE) if isinstance(row, Term)]) == 2
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert len([row for row in person.section(TITLE) if isinstance(row, Term)]) == 1


def test_a_row_of_an_opened_group_is_a_link(person, qtbot):
    chosen: list[int] = []
    person.panel.selected.connect(chosen.append)
    person.select(WEIGHT)
    choose(person, Grouping.CHARACTER)
    person.panel.sheet.folded.emit(person.of(Bar)[0].fold)
    term = next(row for row in person.section(TITLE) if isinstance(row, Term))
    qtbot.mouseClick(person.panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=person.place(term))
    assert chosen == [term.scalar]


def test_what_is_opened_stays_open_while_training_goes_on(person):
    person.select(WEIGHT)
    choose(person, Grouping.POSITION)
    person.panel.sheet.folded.emit(next(bar for bar in person.of(Bar) if bar.label.startswith("pos0")).fold)
    for _ in range(3):
        person.session.update()
        person.look()
        assert [bar.label.split()[0] for bar in person.of(Bar) if bar.is_open] == ["pos0"]


def test_the_section_folds(person, qtbot):
    person.select(WEIGHT)
    count = len(person.rows)
    heading = person.heading(TITLE)
    assert heading.is_open
    qtbot.mouseClick(person.panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=person.place(heading, 1))
    assert person.section(TITLE) == []
    assert not person.panel.contributions.form.isVisible()
    assert person.heading(TITLE).note == f"{len(person.panel.snapshot.explanation.consumers)} terms"
    person.panel.sheet.folded.emit(SECTION)
    assert len(person.rows) == count
    assert person.panel.contributions.form.isVisible()


def test_a_gradient_that_is_half_there(person):
    forward, backward, _ = person.session.execution.lengths
    updates = person.session.execution.place.updates
    for part in range(2, 60):
        person.session.execution.go_to(Place(updates, forward + backward * part // 60))
        person.select("pos1.layer0.attn.k[0]")
        choose(person, Grouping.POSITION)
        explanation = person.panel.snapshot.explanation
        if 0 < explanation.received < explanation.expected:
            break
    assert 0 < explanation.received < explanation.expected
    assert f"{explanation.received} of {explanation.expected} consumers added so far" in person.notes()
    groups = expected_groups(person, Grouping.POSITION)
    assert sum(len(group.consumers) for group in groups.groups) == explanation.received
    closing = "".join(note.text for note in closing_of_groups(groups, explanation))
    assert "= grad so far, to the last bit" in closing or "in another order" in closing
    description, moment = person.session.description, person.panel.snapshot.moment
    assert "= grad so far, to the last bit" in as_text(explanation, description, moment, None)
    latex = as_latex(explanation)
    missing = explanation.expected - explanation.received
    assert f"{missing} more of {explanation.expected} consumers, not added yet" in latex
    assert latex.splitlines()[-2].endswith(r"+ \cdots")
    assert latex.count("{") == latex.count("}")


# Copying


def copied(person, keys=None, qtbot=None):
    if keys is not None:
        sheet = person.panel.sheet
        sheet.setFocus()
        qtbot.waitUntil(sheet.hasFocus)
        qtbot.keyClick(sheet, keys, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    return QGuiApplication.clipboard().text()


def test_all_of_it_is_copied_as_text(person, qtbot):
    scalar = person.select(WEIGHT)
    person.panel.activateWindow()
    lines = copied(person, Qt.Key.Key_C, qtbot).splitlines()
    explanation = person.panel.snapshot.explanation
    assert lines[0] == f"{WEIGHT}  (parameter)"
    assert f"grad = {full(person.session.runner.machine.grad[scalar])}" in lines
    for consumer in explanation.consumers:
        (line,) = (line for line in lines if line.startswith(f"{consumer.address} "))
        product = f"{full(consumer.local_derivative)} × {full(consumer.grad)} = {full(consumer.contribution)}"
        assert line.endswith(f"{product}; {full(consumer.total)}")
    assert lines[-1] == f"total = {full(explanation.grad)} = grad, to the last bit"


def test_groups_are_copied_as_they_are_seen(person):
    person.select(WEIGHT)
    choose(person, Grouping.POSITION)
    person.panel.sheet.menu_actions[0].trigger()
    text = copied(person)
    groups = expected_groups(person, Grouping.POSITION)
    for group in groups.groups:
        assert f"subtotal {full(group.subtotal)}" in text
    assert f"sum of the subtotals = {full(groups.total)}" in text


def test_all_of_it_is_copied_as_a_formula(person, qtbot):
    person.select(WEIGHT)
    person.panel.activateWindow()
    latex = copied(person, Qt.Key.Key_X, qtbot)
    explanation = person.panel.snapshot.explanation
    assert latex.startswith(r"\begin{aligned}")
    assert r"\texttt{layer0.attn\_wq[0,0]}" in latex
    assert latex.count(r"\cdot") == len(explanation.consumers) + 1
    assert latex.count("{") == latex.count("}")
    for consumer in explanation.consumers:
        for number in (consumer.local_derivative, consumer.grad):
            mantissa, _, exponent = full(number).partition("e")
            power = rf" \times 10^{{{int(exponent)}}}" if exponent else ""
            assert f"({mantissa}{power})" in latex


def test_with_nothing_to_explain_nothing_is_copied(person):
    QGuiApplication.clipboard().setText("before")
    person.panel.show_session(person.session.description)
    for action in person.panel.sheet.menu_actions:
        action.trigger()
    assert copied(person) == "before"


def test_a_scalar_without_contributions_is_copied_with_its_numbers(person):
    person.select("loss")
    person.panel.contributions.copy_text()
    assert copied(person).splitlines()[-1] == "grad = 1.0"
    tokens = person.panel.snapshot.moment.tokens
    person.select(f"pos0.prob[{(tokens[1] + 1) % 3}]")
    person.panel.contributions.copy_text()
    assert copied(person).splitlines()[-1] == "grad = none: the loss does not depend on it"


def test_one_contribution_is_one_term(person):
    person.select("pos0.loss")
    assert person.heading(TITLE).note == "1 term"
    choose(person, Grouping.POSITION)
    assert person.heading(TITLE).note == "1 term, by position"
    assert [bar.label for bar in person.of(Bar)] == ["no position"]
    assert [row for row in person.section(TITLE) if isinstance(row, Heading)] == []
    assert any(isinstance(row, Note) and "The subtotal is" in row.text for row in person.rows)
