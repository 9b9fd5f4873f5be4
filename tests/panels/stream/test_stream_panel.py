"""The Stream panel asks for what its view needs, shows and copies it exactly, and lets scalars be selected."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.logit_lens import LogitLens
from microgpt_studio.debugger.mlp_units import MlpUnits
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.debugger.stream import Stream
from microgpt_studio.debugger.unit_activity import UnitActivity
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.grid_layout import Cell
from microgpt_studio.panels.stream.grid_view import GridView
from microgpt_studio.panels.stream.stream_view import ADDED, ADDED_COSINE, COSINE, NORM, TOWARD
from microgpt_studio.panels.stream.toolbar import View
from microgpt_studio.panels.stream.units_view import Quantity, unknown_runs
from microgpt_studio.theme import apply_theme

CTRL = Qt.KeyboardModifier.ControlModifier


def address(session: Session, scalar: int) -> str:
    return session.description.addresses.format(scalar)


def at(view: GridView, cell: Cell) -> QPointF:
    return view.cell_rect(cell).center()


def copied(qtbot, view: GridView) -> list[list[str]]:
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_C, CTRL)
    return [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]


def test_before_a_session_it_says_so(panel: StreamPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.view.as_text() == "" and panel.view.cell_of(3) is None
    panel.grab()


def test_before_numbers_have_come_nothing_is_shown(panel: StreamPanel, session: Session, qtbot) -> None:
    panel.show_session(session.description)
    panel.show_snapshot(session.snapshot(1, Wanted()))
    for view in View:
        panel.toolbar.button(view).click()
        assert panel.view.blocks == ()
        qtbot.keyClick(panel.view, Qt.Key.Key_Down)
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton)
        assert panel.view.selected is None
        panel.grab()


def test_before_its_first_numbers_a_view_says_that_they_are_being_computed(
    panel: StreamPanel, session: Session, see
) -> None:
    session.run(3)
    panel.show_session(session.description)
    for view in View:
        panel.toolbar.button(view).click()
        snapshot = session.snapshot(1, Wanted())
        panel.show_snapshot(snapshot)
        panel.show_text(snapshot)
        assert panel.line.text == "The numbers are being computed…"
        see(view)
        assert panel.line.text.startswith("Click or arrows select")


def test_each_view_asks_for_its_own_numbers(panel: StreamPanel, qtbot) -> None:
    assert set(panel.inquiries()) == {Stream()}
    with qtbot.waitSignal(panel.wishes_changed):
        qtbot.mouseClick(panel.toolbar.button(View.LENS), Qt.MouseButton.LeftButton)
    assert set(panel.inquiries()) == {LogitLens()}
    with qtbot.waitSignal(panel.wishes_changed):
        panel.toolbar.button(View.UNITS).click()
    assert set(panel.inquiries()) == {MlpUnits(), UnitActivity(100)}
    assert not panel.toolbar.button(Quantity.BEFORE).isHidden()
    assert not panel.toolbar.updates_box.isHidden()
    with qtbot.waitSignal(panel.wishes_changed):
        panel.toolbar.updates_box.setCurrentIndex(1)
    assert set(panel.inquiries()) == {MlpUnits(), UnitActivity(1000)}
    panel.toolbar.button(View.STREAM).click()
    assert panel.toolbar.button(Quantity.BEFORE).isHidden() and panel.toolbar.updates_box.isHidden()


def test_the_stream_is_what_was_answered(panel: StreamPanel, session: Session, see) -> None:
    session.run(3)
    view = see(View.STREAM)
    numbers = session.snapshot(1, Wanted(inquiries=frozenset({Stream()}))).answer(Stream())
    norm, cosine, added, added_cosine, parts = view.blocks
    assert norm.values.tolist() == numbers.norm.values.tolist()
    assert cosine.values.tolist() == numbers.cosine.values.tolist()
    adding = [0, 2, 3, 4, 5]
    assert added.values.tolist() == numbers.added.values[adding].tolist()
    assert added_cosine.values.tolist() == numbers.added_cosine.values[adding].tolist()
    assert parts.values.tolist() == [*numbers.toward.values[1:].tolist(), numbers.logit.values.tolist()]
    assert parts.values[:-1].sum(axis=0) == pytest.approx(parts.values[-1])
    assert parts.rows == ("norm", *added.rows[1:], "= logit")
    assert all(block.is_complete for block in view.blocks)
    assert norm.rows == ("embed", "norm", "layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp")
    assert added.rows == ("+ wpe", "+ layer0.attn", "+ layer0.mlp", "+ layer1.attn", "+ layer1.mlp")
    assert norm.scale.limit == numbers.norm.values.max() and cosine.scale.limit == 1.0
    assert panel.toolbar.line.text == f"“{session.runner.document(2)}” · update 3"
    panel.grab()


def test_a_vectors_first_component_is_selected(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(3)
    view = see(View.STREAM)
    expected = {
        Cell(NORM, 2, 1): "pos1.layer0.attn.residual[0]",
        Cell(COSINE, 0, 2): "pos2.embed[0]",
        Cell(ADDED, 0, 2): "wpe[2,0]",
        Cell(ADDED, 1, 0): "pos0.layer0.attn.proj[0]",
        Cell(ADDED_COSINE, 4, 1): "pos1.layer1.mlp.fc2[0]",
        Cell(TOWARD, 0, 1): "pos1.norm[0]",
        Cell(TOWARD, 3, 1): "pos1.layer1.attn.proj[0]",
    }
    for cell, name in expected.items():
        with qtbot.waitSignal(panel.selected) as signal:
            view.verticalScrollBar().setValue(0)
            view._choose(cell)
        assert address(session, signal.args[0]) == name
        panel.show_selection(signal.args[0])
        assert view.selected == cell
        assert f"click: selects {name}, the first of 8 components" in view.describe(cell)
    view.verticalScrollBar().setValue(0)
    with qtbot.waitSignal(panel.selected) as signal:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, Cell(NORM, 3, 2)).toPoint())
    assert address(session, signal.args[0]) == "pos2.layer0.mlp.residual[0]"
    with qtbot.waitSignal(panel.selected) as signal:
        qtbot.keyClick(view, Qt.Key.Key_Up)
    assert address(session, signal.args[0]) == "pos2.layer0.attn.residual[0]"


def test_what_is_selected_elsewhere_is_outlined(panel: StreamPanel, session: Session, see) -> None:
    session.run(3)
    parse = session.description.addresses.parse
    view = see(View.STREAM, parse("pos2.layer1.attn.residual[5]"))
    assert view.selected == Cell(NORM, 4, 2)
    for name, cell in (
        ("pos1.layer0.mlp.fc2[3]", Cell(ADDED, 2, 1)),
        ("wpe[3,1]", Cell(ADDED, 0, 3)),
        ("wte[3,1]", None),
        ("loss", None),
    ):
        panel.show_selection(parse(name))
        assert view.selected == cell
    panel.show_selection(None)
    assert view.selected is None
    panel.toolbar.button(View.UNITS).click()
    panel.show_selection(parse("pos1.layer1.mlp.fc1[7]"))
    assert panel.view.selected is None  # nothing is shown there yet
    units = see(View.UNITS, parse("pos1.layer1.mlp.fc1[7]"), new=False)
    assert units.selected == Cell(1, 1, 7)


def test_the_stream_is_told_in_full_and_copied(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(3)
    view = see(View.STREAM)
    numbers = view.numbers
    text = view.describe(Cell(NORM, 3, 2))
    assert f"norm {float(numbers.norm.values[3, 2])!r}" in text
    assert f"cosine to layer0.attn {float(numbers.cosine.values[3, 2])!r}" in text
    assert f"its norm {float(numbers.added.values[3, 2])!r}" in text
    assert f"its cosine to layer0.attn {float(numbers.added_cosine.values[3, 2])!r}" in text
    assert "added: pos2.layer0.mlp.fc2" in text
    assert f"every component is scaled by {float(numbers.scale.values[1])!r}" in view.describe(Cell(NORM, 1, 1))
    assert "to the token's row of wte" in view.describe(Cell(COSINE, 0, 1))
    assert "added: wpe[1]" in view.describe(Cell(ADDED, 0, 1))
    rows = copied(qtbot, view)
    n = session.runner.machine.positions
    assert len(rows) == 1 + 2 * 6 + 2 * 5 + 6 and {len(row) for row in rows} == {n + 2}
    assert [float(x) for x in rows[3][2:]] == numbers.norm.values[2].tolist()
    assert [float(x) for x in rows[-1][2:]] == numbers.logit.values.tolist()
    assert [float(x) for x in rows[-7][2:]] == numbers.added_cosine.values[5].tolist()
    target = session.snapshot(1, Wanted()).moment.tokens[3]
    logit = session.description.addresses.parse(f"pos2.logit[{target}]")
    assert view.scalar_at(Cell(TOWARD, 5, 2)) == logit and view.cell_of(logit) == Cell(TOWARD, 5, 2)
    assert f"{float(session.runner.machine.data[logit])!r}\nclick: selects pos2.logit[{target}]" in view.describe(
        Cell(TOWARD, 5, 2)
    )
    assert f"part in the logit of the target “{session.description.token_text(target)}” " in text
    assert repr(float(numbers.toward.values[3, 2])) in text


def test_the_lens_is_what_was_answered(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(4)
    view = see(View.LENS)
    numbers, moment = view.numbers, session.snapshot(1, Wanted()).moment
    targets = moment.tokens[1:]
    assert view.blocks[0].values.tolist() == [
        [numbers.probs[s, p, target] for s in range(6)] for p, target in enumerate(targets)
    ]
    assert view.columns == ("embed", "norm", "layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp = output")
    text = view.describe(Cell(0, 1, 3))
    assert f"probability {float(numbers.probs[3, 1, targets[1]])!r}" in text
    best = numbers.best(3, 1, 5)
    assert [f"{float(numbers.probs[3, 1, token])!r}" in text for token in best] == [True] * 5
    assert "outside the graph" in text
    assert "the model's own predictions" in view.describe(Cell(0, 1, 5))
    machine, parse = session.runner.machine, session.description.addresses.parse
    logit = parse(f"pos1.logit[{targets[1]}]")
    assert f"logit {float(machine.data[logit])!r}" in view.describe(Cell(0, 1, 5))
    for col in (0, 5):
        with qtbot.waitSignal(panel.selected) as signal:
            qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, Cell(0, 1, col)).toPoint())
        assert signal.args[0] == logit
        panel.show_selection(logit)
        assert view.selected == Cell(0, 1, col)
    panel.show_selection(parse(f"pos2.logit[{targets[2]}]"))
    assert view.selected == Cell(0, 2, 5)
    panel.show_selection(parse(f"pos2.logit[{(targets[2] + 1) % 10}]"))
    assert view.selected is None
    rows = copied(qtbot, view)
    assert len(rows) == 1 + moment.positions and {len(row) for row in rows} == {2 + 4 * 6}
    assert float(rows[2][2 + 4 * 3 + 2]) == numbers.probs[3, 1, targets[1]]
    assert rows[2][2 + 4 * 3] == session.description.token_text(best[0])


def test_units_and_their_silence(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(14)
    view = see(View.UNITS)
    session.trace_on(lambda: False)
    see(View.UNITS, new=False)
    numbers, n = view.numbers, session.runner.machine.positions
    assert [block.values.tolist() for block in view.blocks] == numbers.relu.tolist()
    assert view.blocks[0].scale.limit == view.blocks[1].scale.limit == numbers.relu.max()
    silent = int(numbers.silent[0].sum())
    assert silent and view.titles(0)[0].startswith(f"layer 0: {silent} of 32 units silent in this document (×)")
    unit = int(np.flatnonzero(numbers.silent[0])[0])
    text = view.describe(Cell(0, n, unit))
    assert f"silent in this document: fires at none of its {n} positions" in text
    fired = int(view.activity.fired[0, unit])
    assert f"fired in {fired or 'none'} of 14 updates (updates 1–14, replayed and looked at)" in text
    p, _ = np.argwhere(numbers.fires[1])[0].tolist()
    unit = int(np.flatnonzero(numbers.fires[1, p])[0])
    text = view.describe(Cell(1, p, unit))
    assert f"before ReLU {float(numbers.fc1[1, p, unit])!r}" in text
    assert f"output {float(numbers.relu[1, p, unit])!r}: fires" in text
    with qtbot.waitSignal(panel.selected) as signal:
        view._choose(Cell(1, p, unit))
    assert address(session, signal.args[0]) == f"pos{p}.layer1.mlp.relu[{unit}]"
    with qtbot.waitSignal(panel.selected) as signal:
        view._choose(Cell(1, n + 1, unit))
    assert address(session, signal.args[0]) == f"layer1.mlp_fc1[{unit},0]"
    rows = copied(qtbot, view)
    assert len(rows) == 1 + 2 * (n + 2) and {len(row) for row in rows} == {2 + 32}
    assert [float(x) for x in rows[1 + p][2:]] == numbers.relu[0, p].tolist()
    assert [int(x) for x in rows[n + 1][2:]] == numbers.fires[0].sum(axis=0).tolist()
    assert [int(x) for x in rows[n + 2][2:]] == view.activity.fired[0].tolist()


def test_units_before_the_relu(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(2)
    view = see(View.UNITS)
    qtbot.mouseClick(panel.toolbar.button(Quantity.BEFORE), Qt.MouseButton.LeftButton)
    assert [block.values.tolist() for block in view.blocks] == view.numbers.fc1.tolist()
    assert view.blocks[0].scale.limit == np.abs(view.numbers.fc1).max()
    panel.grab()
    rows = copied(qtbot, view)
    assert [float(x) for x in rows[1][2:]] == view.numbers.fc1[0, 0].tolist()


@pytest.mark.parametrize("view", View)
def test_what_is_not_computed_is_not_told(panel: StreamPanel, session: Session, see, view: View, qtbot) -> None:
    session.run(1)
    start = int(session.description.program.position_start[1])
    session.execution.go_to(Place(1, start - session.description.program.num_parameters))
    shown = see(view)
    for block in shown.blocks:
        assert not block.known.all()
        assert np.isnan(block.values[~block.known]).all()
        assert block.scale.limit > 0.0
    last = session.runner.machine.positions - 1
    cell = Cell(0, last, 0) if view is not View.STREAM else Cell(NORM, 0, last)
    assert "not computed yet" in shown.describe(cell)
    assert "not computed yet" in shown.brief(cell)
    assert any("not computed" in part for row in copied(qtbot, shown) for part in row)
    assert panel.toolbar.line.text.endswith("within update 2")
    panel.grab()


def test_in_the_past_it_is_as_it_was(panel: StreamPanel, session: Session, see) -> None:
    session.run(3)
    then = {view: see(view).as_text() for view in View}
    session.run(4)
    assert all(see(view).as_text() != text for view, text in then.items())
    session.go_to(3)
    for view in (View.STREAM, View.LENS):
        assert see(view).as_text() == then[view]


def test_hovering_tells_in_the_line_below(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(3)
    view = see(View.STREAM)
    assert panel.line.text.startswith("Click or arrows select")
    qtbot.mouseMove(view.viewport(), at(view, Cell(NORM, 1, 2)).toPoint())
    assert view.hovered == Cell(NORM, 1, 2)
    assert panel.line.text.startswith("norm, position 2") and ": length 2." in panel.line.text
    qtbot.mouseMove(view.viewport(), QPointF(2.0, 2.0).toPoint())
    assert view.hovered is None


def test_a_shorter_document_drops_a_selection_that_it_does_not_have(session: Session, see, panel) -> None:
    session.run(3)
    assert session.runner.document(2) == "charlotte" and session.runner.document(4) == "ava"
    view = see(View.STREAM)
    view._choose(Cell(NORM, 0, 7))
    session.run(2)
    see(View.STREAM, session.description.addresses.parse("pos7.embed[0]"), new=False)
    assert len(view.columns) == 4 and view.selected is None
    panel.grab()


@pytest.mark.parametrize("size", [(260, 180), (690, 390), (1300, 900)])
@pytest.mark.parametrize("view", View)
def test_every_size_and_text_scale_is_painted(panel, session: Session, see, size, view, qapp) -> None:
    session.run(4)
    shown = see(view)
    panel.resize(*size)
    for theme, scale in (("light", 1.0), ("dark", 1.5), ("dark", 1.0)):
        apply_theme(qapp, theme, scale)
        qapp.processEvents()
        layout = shown.grid_layout()
        assert layout.grids[0].rect.right() <= shown.viewport().width()
        bar = shown.verticalScrollBar()
        assert layout.height + shown.header_height() <= shown.viewport().height() + bar.maximum()
        panel.grab()
        for cell in (Cell(0, 0, 0), Cell(len(shown.blocks) - 1, len(shown.blocks[-1].rows) - 1, 0)):
            shown._choose(cell)
            box = shown.cell_rect(cell)
            assert box.top() >= shown.header_height() - 1 and box.bottom() <= shown.viewport().height() + 1


def test_unknown_cells_are_found_in_pieces() -> None:
    known = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0]], dtype=bool)
    assert unknown_runs(known) == [(1, 0, 4), (2, 0, 1), (2, 2, 4), (3, 1, 2), (3, 3, 4)]


def test_what_has_no_direction_gets_a_dash(session: Session, see, panel) -> None:
    state = session.state()
    start = session.description.addresses.parse("layer1.mlp_fc2[0,0]")
    state.parameters[start : start + 8 * 32] = [0.0] * (8 * 32)
    session.restore(state)
    session.execution.go_to(Place(0, session.execution.lengths[0]))
    view = see(View.STREAM)
    block = view.blocks[ADDED_COSINE]
    assert block.absent.tolist() == [[row == 4] * len(view.columns) for row in range(5)]
    assert block.is_complete and not block.known[4].any()
    assert "none: a vector of length 0 has no direction" in view.describe(Cell(ADDED_COSINE, 4, 1))
    assert view.blocks[ADDED].values[4].tolist() == [0.0] * len(view.columns)
    panel.grab()


def test_while_training_runs_room_is_kept(session: Session, panel: StreamPanel) -> None:
    session.run(5)
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    panel.show_session(session.description)
    widths = []
    for running in (True, False):
        panel.show_snapshot(session.snapshot(1, wanted, Pace(running, None)))
        widths.append(panel.view.grid_layout().grids[0].cell_width)
        assert len(panel.view.columns) == 4  # ava
    session.go_to(2)  # sophia, with 7
    panel.show_snapshot(session.snapshot(1, wanted, Pace(True, None)))
    eight = panel.view.grid_layout().grids[0].cell_width
    session.go_to(1)  # isabella, cut at 8
    panel.show_snapshot(session.snapshot(1, wanted, Pace(True, None)))
    assert panel.view.grid_layout().grids[0].cell_width == eight < widths[0] == widths[1]


def test_what_is_no_number_is_told_so(session: Session, see, panel, qtbot) -> None:
    state = session.state()
    state.parameters[session.description.addresses.parse("lm_head[3,0]")] = float("nan")
    session.restore(state)
    session.execution.go_to(Place(0, session.execution.lengths[0]))
    view = see(View.LENS)
    assert "not every probability is a number" in view.describe(Cell(0, 1, 1))
    assert view.brief(Cell(0, 1, 1)).endswith("not every probability is a number")
    assert "nan" in copied(qtbot, view)[1]
    panel.grab()


@pytest.mark.parametrize("choice", View)
def test_names_and_heads_are_explained(session: Session, see, choice: View) -> None:
    session.run(2)
    view = see(choice)
    for number, block in enumerate(view.blocks):
        for row in range(len(block.rows)):
            view._choose(Cell(number, row, 0))
            tip = view.tip_at(QPointF(3.0, view.cell_rect(Cell(number, row, 0)).center().y()))
            assert tip or choice is View.LENS
    view.verticalScrollBar().setValue(0)
    assert view.tip_at(QPointF(at(view, Cell(0, 0, 1)).x(), 3.0))
    assert view.tip_at(QPointF(at(view, Cell(0, 0, 1)).x(), view.header_height() + 2.0)) == ""


def test_keys_choose_the_view(panel: StreamPanel, session: Session, see, qtbot) -> None:
    session.run(2)
    see(View.STREAM).setFocus()
    for key, view in ((Qt.Key.Key_M, View.UNITS), (Qt.Key.Key_L, View.LENS), (Qt.Key.Key_S, View.STREAM)):
        qtbot.keyClick(panel.view, key)
        assert panel.toolbar.view is view and panel.view.hasFocus() and panel.view.isVisible()
    qtbot.keyClick(panel.view, Qt.Key.Key_L, CTRL)
    assert panel.toolbar.view is View.STREAM
