"""Find out why: the walk from a gradient that is too large to what made it large, through the window, by its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from microgpt.settings import Settings
from microgpt_studio.debugger.questions import Was
from microgpt_studio.debugger.snapshot import Reach, Snapshot
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.debugger.targets import Event
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.breakpoints_words import EVENTS
from microgpt_studio.panels.history import HistoryPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.inspector.rows import Term
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.window.panel_table import find

if TYPE_CHECKING:
    from tests.window.conftest import Person

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WEIGHT = "layer0.attn_wq[0,1]"
CONDITION = f'abs(grad("{WEIGHT}")) > 0.05'

Stage = Callable[[str], None]  # told what has been reached


def walk(person: Person, stage: Stage) -> None:
    """From the breakpoint to the update in which the weight last changed its sign."""
    stop = be_stopped(person, stage)
    consumer = ask_why(person, stage)
    step_back_to(person, consumer, stop, stage)
    go_to_the_source(person, stage)
    find_the_sign_change(person, stage)


def standing(person: Person, condition: Callable[[Snapshot], bool]) -> Snapshot:
    return person.seen(lambda snapshot: not snapshot.pace.running and condition(snapshot))


def be_stopped(person: Person, stage: Stage) -> Snapshot:
    """Type a condition for the weight's gradient, run, and be stopped where it is complete."""
    panel = find(person.window.panels, BreakpointsPanel)
    person.press(Qt.Key.Key_F9, CTRL, SHIFT)
    editor = panel.editor
    assert editor.is_open
    assert editor.where.text() == WEIGHT  # it was selected
    editor.event_box.setCurrentIndex(list(EVENTS).index(Event.GRADIENT))
    QTest.keyClicks(editor.condition, 'abs(grad("layer0.attn_qw[0,1]")) > 0.05')
    QTest.keyClick(editor.condition, Qt.Key.Key_Return)
    person.wait_for(lambda: "did you mean" in editor.fields["condition"].refusal.text)
    assert editor.condition.text() == 'abs(grad("layer0.attn_qw[0,1]")) > 0.05'  # to be mended, not typed again
    stage("refused")
    editor.condition.selectAll()
    QTest.keyClicks(editor.condition, CONDITION)
    QTest.keyClick(editor.condition, Qt.Key.Key_Return)
    standing(person, lambda snapshot: len(snapshot.breakpoints) == 1)
    person.press(Qt.Key.Key_F5)
    stopped = standing(person, lambda snapshot: snapshot.moment.stop is not None)
    stop = stopped.moment.stop
    assert stop is not None
    assert stop.reason is Reason.BREAKPOINT
    assert "backward" in stopped.moment.cursor.breadcrumb
    assert WEIGHT in person.message
    explanation = stopped.explanation
    assert explanation is not None
    assert explanation.address == WEIGHT
    assert explanation.grad_reach is Reach.KNOWN
    assert abs(explanation.grad) > 0.05
    assert stopped.breakpoints[0].hit_updates.tolist() == [stopped.moment.update]
    stage("stopped")
    return stopped


def ask_why(person: Person, stage: Stage) -> int:
    """The inspector marks the largest contribution; a click selects the scalar that it comes from."""
    inspector = find(person.window.panels, InspectorPanel)
    page = inspector.sheet.page
    assert page is not None
    row = next(i for i, row in enumerate(page.rows) if isinstance(row, Term) and row.marked)
    consumer = page.rows[row]
    assert isinstance(consumer, Term)
    assert person.window.snapshot is not None
    explanation = person.window.snapshot.explanation
    assert explanation is not None
    largest = max(explanation.consumers, key=lambda each: abs(each.contribution))
    assert consumer.scalar == largest.scalar
    inspector.sheet.verticalScrollBar().setValue(max(0, round(inspector.sheet.field_rect(row, 0).top()) - 40))
    point = inspector.sheet.field_rect(row, 0).center().toPoint()
    QTest.mouseClick(inspector.sheet.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert person.window.selection == largest.scalar
    standing(person, lambda s: s.explanation is not None and s.explanation.scalar == largest.scalar)
    stage("why")
    return largest.scalar


def step_back_to(person: Person, consumer: int, stopped: Snapshot, stage: Stage) -> None:
    """Back to before the large contribution was added, and forward by operations until it is."""
    weight = person.sessions[0].addresses.parse(WEIGHT)
    person.press(Qt.Key.Key_F7)
    standing(person, lambda s: s.moment.cursor.done == stopped.moment.cursor.done - 1)
    person.press(Qt.Key.Key_F8, CTRL, SHIFT)
    before = standing(person, lambda s: s.moment.cursor.done < stopped.moment.cursor.done - 1)
    assert before.moment.step == stopped.moment.step
    person.window.select(weight)
    partial = standing(person, lambda s: s.explanation is not None and s.explanation.scalar == weight).explanation
    assert partial is not None
    assert partial.grad_reach in (Reach.PARTIAL, Reach.NOT_COMPUTED)
    assert consumer not in [each.scalar for each in partial.consumers]
    for _ in range(200):
        snapshot = person.window.snapshot
        assert snapshot is not None
        if snapshot.moment.cursor.scalar == consumer:
            break
        done = snapshot.moment.cursor.done
        person.press(Qt.Key.Key_F11)
        standing(person, lambda s, done=done: s.moment.cursor.done == done + 1)  # type: ignore[misc]
    person.press(Qt.Key.Key_F11)
    after = standing(person, lambda s: s.explanation is not None and consumer in _consumers(s)).explanation
    assert after is not None
    assert after.received == partial.received + 1
    assert abs(after.consumers[-1].contribution) == max(abs(each.contribution) for each in after.consumers)
    stage("contribution")


def _consumers(snapshot: Snapshot) -> list[int]:
    return [] if snapshot.explanation is None else [each.scalar for each in snapshot.explanation.consumers]


def go_to_the_source(person: Person, stage: Stage) -> None:
    """The line that is running is on view, and the numbers of its position stand beside the lines."""
    source = find(person.window.panels, SourcePanel)
    snapshot = person.window.snapshot
    assert snapshot is not None
    running = snapshot.moment.cursor.running
    assert source.file == running[0].file == "value.py"
    assert "backward" in {frame.function for frame in running}
    source.show_line("model.py", 107)
    numbers = standing(person, lambda s: s.source is not None and s.source.file == "model.py").source
    assert numbers is not None
    assert any(line.label.endswith("attn.q") and line.data.any() for line in numbers.lines)
    stage("source")


def find_the_sign_change(person: Person, stage: Stage) -> None:
    """Ask for the last sign change of the weight, and be there."""
    window = person.window
    history = find(window.panels, HistoryPanel)
    window.docks["history"].raise_()
    standing(person, lambda s: s.history is not None and len(s.history.values) == s.history.total > 0)
    assert history.questions.choice.currentText().endswith(str(Was.SIGN))
    history.questions.button.click()
    person.wait_for(lambda: "sign" in person.message)
    there = standing(person, lambda s: s.moment.stop is None and s.moment.cursor.done == s.moment.cursor.length)
    drawn = there.history
    assert drawn is not None
    update = there.moment.step
    values = drawn.values
    assert (values[update - 1] > 0) != (values[update - 2] > 0)
    assert all((value > 0) == (values[update - 1] > 0) for value in values[update - 1 :])
    stage("sign")


def test_from_a_large_gradient_to_its_cause(sit_down: Callable[..., Person]) -> None:
    """On the names that come with the program, with the default configuration."""
    person = sit_down(None, WEIGHT)
    person.open()
    person.begin(Settings(), run_to=0)
    stages: list[str] = []
    walk(person, stages.append)
    assert stages == ["refused", "stopped", "why", "contribution", "source", "sign"]
