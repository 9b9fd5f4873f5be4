"""One sample token by token: which one is shown, stepping, what is refused, and that every figure is in the trace."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QToolTip

from microgpt_studio.debugger.execution import Place
from microgpt_studio.panels.samples.request import Field
from microgpt_studio.theme import apply_theme

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(panel):
    return panel.step_page


@pytest.fixture
def long(panel, session, person):
    """A sample of more than three tokens, opened."""
    session.run(5)
    panel.list_page.form.set_text(Field.TEMPERATURE, "1.5")
    person.draw()
    documents = panel.list_page.samples.documents
    return person.open(next(i for i, document in enumerate(documents) if i > 0 and len(document) >= 4))


def test_a_sample_of_the_list_is_opened_as_it_was_drawn(panel, page, session, person):
    person.draw()
    session.run(5)
    assert session.sample(20, 0.5, 42) != list(panel.list_page.samples.documents)
    for index in (0, 6, 19):
        trace = person.open(index)
        assert trace.document == panel.list_page.samples.documents[index]
        assert page.isVisible() and not panel.list_page.isVisible() and page.step == 0
        assert page.sentence.text == f"sample {index + 1} · seed 42 · T 0.5 · before the first update"


def test_a_click_on_the_list_opens_a_sample(panel, page, person, qtbot):
    person.draw()
    samples = panel.list_page.list
    qtbot.mouseClick(samples.viewport(), Qt.MouseButton.LeftButton, pos=samples.rect_of(1).center().toPoint())
    person.wait()
    assert page.isVisible() and page.trace.document == panel.list_page.samples.documents[1]


def test_the_page_is_never_empty(panel, page, session, person):
    panel.step_button.click()
    assert page.is_waiting and page.sentence.text == "Drawing…"
    person.wait()
    assert page.trace.document == session.sample(1, 0.5, 42)[0]
    panel.list_button.click()
    assert not page.isVisible() and not page.buttons.isVisible()
    panel.step_button.click()
    assert not page.is_waiting


def test_the_page_begins_with_the_first_sample_of_the_list(panel, page, person):
    panel.list_page.form.set_text(Field.SEED, "7")
    person.draw()
    panel.step_button.click()
    person.wait()
    assert page.trace.document == panel.list_page.samples.documents[0]
    assert person.traces()[0].origin is panel.list_page.samples.origin


def test_what_is_typed_is_drawn_from_the_moment(panel, page, session, person):
    session.run(3)
    panel.step_button.click()
    for field, text in ((Field.SAMPLE, "4"), (Field.SEED, "-3"), (Field.TEMPERATURE, "2.5")):
        page.form.set_text(field, text)
    page.draw_button.click()
    person.wait()
    assert page.trace.document == session.sample(4, 2.5, -3)[3]
    assert page.sentence.text == "sample 4 · seed -3 · T 2.5 · update 3"


@pytest.mark.parametrize(
    "field, typed",
    [(Field.SAMPLE, typed) for typed in ("0", "-3", "1001", "", "all", "2.5", "nan")]
    + [(Field.TEMPERATURE, typed) for typed in ("0", "-1", "nan", "inf", "", "warm")]
    + [(Field.SEED, typed) for typed in ("", "1.5", "nan", "lucky")],
)
def test_bad_input_is_refused_in_place_and_nothing_is_lost(panel, page, person, field, typed):
    panel.step_button.click()
    person.wait()
    assert not page.form.isVisible()
    trace, said = page.trace, page.sentence.text
    page.form.set_text(field, typed)
    page.request()
    assert not page.is_waiting and page.trace is trace
    assert page.sentence.is_error and f"“{typed}”" in page.sentence.text
    assert page.form.isVisible() and page.form.edit(field).selectedText() == typed
    page.form.edit(field).textEdited.emit("")
    assert page.sentence.text == said


def test_without_a_session_it_says_so(panel, page):
    panel.step_button.click()
    page.request()
    assert page.sentence.text == "⚠ There is no session to draw from yet."
    panel.grab()


def test_numbers_that_have_given_out_are_told_and_the_trace_stays(page, session, person, long):
    session.runner.machine.parameters[:] = float("nan")
    page.request()
    person.wait()
    assert page.sentence.text.startswith("⚠ No sample can be drawn after update 5: ")
    assert page.trace is long


def test_how_far_the_samples_before_it_are_is_told(panel, page, session, person):
    panel.step_button.click()
    person.wait()
    page.form.set_text(Field.SAMPLE, "900")
    page.request()
    person.look()
    for _ in range(5):
        session.trace_on(lambda: True)
    person.look()
    assert page.sentence.text == "Drawing the samples before it… 7 of 899"


# Stepping


def test_keys_step_and_step_back(page, qtbot, long):
    last = long.length - 1
    for key, expected in (
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_N, 2),
        (Qt.Key.Key_B, 1),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, last),
        (Qt.Key.Key_Right, last),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(page.strip, key)
        assert page.step == expected


def test_buttons_step_and_are_enabled_where_they_lead_somewhere(page, long):
    def enabled():
        return [each.isEnabled() for each in (page.first_button, page.back_button, page.next_button, page.last_button)]

    assert enabled() == [False, False, True, True]
    page.next_button.click()
    assert page.step == 1 and enabled() == [True] * 4
    page.last_button.click()
    assert page.step == long.length - 1 and enabled() == [True, True, False, False]
    page.back_button.click()
    page.first_button.click()
    assert page.step == 0


def test_a_click_on_a_token_goes_to_the_step_that_drew_it(page, qtbot, long):
    for token in (3, 1, 0, 2):
        place = page.strip.rect_of(token).center().toPoint()
        qtbot.mouseClick(page.strip, Qt.MouseButton.LeftButton, pos=place)
        assert page.step == max(token - 1, 0)


def test_the_strip_shows_no_more_than_is_drawn(page, session, long):
    whole = "·" + long.document + ("·" if long.is_finished else "")
    for step in range(long.length):
        page.go_to(step)
        assert page.strip.text == whole[: step + 2]
        assert "not drawn yet" not in page.strip.description(step + 1)
        if step + 2 < len(whole):
            assert "not drawn yet" in page.strip.description(step + 2)


def test_the_drawn_token_of_a_long_strip_is_in_sight(page, panel, long):
    panel.resize(100, 250)
    for step in range(long.length):
        page.go_to(step)
        assert page.strip.rect_of(step + 1).right() <= page.strip.width()
        assert page.strip.rect_of(step + 1).left() >= 0
        panel.grab()


def test_stepping_back_shows_the_same(page, long):
    pictures = []
    for step in (*range(long.length), *reversed(range(long.length))):
        page.go_to(step)
        pictures.append(page.sheet.grab().toImage())
    assert pictures[: long.length] == pictures[: long.length - 1 : -1]
    assert pictures[0] != pictures[1]


# Live, and in the past


def test_training_goes_on_and_the_trace_stays_until_it_is_asked_for_again(page, session, person, long):
    page.go_to(2)
    person.look()
    assert page.again_button.isHidden()
    session.run(4)
    person.look(running=True)
    assert page.trace is long and page.sentence.text.endswith("update 5") and page.again_button.isVisible()
    page.again_button.click()
    person.wait(running=True)
    assert page.trace is not long and page.sentence.text.endswith("update 9") and page.again_button.isHidden()
    sample = page.traced.asked.sample
    assert page.trace.document == session.sample(sample, 1.5, 42)[sample - 1]
    assert page.step == min(2, page.trace.length - 1)
    session.go_to(5)
    person.look()
    assert page.again_button.isVisible()
    page.again()
    person.wait()
    assert page.trace.document == long.document and page.trace.points.tolist() == long.points.tolist()


def test_half_way_through_adam_it_says_so(page, session, person, panel):
    session.run(2)
    parameters = session.description.program.num_parameters
    session.go_to_place(Place(1, sum(session.execution.lengths) - parameters + 1100))
    panel.step_button.click()
    person.wait()
    assert page.sentence.text == "sample 1 · seed 42 · T 0.5 · update 1 and 1,100 parameters of update 2"
    person.look()
    assert page.again_button.isHidden()
    session.go_to_place(Place(1, 5))
    person.look()
    assert page.again_button.isVisible()


def test_a_new_session_clears(panel, page, session, long):
    panel.show_session(session.description)
    assert page.trace is None and not page.is_waiting and not page.again_button.isVisible()
    assert page.strip.text == "" and page.sheet.sentence.text == ""
    panel.grab()


# Figures


def test_the_bar_shows_where_the_random_number_fell(page, session, long):
    bar, rng = page.sheet.bar, random.Random(42)
    for _ in range(page.traced.asked.start):
        rng.random()
    for step in range(long.length):
        page.go_to(step)
        u, token = rng.random(), int(long.drawn[step])
        assert bar.segment(token).left() <= bar.pointer <= bar.segment(token).right()
        assert f"random number u  {u!r}" in bar.description(QPointF(5.0, bar.bar.bottom() + 8.0))
        middle = bar.segment(token).center()
        assert repr(float(long.probs[step, token])) in bar.description(middle)
        letter = session.description.token_text(token)
        assert f"draws “{letter}”" in page.sheet.sentence.text
        assert bar.segment(0).left() == bar.bar.left()
        assert bar.segment(long.probs.shape[1] - 1).right() == pytest.approx(bar.bar.right())


def test_the_distribution_by_size_or_in_order(page, long):
    table = page.sheet.distribution
    page.go_to(1)
    probs = long.probs[1].tolist()
    assert table.order == sorted(range(len(probs)), key=lambda token: (-probs[token], token))
    page.by_size.setChecked(False)
    assert table.order == list(range(len(probs)))
    assert table.limit >= max(probs) and table.limit in (0.1, 0.2, 0.5, 1.0)


def test_a_row_of_the_distribution_tells_every_digit(page, long):
    table = page.sheet.distribution
    page.go_to(1)
    assert table.row_at(QPointF(5.0, 2.0)) is None
    for row, token in enumerate(table.order, start=1):
        assert table.row_at(QPointF(5.0, (row + 0.5) * table._line())) == token
        said = table.description(token)
        for array in (long.logits, long.plain, long.probs, long.cumulative):
            assert repr(float(array[1, token])) in said
        assert ("which was drawn" in said) == (token == long.drawn[1])


def test_the_step_is_copied_with_every_digit(page, session, qtbot, long):
    page.go_to(2)
    qtbot.keyClick(page.strip, Qt.Key.Key_C, CONTROL)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert len(lines) == 1 + long.probs.shape[1] + 2
    for token, cells in enumerate(lines[1:-2]):
        assert cells[0] == session.description.token_text(token)
        expected = [long.logits, long.plain, long.probs, long.cumulative]
        assert [float(cell) for cell in cells[1:]] == [array[2, token] for array in expected]
    assert float(lines[-2][1]) == long.numbers[2]


def test_attention_shows_the_positions_so_far(page, long):
    map_ = page.sheet.attention.map
    layers, heads = long.weights.shape[:2]
    for step in range(long.length):
        page.go_to(step)
        for row in range(layers * heads):
            layer, head = divmod(row, heads)
            for col in range(long.length):
                said = map_.description(row, col)
                if col <= step:
                    assert said.endswith(repr(float(long.weights[layer, head, step, col])))
                else:
                    assert said.endswith("not read yet")


def test_the_cache_grows_by_one_row_a_step(page, long):
    cache, width = page.sheet.cache, long.keys.shape[2]
    layers = long.keys.shape[0]
    assert len(cache.maps) == layers == 2
    for step in range(long.length):
        page.go_to(step)
        count = 2 * layers * (step + 1) * width
        assert f" = {count:,} numbers, {2 * layers * width:,} of them new" in cache.sentence.text
        for layer, maps in enumerate(cache.maps):
            for rows, array in zip(maps, (long.keys, long.values), strict=True):
                for row in range(long.length):
                    said = rows.description(row, width - 1)
                    assert said.endswith(repr(float(array[layer, row, width - 1])) if row <= step else "not read yet")


# Looks


@pytest.mark.parametrize(("size", "columns"), [((250, 190), 1), ((700, 400), 2), ((1300, 760), 3)])
@pytest.mark.parametrize(("theme", "scale"), [("light", 1.0), ("dark", 1.0)])
def test_columns_follow_the_width(panel, page, qapp, long, size, columns, theme, scale):
    try:
        apply_theme(qapp, theme, scale)
        panel.resize(*size)
        for step in range(long.length):
            page.go_to(step)
            panel.grab()
        assert page.sheet.columns == columns
        assert page.sheet.width() <= page.width()
    finally:
        apply_theme(qapp, "dark")


def test_the_form_is_shown_where_there_is_room_or_it_is_wanted(panel, page, long):
    assert not page.form.isVisible()
    panel.resize(300, 600)
    assert page.form.isVisible() and page.form_button.isChecked()
    page.form_button.click()
    assert not page.form.isVisible() and page.strip.isVisible()


def test_where_there_is_no_room_the_form_takes_the_place_until_it_is_used(panel, page, person, long):
    page.form_button.click()
    assert page.form.isVisible() and not page.strip.isVisible()
    page.form.set_text(Field.TEMPERATURE, "0")
    page.draw_button.click()
    assert page.form.isVisible() and page.sentence.is_error
    page.form.set_text(Field.TEMPERATURE, "1")
    page.draw_button.click()
    assert not page.form.isVisible() and page.strip.isVisible() and page.is_waiting
    panel.list_button.click()
    for _ in range(2):  # the form, as long as it is there, does not let the panel be so low
        panel.resize(254, 158)
        panel.grab()
    assert not panel.list_page.form.isVisible() and panel.list_page.list.isVisible()
    panel.list_page.form_button.click()
    assert panel.list_page.form.isVisible() and not panel.list_page.list.isVisible()
    panel.list_page.draw_button.click()
    assert not panel.list_page.form.isVisible() and panel.list_page.list.isVisible()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # without a display
def test_tooltips_come(page, qapp, long):
    sheet = page.sheet
    for widget, place, expected in (
        (page.strip, page.strip.rect_of(0).center().toPoint(), "BOS"),
        (sheet.bar, sheet.bar.bar.center().toPoint(), "probability"),
        (sheet.distribution, QPoint(20, 30), "logit"),
    ):
        qapp.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
        assert expected in QToolTip.text()
    QToolTip.hideText()


def test_keys_step_after_a_click_on_a_button_and_escape_leads_back(panel, page, qtbot, long):
    panel.list_page.list.setFocus()
    page.next_button.click()
    assert page.strip.hasFocus()
    page.next_button.setFocus()
    qtbot.keyClick(page.next_button, Qt.Key.Key_N)
    qtbot.keyClick(page.next_button, Qt.Key.Key_Space)
    assert page.step == 3 and page.next_button.hasFocus()
    qtbot.keyClick(page.next_button, Qt.Key.Key_Escape)
    assert not page.isVisible() and panel.list_page.list.hasFocus()
    qtbot.keyClick(panel.list_page.list, Qt.Key.Key_N)
    assert page.step == 3


def test_what_comes_later_is_not_told_by_labels(page, session, long):
    for step in range(long.length):
        page.go_to(step)
        read = [session.description.token_text(int(token)) for token in long.read[: step + 1]]
        expected = (*read, *[""] * (long.length - step - 1))
        assert page.sheet.attention.map._labels.cols == expected
        assert all(rows._labels.rows == expected for pair in page.sheet.cache.maps for rows in pair)
