"""What is pointed at is what is drawn there, and arrow keys reach every scalar."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSizeF

from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.frame import HIT_FROM, Frame
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.pointing import Pointed, neighbour, pointed_at

TOKENS = (14, 3, 7, 7, 0, 14)  # BOS, four characters, BOS
POSITIONS = len(TOKENS) - 1
SIZE = QSizeF(900.0, 600.0)
MOVES = [(1, 0), (-1, 0), (0, 1), (0, -1)]


@pytest.fixture(scope="module")
def inside(program: Program) -> Inside:
    return Inside(MapLayout(program, Expressions.of_program(program)))


def frame_on(inside: Inside, address: str, share: float = 0.9, *, opens: bool = True) -> Frame:
    """The cell of a scalar fills a share of the window; it opens where its numbers are there."""
    left, top, width, height = inside.layout.rect_of(inside.layout.cell_of(scalar_of(inside, address)))
    x, y = share * SIZE.width() / width, share * SIZE.height() / height
    t = Transform(x, y, SIZE.width() / 2 - (left + width / 2) * x, SIZE.height() / 2 - (top + height / 2) * y)
    known = np.arange(inside.layout.expressions.num_cells if opens else 0, dtype=np.int32)
    return Frame.of(inside, t, SIZE, POSITIONS, 1.0, known)


def scalar_of(inside: Inside, address: str) -> int:
    return Addresses(inside.layout.program).parse(address)


def point(frame: Frame, scalar: int) -> tuple[float, float]:
    left, top, width, height = frame.inside.box(scalar)
    return left + width / 2, top + height / 2


CELLS = [
    "pos3.layer0.attn.q[5]",
    "pos1.layer1.mlp.fc2[2]",
    "pos0.norm.pow[0]",
    "pos2.layer1.attn.head1.weight[2]",
    "loss",
]


@pytest.mark.parametrize("address", CELLS)
def test_in_an_open_cell_every_box_is_pointed_at(inside: Inside, address: str) -> None:
    frame, binding = frame_on(inside, address), Binding(inside.layout.program)
    cell = inside.layout.cell_of(scalar_of(inside, address))
    assert frame.openness_of(cell) == 1
    members = [s for s in inside.expressions.of(cell).tolist() if s in frame.scalars]
    assert len(members) >= 2
    for scalar in members:
        assert pointed_at(frame, point(frame, scalar), binding, TOKENS) == Pointed(scalar)


@pytest.mark.parametrize("address", [*CELLS, "pos2.embed[3]", "pos1.loss"])
def test_at_a_port_the_document_s_operand_is_pointed_at(inside: Inside, address: str) -> None:
    frame, program = frame_on(inside, address), inside.layout.program
    cell = inside.layout.cell_of(scalar_of(inside, address))
    ports = inside.ports(np.array([s for s in inside.expressions.of(cell) if s in frame.scalars], dtype=np.int32))
    first = Binding(program).first_of(np.arange(program.num_scalars), TOKENS)
    assert len(ports.scalar)
    x, y = ports.boxes.left + ports.boxes.width / 2, ports.boxes.top + ports.boxes.height / 2
    for i, user in enumerate(ports.scalar.tolist()):
        operand = int(program.second[user] if ports.second[i] else first[user])
        found = pointed_at(frame, (float(x[i]), float(y[i])), Binding(program), TOKENS)
        assert found == Pointed(operand, is_port=True)


def test_the_port_of_an_embedding_is_the_row_of_the_token(inside: Inside) -> None:
    frame, addresses = frame_on(inside, "pos2.embed[3]"), Addresses(inside.layout.program)
    embed = scalar_of(inside, "pos2.embed[3]")
    ports = inside.ports(np.array([embed], dtype=np.int32))
    places = zip((ports.boxes.left + 0.01).tolist(), (ports.boxes.top + 0.01).tolist(), strict=True)
    found = [pointed_at(frame, place, Binding(inside.layout.program), TOKENS) for place in places]
    assert [addresses.format(each.scalar) for each in found] == [f"wte[{TOKENS[2]},3]", "wpe[2,3]"]


def test_the_header_and_the_gaps_stand_for_the_cell(inside: Inside) -> None:
    q = scalar_of(inside, CELLS[0])
    frame, cell = frame_on(inside, CELLS[0]), inside.layout.cell_of(q)
    left, top, width, height = inside.layout.rect_of(cell)
    for across, down in ((0.5, 0.05), (0.005, 0.5), (0.5, 0.999)):
        at = left + across * width, top + down * height
        assert pointed_at(frame, at, Binding(inside.layout.program), TOKENS) == Pointed(q)


def test_a_closed_cell_is_pointed_at_as_a_whole(inside: Inside) -> None:
    q, product = scalar_of(inside, CELLS[0]), scalar_of(inside, CELLS[0] + ".mul[3]")
    binding = Binding(inside.layout.program)
    closed = frame_on(inside, CELLS[0], 0.03)
    without_numbers = frame_on(inside, CELLS[0], opens=False)
    for frame in (closed, without_numbers):
        assert frame.openness_of(inside.layout.cell_of(q)) == 0
        assert pointed_at(frame, point(frame, product), binding, TOKENS) == Pointed(q)


def test_from_half_open_on_the_inside_is_pointed_at(inside: Inside) -> None:
    q, product = scalar_of(inside, CELLS[0]), scalar_of(inside, CELLS[0] + ".mul[3]")
    told = set()
    for share in np.linspace(0.05, 0.6, 60):
        frame = frame_on(inside, CELLS[0], share)
        openness = frame.openness_of(inside.layout.cell_of(q))
        found = pointed_at(frame, point(frame, product), Binding(inside.layout.program), TOKENS)
        assert found == Pointed(product if openness >= HIT_FROM else q)
        told.add(0 < openness < 1)
    assert told == {True, False}


def test_between_cells_and_beyond_the_document_is_nothing(inside: Inside) -> None:
    frame, binding = frame_on(inside, CELLS[0]), Binding(inside.layout.program)
    layout = inside.layout
    assert pointed_at(frame, (-0.01, 0.5), binding, TOKENS) is None
    assert pointed_at(frame, (0.5, -1.0), binding, TOKENS) is None
    beyond = layout.cell_of(scalar_of(inside, "pos6.embed[0]"))
    left, top, width, height = layout.rect_of(beyond)
    assert pointed_at(frame, (left + width / 2, top + height / 2), binding, TOKENS) is None


def test_a_sum_that_a_shorter_document_lacks_is_not_pointed_at(inside: Inside) -> None:
    program = inside.layout.program
    frame = frame_on(inside, "loss")
    for position in range(program.config.block_size):
        scalar = program.sums_start + position
        found = pointed_at(frame, point(frame, scalar), Binding(program), TOKENS)
        assert found == Pointed(scalar if position < POSITIONS else program.loss)


def test_a_frame_has_the_live_scalars_of_its_open_cells(inside: Inside) -> None:
    program, layout, expressions = inside.layout.program, inside.layout, inside.expressions
    for address in CELLS:
        for share in (0.05, 0.2, 0.35, 1.4, 5.0):
            frame = frame_on(inside, address, share)
            t = frame.transform
            window = (*t.to_map(0.0, 0.0), *t.to_map(SIZE.width(), SIZE.height()))
            here = np.sort(layout.cells_within(*window, POSITIONS))
            assert np.sort(frame.cells).tolist() == here.tolist()
            openness = inside.openness(frame.cells, t.scale_x, t.scale_y, 1.0)
            assert frame.openness.tolist() == openness.tolist()
            members = [s for cell in frame.cells[openness > 0].tolist() for s in expressions.of(cell).tolist()]
            sums = range(program.sums_start + POSITIONS, program.loss)
            members = np.array([s for s in members if s not in sums], dtype=np.int32)
            boxes = inside.boxes(members)
            seen = (boxes.left < window[2]) & (boxes.left + boxes.width > window[0])
            seen &= (boxes.top < window[3]) & (boxes.top + boxes.height > window[1])
            assert set(members[seen].tolist()) <= set(frame.scalars.tolist()) <= set(members.tolist())
            assert len(np.unique(frame.scalars)) == len(frame.scalars)


def test_only_cells_whose_numbers_are_there_open(inside: Inside) -> None:
    frame = frame_on(inside, CELLS[0], 0.4)
    assert len(frame.open_cells) > 4
    known = np.sort(np.array(list(frame.open_cells), dtype=np.int32))[::2]
    some = Frame.of(inside, frame.transform, SIZE, POSITIONS, 1.0, known)
    assert sorted(some.open_cells) == known.tolist()
    assert {inside.layout.cell_of(scalar) for scalar in some.scalars.tolist()} <= set(known.tolist())
    for cell, openness in some.open_cells.items():
        assert openness == frame.open_cells[cell]


def walk(inside: Inside, scalar: int, cell: int, *, is_open: bool) -> set[int]:
    """Everything of a cell that arrow keys reach from a scalar without leaving it."""
    reached, new = {scalar}, [scalar]
    while new:
        at = new.pop()
        for across, down in MOVES:
            there = neighbour(inside, at, across, down, POSITIONS, is_open=is_open)
            if inside.layout.cell_of(there) == cell and there not in reached:
                reached.add(there)
                new.append(there)
    return reached


def test_arrow_keys_reach_every_box_of_every_kind_of_open_cell(inside: Inside) -> None:
    layout, expressions = inside.layout, inside.expressions
    shapes = np.column_stack([expressions.columns, expressions.levels, expressions.ports, inside.wrap])
    kinds = np.unique(shapes[inside.opens], axis=0, return_index=True)[1]
    cells = np.flatnonzero(inside.opens)[kinds].tolist()
    assert len(cells) > 10
    for cell in cells:
        if layout.position_of[cell] < POSITIONS:
            members = set(expressions.of(cell).tolist())
            for start in (min(members), max(members), int(expressions.scalar[cell])):
                assert walk(inside, start, cell, is_open=True) == members


def test_arrow_keys_inside_move_in_their_direction(inside: Inside) -> None:
    cell = inside.layout.cell_of(scalar_of(inside, CELLS[0]))
    for scalar in inside.expressions.of(cell).tolist():
        x, y = (np.array(inside.box(scalar)[:2]) + np.array(inside.box(scalar)[2:]) / 2).tolist()
        for across, down in MOVES:
            there = neighbour(inside, scalar, across, down, POSITIONS, is_open=True)
            if inside.layout.cell_of(there) == cell and there != scalar:
                left, top, width, height = inside.box(there)
                assert across * (left + width / 2 - x) + down * (top + height / 2 - y) > 0


def test_at_the_side_of_an_open_cell_arrow_keys_leave_it(inside: Inside) -> None:
    layout, expressions = inside.layout, inside.expressions
    q = scalar_of(inside, "pos3.layer0.attn.q[3]")
    cell = layout.cell_of(q)
    for (across, down), next_to in zip(MOVES, ("q[4]", "q[2]", "k[3]", "norm[3]"), strict=True):
        at = q
        for _ in range(20):
            if layout.cell_of(at) != cell:
                break
            at = neighbour(inside, at, across, down, POSITIONS, is_open=True)
        assert at == scalar_of(inside, f"pos3.layer0.attn.{next_to}")
        assert expressions.scalar[layout.cell_of(at)] == at


def test_arrow_keys_over_closed_cells_go_from_cell_to_cell(inside: Inside) -> None:
    product = scalar_of(inside, "pos3.layer0.attn.q[3].mul[2]")  # its cell is closed: it is marked as a whole
    assert neighbour(inside, product, 1, 0, POSITIONS, is_open=False) == scalar_of(inside, "pos3.layer0.attn.q[4]")
    assert neighbour(inside, product, 0, 1, POSITIONS, is_open=False) == scalar_of(inside, "pos3.layer0.attn.k[3]")


def test_arrow_keys_reach_every_cell_of_the_document(inside: Inside) -> None:
    layout, expressions = inside.layout, inside.expressions
    start = scalar_of(inside, "pos0.embed[0]")
    reached, new = {start}, [start]
    while new:
        at = new.pop()
        for across, down in MOVES:
            there = neighbour(inside, at, across, down, POSITIONS, is_open=False)
            if there not in reached:
                reached.add(there)
                new.append(there)
    shown = expressions.scalar[layout.position_of < POSITIONS]
    assert reached == set(shown.tolist())
