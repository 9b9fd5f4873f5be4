"""The Breakpoints panel: what it asks for, how it takes a refusal, and what it shows of hits, stops and the log."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.events import Accepted, Crashed, EditRefused, Logged, Refused
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.debugger.stop import LogLine, Reason, Stop
from microgpt_studio.debugger.targets import BreakpointError, Definition, Event
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.breakpoints_log import LONGEST
from microgpt_studio.panels.breakpoints_row import check_box
from microgpt_studio.panels.breakpoints_words import EVENTS, Kind, details, event_for, example, headline, offered
from microgpt_studio.theme import apply_theme

PARAMETER = "layer0.attn_wq[0,0]"


class Owner:
    """Plays the worker: carries out the panel's edits on a real session, and answers them."""

    def __init__(self, panel, session):
        self.panel, self.session = panel, session
        self.commands = []
        self.answers = True
        panel.commanded.connect(self.obey)

    def obey(self, command):
        self.commands.append(command)
        if self.answers:
            self.panel.show_event(self.answer(command))
            self.show()

    def answer(self, command):
        breakpoints = self.session.breakpoints
        try:
            match command:
                case commands.AddBreakpoint(definition):
                    breakpoints.add(definition)
                case commands.ReplaceBreakpoint(number, definition):
                    breakpoints.replace(number, definition)
                case commands.RemoveBreakpoint(number):
                    breakpoints.remove(number)
                case commands.EnableBreakpoint(number, enabled):
                    breakpoints.enable(number, enabled)
                case commands.BreakOnNonfinite(enabled):
                    breakpoints.break_on_nonfinite = enabled
                case commands.ForgetHits():
                    breakpoints.forget_hits()
        except BreakpointError as error:
            return EditRefused(command, str(error), error.field, error.position)
        return Accepted(command)

    def add(self, *definitions):
        made = [self.session.breakpoints.add(definition) for definition in definitions]
        self.show()
        return made

    def run(self):
        stop = self.session.proceed()
        self.panel.show_event(Logged(*self.session.take_log()))
        self.panel.log.flush()
        self.show()
        return stop

    def show(self, **changes):
        snapshot = replace(self.session.snapshot(1, Wanted()), **changes)
        self.panel.show_snapshot(snapshot)
        self.panel.show_text(snapshot)

    @property
    def definitions(self):
        return [each.definition for each in self.session.breakpoints]


@pytest.fixture
def panel(qtbot):
    panel = BreakpointsPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


@pytest.fixture
def owner(panel, session):
    owner = Owner(panel, session)
    panel.show_session(session.description)
    panel.show_selection(session.description.addresses.parse(PARAMETER))
    owner.show()
    return owner


def choose(panel, event):
    panel.editor.event_box.setCurrentIndex(list(EVENTS).index(event))


def texts(panel):
    model = panel.table.rows
    return [(model.index(i, 0).data(), model.index(i, 1).data()) for i in range(model.rowCount())]


def test_without_a_session_nothing_can_be_made(panel):
    assert not panel.add_button.isEnabled() and not panel.nonfinite_box.isEnabled()
    assert panel.empty_page.isVisible() and panel.empty_page.example.isHidden()
    panel.add()
    panel.add_for_selection()
    assert not panel.editor.isVisible()


def test_the_empty_page_has_an_example_that_fills_the_editor_in(panel, owner, qtbot):
    assert panel.empty_page.isVisible()
    qtbot.mouseClick(panel.empty_page.example, Qt.MouseButton.LeftButton)
    assert panel.editor.isVisible() and panel.editor.chosen is Event.CONDITION
    assert owner.commands == []
    qtbot.keyClick(panel.editor.condition, Qt.Key.Key_Return)
    assert owner.definitions == [Definition(Event.CONDITION, condition="loss < 2.5")]
    assert panel.table.isVisible() and not panel.editor.isVisible()


def test_a_breakpoint_for_the_selection(panel, owner, qtbot):
    panel.add_for_selection()
    assert panel.editor.where.text() == PARAMETER and panel.editor.condition.hasFocus()
    qtbot.keyClicks(panel.editor.condition, "grad_norm > 1")
    panel.editor.submit_button.click()
    assert owner.definitions == [Definition(Event.UPDATED, PARAMETER, condition="grad_norm > 1")]
    assert texts(panel) == [(f"{PARAMETER} is updated", "0")]
    assert panel.table.current.id == 1 and panel.table.hasFocus()


def test_what_is_typed_stays_when_another_scalar_is_chosen_for_it(panel, owner, session):
    panel.add_for_selection()
    panel.editor.condition.setText("loss < 2")
    other = session.description.addresses.parse("pos3.layer0.attn.q[5]")
    panel.show_selection(other)
    assert panel.editor.where.text() == "pos3.layer0.attn.q[5]"
    panel.add_for_selection()
    assert panel.editor.chosen is Event.COMPUTED and panel.editor.condition.text() == "loss < 2"
    panel.editor.where.setText("pos2.loss")
    panel.show_selection(0)
    assert panel.editor.where.text() == "pos2.loss"


@pytest.mark.parametrize(
    "definition",
    [
        Definition(Event.COMPUTED, "pos3.layer0.attn.q[5]", stop_after=3),
        Definition(Event.GRADIENT, "wte[0,0]", message="{loss}"),
        Definition(Event.UPDATED, "wte[0,0]", condition="loss < 3"),
        Definition(Event.LINE, "model.py:105"),
        Definition(Event.SCOPE, "layer0.attn"),
        Definition(Event.SCOPE, "layer0.attn", Phase.BACKWARD),
        Definition(Event.UPDATE, "7"),
        Definition(Event.DOCUMENT, "olivia"),
        Definition(Event.CHARACTER, "a"),
        Definition(Event.CONDITION, condition="loss < 2 and step > 3"),
        Definition(Event.SIGN, 'grad("wte[0,0]")'),
        Definition(Event.LEVEL, "loss", level=0.1),
    ],
)
def test_every_definition_goes_through_the_editor(panel, owner, definition):
    owner.add(definition)
    panel.edit(panel.table.rows.rows[0])
    panel.editor.submit()
    command = owner.commands[-1]
    assert isinstance(command, commands.ReplaceBreakpoint) and command.id == 1
    assert command.definition == definition
    assert not panel.editor.isVisible()


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_shows_the_fields_that_it_needs(panel, owner, event):
    panel.add()
    choose(panel, event)
    editor = panel.editor
    assert editor.where.isVisible() is (event is not Event.CONDITION)
    assert editor.phase_box.isVisible() is (event is Event.SCOPE)
    assert editor.level.isVisible() is (event is Event.LEVEL)
    assert editor.condition.isVisible()
    panel.grab()


def test_what_was_typed_comes_back_with_its_event(panel, owner):
    panel.add()
    choose(panel, Event.LINE)
    panel.editor.where.setText("model.py:99")
    choose(panel, Event.GRADIENT)
    assert panel.editor.where.text() == PARAMETER
    choose(panel, Event.CONDITION)
    choose(panel, Event.LINE)
    assert panel.editor.where.text() == "model.py:99"


@pytest.mark.parametrize("event", [Event.COMPUTED, Event.GRADIENT, Event.LINE, Event.SCOPE, Event.SIGN])
def test_what_is_offered_for_a_scalar_is_accepted(panel, owner, session, event):
    panel.show_selection(session.description.addresses.parse("pos1.layer0.attn.q[2]"))
    panel.add()
    choose(panel, event)
    panel.editor.submit()
    assert [definition.event for definition in owner.definitions] == [event]


@pytest.mark.parametrize("event", [event for event in EVENTS if event is not Event.CONDITION])
def test_examples_are_of_the_session(panel, owner, event):
    panel.add()
    choose(panel, event)
    text = example(Kind.of(event), owner.session.description, owner.session.snapshot(1, Wanted()).moment)
    assert panel.editor.where.placeholderText() == text
    if event is not Event.UPDATED:  # the example of an address is one that is computed
        level = 0.5 if event is Event.LEVEL else None
        owner.session.breakpoints.add(Definition(event, text, level=level))


def test_a_refused_condition_is_pointed_to_where_it_is_wrong(panel, owner, qtbot):
    typed = '  loss < 2 and abs(grad("layer9.attn_wq[0,0]")) > 0.05'
    panel.add_for_selection()
    panel.editor.condition.setText(typed)
    panel.editor.submit()
    editor, column = panel.editor, typed.index('"')
    assert owner.definitions == [] and editor.isVisible() and editor.submit_button.isEnabled()
    assert editor.condition.text() == typed and editor.where.text() == PARAMETER
    assert editor.condition.hasFocus() and editor.condition.cursorPosition() == column
    assert editor.condition.mistake == (column, typed.rindex('"') + 1)
    refusal = editor.fields["condition"].refusal
    assert refusal.isVisible() and refusal.text.startswith(f"Column {column + 1}: ")
    assert "layer1.attn_wq[0,0]" in refusal.text  # the nearest one that there is
    panel.grab()
    qtbot.keyClick(editor.condition, Qt.Key.Key_End)
    qtbot.keyClicks(editor.condition, " ")
    assert editor.condition.mistake is None and refusal.isHidden()


@pytest.mark.parametrize(
    "condition, column, end",
    [("loss <", 6, 7), ("loss = 3", 5, 6), ("los > 3", 0, 3), ("", 0, 1), ("loss > 3 and lr > foo", 18, 21)],
)
def test_mistakes_are_underlined(panel, owner, condition, column, end):
    panel.editor.begin_with(Definition(Event.CONDITION, condition=condition))
    panel.editor.submit()
    assert panel.editor.condition.mistake == (column, end)
    panel.grab()


@pytest.mark.parametrize(
    "definition, field, offer",
    [
        (Definition(Event.COMPUTED, "pos9.layer0.attn.q[5]"), "where", "pos7.layer0.attn.q[5]"),
        (Definition(Event.LINE, "model.py:1"), "where", "model.py:"),
        (Definition(Event.UPDATE, "21"), "where", "did you mean 20?"),
        (Definition(Event.DOCUMENT, "olivja"), "where", "'olivia'"),
        (Definition(Event.SCOPE, "wte", Phase.FORWARD), "phase", "adam"),
        (Definition(Event.UPDATED, "wte[0,0]", stop_after=0), "stop_after", "hit 1"),
        (Definition(Event.UPDATED, "wte[0,0]", message="{loss"), "message", "{{"),
        (Definition(Event.SIGN, "grad(wte)"), "where", 'grad("wte[0,0]")'),
        (Definition(Event.LEVEL, "loss", level=float("inf")), "level", "finite"),
    ],
)
def test_a_refusal_stands_under_its_field(panel, owner, definition, field, offer):
    panel.editor.begin_with(definition)
    panel.editor.submit()
    assert owner.definitions == []
    told = {name: each.refusal.text for name, each in panel.editor.fields.items() if each.refusal.isVisible()}
    assert list(told) == [field] and offer in told[field]
    assert panel.editor.fields[field].edit.hasFocus()


@pytest.mark.parametrize("typed", ["", "high", "1,5"])
def test_a_level_that_is_no_number_is_not_sent(panel, owner, typed):
    panel.editor.begin_with(Definition(Event.LEVEL, "loss"))
    panel.editor.level.setText(typed)
    panel.editor.submit()
    assert owner.commands == [] and panel.editor.level.text() == typed
    assert panel.editor.fields["level"].refusal.text.endswith("write one such as 0.05")


@pytest.mark.parametrize("typed", ["", "-1", "2.5", "many"])
def test_a_hit_that_is_no_number_is_not_sent(panel, owner, typed):
    panel.editor.begin_with(Definition(Event.CONDITION, condition="loss < 2"))
    panel.editor.stop_after.setText(typed)
    panel.editor.submit()
    assert owner.commands == []
    assert panel.editor.fields["stop_after"].refusal.text.endswith("write 1 for the first")


def test_a_refusal_without_a_field_is_said_all_the_same(panel, owner):
    panel.add()
    panel.editor.refuse("nobody knows why", "elsewhere", 0)
    assert panel.editor.refusal.text == "nobody knows why" and panel.editor.refusal.isVisible()


def test_only_the_answer_to_what_was_sent_counts(panel, owner):
    owner.answers = False
    panel.add()
    panel.editor.submit()
    panel.editor.submit()
    assert len(owner.commands) == 1 and not panel.editor.submit_button.isEnabled()
    (sent,) = owner.commands
    twin = commands.AddBreakpoint(sent.definition)
    panel.show_event(Accepted(twin))
    panel.show_event(EditRefused(twin, "no", "where"))
    assert panel.editor.isVisible() and not panel.editor.fields["where"].refusal.text
    panel.show_event(Accepted(sent))
    assert not panel.editor.isVisible()


@pytest.mark.parametrize("event", [Refused("no"), Crashed("no", "")])
def test_what_is_lost_can_be_sent_again(panel, owner, event):
    owner.answers = False
    panel.add()
    panel.editor.submit()
    panel.show_event(event)
    panel.editor.submit()
    assert len(owner.commands) == 2


def test_a_new_session_keeps_what_is_typed(panel, owner, session):
    panel.add_for_selection()
    panel.editor.condition.setText("loss < 1")
    panel.show_session(session.description)
    assert panel.editor.isVisible() and panel.editor.condition.text() == "loss < 1"


def test_a_breakpoint_that_is_removed_while_it_is_changed(panel, owner, session):
    owner.add(Definition(Event.UPDATE, "3"))
    panel.edit(panel.table.rows.rows[0])
    session.breakpoints.remove(1)
    owner.show()
    assert panel.editor.where.text() == "3" and "removed" in panel.editor.refusal.text
    panel.editor.submit()
    assert owner.definitions == [Definition(Event.UPDATE, "3")]


def test_escape_and_cancel_close_the_editor(panel, owner, qtbot):
    owner.add(Definition(Event.UPDATE, "3"))
    for close in (
        lambda: qtbot.keyClick(panel.editor.where, Qt.Key.Key_Escape),
        panel.editor.cancel_button.click,
    ):
        panel.add()
        assert panel.editor.isVisible()
        close()
        assert not panel.editor.isVisible() and panel.table.hasFocus()
    panel.add()
    panel.editor.cancel_button.setFocus()
    qtbot.keyClick(panel.editor.cancel_button, Qt.Key.Key_Return)
    assert not panel.editor.isVisible() and owner.commands == []


def test_the_keys_of_a_row(panel, owner, qtbot):
    owner.add(Definition(Event.UPDATE, "3"), Definition(Event.UPDATE, "5"), Definition(Event.UPDATE, "7"))
    table = panel.table
    table.setFocus()
    table.select(2)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert [each.enabled for each in owner.session.breakpoints] == [True, False, True]
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert [each.enabled for each in owner.session.breakpoints] == [True, True, True]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert [each.id for each in owner.session.breakpoints] == [1, 3]
    table.select(3)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert panel.editor.isVisible() and panel.editor.where.text() == "7"


def test_the_mouse_on_a_row(panel, owner, qtbot):
    owner.add(Definition(Event.UPDATE, "3"), Definition(Event.UPDATE, "5"))
    table = panel.table
    cell = table.visualRect(table.rows.index(1, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=check_box(cell).center())
    assert [each.enabled for each in owner.session.breakpoints] == [True, False]
    assert not panel.editor.isVisible()
    point = QPoint(cell.center().x(), check_box(cell).center().y())
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert panel.editor.isVisible() and panel.editor.where.text() == "5"


def test_hits_change_in_place_and_the_selection_stays(panel, owner, session):
    owner.add(
        Definition(Event.UPDATED, PARAMETER, message="{step}"),
        Definition(Event.CHARACTER, "a", stop_after=4),
        Definition(Event.UPDATE, "15"),
    )
    panel.table.select(2)
    resets = []
    panel.table.rows.modelReset.connect(lambda: resets.append(True))
    while owner.run().reason is not Reason.END:
        expected = [f"{each.hits:,}" for each in session.breakpoints]
        assert [hits for _, hits in texts(panel)] == expected
        assert panel.table.current.id == 2
    assert resets == [] and session.breakpoints[1].hits == 20
    session.breakpoints.remove(1)
    owner.show()
    assert panel.table.current.id == 2


def test_hits_are_forgotten(panel, owner, session, qtbot):
    owner.add(Definition(Event.UPDATE, "3"))
    assert panel.forget_button.isHidden()
    owner.run()
    assert panel.forget_button.isVisible() and texts(panel)[0][1] == "1"
    panel.forget_button.click()
    assert session.breakpoints[1].hits == 0
    assert panel.forget_button.isHidden() and texts(panel)[0][1] == "0"


def test_where_the_run_stands_is_marked_and_told(panel, owner, session):
    owner.add(Definition(Event.UPDATE, "3"), Definition(Event.UPDATE, "5"))
    for number in (1, 2):
        stop = owner.run()
        assert panel.stop_sentence.text == stop.sentence and panel.stop_sentence.isVisible()
        assert panel.table.rows.stopped == number
        tip = panel.table.rows.find(number).data(Qt.ItemDataRole.ToolTipRole)
        assert "the run stands here" in tip
        panel.grab()
    owner.show(pace=Pace(True, 100.0))
    assert panel.stop_sentence.isHidden() and panel.table.rows.stopped is None


@pytest.mark.parametrize("reason", Reason)
def test_a_stop_is_told_where_it_is_about_breakpoints(panel, owner, session, reason):
    moment = session.snapshot(1, Wanted()).moment
    owner.show(moment=replace(moment, stop=Stop(reason, Place(0, 0), "Here it stands.", breakpoint=0)))
    told = reason in (Reason.BREAKPOINT, Reason.FAILURE, Reason.NONFINITE)
    assert panel.stop_sentence.text == ("Here it stands." if told else "")


def test_a_breakpoint_without_a_meaning_says_why(panel, owner, session):
    plain = Breakpoints(session.description.addresses, session.runner)
    plain.add(Definition(Event.UPDATED, PARAMETER))
    saved = plain.as_json()
    saved["breakpoints"][0]["where"] = "layer7.attn_wq[0,0]"
    session.breakpoints = Breakpoints.from_json(saved, session.description.addresses, session.runner)
    owner.show()
    (row,) = panel.table.rows.rows
    assert row.problem and row.problem in panel.table.rows.find(1).data(Qt.ItemDataRole.ToolTipRole)
    with_reason = panel.table.rowHeight(0)
    panel.grab()
    session.breakpoints.replace(1, Definition(Event.UPDATED, PARAMETER))
    owner.show()
    assert panel.table.rowHeight(0) < with_reason


def test_the_switch_for_nan(panel, owner, session, qtbot):
    panel.nonfinite_box.click()
    assert session.breakpoints.break_on_nonfinite and panel.nonfinite_box.isChecked()
    session.breakpoints.break_on_nonfinite = False
    owner.show()
    assert not panel.nonfinite_box.isChecked()
    owner.answers = False
    panel.nonfinite_box.click()
    owner.show()  # a snapshot from before
    assert panel.nonfinite_box.isChecked()
    panel.show_event(Accepted(owner.commands[-1]))
    owner.show()
    assert not panel.nonfinite_box.isChecked()


def test_the_log_leads_back_to_its_moments(panel, owner, session, qtbot):
    owner.add(Definition(Event.UPDATED, PARAMETER, message="{document} at {step}"))
    owner.run()
    assert panel.tabs.tabText(1) == "Log (20)"
    panel.tabs.setCurrentIndex(1)
    view = panel.log.view
    documents = [session.runner.document(updates) for updates in range(20)]
    assert [view.log.texts(i) for i in range(20)] == [
        (f"{i + 1}", PARAMETER, f"{document} at {i + 1}") for i, document in enumerate(documents)
    ]
    view.scrollToTop()
    point = view.visualRect(view.log.index(2, 2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert owner.commands == [commands.GoToPlace(view.log.lines[2].place)]
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert len(owner.commands) == 2
    point = view.visualRect(view.log.index(3, 2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, point)
    assert len(owner.commands) == 2  # lines are being marked
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(
        f"{i + 1}\t{PARAMETER}\t{documents[i]} at {i + 1}" for i in (2, 3)
    )
    panel.grab()


def lines(first, count):
    return tuple(LogLine(Place(i, 5), 1, f"line {i}") for i in range(first, first + count))


def test_the_log_is_bounded_and_says_so(panel, owner):
    log = panel.log
    panel.tabs.setCurrentIndex(1)
    log.append(lines(0, 10), 0)
    log.flush()
    assert log.note.isHidden() and log.count == 10
    log.append(lines(10, 3 * LONGEST), 7)
    assert log.count == 17 + 3 * LONGEST
    log.flush()
    assert log.count == 17 + 3 * LONGEST
    assert [line.place.updates for line in log.view.log.lines] == list(range(10 + 2 * LONGEST, 10 + 3 * LONGEST))
    assert log.note.text == f"{17 + 2 * LONGEST:,} earlier lines are not kept."
    log.append(lines(0, 1), 0)
    log.append(lines(1, 1), 0)
    log.flush()
    assert log.lost == 19 + 2 * LONGEST and log.view.log.rowCount() == LONGEST


def test_the_log_follows_its_end_unless_it_is_read(panel, owner):
    panel.tabs.setCurrentIndex(1)
    log, bar = panel.log, panel.log.view.verticalScrollBar()
    log.append(lines(0, 200), 0)
    log.flush()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(20)
    log.append(lines(200, 10), 0)
    log.flush()
    assert bar.value() == 20


def test_the_log_comes_by_itself_and_ends_with_the_session(panel, owner, session, qtbot):
    panel.show_event(Logged(lines(0, 3), 0))
    qtbot.waitUntil(lambda: panel.tabs.tabText(1) == "Log (3)")
    panel.show_session(session.description)
    assert panel.tabs.tabText(1) == "Log" and panel.log.view.log.rowCount() == 0


def test_in_a_low_panel_the_editor_takes_the_place_of_the_table(panel, owner, qtbot):
    owner.add(Definition(Event.UPDATE, "3"))
    panel.add()
    assert panel.table.isVisible() and panel.editor.isVisible()
    panel.resize(320, 235)
    assert not panel.table.isVisible() and panel.editor.isVisible()
    panel.editor.close_form()
    assert panel.table.isVisible() and not panel.editor.isVisible()


def test_words():
    definition = Definition(Event.GRADIENT, "wte[0,0]", condition="loss < 2", stop_after=1200, message="{loss}")
    assert headline(definition) == "the gradient of wte[0,0] is complete"
    assert details(definition) == ("if loss < 2", "writes “{loss}”", "from hit 1,200 on")
    alone = Definition(Event.CONDITION, condition="loss < 2")
    assert headline(alone) == "loss < 2" and details(alone) == ()
    assert set(EVENTS) == set(Event)


def test_what_is_offered(session):
    description = session.description
    parse = description.addresses.parse
    assert offered(Kind.SCOPE, parse("pos3.layer0.attn.q[5]"), description) == "pos3.layer0.attn.q"
    assert offered(Kind.VALUE, parse("wte[0,1]"), description) == 'grad("wte[0,1]")'
    assert offered(Kind.LINE, parse("wte[0,1]"), description) == ""
    assert offered(Kind.ADDRESS, None, description) == offered(Kind.UPDATE, 0, description) == ""
    assert event_for(0, description.program) is Event.UPDATED
    assert event_for(description.program.num_parameters, description.program) is Event.COMPUTED


def test_it_follows_theme_and_text_size(panel, owner, qapp):
    owner.add(Definition(Event.UPDATED, PARAMETER, condition="loss < 2", message="{loss}"))
    heights = []
    try:
        for name, scale in (("light", 2.0), ("dark", 1.0), ("dark", 0.7)):
            apply_theme(qapp, name, scale)
            heights.append(panel.table.rowHeight(0))
            panel.grab()
        assert heights == sorted(heights, reverse=True) and heights[0] > heights[-1]
    finally:
        apply_theme(qapp, "dark")


def test_a_narrow_panel_breaks_its_rows_of_buttons(panel, owner):
    owner.add(Definition(Event.UPDATE, "3"))
    owner.run()
    box, button = panel.nonfinite_box, panel.forget_button
    assert box.geometry().center().y() == button.geometry().center().y()
    assert button.geometry().right() == button.parentWidget().width() - 1
    panel.resize(panel.minimumSizeHint().width(), 500)
    assert button.geometry().top() > box.geometry().bottom()
    for widget in (box, button):
        assert widget.parentWidget().rect().contains(widget.geometry())
        assert widget.width() == widget.sizeHint().width()


def test_a_form_that_is_higher_than_the_panel_scrolls(panel, owner):
    panel.resize(320, 120)
    panel.add()
    area = panel.editor.parentWidget().parentWidget()
    assert area.verticalScrollBar().maximum() > 0
    assert panel.editor.submit_button.isVisible()
