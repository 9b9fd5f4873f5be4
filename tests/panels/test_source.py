"""The Source panel: which file and line it shows, its marks, numbers, breakpoints and lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from microgpt_studio.bridge.commands import AddBreakpoint, RemoveBreakpoint
from microgpt_studio.debugger.events import Accepted, EditRefused
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.snapshot import LineNumbers, Reach, Wanted, WantedSource
from microgpt_studio.debugger.source import FILES, Source, running, source_text
from microgpt_studio.debugger.standard_parts import data_reach
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.source.code_layout import CodeLayout, wrapped
from microgpt_studio.panels.source.highlighting import Kind, code_lines
from microgpt_studio.panels.source.marks import Arrow
from microgpt_studio.panels.source.reading import Reading
from microgpt_studio.theme import apply_theme, current_theme
from microgpt_studio.widgets import full


def line_of(file, text):
    """The number of the one line that contains a text."""
    (found,) = [i for i, line in enumerate(source_text(file).splitlines(), 1) if text in line]
    return found


LINEAR = line_of("model.py", "return [summed(wi")
QUERY = line_of("model.py", '{attn}.q"')


class Stage:
    """A panel, the session that it shows, and what it has said."""

    def __init__(self, panel, session):
        self.panel, self.session = panel, session
        self.commands, self.lit, self.selected, self.wishes = [], [], [], []
        panel.commanded.connect(self.commands.append)
        panel.lit.connect(self.take_lit)
        panel.selected.connect(self.selected.append)
        panel.wishes_changed.connect(self.take_wish)

    def take_lit(self, scalars):
        self.lit.append(scalars.tolist())

    def take_wish(self):
        self.wishes.append(self.panel.add_wishes(Wanted()).source)

    def show(self, **changes):
        """The present moment, as often as the panel wants something else of it."""
        for _ in range(2):
            wanted = self.panel.add_wishes(Wanted())
            snapshot = self.session.snapshot(1, wanted)
            source = Source(self.session.description.addresses)
            execution, cursor = self.session.execution, snapshot.moment.cursor
            numbers = source.numbers(execution, wanted.source, cursor.position, data_reach(execution))
            moment = replace(snapshot.moment, cursor=replace(cursor, running=running(execution)))
            snapshot = replace(snapshot, source=numbers, moment=moment, **changes)
            self.panel.show_snapshot(snapshot)
            self.panel.show_text(snapshot)
        return snapshot

    def go_before(self, address, phase=Phase.FORWARD):
        scalar = self.session.description.addresses.parse(address)
        number = self.session.execution.number_of(phase, scalar)
        self.session.execution.go_to(Place(self.session.execution.place.updates, number))
        self.show()
        return scalar

    def click(self, qtbot, line, *, gutter=False):
        self.panel.code.show_line(line)
        rect = self.panel.code.line_rect(line)
        x = 6 if gutter else rect.width() / 2
        qtbot.mouseClick(
            self.panel.code.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(rect.top() + 8))
        )


@pytest.fixture
def stage(qtbot, session):
    panel = SourcePanel()
    qtbot.addWidget(panel)
    panel.resize(330, 500)
    panel.show_session(session.description)
    panel.show()
    QApplication.processEvents()
    stage = Stage(panel, session)
    stage.show()
    return stage


def test_before_a_session_the_code_is_there(qtbot):
    panel = SourcePanel()
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    panel.grab()
    assert panel.current_line is None
    panel.code._choose(LINEAR)
    panel.toggle_breakpoint()
    assert "no session" in panel.notice.text()


class TestFollowing:
    def test_it_goes_where_the_next_operation_runs(self, stage):
        stage.go_before("pos1.layer0.attn.q[2].mul[3]")
        assert stage.panel.file == "model.py"
        arrows = stage.panel.code.marks.arrows
        assert arrows[LINEAR] is Arrow.RUNNING
        assert arrows[QUERY] is Arrow.CALLING
        (caller,) = stage.panel.call_stack.callers
        assert (caller.word, caller.line) == ("called by", QUERY)
        rect = stage.panel.code.line_rect(LINEAR)
        assert rect.top() >= 0
        assert rect.bottom() <= stage.panel.code.viewport().height()

    def test_backward_opens_value_and_tells_the_line_that_made_the_scalar(self, stage):
        stage.go_before("pos1.layer0.attn.q[2].mul[3]", Phase.BACKWARD)
        assert stage.panel.file == "value.py"
        arrows = stage.panel.code.marks.arrows
        assert arrows[line_of("value.py", "operand.grad +=")] is Arrow.RUNNING
        assert arrows[line_of("value.py", '"mul"')] is Arrow.MADE
        made, caller = stage.panel.call_stack.callers
        assert (made.word, made.line, caller.line) == ("made at", LINEAR, QUERY)
        stage.panel.call_stack.rows[0].click()
        assert stage.panel.file == "model.py"
        assert stage.panel.code.marks.arrows[LINEAR] is Arrow.MADE

    def test_adam_opens_adam(self, stage):
        forward, backward, _ = stage.session.execution.lengths
        stage.session.execution.go_to(Place(0, forward + backward + 3))
        stage.show()
        assert stage.panel.file == "adam.py"
        arrows = stage.panel.code.marks.arrows
        assert list(arrows.values()) == [Arrow.RUNNING] * 5
        rects = [stage.panel.code.line_rect(line) for line in arrows]
        assert min(rect.top() for rect in rects) >= 0  # more of them than there is room for: from the first on
        m = line_of("adam.py", "m[i] =")
        assert stage.panel.code.readings[m].values.tolist() == [stage.session.runner.machine.m[2]]

    def test_at_the_end_of_an_update_nothing_runs_and_nothing_moves(self, stage):
        stage.go_before("pos1.layer0.attn.q[2].mul[3]", Phase.BACKWARD)
        stage.session.update()
        stage.show()
        assert stage.panel.file == "value.py"
        assert stage.panel.code.marks.arrows == {}
        assert stage.panel.call_stack.callers == ()

    def test_not_followed_when_switched_off(self, stage):
        stage.panel.toolbar.follow.setChecked(False)
        stage.go_before("pos1.layer0.attn.q[2].mul[3]", Phase.BACKWARD)
        assert stage.panel.file == "model.py"
        stage.panel.toolbar.follow.setChecked(True)
        assert stage.panel.file == "value.py"

    def test_a_file_opened_by_hand_stays_while_one_of_its_lines_runs(self, stage):
        stage.go_before("pos1.layer0.attn.q[2].mul[3]")
        stage.panel.toolbar.files.button(FILES.index("value.py")).click()
        assert stage.wishes[-1] == WantedSource("value.py")
        stage.go_before("pos1.layer0.attn.q[2].mul[4]")
        assert stage.panel.file == "value.py"
        assert [caller.line for caller in stage.panel.call_stack.callers] == [LINEAR, QUERY]
        forward, backward, _ = stage.session.execution.lengths
        stage.session.execution.go_to(Place(0, forward + backward))
        stage.show()
        assert stage.panel.file == "adam.py"


class TestNumbers:
    def test_beside_the_lines(self, stage):
        stage.session.update()
        stage.show()
        readings = stage.panel.code.readings
        data = stage.session.runner.machine.data[
            stage.session.description.program.elements(
                next(t for t in stage.session.description.program.tensors if t.path == "pos7.layer1.attn.q")
            )
        ]
        assert readings[QUERY].label == "pos7.layer1.attn.q"
        assert readings[QUERY].figures == (data.min(), data.max(), pytest.approx(np.linalg.norm(data), rel=1e-14))
        tooltip = stage.panel.code.tooltip(QUERY, 200)
        assert full(data.max()) in tooltip
        assert stage.panel.toolbar.position.text() == "pos 7 ▾"

    def test_not_computed_is_told(self, stage):
        reading = stage.panel.code.readings[QUERY]
        assert reading.figures is None
        assert reading.explanation().endswith("not computed yet")
        stage.go_before("pos0.layer0.attn.q[3]")
        reading = stage.panel.code.readings[QUERY]
        assert (reading.figures, reading.progress) == (None, "3 of 8")
        stage.panel.grab()

    def test_a_scalar(self, stage):
        stage.session.update()
        stage.show()
        line = line_of("model.py", "scale = ")
        reading = stage.panel.code.readings[line]
        assert reading.is_scalar
        assert reading.explanation() == f"{reading.label}\n{full(reading.values[0])}"

    def test_numbers_that_are_not_finite(self, stage):
        bad = np.array([np.nan, np.inf, -np.inf, 1e300, 1e300])
        reading = Reading.of(LineNumbers(1, "x", np.arange(5, dtype=np.int32), bad, np.full(5, Reach.KNOWN, np.uint8)))
        assert reading.figures is not None
        stage.panel.code.set_readings({QUERY: reading})
        stage.panel.code.show_line(QUERY)
        stage.panel.grab()

    def test_the_position_can_be_chosen(self, stage):
        stage.session.update()
        stage.show()
        stage.panel.toolbar.positions.aboutToShow.emit()
        actions = stage.panel.toolbar.positions.actions()
        assert [action.text() for action in actions[1:]] == [
            f"pos {i}   {character}"
            for i, character in enumerate("·" + stage.session.snapshot(0, Wanted()).moment.document[:7])
        ]
        actions[3].trigger()
        assert stage.wishes[-1] == WantedSource("model.py", 2)
        stage.show()
        assert stage.panel.code.readings[QUERY].label == "pos2.layer1.attn.q"
        actions[0].trigger()
        assert stage.wishes[-1] == WantedSource("model.py", None)

    def test_numbers_of_another_file_are_not_shown(self, stage):
        stage.session.update()
        late = stage.show()
        stage.panel.toolbar.files.button(1).click()
        stage.panel.show_text(late)
        assert stage.panel.code.readings == {}

    def test_they_can_be_hidden(self, stage):
        tall = stage.panel.code._geometry().height
        stage.panel.toolbar.numbers.setChecked(False)
        assert stage.panel.code._geometry().height < tall
        assert stage.panel.code.tooltip(QUERY, 200) == ""

    def test_a_new_session_has_none(self, stage):
        stage.session.update()
        stage.show()
        stage.panel.code._choose(QUERY)
        stage.panel.show_session(stage.session.description)
        assert stage.panel.code.readings == {}
        assert stage.panel.current_line is None
        assert stage.lit[-1] == []


class TestBreakpoints:
    def test_a_click_in_the_gutter_sets_one(self, stage, qtbot):
        stage.click(qtbot, QUERY, gutter=True)
        (command,) = stage.commands
        assert isinstance(command, AddBreakpoint)
        assert command.definition == Definition(Event.LINE, where=f"model.py:{QUERY}")
        assert stage.panel.current_line is None

    def test_a_second_click_removes_all_that_are_there(self, stage, qtbot):
        for condition in ("", "loss > 3"):
            stage.session.breakpoints.add(Definition(Event.LINE, f" model.py:{QUERY} ", condition=condition))
        stage.session.breakpoints.add(Definition(Event.LINE, f"model.py:{LINEAR}", message="here"))
        stage.session.breakpoints.enable(2, False)
        stage.show()
        assert [row.id for row in stage.panel.code.marks.breakpoints[QUERY]] == [1, 2]
        stage.click(qtbot, QUERY, gutter=True)
        assert [(type(command), command.id) for command in stage.commands] == [
            (RemoveBreakpoint, 1),
            (RemoveBreakpoint, 2),
        ]
        tooltip = stage.panel.code.tooltip(QUERY, 4)
        assert "Breakpoint 1" in tooltip and "if loss > 3, disabled" in tooltip
        stage.panel.grab()

    def test_a_line_that_makes_no_scalar_is_refused_in_place(self, stage, qtbot):
        stage.click(qtbot, QUERY - 2, gutter=True)
        assert stage.commands == []
        assert stage.panel.notice.isVisible()
        assert f"model.py:{QUERY - 1}" in stage.panel.notice.text()
        stage.click(qtbot, QUERY)
        assert not stage.panel.notice.isVisible()

    def test_f9(self, stage):
        stage.panel.toggle_breakpoint()
        assert "Choose a line" in stage.panel.notice.text()
        stage.panel.code._choose(QUERY)
        assert stage.panel.current_line == ("model.py", QUERY)
        stage.panel.toggle_breakpoint()
        assert len(stage.commands) == 1

    def test_answers(self, stage):
        stage.panel.code._choose(QUERY)
        stage.panel.toggle_breakpoint()
        other = AddBreakpoint(stage.commands[0].definition)
        stage.panel.show_event(EditRefused(other, "Not ours."))
        assert not stage.panel.notice.isVisible()
        stage.panel.show_event(EditRefused(stage.commands[0], "It cannot be."))
        assert "It cannot be." in stage.panel.notice.text()
        stage.panel.toggle_breakpoint()
        assert not stage.panel.notice.isVisible()
        stage.panel.show_event(Accepted(stage.commands[1]))
        stage.panel.show_event(EditRefused(stage.commands[1], "Too late."))
        assert not stage.panel.notice.isVisible()


class TestCurrentLine:
    def test_a_click_lists_and_lights_what_it_made(self, stage, qtbot):
        stage.session.update()
        stage.show()
        stage.click(qtbot, QUERY)
        assert stage.panel.add_wishes(Wanted()).cells
        stage.show()
        source = Source(stage.session.description.addresses)
        positions = stage.session.runner.machine.positions
        made = source.made_by("model.py", QUERY, positions - 1, positions)
        assert stage.lit == [made.tolist()]
        listed = stage.panel.sheet.list.scalars
        assert sorted(listed.scalars.tolist()) == made.tolist()
        program = stage.session.description.program
        assert (program.ordinal[listed.scalars[:16]] == -1).all()
        assert f"{len(made)} scalars, 16 elements" in stage.panel.sheet.heading.text()
        first = listed.index(0, 0)
        assert first.data() == f"pos{positions - 1}.layer0.attn.q[0]"
        number = float(stage.session.runner.machine.data[listed.scalars[0]])
        assert full(number) in first.data(Qt.ItemDataRole.ToolTipRole)
        assert listed.index(16, 1).data() == ""

    def test_a_listed_scalar_is_selected(self, stage):
        stage.session.update()
        stage.panel.code._choose(QUERY)
        stage.show()
        stage.panel.code.verticalScrollBar().setValue(0)
        listed = stage.panel.sheet.list
        listed.clicked.emit(listed.scalars.index(3, 0))
        assert stage.selected == [int(listed.scalars.scalars[3])]
        stage.panel.show_selection(stage.selected[0])
        assert stage.panel.code.verticalScrollBar().value() == 0  # chosen here: the text stays where it is
        assert stage.panel.code.marks.selected == {LINEAR}

    def test_keys(self, stage, qtbot):
        stage.go_before("pos1.layer0.attn.q[2].mul[3]")
        code = stage.panel.code
        qtbot.keyClick(code, Qt.Key.Key_Down)
        assert code.current == LINEAR  # the line that runs
        qtbot.keyClick(code, Qt.Key.Key_Up)
        assert code.current == LINEAR - 1
        assert "makes no scalar" in stage.panel.sheet.heading.text()
        qtbot.keyClick(code, Qt.Key.Key_End)
        assert code.current == len(code_lines("model.py"))
        qtbot.keyClick(code, Qt.Key.Key_Home)
        assert code.current == 1
        qtbot.keyClick(code, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == source_text("model.py").splitlines()[0]
        qtbot.keyClick(code, Qt.Key.Key_Escape)
        assert code.current is None
        assert not stage.panel.sheet.isVisible()

    def test_escape_in_the_list_clears(self, stage, qtbot):
        stage.panel.code._choose(QUERY)
        qtbot.keyClick(stage.panel.sheet.list, Qt.Key.Key_Escape)
        assert stage.panel.current_line is None
        assert stage.lit[-1] == []

    def test_what_is_not_computed_is_told_in_words(self, stage):
        stage.panel.code._choose(QUERY)
        stage.show()
        assert stage.panel.sheet.list.scalars.index(0, 1).data() == "not computed yet"

    def test_lines_that_make_no_scalar_but_have_a_number(self, stage):
        forward, backward, _ = stage.session.execution.lengths
        stage.session.execution.go_to(Place(0, forward + backward + 3))
        stage.show()
        stage.panel.code._choose(line_of("adam.py", "m[i] ="))
        stage.show()
        assert stage.panel.sheet.heading.text().endswith("m of wte[0,2]")
        assert stage.panel.sheet.list.scalars.scalars.tolist() == [2]
        assert stage.lit == []

    def test_a_position_that_the_document_does_not_have(self, stage):
        while stage.session.runner.machine.positions == 8:
            stage.session.update()
        stage.show()
        stage.panel.code._choose(QUERY)
        stage.panel._choose_position(7)
        stage.show()
        assert "has no position 7" in stage.panel.sheet.heading.text()


class TestSelection:
    def test_its_line_is_marked_and_shown(self, stage):
        stage.panel.show_selection(stage.session.description.addresses.parse("pos3.prob[2]"))
        line = line_of("model.py", "return [e / total")
        assert stage.panel.code.marks.selected == {line}
        rect = stage.panel.code.line_rect(line)
        assert 0 <= rect.top() < stage.panel.code.viewport().height()
        stage.panel.show_selection(0)  # a parameter: no line makes it
        assert stage.panel.code.marks.selected == frozenset()

    def test_from_another_file_the_model_is_opened(self, stage):
        stage.panel.show_line("adam.py", 30)
        stage.panel.show_selection(stage.session.description.addresses.parse("pos3.embed[2]"))
        assert stage.panel.file == "model.py"


class TestText:
    @pytest.mark.parametrize("file", FILES)
    def test_pieces_are_the_text(self, file):
        assert [line.text for line in code_lines(file)] == source_text(file).splitlines()
        for line in code_lines(file):
            covered = "".join(line.text[piece.start : piece.stop] for piece in line.pieces)
            assert covered.replace(" ", "") == line.text.replace(" ", "")

    def test_kinds(self):
        line = code_lines("model.py")[line_of("model.py", "def linear") - 1]
        assert [(line.text[piece.start : piece.stop].strip(), piece.kind) for piece in line.pieces][:2] == [
            ("def", Kind.KEYWORD),
            ("linear", Kind.DEFINITION),
        ]
        assert code_lines("model.py")[0].pieces[0].kind is Kind.COMMENT

    @given(st.sampled_from([line for file in FILES for line in source_text(file).splitlines()]), st.integers(12, 120))
    def test_a_wrapped_line_is_whole_and_fits(self, text, columns):
        rows = wrapped(text, columns)
        assert "".join(text[row.start : row.stop] for row in rows) == text.lstrip()
        for row in rows:
            assert row.column + len(text[row.start : row.stop]) <= columns

    @pytest.mark.parametrize("width", [200, 330, 430, 900])
    @pytest.mark.usefixtures("qapp")
    def test_lines_lie_below_each_other_and_numbers_within(self, width):
        lines = code_lines("model.py")
        layout = CodeLayout(lines, frozenset({QUERY, LINEAR}), float(width), current_theme(), numbers=True)
        bottom = 0.0
        for number, place in enumerate(layout.places, start=1):
            assert place.top == bottom
            bottom += place.height
            assert layout.line_at(place.top + 1) == number
            if (strip := layout.strip(number)) is not None:
                assert place.top <= strip.top() and strip.bottom() <= bottom
                assert layout.columns.code <= strip.left() and strip.right() <= width
        assert layout.line_at(bottom) is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("scale", "width"), [(0.7, 300), (1.0, 330), (2.0, 600)])
def test_it_is_painted_in_every_dress(stage, qapp, theme, scale, width):
    stage.session.update()
    stage.show()
    try:
        apply_theme(qapp, theme, scale)
        stage.panel.resize(width, 600)
        stage.panel.code._choose(QUERY)
        stage.show()
        assert not stage.panel.grab().isNull()
    finally:
        apply_theme(qapp, "dark")
