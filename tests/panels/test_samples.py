"""The Samples panel: what it asks for, what it refuses, and which answers it shows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.events import SampleRequest, SamplesDrawn
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.panels.samples_form import AGAIN_EVERY
from microgpt_studio.panels.samples_request import Field, RefusedInput, read_request
from microgpt_studio.theme import apply_theme


@pytest.fixture
def wanted():
    """The requests that the panel made."""
    return []


@pytest.fixture
def panel(qtbot, session, wanted):
    panel = SamplesPanel()
    qtbot.addWidget(panel)
    panel.commanded.connect(lambda command: wanted.append(command.request))
    panel.show_session(session.description)
    panel.resize(260, 250)
    panel.show()
    return panel


def answer(session, request):
    return SamplesDrawn(request, session.step, tuple(session.sample(request.count, request.temperature, request.seed)))


def text(panel, session, step, *, running=True):
    """Let the panel see a moment."""
    snapshot = session.snapshot(1, Wanted())
    snapshot = replace(snapshot, moment=replace(snapshot.moment, step=step), pace=Pace(running, 100.0))
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)


def test_the_defaults(panel, wanted):
    assert panel.sentence.text == "Nothing drawn yet."
    panel.form.button.click()
    assert wanted == [SampleRequest(number=1, count=20, temperature=0.5, seed=42)]
    assert panel.sentence.text == "Drawing…"


def test_the_answer_is_shown(panel, session, wanted):
    session.update()
    panel.request()
    drawn = answer(session, wanted[0])
    panel.show_event(drawn)
    assert panel.list.lines == [f"{i:2}  {document or '(empty)'}" for i, document in enumerate(drawn.documents, 1)]
    assert panel.sentence.text == "update 1 · temperature 0.5 · seed 42"
    panel.grab()


def test_samples_before_the_first_update(panel, session, wanted):
    panel.request()
    panel.show_event(answer(session, wanted[0]))
    assert panel.sentence.text.startswith("before the first update")


def test_enter_draws(panel, wanted, qtbot):
    panel.form.set_text(Field.SEED, "7")
    panel.form.point_to(Field.SEED)
    qtbot.keyClick(panel.form._fields[Field.SEED], Qt.Key.Key_Return)
    assert [request.seed for request in wanted] == [7]


def test_requests_count_up_and_old_answers_are_dropped(panel, wanted):
    panel.request()
    panel.form.set_text(Field.SEED, "43")
    panel.request()
    assert [request.number for request in wanted] == [1, 2]
    panel.show_event(SamplesDrawn(wanted[0], 5, ("old",)))
    assert panel.list.lines == [] and panel.sentence.text == "Drawing…"
    panel.show_event(SamplesDrawn(wanted[1], 6, ("new", "")))
    assert panel.list.lines == ["1  new", "2  (empty)"]
    assert panel.sentence.text == "update 6 · temperature 0.5 · seed 43"
    panel.show_event(SamplesDrawn(wanted[1], 7, ("again",)))
    assert panel.list.lines == ["1  new", "2  (empty)"]


def test_while_it_waits_the_old_list_keeps_its_origin(panel, wanted):
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, ("emma",)))
    panel.form.set_text(Field.TEMPERATURE, "1.5")
    panel.request()
    assert panel.sentence.text == "update 5 · temperature 0.5 · seed 42 · drawing again…"


def test_a_new_session_clears_and_drops_answers_to_the_old(panel, session, wanted):
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, ("emma",)))
    panel.request()
    panel.show_session(session.description)
    assert panel.list.lines == [] and panel.sentence.text == "Nothing drawn yet."
    panel.show_event(SamplesDrawn(wanted[1], 5, ("emma",)))
    assert panel.list.lines == []
    panel.request()
    assert wanted[-1].number == 3


@pytest.mark.parametrize(
    "field, typed",
    [(Field.COUNT, typed) for typed in ("0", "-3", "1001", "", "many", "2.5", "nan")]
    + [(Field.TEMPERATURE, typed) for typed in ("0", "-1", "nan", "inf", "", "warm", "0,5")]
    + [(Field.SEED, typed) for typed in ("", "1.5", "nan", "lucky")],
)
def test_bad_input_is_refused_in_place(panel, wanted, field, typed):
    panel.form.set_text(field, typed)
    panel.request()
    assert wanted == []
    assert panel.sentence.text.startswith("⚠ The ") and f"“{typed}”" in panel.sentence.text
    assert panel.form._fields[field].selectedText() == typed
    panel.grab()
    panel.form._fields[field].textEdited.emit("")
    assert panel.sentence.text == "Nothing drawn yet."


def test_what_is_typed_is_read():
    assert read_request(3, "1000", "1e-3", "-7") == SampleRequest(3, 1000, 0.001, -7)
    with pytest.raises(RefusedInput) as refused:
        read_request(1, "20", "0", "x")
    assert refused.value.field is Field.TEMPERATURE


def test_without_a_session_nothing_is_sent(qtbot):
    panel = SamplesPanel()
    qtbot.addWidget(panel)
    with qtbot.assertNotEmitted(panel.commanded):
        panel.request()
    assert panel.sentence.text == "⚠ There is no session to draw from yet."


def test_all_are_copied(panel, wanted, qtbot):
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, ("emma", "", "ava")))
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "emma\n\nava"
    QGuiApplication.clipboard().setText("")
    panel.list.copy_action.trigger()
    assert QGuiApplication.clipboard().text() == "emma\n\nava"


def test_the_first_time_that_training_stands_it_draws_by_itself(panel, session, wanted):
    text(panel, session, 0, running=False)
    text(panel, session, 10)
    assert wanted == []
    text(panel, session, 20, running=False)
    text(panel, session, 20, running=False)
    assert len(wanted) == 1 and panel.is_waiting
    panel.show_event(SamplesDrawn(wanted[0], 20, ("emma",)))
    text(panel, session, 30, running=False)
    assert len(wanted) == 1 and not panel.is_waiting


def test_again_while_it_trains(panel, session, wanted):
    text(panel, session, 10)
    assert wanted == []
    panel.form.again.setChecked(True)
    text(panel, session, 10)
    assert len(wanted) == 1
    text(panel, session, 500)
    assert len(wanted) == 1  # the first is not answered yet
    panel.show_event(SamplesDrawn(wanted[0], 10, ("emma",)))
    text(panel, session, 10 + AGAIN_EVERY - 1)
    text(panel, session, 10 + AGAIN_EVERY, running=False)
    assert len(wanted) == 1
    text(panel, session, 10 + AGAIN_EVERY)
    assert [request.number for request in wanted] == [1, 2]


def test_again_with_bad_input_says_so(panel, session, wanted):
    panel.form.again.setChecked(True)
    panel.form.set_text(Field.COUNT, "0")
    text(panel, session, 300)
    assert wanted == [] and panel.sentence.text.startswith("⚠ The number of samples")


def test_many_samples_scroll(panel, wanted):
    panel.form.set_text(Field.COUNT, "1000")
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, tuple(f"name{i}" for i in range(1000))))
    assert panel.list.verticalScrollBar().maximum() > 0
    assert panel.list.lines[-1] == "1000  name999"
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().maximum())
    panel.grab()


def test_columns_and_lines_follow_the_width(panel, wanted):
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, ("emma",) * 20))
    panel.resize(700, 250)
    assert panel.list.columns > 2 and panel.form.lines == 1
    panel.resize(panel.minimumSizeHint().width(), 250)
    assert panel.list.columns <= 2 and panel.form.lines == 2


def test_it_follows_the_theme(panel, wanted, qapp):
    panel.request()
    panel.show_event(SamplesDrawn(wanted[0], 5, ("emma", "")))
    try:
        for name, scale in (("light", 1.25), ("dark", 1.0)):
            apply_theme(qapp, name, scale)
            panel.grab()
    finally:
        apply_theme(qapp, "dark")
