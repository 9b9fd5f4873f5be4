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
from microgpt_studio.panels.graph import GraphPanel, breakpoint_marks
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
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    panel.grab()
    return panel.view.breakpoints


def scalar_of(session: Session, address: str) -> int:
    return session.description.addresses.parse(address)


def paths(session: Session, marks: BreakpointMarks) -> list[str]:
    return sorted(session.description.program.tensors[tensor].path for tensor in marks.at_tensors)


def test_a_scalar_has_a_dot_at_its_cell(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos1.layer0.attn.q[5].mul[7]"))
    session.breakpoints.add(Definition(Event.GRADIENT, "pos1.layer0.attn.q[5]"))
    marks = shown(panel, session)
    inner, whole = (scalar_of(session, f"pos1.layer0.attn.q[5]{inner}") for inner in (".mul[7]", ""))
    assert sorted(marks.at_scalars) == sorted([inner, whole])
    assert marks.at_scalars[inner].enabled
    assert not marks.at_scalars[inner].emphasised
    at_inner = "Breakpoint 1: pos1.layer0.attn.q[5].mul[7] is computed"
    at_whole = "Breakpoint 2: the gradient of pos1.layer0.attn.q[5] is complete"
    assert marks.sentences(inner) == (at_inner,)
    assert marks.sentences(whole) == (at_whole, at_inner)  # the cell tells what is inside
    assert panel.view.describe(whole).splitlines()[3:] == [at_whole, at_inner]
    assert len(panel.view.describe(scalar_of(session, "pos1.layer0.attn.q[6]")).splitlines()) == 3


def test_a_dot_inside_a_cell_stands_at_its_box_once_the_cell_is_open(
    panel: GraphPanel, session: Session, monkeypatch, show
) -> None:
    session.update()
    session.breakpoints.add(Definition(Event.COMPUTED, "pos1.layer0.attn.q[5].mul[7]"))
    scalar = scalar_of(session, "pos1.layer0.attn.q[5].mul[7]")
    show(panel, session, scalar)
    view = panel.view
    dots: list[QPointF] = []
    monkeypatch.setattr(breakpoint_marks, "_paint_dot", lambda _painter, middle, *_: dots.append(QPointF(middle)))
    view.grab()
    closed = view.cell_rect(view.layout_of_map.cell_of(scalar)).translated(-view.window_of_map().topLeft())
    assert dots[0] == closed.topRight()
    view.fit_selection()
    show(panel, session, scalar, new=False)
    dots.clear()
    view.grab()
    box = view.box_rect(scalar).translated(-view.window_of_map().topLeft())
    assert box.contains(dots[0])
    assert dots[0].x() > box.center().x()


def test_a_disabled_one_is_hollow_and_says_so(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos1.loss"))
    enabled = shown(panel, session).at_scalars
    before = panel.view.grab().toImage()
    session.breakpoints.enable(1, False)
    (dot,) = shown(panel, session).at_scalars.values()
    assert [each.enabled for each in enabled.values()] == [True]
    assert not dot.enabled
    assert dot.sentences == ("Breakpoint 1 (disabled): pos1.loss is computed",)
    assert panel.view.grab().toImage() != before
    session.breakpoints.remove(1)
    assert shown(panel, session).at_scalars == {}


def test_the_one_that_stopped_the_run_is_emphasised(panel: GraphPanel, session: Session) -> None:
    session.breakpoints.add(Definition(Event.COMPUTED, "pos0.layer0.attn.q[2]"))
    session.breakpoints.add(Definition(Event.COMPUTED, "pos0.layer0.attn.q[6]"))
    shown(panel, session)
    session.proceed()
    marks = shown(panel, session)
    first, second = (scalar_of(session, f"pos0.layer0.attn.q[{i}]") for i in (2, 6))
    assert marks.at_scalars[first].emphasised
    assert marks.sentences(first) == ("Breakpoint 1 has stopped the run: pos0.layer0.attn.q[2] is computed",)
    assert not marks.at_scalars[second].emphasised
    session.proceed()
    assert [dot.emphasised for dot in shown(panel, session).at_scalars.values()] == [False, True]
    session.go_to(0)
    assert not any(dot.emphasised for dot in shown(panel, session).at_scalars.values())


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
    assert panel.view.describe(scalar_of(session, "pos0.layer0.attn.norm[4]")).splitlines()[3:] == [
        "Breakpoint 1: layer0.attn begins"
    ]


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


def test_parameters_have_dots_and_what_has_no_place_has_none(panel: GraphPanel, session: Session) -> None:
    for definition in (
        Definition(Event.UPDATED, "wte[0,0]"),
        Definition(Event.GRADIENT, "lm_head[1,1]"),
        Definition(Event.SCOPE, "layer0.attn_wq"),
        Definition(Event.CONDITION, condition="loss > 3"),
        Definition(Event.UPDATE, "3"),
    ):
        session.breakpoints.add(definition)
    marks = shown(panel, session)
    assert sorted(marks.at_scalars) == [scalar_of(session, "wte[0,0]"), scalar_of(session, "lm_head[1,1]")]
    assert (marks.at_tensors, marks.at_rows) == ({}, {})
    assert marks.sentences(scalar_of(session, "wte[0,0]")) == ("Breakpoint 1: wte[0,0] is updated",)


def test_a_row_with_a_problem_is_left_out(panel: GraphPanel, session: Session) -> None:
    saved = Breakpoints(session.description.addresses, session.runner)
    saved.add(Definition(Event.COMPUTED, "pos1.loss"))
    plain = saved.as_json()
    plain["breakpoints"][0]["where"] = "pos99.loss"
    session.breakpoints = Breakpoints.from_json(plain, session.description.addresses, session.runner)
    assert shown(panel, session).at_scalars == {}


def test_a_row_of_another_session_is_left_out(panel: GraphPanel, session: Session) -> None:
    shown(panel, session)
    snapshot = session.snapshot(1, panel.add_wishes(Wanted()))
    for event in (Event.COMPUTED, Event.SCOPE):
        row = BreakpointRow(1, Definition(event, "layer7.attn"), True, 0, None, np.zeros(0, dtype=np.int32))
        panel.show_snapshot(replace(snapshot, breakpoints=(row,)))
        assert panel.view.breakpoints.at_scalars == {}
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
    assert len(shown(panel, session).at_scalars) == 1
    assert panel.view.grab().toImage() == plain
