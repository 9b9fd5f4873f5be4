"""Every scalar of the graph has one place on the map, and is found there again."""

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.inside import HEADER, Boxes, Hit, Inside
from microgpt_studio.panels.graph.map_layout import MapLayout

SHAPES = [
    Configuration(5, n_layer=2, n_embd=8, n_head=2, block_size=4),
    Configuration(3, n_layer=2, n_embd=1, n_head=1, block_size=1),
    Configuration(40, n_layer=1, n_embd=2, n_head=2, block_size=3),
    Configuration(4, n_layer=2, n_embd=6, n_head=3, block_size=5),
]


def inside_of(program: Program) -> Inside:
    return Inside(MapLayout(program, Expressions.of_program(program)))


@pytest.fixture(params=SHAPES, ids=str, scope="module")
def inside(request: pytest.FixtureRequest) -> Inside:
    return inside_of(record(request.param))


@pytest.fixture(scope="module")
def default() -> Inside:
    return inside_of(record(Configuration(27)))


@pytest.fixture(scope="module")
def usual(program: Program) -> Inside:
    return inside_of(program)


def all_ids(inside: Inside) -> np.ndarray:
    return np.arange(inside.layout.program.num_scalars, dtype=np.int32)


def points(boxes: Boxes, across: float, down: float) -> list[tuple[float, float]]:
    x, y = boxes.left + across * boxes.width, boxes.top + down * boxes.height
    return list(zip(x.tolist(), y.tolist(), strict=True))


def check_round_trip(inside: Inside, scalars: np.ndarray, across: float, down: float) -> None:
    found = [inside.scalar_at(x, y) for x, y in points(inside.boxes(scalars), across, down)]
    assert found == scalars.tolist()


CORNERS = [(0.02, 0.02), (0.98, 0.02), (0.02, 0.98), (0.98, 0.98)]


@pytest.mark.parametrize(("across", "down"), [(0.5, 0.5), *CORNERS])
def test_every_scalar_is_found_at_its_place(inside: Inside, across: float, down: float) -> None:
    check_round_trip(inside, all_ids(inside), across, down)


def test_every_scalar_of_the_default_size_is_found_at_its_place(default: Inside) -> None:
    scalars = all_ids(default)
    assert len(scalars) > 130_000
    check_round_trip(default, scalars, 0.5, 0.5)


@pytest.mark.parametrize(("across", "down"), CORNERS)
def test_corners_of_the_default_size_too(default: Inside, across: float, down: float) -> None:
    check_round_trip(default, all_ids(default)[7::23], across, down)


def check_nothing_overlaps(inside: Inside) -> None:
    """Boxes and ports lie within their cells, below the headers, and none upon another; no two scalars share one."""
    layout, scalars = inside.layout, all_ids(inside)
    boxes, ports = inside.boxes(scalars), inside.ports(scalars)
    sides = [
        np.concatenate([getattr(boxes, name), getattr(ports.boxes, name)])
        for name in ("left", "top", "width", "height")
    ]
    left, top, width, height = sides
    owners = layout.expressions.cell[np.concatenate([scalars, ports.scalar])]
    assert (width > 0).all()
    assert (height > 0).all()
    slack = 1e-9
    assert (left >= layout.left[owners] - slack).all()
    assert (left + width <= layout.left[owners] + layout.width[owners] + slack).all()
    assert (top + height <= layout.top[owners] + layout.height[owners] + slack).all()
    header = np.where(inside.opens[owners], HEADER * layout.height[owners], 0.0)
    assert (top >= layout.top[owners] + header - slack).all()
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(layout.expressions.num_cells + 1))
    right, bottom = left + width, top + height
    for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        if stop - start > 1:
            here = order[start:stop]
            apart = (right[here, None] <= left[here]) | (right[here] <= left[here, None])
            apart |= (bottom[here, None] <= top[here]) | (bottom[here] <= top[here, None])
            assert apart.sum() == len(here) * (len(here) - 1)


def test_nothing_overlaps(inside: Inside) -> None:
    check_nothing_overlaps(inside)


def test_nothing_overlaps_in_the_default_size(default: Inside) -> None:
    check_nothing_overlaps(default)


def test_every_operand_from_another_cell_has_one_port_and_is_found_there(inside: Inside) -> None:
    program, cell = inside.layout.program, inside.expressions.cell
    scalars = all_ids(inside)
    ports = inside.ports(scalars)
    found = sorted(zip(ports.scalar.tolist(), ports.second.tolist(), strict=True))
    expected = []
    for scalar in scalars.tolist():
        first, second = int(program.first[scalar]), int(program.second[scalar])
        if first >= 0 and cell[first] != cell[scalar]:
            expected.append((scalar, False))
        if second >= 0 and cell[second] != cell[scalar] and second != first:  # a square has one port
            expected.append((scalar, True))
    assert found == expected
    for step, places in ((1, [(0.5, 0.5)]), (17, CORNERS)):
        for across, down in places:
            at = points(ports.boxes, across, down)[::step]
            for (x, y), user, second in zip(
                at, ports.scalar[::step].tolist(), ports.second[::step].tolist(), strict=True
            ):
                assert inside.hit(int(cell[user]), x, y) == Hit(user, int(second))
            assert {inside.scalar_at(x, y) for x, y in at[::31]} == {None}


def test_ports_stand_above_their_scalar_in_its_column(usual: Inside) -> None:
    scalars = all_ids(usual)
    ports, cell = usual.ports(scalars), usual.expressions.cell
    users = usual.boxes(ports.scalar)
    assert ports.boxes.left == pytest.approx(users.left)
    assert ports.boxes.width == pytest.approx(users.width)
    assert (ports.boxes.top + ports.boxes.height < users.top).all()
    assert (users.top - ports.boxes.top < usual.slot_height[cell[ports.scalar]] * usual.rows[cell[ports.scalar]]).all()


def test_what_is_made_from_something_of_its_cell_stands_below_it_or_to_the_right(inside: Inside) -> None:
    program, expressions = inside.layout.program, inside.expressions
    for operands in (program.first, program.second):
        own = operands >= 0
        own[own] = expressions.cell[operands[own]] == expressions.cell[own]
        users = np.flatnonzero(own).astype(np.int32)
        made, source = inside.boxes(users), inside.boxes(operands[users])
        same_column = expressions.column[users] == expressions.column[operands[users]]
        assert (made.top[same_column] > source.top[same_column]).all()
        assert made.left[same_column].tolist() == source.left[same_column].tolist()
        next_band = made.top > source.top + source.height
        assert (same_column | next_band | (made.left > source.left)).all()


def test_terms_fill_a_band_before_the_next_begins(default: Inside) -> None:
    expressions = default.expressions
    for address in ("pos3.layer0.attn.q[5]", "pos3.layer0.mlp.fc2[1]", "pos3.logit[0]"):
        scalar = Addresses(default.layout.program).parse(address)
        cell = int(expressions.cell[scalar])
        products = expressions.of(cell)[expressions.level[expressions.of(cell)] == 0]
        boxes = default.boxes(products)
        wrap = int(default.wrap[cell])
        assert default.bands[cell] == -(-len(products) // wrap)
        for band in range(int(default.bands[cell])):
            here = slice(band * wrap, (band + 1) * wrap)
            assert np.ptp(boxes.top[here]) < 1e-9
            assert (np.diff(boxes.left[here]) > 0).all()
        assert (np.diff(boxes.top[::wrap]) > 0).all()


def test_where_terms_wrap_a_slot_has_about_the_shape_of_figures(default: Inside) -> None:
    wraps = np.flatnonzero(default.wrap < default.expressions.columns)
    ratio = default.slot_width[wraps] / (0.75 * default.slot_height[wraps])  # close up, a cell is 4 : 3
    assert len(wraps) > 1000
    assert 1.0 < ratio.min() <= ratio.max() < 5.0


def test_a_parameter_is_its_whole_cell_and_never_opens(usual: Inside) -> None:
    layout = usual.layout
    parameters = np.arange(layout.program.num_parameters, dtype=np.int32)
    boxes = usual.boxes(parameters)
    assert boxes.left.tolist() == layout.left[: len(parameters)].tolist()
    assert boxes.height.tolist() == layout.height[: len(parameters)].tolist()
    assert not usual.openness(parameters, 1e6, 1e6, 1.0).any()
    assert len(usual.ports(parameters).scalar) == 0


def test_one_place_whether_asked_alone_or_with_others(usual: Inside) -> None:
    boxes = usual.boxes(all_ids(usual))
    for scalar in (0, 5, 2000, 7777, usual.layout.program.loss):
        alone = usual.box(scalar)
        assert alone == tuple(float(getattr(boxes, name)[scalar]) for name in ("left", "top", "width", "height"))


def test_places_depend_on_the_program_alone(usual: Inside) -> None:
    again = inside_of(record(usual.layout.program.config))
    for one, other in ((usual.boxes(all_ids(usual)), again.boxes(all_ids(usual))),):
        for name in ("left", "top", "width", "height"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_box_stands_in_the_middle_of_its_slot_and_the_gaps_around_it_count_to_it(usual: Inside) -> None:
    scalars = all_ids(usual)[usual.layout.program.num_parameters :: 7]
    boxes = usual.boxes(scalars)
    cells = usual.expressions.cell[scalars]
    side = (usual.slot_width[cells] - boxes.width) / 2
    above = (usual.slot_height[cells] - boxes.height) / 2
    assert (side > 0).all()
    assert (above > 0).all()
    x, y = boxes.left + boxes.width / 2, boxes.top + boxes.height / 2
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        at_x = x + dx * (boxes.width / 2 + 0.95 * side)
        at_y = y + dy * (boxes.height / 2 + 0.95 * above)
        for scalar, cell, across, down in zip(
            scalars.tolist(), cells.tolist(), at_x.tolist(), at_y.tolist(), strict=True
        ):
            assert usual.hit(cell, across, down) == Hit(scalar)


def test_what_is_no_box_is_no_scalar(usual: Inside) -> None:
    layout = usual.layout
    q = Addresses(layout.program).parse("pos1.layer0.attn.q[5]")
    cell = layout.cell_of(q)
    left, top, width, height = layout.rect_of(cell)
    assert usual.hit(cell, left + width / 2, top + 0.5 * HEADER * height) is None  # the header
    assert usual.hit(cell, left + 0.005 * width, top + height / 2) is None  # the sides
    assert usual.hit(cell, left + 0.995 * width, top + height / 2) is None
    assert usual.scalar_at(left + width / 2, top + 0.5 * HEADER * height) is None
    assert usual.scalar_at(-1e3, 0.0) is None
    x, y, w, h = usual.box(q)
    assert usual.hit(cell, x + w / 2, y + h * 1.1) in (Hit(q), None)  # the gap around a box counts to it, or to none


def test_openness_grows_steadily_from_closed_to_open(default: Inside) -> None:
    cells = np.flatnonzero(default.opens)[::97].astype(np.int32)
    scales = np.geomspace(1.0, 3e4, 4000)
    for text_scale in (1.0, 1.5):
        before = default.openness(cells, scales[0], 0.75 * scales[0], text_scale)
        assert not before.any()
        largest = 0.0
        for scale in scales[1:]:
            now = default.openness(cells, scale, 0.75 * scale, text_scale)
            assert (now >= before).all()
            largest = max(largest, float((now - before).max()))
            before = now
        assert (before == 1).all()
        assert largest < 0.2  # of a zoom by a quarter of a percent: it does not jump


def test_a_cell_opens_at_the_same_size_whatever_text_is_scaled_to(usual: Inside) -> None:
    cells = np.flatnonzero(usual.opens)[::37].astype(np.int32)
    for scale in (30.0, 100.0, 300.0, 1000.0):
        one = usual.openness(cells, scale, 0.75 * scale, 1.0)
        assert usual.openness(cells, 1.5 * scale, 1.5 * 0.75 * scale, 1.5) == pytest.approx(one)


def test_whether_any_may_be_open_is_what_all_cells_say(inside: Inside) -> None:
    every = np.arange(inside.layout.expressions.num_cells, dtype=np.int32)
    told = set()
    for scale in np.geomspace(1.0, 1e4, 60):
        for ratio in (0.3, 0.75, 4.0):
            any_open = bool(inside.openness(every, scale, ratio * scale, 1.0).any())
            assert inside.may_be_open(scale, ratio * scale, 1.0) == any_open
            told.add(any_open)
    assert told == {True, False}


def test_is_open_from_half(usual: Inside) -> None:
    cell = usual.layout.cell_of(Addresses(usual.layout.program).parse("pos1.layer0.attn.q[5]"))
    one = np.array([cell], dtype=np.int32)
    for scale in np.geomspace(20.0, 2000.0, 200):
        share = float(usual.openness(one, scale, 0.75 * scale, 1.0)[0])
        assert usual.is_open(cell, scale, 0.75 * scale, 1.0) == (share >= 0.5)
