"""The list of the Samples panel: what it asks for, what it refuses, and which answers it shows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.sampling_inquiries import DrawSamples, TraceSample
from microgpt_studio.panels.samples.list_page import AGAIN_EVERY
from microgpt_studio.panels.samples.request import Field, RefusedInput, read_draw, read_trace
from microgpt_studio.theme import apply_theme


def test_the_defaults(panel, person):
    assert panel.sentence.text == "Nothing drawn yet."
    panel.list_page.draw_button.click()
    assert person.draws() == [DrawSamples(number=1, count=20, temperature=0.5, seed=42)]
    assert panel.sentence.text == "Drawing…" and panel.is_waiting


def test_the_answer_is_shown(panel, session, person):
    session.update()
    person.draw()
    documents = session.sample(20, 0.5, 42)
    assert panel.list_page.list.lines == [f"{i:2}  {document or '(empty)'}" for i, document in enumerate(documents, 1)]
    assert panel.sentence.text == "update 1 · temperature 0.5 · seed 42"
    assert not panel.is_waiting and not panel.inquiries()
    panel.grab()


def test_how_many_are_drawn_is_told(panel, session, person):
    panel.request()
    person.look()
    for _ in range(3):
        session.trace_on(lambda: True)
    person.look()
    assert panel.sentence.text == "Drawing… 5 of 20"
    assert panel.list_page.list.lines == []


def test_samples_before_the_first_update(panel, person):
    person.draw()
    assert panel.sentence.text.startswith("before the first update")


def test_enter_draws(panel, person, qtbot):
    form = panel.list_page.form
    form.set_text(Field.SEED, "7")
    form.point_to(Field.SEED)
    qtbot.keyClick(form.edit(Field.SEED), Qt.Key.Key_Return)
    assert [asked.seed for asked in person.draws()] == [7]


def test_a_later_request_is_the_one_that_is_answered(panel, session, person):
    panel.request()
    person.look()
    panel.list_page.form.set_text(Field.SEED, "43")
    panel.request()
    assert [asked.number for asked in person.draws()] == [1, 2]
    person.wait()
    assert list(panel.list_page.samples.documents) == session.sample(20, 0.5, 43)
    assert panel.sentence.text.endswith("seed 43")


def test_while_it_waits_the_old_list_keeps_its_origin(panel, person):
    person.draw()
    panel.list_page.form.set_text(Field.TEMPERATURE, "1.5")
    panel.request()
    assert panel.sentence.text == "before the first update · temperature 0.5 · seed 42 · drawing again…"


def test_a_new_session_clears(panel, session, person):
    person.draw()
    panel.request()
    panel.show_session(session.description)
    assert panel.list_page.list.lines == [] and panel.sentence.text == "Nothing drawn yet."
    assert not panel.is_waiting and not panel.inquiries()
    panel.request()
    assert person.draws()[-1].number == 3


@pytest.mark.parametrize(
    "field, typed",
    [(Field.COUNT, typed) for typed in ("0", "-3", "1001", "", "many", "2.5", "nan")]
    + [(Field.TEMPERATURE, typed) for typed in ("0", "-1", "nan", "inf", "", "warm", "0,5")]
    + [(Field.SEED, typed) for typed in ("", "1.5", "nan", "lucky")],
)
def test_bad_input_is_refused_in_place(panel, person, field, typed):
    person.draw()
    lines, form = panel.list_page.list.lines, panel.list_page.form
    form.set_text(field, typed)
    panel.request()
    assert len(person.draws()) == 1 and not panel.is_waiting
    assert panel.sentence.text.startswith("⚠ The ") and f"“{typed}”" in panel.sentence.text
    assert form.edit(field).selectedText() == typed
    panel.grab()
    assert panel.list_page.list.lines == lines
    form.edit(field).textEdited.emit("")
    assert panel.sentence.text == "before the first update · temperature 0.5 · seed 42"


def test_what_is_typed_is_read():
    assert read_draw(3, "1000", "1e-3", "-7") == DrawSamples(3, 1000, 0.001, -7)
    assert read_trace(3, "7", "0.5", "42") == TraceSample(3, 7, 0.5, 42)
    with pytest.raises(RefusedInput) as refused:
        read_draw(1, "20", "0", "x")
    assert refused.value.field is Field.TEMPERATURE


def test_without_a_session_nothing_is_asked(panel, qtbot):
    with qtbot.assertNotEmitted(panel.wishes_changed):
        panel.request()
    assert panel.sentence.text == "⚠ There is no session to draw from yet."


def test_numbers_that_have_given_out_are_told_and_the_list_stays(panel, session, person):
    person.draw()
    lines = panel.list_page.list.lines
    session.runner.machine.parameters[:] = float("nan")
    person.draw()
    assert panel.sentence.text.startswith("⚠ No sample can be drawn after update 0: ")
    assert panel.list_page.list.lines == lines and not panel.is_waiting


def test_a_temperature_that_is_too_small_for_floats_is_named(panel, person):
    panel.list_page.form.set_text(Field.TEMPERATURE, "1e-320")
    person.draw()
    said = panel.sentence.text
    assert said.startswith("⚠ No sample can be drawn after update 0: at temperature 1e-320 ")
    assert said.endswith("; choose a larger temperature, such as 0.5.")


def test_all_are_copied(panel, person, qtbot):
    panel.list_page.form.set_text(Field.COUNT, "3")
    person.draw()
    samples = panel.list_page.list
    samples.setFocus()
    qtbot.keyClick(samples, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(panel.list_page.samples.documents)
    QGuiApplication.clipboard().setText("")
    samples.copy_action.trigger()
    assert QGuiApplication.clipboard().text() == "\n".join(panel.list_page.samples.documents)


def test_the_first_time_that_training_stands_it_draws_by_itself(panel, session, person):
    person.look()
    session.run(2)
    person.look(running=True)
    assert person.draws() == []
    person.look()
    person.look()
    assert len(person.draws()) == 1 and panel.is_waiting
    person.wait()
    session.run(2)
    person.look()
    assert len(person.draws()) == 1 and not panel.is_waiting


def test_again_while_it_trains(panel, session, person):
    session.run(2)
    person.look(running=True)
    assert person.draws() == []
    panel.list_page.again.setChecked(True)
    person.look(running=True)
    assert len(person.draws()) == 1
    person.look(500, running=True)
    assert len(person.draws()) == 1  # the first is not answered yet
    person.wait(running=True)
    person.look(2 + AGAIN_EVERY - 1, running=True)
    person.look(2 + AGAIN_EVERY)
    assert len(person.draws()) == 1
    person.look(2 + AGAIN_EVERY, running=True)
    assert [asked.number for asked in person.draws()] == [1, 2]
    assert panel.sentence.text == "update 2 · temperature 0.5 · seed 42"


def test_again_with_bad_input_says_so(panel, person):
    panel.list_page.again.setChecked(True)
    panel.list_page.form.set_text(Field.COUNT, "0")
    person.look(300, running=True)
    assert person.draws() == [] and panel.sentence.text.startswith("⚠ The number of samples")


def show_names(panel, session, person, *documents):
    """A list of these."""
    panel.list_page.form.set_text(Field.COUNT, "1")
    person.draw()
    samples = replace(panel.list_page.samples, documents=documents)
    panel.list_page.list.show_documents(samples.documents)


def test_many_samples_scroll(panel, session, person):
    show_names(panel, session, person, *(f"name{i}" for i in range(1000)))
    samples = panel.list_page.list
    assert samples.verticalScrollBar().maximum() > 0
    assert samples.lines[-1] == "1000  name999"
    samples.verticalScrollBar().setValue(samples.verticalScrollBar().maximum())
    panel.grab()


def test_an_empty_document_is_told(panel, session, person):
    show_names(panel, session, person, "emma", "")
    assert panel.list_page.list.lines == ["1  emma", "2  (empty)"]


def test_columns_and_lines_follow_the_width(panel, session, person):
    show_names(panel, session, person, *("emma",) * 20)
    panel.resize(700, 250)
    assert panel.list_page.list.columns > 2 and panel.list_page.form.lines == 1
    panel.resize(panel.minimumSizeHint().width(), 250)
    assert panel.list_page.list.columns <= 2 and panel.list_page.form.lines > 1


def test_a_click_or_enter_chooses_a_sample(panel, session, person, qtbot):
    show_names(panel, session, person, *("emma", "ava", "olivia", "mia", "amelia", "sophia"))
    samples, chosen = panel.list_page.list, []
    samples.chosen.connect(chosen.append)
    qtbot.mouseClick(samples.viewport(), Qt.MouseButton.LeftButton, pos=samples.rect_of(3).center().toPoint())
    assert chosen == [3]
    panel.list_button.click()
    samples.setFocus()
    qtbot.keyClick(samples, Qt.Key.Key_Home)
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + samples.columns),
        (Qt.Key.Key_Left, samples.columns),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 5),
    ):
        qtbot.keyClick(samples, key)
        assert samples.current == expected
    qtbot.keyClick(samples, Qt.Key.Key_Return)
    assert chosen == [3, 5]


def test_the_current_sample_is_scrolled_into_view(panel, session, person, qtbot):
    show_names(panel, session, person, *(f"name{i}" for i in range(200)))
    samples = panel.list_page.list
    samples.setFocus()
    qtbot.keyClick(samples, Qt.Key.Key_Down)
    qtbot.keyClick(samples, Qt.Key.Key_End)
    assert samples.viewport().rect().contains(samples.rect_of(199).toRect())
    qtbot.keyClick(samples, Qt.Key.Key_Home)
    assert samples.viewport().rect().contains(samples.rect_of(0).toRect())


def test_it_follows_the_theme(panel, session, person, qapp):
    show_names(panel, session, person, "emma", "")
    try:
        for name, scale in (("light", 1.25), ("dark", 1.0)):
            apply_theme(qapp, name, scale)
            panel.grab()
    finally:
        apply_theme(qapp, "dark")
