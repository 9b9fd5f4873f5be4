"""What is drawn inside open cells is what the program's arrays say: boxes, ports, edges, figures and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from microgpt_studio.debugger import derivatives
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.contributions import Contributions
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.panels.graph import MapView
from microgpt_studio.panels.graph.frame import outline
from microgpt_studio.panels.graph.inside_edges import InnerEdges, inner_edges, local_derivatives
from microgpt_studio.panels.graph.inside_figures import BoxTexts
from microgpt_studio.panels.graph.inside_painter import Opened, opened_layers
from microgpt_studio.panels.graph.map_colors import Coloring, Norm, Numbers, Quantity
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.theme import Scale, current_theme
from microgpt_studio.theme.colormaps import argb, colors
from microgpt_studio.widgets.number_text import short

Q5 = "pos2.layer0.attn.q[5]"
ADDRESSES = (
    Q5,
    "pos1.layer1.mlp.fc2[3]",
    "pos0.norm[2]",
    "pos0.norm.pow[0]",
    "pos2.layer1.attn.head0.weight[1]",
    "pos2.layer1.attn.head0.out[1]",
    "pos1.prob[4]",
    "pos1.embed[6]",
    "loss",
)
Open = Callable[..., Opened]


def local_derivative(picture: Picture, consumer: int, *, second: bool) -> float | None:
    """What is written beside one edge; None where nothing is."""
    numbers, known = local_derivatives(picture, np.array([consumer], dtype=np.int32), np.array([second]))
    return float(numbers[0]) if known[0] else None


@pytest.fixture
def view(qtbot, trained: Session) -> MapView:
    view = MapView(trained.description)
    qtbot.addWidget(view)
    view.set_minimap(False)
    view.resize(1000, 700)
    refresh(view, trained)
    return view


def refresh(view: MapView, session: Session) -> None:
    """Show the numbers that the map asks for."""
    view.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries()))))


def open_at(view: MapView, session: Session, address: str, zoom: float = 1.0) -> Opened:
    """The inside of a scalar's cell, which fills the window; no scalar is selected."""
    scalar = session.description.addresses.parse(address)
    view.levels.fit()
    view.levels.open(scalar)
    at = view.box_rect(scalar).center() - view.window_of_map().topLeft()
    view.levels.zoom(zoom, at.x(), at.y())
    view._moved()
    refresh(view, session)
    return Opened.of(view.frame, view.picture, Binding(session.description.program))


def live(session: Session) -> list[tuple[int, int]]:
    return list(session.description.program.live_ranges(session.runner.machine.positions))


def program_edges(session: Session, consumers: list[int]) -> Counter[tuple[int, int, bool]]:
    """(consumer, operand, whether it is the second) by plain Python; a square of something from elsewhere is one."""
    machine, cell = session.runner.machine, session.description.expressions.cell
    edges: Counter[tuple[int, int, bool]] = Counter()
    for consumer in consumers:
        operands = derivatives.operand_ids(machine, consumer)
        for slot, operand in enumerate(operands):
            if slot == 0 or operand != operands[0] or cell[operand] == cell[consumer]:
                edges[consumer, operand, bool(slot)] += 1
    return edges


@pytest.mark.parametrize("address", ADDRESSES)
def test_all_scalars_of_an_open_cell_are_drawn_at_their_places(view: MapView, trained: Session, address: str) -> None:
    found = open_at(view, trained, address)
    expressions, t = trained.description.expressions, view.camera.transform
    members = expressions.of(int(expressions.cell[trained.description.addresses.parse(address)])).tolist()
    members = [s for s in members if any(start <= s < stop for start, stop in live(trained))]
    window = QRectF(0.0, 0.0, view.window_of_map().width(), view.window_of_map().height())
    seen = [s for s in members if window.intersects(outline(t, view.inside.box(s)))]
    assert seen == [s for s in found.scalars.tolist() if s in seen]
    assert len(seen) == len(members) or view.cell_rect(int(expressions.cell[members[0]])).width() > window.width()
    ranges = live(trained)
    assert all(any(start <= s < stop for start, stop in ranges) for s in found.scalars.tolist())
    boxes = view.inside.boxes(found.scalars)
    for name in ("left", "top", "width", "height"):
        assert getattr(found.boxes, name).tolist() == getattr(boxes, name).tolist()
    every = found.all_boxes
    assert len(every) == len(found.scalars) + len(found.operands)
    assert found.box_width.tolist() == (every.width * t.scale_x).tolist()
    assert found.box_height.tolist() == (every.height * t.scale_y).tolist()
    view.grab()


@pytest.mark.parametrize("address", ADDRESSES)
def test_edges_are_exactly_the_program_s(view: MapView, trained: Session, address: str) -> None:
    found = open_at(view, trained, address)
    assert (found.box_width >= 14).all()  # from here on edges are drawn
    edges = inner_edges(found)
    drawn = Counter(zip(edges.consumer.tolist(), edges.operand.tolist(), edges.second.tolist(), strict=True))
    assert drawn == program_edges(trained, found.scalars.tolist())
    assert len(drawn) >= 2
    expressions, machine = trained.description.expressions, trained.runner.machine
    for port, operand in enumerate(found.operands.tolist()):  # and nothing but operands stands at ports
        user, second = int(found.ports.scalar[port]), bool(found.ports.second[port])
        assert derivatives.operand_ids(machine, user)[second] == operand
        assert expressions.cell[operand] != expressions.cell[user]


@pytest.mark.parametrize("address", ADDRESSES)
def test_local_derivatives_are_those_of_the_machine_to_the_bit(view: MapView, trained: Session, address: str) -> None:
    found = open_at(view, trained, address)
    machine, picture = trained.runner.machine, view.picture
    for consumer in found.scalars.tolist():
        for slot, number in enumerate(derivatives.local_derivatives(machine, consumer)):
            shown = local_derivative(picture, consumer, second=bool(slot))
            assert shown is not None
            assert shown.hex() == number.hex()
        if len(derivatives.operand_ids(machine, consumer)) == 1:
            assert local_derivative(picture, consumer, second=True) is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_numbers_of_boxes_and_ports_are_the_machine_s(view: MapView, trained: Session, address: str) -> None:
    found = open_at(view, trained, address)
    machine, inside = trained.runner.machine, view.picture.inside
    scalars = np.concatenate([found.scalars, found.operands])
    places = inside.places(scalars)
    assert inside.ids[places].tolist() == scalars.tolist()
    assert (inside.data_reach[places] == Reach.KNOWN).all()
    assert inside.data[places].tobytes() == machine.data[scalars].tobytes()
    known = inside.grad_reach[places] == Reach.KNOWN
    assert inside.grad[places][known].tobytes() == machine.grad[scalars[known]].tobytes()
    assert known.any()


def test_a_box_says_its_name_its_data_and_its_grad(view: MapView, trained: Session) -> None:
    found = open_at(view, trained, Q5)
    addresses, machine = trained.description.addresses, trained.runner.machine
    said = BoxTexts(view.picture, addresses.format)
    for scalar in [*found.scalars.tolist(), *found.operands.tolist()]:
        data, grad = short(machine.data[scalar]), short(machine.grad[scalar])
        name = addresses.format(scalar)
        several = said.lines([scalar] * 4, [3, 2, 1, 3], [40, 40, 40, 12])
        assert several[:3] == [(name, data, grad), (data, grad), (data,)]
        assert said.lines([scalar], [3], [40]) == several[:1]  # kept
        brief, *numbers = several[3]
        assert name.endswith(brief)
        assert len(brief) <= 12
        assert numbers == [data, grad]


def test_edges_run_from_the_operand_to_what_is_made_from_it(view: MapView, trained: Session) -> None:
    for address in ADDRESSES:
        found = open_at(view, trained, address)
        edges, t = inner_edges(found), view.camera.transform

        def sides(scalars: np.ndarray) -> np.ndarray:
            boxes = view.inside.boxes(scalars)
            left, top = boxes.left * t.scale_x + t.x, boxes.top * t.scale_y + t.y  # noqa: B023 - used at once
            return np.column_stack([left, top, left + boxes.width * t.scale_x, top + boxes.height * t.scale_y])  # noqa: B023

        cell = trained.description.expressions.cell
        own = cell[edges.operand] == cell[edges.consumer]
        arrives = touches(edges.pieces[:, 2:], sides(edges.consumer))
        leaves = touches(edges.pieces[:, :2], sides(edges.operand))
        assert arrives.any(axis=0).all()
        assert leaves[:, own].any(axis=0).all()
        ports, boxes = found.ports, found.ports.boxes
        left, top = boxes.left * t.scale_x + t.x, boxes.top * t.scale_y + t.y
        at_ports = np.column_stack([left, top, left + boxes.width * t.scale_x, top + boxes.height * t.scale_y])
        assert len(ports.scalar)
        assert touches(edges.pieces[:, :2], at_ports).any(axis=0).all()


def touches(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(points, boxes) whether a point lies on a box's side."""
    x, y = points[:, :1], points[:, 1:]
    left, top, right, bottom = boxes.T
    within = (x >= left - 0.01) & (x <= right + 0.01) & (y >= top - 0.01) & (y <= bottom + 0.01)
    off = np.minimum(np.minimum(np.abs(x - left), np.abs(x - right)), np.minimum(np.abs(y - top), np.abs(y - bottom)))
    return within & (off < 0.02)


def oracle(session: Session, quantity: Quantity, chosen: int, scalars: np.ndarray) -> Numbers:
    """What should be coloured, scalar by scalar."""
    machine, program, place = session.runner.machine, session.description.program, session.execution.place
    forward, backward, _ = session.execution.lengths
    values, reach = np.zeros(len(scalars)), np.full(len(scalars), Reach.NOT_COMPUTED, dtype=np.uint8)
    turn_forward, turn_backward = {}, {int(s): i for i, s in enumerate(machine.order)}
    for start, stop in live(session):
        turn_forward |= {s: len(turn_forward) + s - start for s in range(start, stop)}
    answer = session.snapshot(1, Wanted(inquiries=frozenset({Contributions(chosen)}))).answer(Contributions(chosen))
    for i, scalar in enumerate(scalars.tolist()):
        one = session.snapshot(1, Wanted(selection=scalar)).explanation
        if quantity is Quantity.DATA:
            values[i], reach[i] = one.data, one.data_reach
        elif quantity in (Quantity.GRAD, Quantity.MAGNITUDE):
            values[i], reach[i] = one.grad, one.grad_reach
            values[i] = abs(one.grad) if quantity is Quantity.MAGNITUDE else one.grad
        elif quantity is Quantity.DERIVATIVE:
            found = derivatives.local_derivatives(machine, scalar)
            if scalar < program.num_parameters:
                reach[i] = Reach.OUTSIDE
            elif one.data_reach is Reach.KNOWN:
                values[i], reach[i] = max(found, key=abs), Reach.KNOWN
        elif quantity is Quantity.CONTRIBUTION:
            values[i], reach[i] = answer.contribution[scalar], answer.reach[scalar]
        else:
            turns, done = (
                (turn_forward, place.done) if quantity is Quantity.FORWARD else (turn_backward, place.done - forward)
            )
            turn = turns.get(scalar)
            if turn is None:
                reach[i] = Reach.OUTSIDE
            elif turn < done:
                values[i], reach[i] = turn, Reach.KNOWN
    assert backward == len(turn_backward)
    return Numbers(values, reach)


def expected_ink(view: MapView, numbers: Numbers, scalars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours and fills of single scalars, each on the scale of its band."""
    picture, palette = view.picture, current_theme().palette
    pixels, fills = [], []
    for scalar, value, reach in zip(scalars.tolist(), numbers.values.tolist(), numbers.reach.tolist(), strict=True):
        band = int(view.layout_of_map.row_of[view.layout_of_map.cell_of(scalar)])
        limit = picture.limits[band]
        scale = Scale(picture.coloring.quantity.kind, 1.0, picture.coloring.is_logarithmic)
        share = value / limit if limit > 0 else value
        pixels.append(int(colors(np.array([min(max(share, -1.0), 1.0)]), scale, palette)[0]))
        fills.append(int(Fill.PLAIN if reach == Reach.KNOWN else Fill.HATCHED))
    return np.array(pixels, dtype=np.uint32), np.array(fills, dtype=np.uint8)


MOMENTS = {"end": 1.0, "in the backward phase": 0.7, "in the forward phase": 0.2}


@pytest.mark.parametrize("quantity", list(Quantity))
@pytest.mark.parametrize("moment", list(MOMENTS))
def test_every_quantity_is_shown_of_boxes_ports_and_cells(
    view: MapView, trained: Session, quantity: Quantity, moment: str
) -> None:
    trained.execution.go_to(Place(trained.step - 1, int(MOMENTS[moment] * trained.execution.length)))
    chosen = trained.description.addresses.parse("pos2.layer0.attn.residual[1]")
    view.set_coloring(Coloring(quantity, Norm.ROW, chosen=chosen))
    found = open_at(view, trained, Q5)
    picture = view.picture
    scalars = np.unique(np.concatenate([found.scalars, found.operands])).astype(np.int32)
    expected = oracle(trained, quantity, chosen, scalars)
    places = picture.inside.places(scalars)
    known = expected.reach == Reach.KNOWN
    assert picture.inner.reach[places].tolist() == expected.reach.tolist()
    assert picture.inner.values[places][known].tobytes() == expected.values[known].tobytes()
    pixels, fills = picture.inner_ink(scalars)
    wanted_pixels, wanted_fills = expected_ink(view, expected, scalars)
    assert fills.tolist() == wanted_fills.tolist()
    assert pixels[known].tolist() == wanted_pixels[known].tolist()
    both = np.concatenate([found.scalars, found.operands])
    assert found.pixels.tolist() == picture.inner_ink(both)[0].tolist()
    assert found.fills.tolist() == picture.inner_ink(both)[1].tolist()
    cells = np.arange(0, len(picture.shown.values), 173)
    expected = oracle(trained, quantity, chosen, trained.description.expressions.scalar[cells])
    known = expected.reach == Reach.KNOWN
    assert picture.shown.reach[cells].tolist() == expected.reach.tolist()
    assert picture.shown.values[cells][known].tobytes() == expected.values[known].tobytes()
    view.grab()


@pytest.mark.parametrize("quantity", [Quantity.DATA, Quantity.GRAD, Quantity.FORWARD, Quantity.BACKWARD])
def test_what_comes_next_is_not_known_and_what_was_last_is(view: MapView, trained: Session, quantity: Quantity) -> None:
    parse, step = trained.description.addresses.parse, trained.step - 1
    forward, order = trained.execution.lengths[0], trained.runner.machine.order.tolist()
    product = parse(Q5 + ".mul[3]")
    view.set_coloring(Coloring(quantity))
    for done in (0, 1):
        if quantity in (Quantity.DATA, Quantity.FORWARD):
            turn = product - trained.description.program.num_parameters
        elif quantity is Quantity.BACKWARD:
            turn = forward + order.index(product)
        else:  # its gradient comes from the only one that uses it
            turn = forward + order.index(parse(Q5 + ".sum[3]"))
        trained.execution.go_to(Place(step, turn + done))
        found = open_at(view, trained, Q5)
        box = found.scalars.tolist().index(product)
        assert found.fills[box] == (Fill.PLAIN if done else Fill.HATCHED)


def pixels_of(view: MapView, opened: Opened) -> list[tuple[int, int]]:
    """(box, colour on the screen) in the middle of every box that is open, in the window, and too small for figures."""
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    view.render(image)
    t, window = view.camera.transform, view.window_of_map()
    every = opened.all_boxes
    left, top = every.left * t.scale_x + t.x, every.top * t.scale_y + t.y
    right, bottom = left + opened.box_width, top + opened.box_height
    inside = (left > 1) & (top > 1) & (right < window.width() - 1) & (bottom < window.height() - 1)
    inside &= (opened.share == 1) & (opened.box_width < 46) & (opened.box_height > 4)
    x, y = window.left() + (left + right) / 2, window.top() + (top + bottom) / 2
    return [(box, image.pixel(int(x[box]), int(y[box]))) for box in np.flatnonzero(inside).tolist()]


@pytest.mark.parametrize("quantity", [Quantity.DATA, Quantity.GRAD, Quantity.DERIVATIVE])
def test_boxes_have_their_colours_on_the_screen(view: MapView, trained: Session, quantity: Quantity) -> None:
    view.set_coloring(Coloring(quantity))
    found = open_at(view, trained, Q5, 0.27)
    checked = 0
    for box, color in pixels_of(view, found):
        if found.fills[box] == Fill.PLAIN:
            assert color == int(found.pixels[box])
            checked += 1
    assert checked > 20


def test_what_is_not_computed_is_hatched_inside_cells_too(view: MapView, trained: Session) -> None:
    trained.execution.go_to(Place(trained.step, 0))
    found = open_at(view, trained, Q5, 0.27)
    parameters = trained.description.program.num_parameters
    scalars = np.concatenate([found.scalars, found.operands])
    assert np.array_equal(found.fills == Fill.PLAIN, scalars < parameters)
    palette = current_theme().palette
    colors_of = [color for box, color in pixels_of(view, found) if scalars[box] >= parameters]
    ground = opened_layers(found, view.picture)[-1].ground
    assert set(colors_of) == {int(ground), int(argb(palette.hatch))}
    assert len(colors_of) > 10
    said = BoxTexts(view.picture, trained.description.addresses.format)
    q = trained.description.addresses.parse(Q5)
    assert said.lines([q], [3], [40])[0] == (Q5, "–", "–")
    assert local_derivative(view.picture, q, second=False) is None


def test_half_way_through_the_backward_phase_a_partial_gradient_is_hatched_and_said(
    view: MapView, trained: Session
) -> None:
    view.set_coloring(Coloring(Quantity.GRAD))
    address = "pos0.layer0.attn.v[5]"  # later positions hand their parts on long before its own
    v = trained.description.addresses.parse(address)
    step, length, told = trained.step - 1, trained.execution.length, set()
    for share in np.linspace(0.4, 1.0, 60):
        trained.execution.go_to(Place(step, int(share * length)))
        one = trained.snapshot(1, Wanted(selection=v)).explanation
        if one.grad_reach in told:
            continue
        told.add(one.grad_reach)
        found = open_at(view, trained, address)
        box = found.scalars.tolist().index(v)
        assert found.fills[box] == (Fill.PLAIN if one.grad_reach is Reach.KNOWN else Fill.HATCHED)
        said = BoxTexts(view.picture, trained.description.addresses.format).lines([v], [2], [40])[0]
        words = {Reach.KNOWN: short(one.grad), Reach.PARTIAL: "partial", Reach.NOT_COMPUTED: "–"}
        assert said == (short(one.data), words[one.grad_reach])
        view.grab()
    assert told == {Reach.NOT_COMPUTED, Reach.PARTIAL, Reach.KNOWN}


def test_what_the_loss_does_not_depend_on_is_said_to_be_outside(view: MapView, trained: Session) -> None:
    view.set_coloring(Coloring(Quantity.GRAD))
    target = trained.snapshot(1, Wanted()).moment.tokens[2]
    other = trained.description.addresses.parse(f"pos1.prob[{int(target == 0)}]")
    found = open_at(view, trained, f"pos1.prob[{int(target == 0)}]")
    box = found.scalars.tolist().index(other)
    assert found.fills[box] == Fill.HATCHED
    said = BoxTexts(view.picture, trained.description.addresses.format).lines([other], [2], [40])[0]
    assert said == (short(trained.runner.machine.data[other]), "outside")


def test_what_is_not_finite_is_striped_inside_cells_too(view: MapView, trained: Session) -> None:
    product = trained.description.addresses.parse(Q5 + ".mul[3]")
    machine = trained.runner.machine
    kept = machine.data[product]
    try:
        machine.data[product] = np.inf
        found = open_at(view, trained, Q5)
        box = found.scalars.tolist().index(product)
        assert found.fills[box] == Fill.STRIPED
        assert (np.delete(found.fills, box) == Fill.PLAIN).all()
        assert BoxTexts(view.picture, str).lines([product], [1], [40]) == [("inf",)]
        view.grab()
    finally:
        machine.data[product] = kept


def test_a_port_follows_the_document_s_tokens(view: MapView, trained: Session) -> None:
    addresses = trained.description.addresses
    seen = set()
    for _ in range(3):
        found = open_at(view, trained, "pos1.embed[6]")
        embed = addresses.parse("pos1.embed[6]")
        ports = [i for i in range(len(found.operands)) if found.ports.scalar[i] == embed]
        token = trained.snapshot(1, Wanted()).moment.tokens[1]
        assert [addresses.format(int(found.operands[i])) for i in ports] == [f"wte[{token},6]", "wpe[1,6]"]
        seen.add(token)
        trained.update()
    assert len(seen) > 1


def test_labels_of_edges_lie_beside_them(view: MapView, trained: Session) -> None:
    found = open_at(view, trained, Q5)
    edges: InnerEdges = inner_edges(found)
    t, cells = view.camera.transform, trained.description.expressions.cell[edges.consumer]
    layout = view.layout_of_map
    left = layout.left[cells] * t.scale_x + t.x
    top = layout.top[cells] * t.scale_y + t.y
    assert (edges.label_x >= left).all()
    assert (edges.label_x <= left + layout.width[cells] * t.scale_x).all()
    assert (edges.label_y >= top).all()
    assert (edges.label_y <= top + layout.height[cells] * t.scale_y).all()
    assert (edges.label_room >= 0).all()


def channels(color: int) -> np.ndarray:
    return np.array([color >> shift & 0xFF for shift in (16, 8, 0)], dtype=float)


@pytest.mark.parametrize("zoom", [0.13, 0.16, 0.2, 1.0])
def test_while_a_cell_opens_its_colour_gives_way_to_what_is_inside(
    view: MapView, trained: Session, zoom: float
) -> None:
    trained.execution.go_to(Place(trained.step - 1, 5000))  # some of it is not computed yet
    found = open_at(view, trained, Q5, zoom)
    frame, ink = found.frame, view.picture.ink
    assert frame.openness.any()
    bodies, headers, boxes = opened_layers(found, view.picture)
    which = np.flatnonzero(frame.openness)
    layout = view.layout_of_map
    assert bodies.boxes.left.tolist() == layout.left[frame.cells[which]].tolist()
    assert headers.boxes.width.tolist() == layout.width[frame.cells[which]].tolist()
    assert headers.pixels.tolist() == ink.pixels[frame.cells[which]].tolist()
    assert headers.fills.tolist() == ink.fills[frame.cells[which]].tolist()
    body = channels(int(boxes.ground))
    for pixel, cell in zip(bodies.pixels.tolist(), frame.cells[which].tolist(), strict=True):
        own = channels(int(ink.pixels[cell] if ink.known[cell] else ink.ground))
        share = frame.openness_of(cell)
        assert np.abs(channels(pixel) - (share * body + (1 - share) * own)).max() <= 1.5
    assert boxes.boxes.left.tolist() == found.all_boxes.left.tolist()
    expressions = trained.description.expressions
    owners = expressions.cell[np.concatenate([found.scalars, found.ports.scalar])]
    for box, cell in enumerate(owners.tolist()):
        own = channels(int(ink.pixels[cell] if ink.known[cell] else ink.ground))
        share = float(found.share[box])
        below = share * body + (1 - share) * own
        hatched = found.fills[box] == Fill.HATCHED
        assert boxes.fills[box] == (Fill.PLAIN if hatched and share < 1 else found.fills[box])
        if not hatched:
            expected = share * channels(int(found.pixels[box])) + (1 - share) * below
            assert np.abs(channels(int(boxes.pixels[box])) - expected).max() <= 2.5
        elif share < 1:  # a hatching cannot be half seen
            assert np.abs(channels(int(boxes.pixels[box])) - below).max() <= 1.5
    assert (found.fills == Fill.HATCHED).any()
    assert (found.share < 1).any() == (zoom < 1)
