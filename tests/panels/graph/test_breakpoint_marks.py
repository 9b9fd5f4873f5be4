"""Breakpoints stand on the map where the run would stop."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from microgpt_studio.debugger.breakpoints import Breakpoints, Definition, Event
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import BreakpointRow, Wanted
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks


@pytest.fixture
def panel(qtbot) -> GraphPanel:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(760, 440)
    panel.show()
    return panel


def shown(panel: GraphPanel, session: Session) -> BreakpointMarks:
    """The marks of the session's present moment."""
    if panel.view is None:
        panel.show_session(session.description)
    panel.show_snapshot(session.snapshot(1, Wanted(cells=True)))
    panel.grab()
    return panel.view.breakpoints


def element_of(panel: GraphPanel, session: Session, address: str) -> int:
    return panel.view.layout_of_map.element_of(session.description.addresses.parse(address))


def paths(session: Session, marks: BreakpointMarks) -> list[str]:
    return sorted(session.description.program.tensors[tensor].path for tensor in marks.at_tensors)


def test_a_scalar_has_a_dot_at_its_cell(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos1.layer0.attn.q[5].mul[7]"))
    session.breakpoints.add(Definition(Event.GRADIENT, "pos1.layer0.attn.q[5]"))
    marks = shown(panel, session)
    (element,) = marks.at_elements
    assert element == element_of(panel, session, "pos1.layer0.attn.q[5]")
    assert marks.at_elements[element].enabled
    assert not marks.at_elements[element].emphasised
    assert panel.view.describe(element).splitlines()[3:] == [
        "Breakpoint 1: pos1.layer0.attn.q[5].mul[7] is computed",
        "Breakpoint 2: the gradient of pos1.layer0.attn.q[5] is complete",
    ]
    assert len(panel.view.describe(element + 1).splitlines()) == 3


def test_a_disabled_one_is_hollow_and_says_so(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos1.loss"))
    enabled = shown(panel, session).at_elements
    before = panel.view.grab().toImage()
    session.breakpoints.enable(1, False)
    (dot,) = shown(panel, session).at_elements.values()
    assert [each.enabled for each in enabled.values()] == [True]
    assert not dot.enabled
    assert dot.sentences == ("Breakpoint 1 (disabled): pos1.loss is computed",)
    assert panel.view.grab().toImage() != before
    session.breakpoints.remove(1)
    assert shown(panel, session).at_elements == {}


def test_the_one_that_stopped_the_run_is_emphasised(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos0.layer0.attn.q[2]"))
    session.breakpoints.add(Definition(Event.COMPUTED, "pos0.layer0.attn.q[6]"))
    shown(panel, session)
    session.proceed()
    marks = shown(panel, session)
    first, second = (element_of(panel, session, f"pos0.layer0.attn.q[{i}]") for i in (2, 6))
    assert marks.at_elements[first].emphasised
    assert marks.sentences(first) == ("Breakpoint 1 has stopped the run: pos0.layer0.attn.q[2] is computed",)
    assert not marks.at_elements[second].emphasised
    session.proceed()
    assert [dot.emphasised for dot in shown(panel, session).at_elements.values()] == [False, True]
    session.go_to(0)
    assert not any(dot.emphasised for dot in shown(panel, session).at_elements.values())


def test_a_scope_has_a_dot_where_it_begins_and_at_its_row(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.SCOPE, "layer0.attn"))
    session.breakpoints.add(Definition(Event.SCOPE, "pos1.layer1.mlp", phase=Phase.BACKWARD))
    marks = shown(panel, session)
    assert paths(session, marks) == sorted(
        ["pos1.layer1.mlp.residual", *(f"pos{p}.layer0.attn.norm" for p in range(8))]
    )
    rows = panel.view.layout_of_map.rows
    assert {rows[row].stage: dot.sentences for row, dot in marks.at_rows.items()} == {
        "layer0.attn.norm": ("Breakpoint 1: layer0.attn begins",),
        "layer1.mlp.residual": ("Breakpoint 2: pos1.layer1.mlp begins in the backward phase",),
    }
    element = element_of(panel, session, "pos0.layer0.attn.norm[4]")
    assert panel.view.describe(element).splitlines()[3:] == ["Breakpoint 1: layer0.attn begins"]


def test_the_row_s_dot_says_what_it_is(panel: GraphPanel, session: Session, monkeypatch) -> None:
    session.update()
    session.breakpoints.add(Definition(Event.SCOPE, "pos1.layer1.mlp"))
    marks = shown(panel, session)
    view = panel.view
    (index,) = marks.at_rows
    row = view.layout_of_map.rows[index]
    y = (row.top + row.bottom) / 2 * view.camera.transform.scale_y + view.camera.transform.y
    point = QPointF(view.window_of_map().left() - 4.0, view.window_of_map().top() + y)
    assert view.describe_label(point) == "Breakpoint 1: pos1.layer1.mlp begins"
    assert view.describe_label(QPointF(point.x(), 3.0)) == ""
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_: told.append(text))
    place = point.toPoint()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), view.mapToGlobal(QPoint(2, 2))))
    assert told == ["Breakpoint 1: pos1.layer1.mlp begins", ""]


def test_what_is_not_on_the_map_has_no_dot(panel: GraphPanel, session: Session) -> None:
    for definition in (
        Definition(Event.UPDATED, "wte[0,0]"),
        Definition(Event.GRADIENT, "lm_head[1,1]"),
        Definition(Event.SCOPE, "layer0.attn_wq"),
        Definition(Event.CONDITION, condition="loss > 3"),
        Definition(Event.UPDATE, "3"),
    ):
        session.breakpoints.add(definition)
    marks = shown(panel, session)
    assert (marks.at_elements, marks.at_tensors, marks.at_rows) == ({}, {}, {})


def test_a_row_with_a_problem_is_left_out(panel: GraphPanel, session: Session) -> None:
    saved = Breakpoints(session.description.addresses, session.runner)
    saved.add(Definition(Event.COMPUTED, "pos1.loss"))
    plain = saved.as_json()
    plain["breakpoints"][0]["where"] = "pos99.loss"
    session.breakpoints = Breakpoints.from_json(plain, session.description.addresses, session.runner)
    assert shown(panel, session).at_elements == {}


def test_a_row_of_another_session_is_left_out(panel: GraphPanel, session: Session) -> None:
    shown(panel, session)
    snapshot = session.snapshot(1, Wanted(cells=True))
    for event in (Event.COMPUTED, Event.SCOPE):
        row = BreakpointRow(1, Definition(event, "layer7.attn"), True, 0, None, np.zeros(0, dtype=np.int32))
        panel.show_snapshot(replace(snapshot, breakpoints=(row,)))
        assert panel.view.breakpoints.at_elements == {}
        assert panel.view.breakpoints.at_tensors == {}


def test_places_are_found_once(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.SCOPE, "layer0.attn"))
    before = shown(panel, session).at_tensors
    session.update()
    assert shown(panel, session).at_tensors is before


def test_dots_of_positions_that_the_document_lacks_are_not_painted(
    panel: GraphPanel, session: Session, show: Callable[..., None]
) -> None:
    while session.runner.machine.positions == 8:
        session.update()
    show(panel, session)
    plain = panel.view.grab().toImage()
    session.breakpoints.add(Definition(Event.COMPUTED, "pos7.loss"))
    assert len(shown(panel, session).at_elements) == 1
    assert panel.view.grab().toImage() == plain
