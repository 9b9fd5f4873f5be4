"""What-if in the Inspector: typed or dragged, followed at once, and kept only if asked to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from microgpt_studio.bridge.commands import Keep
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.what_if import WhatIf
from microgpt_studio.panels.inspector.rows import Fact, Heading, Term
from microgpt_studio.widgets import full, short

TITLE = "What if"
TABLE = "Target’s probability"
WEIGHT = "layer0.attn_wq[0,0]"


def facts(person):
    return {row.label: row for row in person.section(TITLE) if isinstance(row, Fact)}


def open_what_if(person, qtbot):
    place = person.place(person.heading(TITLE), 1)
    qtbot.mouseClick(person.panel.sheet.viewport(), Qt.MouseButton.LeftButton, pos=place)
    person.look()


def type_(person, qtbot, text):
    person.panel.what_if.form.edit.clear()
    qtbot.keyClicks(person.panel.what_if.form.edit, text)
    person.look()


def answer(person, scalar, number, is_change=True):
    inquiry = WhatIf(scalar, number, is_change)
    return person.session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


def test_nothing_is_asked_until_a_number_is_typed(person, qtbot):
    person.select(WEIGHT)
    person.panel.what_if.form.edit.setText("0.5")
    assert list(person.panel.inquiries()) == []
    person.panel.what_if.form.edit.clear()
    open_what_if(person, qtbot)
    assert list(person.panel.inquiries()) == []
    assert "Type another number" in person.notes()


def test_the_new_loss_stands_beside_the_predicted_one(person, qtbot):
    scalar = person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    expected = answer(person, scalar, 0.25)
    shown = facts(person)
    before, after = expected.effect.loss_before, expected.effect.loss_after
    assert shown["data"].full.startswith(f"{full(expected.before)} → {full(expected.after)} ")
    assert shown["loss"].full.startswith(f"{full(before)} → {full(after)} ")
    assert shown["loss"].text.startswith(f"{short(before)} → {short(after)}")
    assert f"→ {full(expected.predicted)} " in shown["predicted"].full
    assert shown["missed by"].full == full(after - expected.predicted)
    assert "nothing is kept" in person.notes()


def test_every_prediction_is_told(person, qtbot):
    scalar = person.select("pos1.logit[2]")
    open_what_if(person, qtbot)
    type_(person, qtbot, "9")
    effect = answer(person, scalar, 9.0).effect
    rows = [row for row in person.section(TABLE) if isinstance(row, Term) and row.numbers]
    assert [row.scalar for row in rows] == effect.scalars.tolist()
    assert [row.numbers for row in rows] == list(zip(effect.before.tolist(), effect.after.tolist(), strict=True))
    assert [row.marked for row in rows] == (effect.top_before != effect.top_after).tolist()
    text = person.session.description.token_text
    assert rows[1].operation == f"top {text(effect.top_before[1])}→{text(2)}"
    assert f"The likeliest token changes at 1 of {len(rows)} positions." in person.notes()
    person.panel.resize(345, 900)
    person.panel.grab()


def test_it_follows_training(person, qtbot):
    scalar = person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    for _ in range(3):
        person.session.update()
        person.look()
        expected = answer(person, scalar, 0.25)
        assert f"→ {full(expected.effect.loss_after)} " in facts(person)["loss"].full
        moment = person.panel.snapshot.moment
        assert f"Of update {moment.update}, “{moment.document}”." in person.notes()


def test_a_number_can_be_set(person, qtbot):
    scalar = person.select(WEIGHT)
    open_what_if(person, qtbot)
    form = person.panel.what_if.form
    form.way(is_change=False).click()
    assert not form.slider.isVisible()
    type_(person, qtbot, "-1.5")
    assert person.panel.what_if.outcome.after == -1.5
    expected = answer(person, scalar, -1.5, is_change=False)
    assert f"→ {full(expected.effect.loss_after)} " in facts(person)["loss"].full
    form.way(is_change=True).click()
    person.look()
    assert person.panel.what_if.outcome.after == person.session.runner.machine.data[scalar] - 1.5


def test_the_slider_goes_as_far_as_the_scalar_is_large(person, qtbot):
    scalar = person.select(WEIGHT)
    open_what_if(person, qtbot)
    form, data = person.panel.what_if.form, float(person.session.runner.machine.data[scalar])
    reach = max(0.1, float(f"{abs(data):.0e}"))
    form.slider.setValue(form.slider.maximum())
    person.look()
    assert form.number == reach
    assert person.panel.what_if.outcome.after == data + reach
    form.slider.setValue(0)
    person.look()
    assert form.number == 0.0
    assert person.panel.what_if.outcome.delta == 0.0
    type_(person, qtbot, repr(-reach))
    assert form.slider.value() == form.slider.minimum()
    type_(person, qtbot, "1000")
    assert form.slider.value() == form.slider.maximum()
    assert form.number == 1000.0


@pytest.mark.parametrize("text", ["x", "nan", "inf", "1,5"])
def test_what_is_no_number_is_refused_in_place(person, qtbot, text):
    person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    form = person.panel.what_if.form
    height = form.height()
    type_(person, qtbot, text)
    assert form.error.isVisible()
    assert text in form.error.text
    assert form.height() > height
    assert list(person.panel.inquiries()) == []
    assert facts(person) == {}
    qtbot.keyClick(form.edit, Qt.Key.Key_Escape)
    assert not form.error.isVisible()


def test_a_number_with_which_plain_python_raises_is_explained(person, qtbot):
    tokens = person.session.snapshot(1, Wanted()).moment.tokens
    person.select(f"pos0.prob[{tokens[1]}]")
    open_what_if(person, qtbot)
    type_(person, qtbot, "-5")
    assert "Plain Python would raise: log(" in person.notes()
    assert facts(person) == {}


def test_another_scalar_has_nothing_changed(person, qtbot):
    person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    person.select("pos0.embed[1]")
    assert person.panel.what_if.form.edit.text() == ""
    assert facts(person) == {}
    assert list(person.panel.inquiries()) == []


def test_before_the_first_update_there_is_a_loss_and_no_prediction(person, qtbot):
    person.session.restart()
    person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    assert "no gradient at this moment" in facts(person)["predicted"].text
    assert "missed by" not in facts(person)
    loss_after = person.panel.what_if.outcome.effect.loss_after
    person.session.update()
    person.look()
    assert person.panel.what_if.outcome.effect.loss_after == loss_after


def test_folded_it_asks_nothing(person, qtbot):
    person.select(WEIGHT)
    open_what_if(person, qtbot)
    type_(person, qtbot, "0.25")
    assert len(list(person.panel.inquiries())) == 1
    person.panel.sheet.folded.emit("what-if")
    assert list(person.panel.inquiries()) == []
    assert not person.panel.what_if.form.isVisible()
    assert TABLE not in [row.title for row in person.of(Heading)]


def test_the_window_is_told_that_there_is_something_to_ask(person, qtbot):
    person.select(WEIGHT)
    with qtbot.waitSignal(person.panel.wishes_changed, timeout=100):
        open_what_if(person, qtbot)
    with qtbot.waitSignal(person.panel.wishes_changed, timeout=100):
        qtbot.keyClicks(person.panel.what_if.form.edit, "1")


def test_a_parameter_is_kept_only_when_it_is_asked_for(person, qtbot):
    commanded: list[object] = []
    person.panel.commanded.connect(commanded.append)
    scalar = person.select(WEIGHT)
    open_what_if(person, qtbot)
    keep = person.panel.what_if.form.keep
    assert not keep.isEnabled()
    type_(person, qtbot, "0.25")
    assert keep.isEnabled()
    assert commanded == []
    qtbot.keyClicks(person.panel.what_if.form.edit, "5")
    assert not keep.isEnabled()  # what is known is of 0.25
    person.panel.what_if.form.kept.emit()
    assert commanded == []
    person.look()
    assert keep.isEnabled()
    person.panel.what_if.form.way(is_change=False).click()
    assert not keep.isEnabled()
    person.panel.what_if.form.way(is_change=True).click()
    after = answer(person, scalar, 0.255).after
    person.look()
    keep.click()
    assert commanded == [Keep(scalar, after)]
    assert person.panel.what_if.form.number is None
    assert not keep.isEnabled()
    person.select("pos0.layer0.attn.q[1]")
    type_(person, qtbot, "0.25")
    assert not keep.isEnabled()  # an inner scalar is computed anew each time
