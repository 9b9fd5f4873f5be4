"""The gradient check in the Inspector: on one click, of one scalar or of a tensor, and of which update."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from microgpt_studio.debugger.gradient_check import GradientCheck, Verdict
from microgpt_studio.debugger.matrix_check import MatrixCheck
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.inspector.rows import Bar, Fact, Heading, Term
from microgpt_studio.widgets import full

TITLE = "Gradient check"
WEIGHT = "layer1.attn_wv[1,2]"


def facts(person):
    return {row.label: row.full or row.text for row in person.section(TITLE) if isinstance(row, Fact)}


def answer(person, scalar, h=None):
    inquiry = GradientCheck(scalar, h)
    return person.session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


def open_check(person, qtbot):
    """One click."""
    place = person.place(person.heading(TITLE), 1)
    qtbot.mouseClick(person.panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=place)
    person.look()


def test_one_click_checks(person, qtbot):
    scalar = person.select(WEIGHT)
    assert person.section(TITLE) == []
    assert list(person.panel.inquiries()) == []
    open_check(person, qtbot)
    expected = answer(person, scalar)
    assert expected.verdict is Verdict.GOOD
    shown = facts(person)
    assert shown["verdict"].startswith("good")
    assert shown["error"] == full(expected.error)
    assert shown["grad"] == full(person.session.runner.machine.grad[scalar])
    assert shown["quotient"] == full(expected.attempt.quotient)
    assert shown["h"] == full(expected.attempt.h)
    assert "|a − n| / max(|a|, |n|)" in person.notes()
    assert list(person.panel.inquiries()) == []


def test_a_wrong_gradient_is_called_wrong(person, qtbot):
    scalar = person.select(WEIGHT)
    person.session.runner.machine.grad[scalar] *= 2.0
    open_check(person, qtbot)
    assert facts(person)["verdict"].startswith("wrong")
    assert "Either the gradient is wrong" in person.notes()


def test_an_answer_is_of_its_update(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    before = facts(person)
    first = person.session.runner.document(2)
    assert f"Of update 3, “{first}”." in person.notes()
    person.session.run(2)
    person.look()
    assert facts(person) == before
    assert f"Of update 3, “{first}”; now it is update 5." in person.notes()
    person.panel.check.form.button.click()
    person.look()
    assert facts(person) != before
    assert f"Of update 5, “{person.session.runner.document(4)}”." in person.notes()
    person.panel.sheet.folded.emit("check")
    assert person.heading(TITLE).note == "good"
    person.session.run(1)
    person.look()
    assert person.heading(TITLE).note == "good, of update 5"


def test_another_scalar_is_not_checked_yet(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    scalar = person.select("pos0.embed[1]")
    assert facts(person) == {}
    person.panel.check.form.button.click()
    assert "Checking …" in person.notes()
    person.look()
    assert facts(person)["quotient"] == full(answer(person, scalar).attempt.quotient)


def test_a_stale_answer_of_another_scalar_is_dropped(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.button.click()
    (asked,) = person.panel.inquiries()
    snapshot = person.session.snapshot(7, Wanted(inquiries=frozenset({asked})))
    person.panel.show_selection(5)
    person.panel.show_snapshot(snapshot)
    assert person.panel.check.checked is None


def test_h_is_read(person, qtbot):
    scalar = person.select(WEIGHT)
    open_check(person, qtbot)
    form = person.panel.check.form
    qtbot.keyClicks(form.h_edit, "1e-3")
    qtbot.keyClick(form.h_edit, Qt.Key.Key_Return)
    person.look()
    expected = answer(person, scalar, 1e-3)
    assert facts(person)["h"] == "0.001"
    assert facts(person)["quotient"] == full(expected.attempt.quotient)
    assert "Other h" not in [row.title for row in person.of(Heading)]


@pytest.mark.parametrize("text", ["x", "0", "nan", "inf", "-1e-5"])
def test_what_is_no_h_is_refused_in_place(person, qtbot, text):
    person.select(WEIGHT)
    open_check(person, qtbot)
    before, form = facts(person), person.panel.check.form
    height = form.height()
    form.h_edit.setText(text)
    for button in (form.button, form.all_button):
        button.click()
        assert form.error.isVisible()
        assert text in form.error.text
        assert form.height() > height
        assert list(person.panel.inquiries()) == []
    assert facts(person) == before
    qtbot.keyClick(form.h_edit, Qt.Key.Key_Backspace)
    assert not form.error.isVisible()
    assert form.height() == height
    form.h_edit.setText(text)
    form.button.click()
    qtbot.keyClick(form.h_edit, Qt.Key.Key_Escape)
    assert (form.h_edit.text(), form.error.isVisible()) == ("", False)


def test_an_h_that_does_not_work_is_explained(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.h_edit.setText("1e-30")
    person.panel.check.form.button.click()
    person.look()
    assert "x ± h is not another number than x" in person.notes()
    assert facts(person) == {}


def test_the_other_h_can_be_seen(person, qtbot):
    scalar = person.select(WEIGHT)
    open_check(person, qtbot)
    expected = answer(person, scalar)
    assert person.section("Other h") == []
    person.panel.sheet.folded.emit("check.tried")
    shown = [row.numbers for row in person.section("Other h") if isinstance(row, Term)]
    assert [numbers[0] for numbers in shown] == [attempt.quotient for attempt in expected.tried]
    assert len(shown) > 1


def test_a_kink_is_warned_of_and_linked(person, qtbot):
    machine, addresses = person.session.runner.machine, person.session.description.addresses
    units = [addresses.parse(f"pos{p}.layer1.mlp.fc1[{i}]") for p in range(3) for i in range(32)]
    unit = min((u for u in units if machine.data[u] > 0 and machine.grad[u] != 0), key=lambda u: machine.data[u])
    address = addresses.format(unit)
    person.select(address)
    person.panel.check.form.h_edit.setText(repr(2 * float(machine.data[unit])))
    open_check(person, qtbot)
    assert "a ReLU changes sides" in person.notes()
    links = [row.address for row in person.section(TITLE) if isinstance(row, Term)]
    assert links == [address.replace("fc1", "relu")]
    person.panel.resize(345, 900)
    person.panel.grab()


def test_where_there_is_no_gradient_it_says_why(person, qtbot):
    tokens = person.session.snapshot(1, Wanted()).moment.tokens
    person.select(f"pos0.prob[{(tokens[1] + 1) % 3}]")
    open_check(person, qtbot)
    assert "The loss does not depend on it" in person.notes()
    person.panel.sheet.folded.emit("check")
    assert person.heading(TITLE).note == "no answer"


def test_a_scalar_that_the_document_does_not_have_has_no_such_section(person):
    while person.session.update().document != "mia":
        pass
    person.select("pos6.layer0.attn.q[5]")
    assert [row.title for row in person.of(Heading)] == []


# All of a tensor


def test_all_are_checked_with_progress(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    form = person.panel.check.form
    assert form.all_button.text() == "Check all 64"
    form.all_button.click()
    person.look()
    assert form.all_button.text() == "Cancel"
    assert next(bar for bar in person.of(Bar)).label == "checked"
    for done in (1, 2):
        person.session.trace_on(lambda: True)
        person.look()
        assert person.of(Bar)[0].number == done
        assert person.heading("layer1.attn_wv").note == f"{done} of 64 checked"
    person.wait()
    found = person.panel.check.matrix
    assert found.is_complete
    assert {bar.label: bar.number for bar in person.of(Bar)} == {v.value: n for v, n in found.counts.items()}
    assert sum(bar.number for bar in person.of(Bar)) == 64
    assert form.all_button.text() == "Check all 64"
    assert list(person.panel.inquiries()) == []
    worst = [row for row in person.section("layer1.attn_wv") if isinstance(row, Term)]
    assert [(row.scalar, row.numbers[2]) for row in worst] == [(one.scalar, one.error) for one in found.worst]
    person.panel.resize(345, 1200)
    person.panel.grab()


def test_it_can_be_cancelled(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.all_button.click()
    person.look()
    person.session.trace_on(lambda: True)
    person.look()
    person.panel.check.form.all_button.click()
    person.look()
    assert not person.session.is_tracing
    assert person.heading("layer1.attn_wv").note == "1 of 64 checked"
    assert person.panel.check.form.all_button.text() == "Check all 64"


def test_a_link_to_one_of_the_worst_keeps_the_answer(person, qtbot):
    chosen: list[int] = []
    person.panel.selected.connect(chosen.append)
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.all_button.click()
    person.wait()
    found = person.panel.check.matrix
    worst = next(row for row in person.section("layer1.attn_wv") if isinstance(row, Term))
    qtbot.mouseClick(person.panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=person.place(worst))
    assert chosen == [found.worst[0].scalar]
    person.select(person.session.description.addresses.format(chosen[0]))
    assert person.panel.check.matrix is found
    assert person.section("layer1.attn_wv")
    person.select("wte[0,0]")
    assert not any(isinstance(row, Heading) and row.title == "layer1.attn_wv" for row in person.rows)


def test_what_is_not_finished_ends_when_the_tensor_is_left(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.all_button.click()
    person.look()
    assert any(isinstance(each, MatrixCheck) for each in person.panel.inquiries())
    person.select("layer1.attn_wv[1,3]")
    assert any(isinstance(each, MatrixCheck) for each in person.panel.inquiries())
    person.select("wte[0,0]")
    assert list(person.panel.inquiries()) == []
    person.select(WEIGHT)
    assert not any(isinstance(row, Heading) and row.title == "layer1.attn_wv" for row in person.rows)


def test_one_scalar_alone_has_no_others(person, qtbot):
    person.select("loss")
    open_check(person, qtbot)
    assert not person.panel.check.form.all_button.isVisible()
    assert facts(person)["verdict"].startswith("good")


def test_a_tensor_without_gradients_says_why(person, qtbot):
    person.session.restart()
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.all_button.click()
    person.wait()
    assert "There are no gradients to check" in person.notes()


def test_a_new_session_voids_everything(person, qtbot):
    person.select(WEIGHT)
    open_check(person, qtbot)
    person.panel.check.form.all_button.click()
    person.panel.show_session(person.session.description)
    assert list(person.panel.inquiries()) == []
    person.select(WEIGHT)
    assert facts(person) == {}
