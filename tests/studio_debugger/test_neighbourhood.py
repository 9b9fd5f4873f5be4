"""A neighbourhood has the program's edges and no others, and its numbers are those of plain Values, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.model import Configuration
from microgpt.program.program import Operation, Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt.value import Value
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.long_sums import LEAST_TERMS
from microgpt_studio.debugger.neighbourhood import (
    MOST_DEPTH,
    MOST_NODES,
    Direction,
    Extent,
    Neighbourhood,
    Surroundings,
)
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodAnswer, NeighbourhoodInquiry
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted

if TYPE_CHECKING:
    from tests.studio_debugger.conftest import PlainRun

DOCUMENTS = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
SETTINGS = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20)
Edge = tuple[int, int, int]  # operand, consumer, slot


@pytest.fixture(scope="module")
def trained(program: Program) -> Session:
    """After some updates; the document does not fill the block."""
    session = Session(SETTINGS, DOCUMENTS, program, "eight names")
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    return session


@dataclass(eq=False)
class Plain:
    """The plain run of the document, and every use of a Value by another, by ids. Constants are none."""

    values: dict[int, Value]
    in_order: set[Value]  # that the loss depends on, and all parameters
    edges: Counter[Edge]


@pytest.fixture(scope="module")
def plain(plain_run_of: Callable[[Session], PlainRun], trained: Session) -> Plain:
    run = plain_run_of(trained)
    edges: Counter[Edge] = Counter()
    for scalar, value in run.values.items():
        for slot, operand in enumerate(value.operands):
            if isinstance(operand, Value):
                edges[run.ids[operand], scalar, slot] += 1
    parameters = range(trained.description.program.num_parameters)
    return Plain(run.values, {*run.backward_order, *(run.values[i] for i in parameters)}, edges)


def ask(session: Session, extent: Extent) -> NeighbourhoodAnswer:
    inquiry = NeighbourhoodInquiry(extent)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def found(session: Session, extent: Extent) -> Neighbourhood:
    neighbourhood = ask(session, extent).neighbourhood
    assert neighbourhood is not None
    return neighbourhood


def scalar_of(session: Session, address: str) -> int:
    return session.description.addresses.parse(address)


def edges_of(neighbourhood: Neighbourhood) -> Counter[Edge]:
    n = neighbourhood
    return Counter(zip(n.edge_operand.tolist(), n.edge_consumer.tolist(), n.slot.tolist(), strict=True))


def drawn_scalars(session: Session, neighbourhood: Neighbourhood) -> dict[int, int]:
    """Every scalar that is there, and its node; those within a Σ by brute force."""
    program, machine = session.description.program, session.runner.machine
    node_of = {scalar: node for node, scalar in enumerate(neighbourhood.scalars.tolist())}
    for node in np.flatnonzero(neighbourhood.folded).tolist():
        total = int(neighbourhood.scalars[node])
        terms = int(neighbourhood.terms[node])
        for place in range(terms):  # from the last sum back to the first
            node_of[total] = node
            last = program.second[total] < 0
            term = int(machine.first[total] if last else program.second[total])
            if neighbourhood.products[node]:
                assert program.operation[term] == Operation.MUL
                node_of[term] = node
            assert last == (place == terms - 1)
            total = int(machine.first[total])
    return node_of


def check_edges(session: Session, plain: Plain, neighbourhood: Neighbourhood) -> None:
    """The edges drawn are those of the plain graph between different nodes, all of them, and no others."""
    node_of = drawn_scalars(session, neighbourhood)
    expected = Counter(
        {
            edge: count
            for edge, count in plain.edges.items()
            if edge[0] in node_of and edge[1] in node_of and node_of[edge[0]] != node_of[edge[1]]
        }
    )
    assert edges_of(neighbourhood) == expected
    for edge, (operand, consumer, _) in enumerate(
        zip(neighbourhood.edge_operand.tolist(), neighbourhood.edge_consumer.tolist(), neighbourhood.slot, strict=True)
    ):
        assert neighbourhood.operand[edge] == node_of[operand]
        assert neighbourhood.consumer[edge] == node_of[consumer]
    left_out, coming = Counter[int](), Counter[int]()
    for (operand, consumer, _), count in plain.edges.items():
        if consumer in node_of and operand not in node_of:
            coming[node_of[consumer]] += count
        if operand in node_of and consumer not in node_of:
            left_out[node_of[operand]] += count
    nodes = range(neighbourhood.num_nodes)
    assert neighbourhood.operands_left.tolist() == [coming[node] for node in nodes]
    assert neighbourhood.consumers_left.tolist() == [left_out[node] for node in nodes]


def check_numbers(plain: Plain, answer: NeighbourhoodAnswer) -> None:
    neighbourhood, numbers = answer.neighbourhood, answer.numbers
    assert neighbourhood is not None
    assert numbers is not None
    for node, scalar in enumerate(neighbourhood.scalars.tolist()):
        value = plain.values[scalar]
        assert numbers.data_reach[node] == Reach.KNOWN
        assert same(numbers.data[node], value.data)
        assert numbers.grad_reach[node] == (Reach.KNOWN if value in plain.in_order else Reach.OUTSIDE)
        assert same(numbers.grad[node], value.grad)
    for edge, (consumer, slot) in enumerate(
        zip(neighbourhood.edge_consumer.tolist(), neighbourhood.slot.tolist(), strict=True)
    ):
        value = plain.values[consumer]
        derivative = value.local_derivatives[slot]
        assert numbers.derivative_reach[edge] == Reach.KNOWN
        assert same(numbers.derivative[edge], derivative)
        if value in plain.in_order:
            assert numbers.contribution_reach[edge] == Reach.KNOWN
            assert same(numbers.contribution[edge], derivative * value.grad)
        else:
            assert numbers.contribution_reach[edge] == Reach.OUTSIDE


def same(a: float, b: float) -> bool:
    return float(a).hex() == float(b).hex()


@st.composite
def extents(draw: st.DrawFn, program: Program, positions: int) -> Extent:
    ranges = ((0, program.num_parameters), *program.live_ranges(positions))
    start, stop = draw(st.sampled_from(ranges))
    return Extent(
        draw(st.integers(start, stop - 1)),
        draw(st.integers(1, MOST_DEPTH)),
        draw(st.sampled_from(Direction)),
        all_opened=draw(st.booleans()),
    )


@given(data=st.data())
def test_edges_and_numbers_are_those_of_plain_values(trained: Session, plain: Plain, data: st.DataObject) -> None:
    program = trained.description.program
    extent = data.draw(extents(program, trained.runner.machine.positions))
    answer = ask(trained, extent)
    neighbourhood = answer.neighbourhood
    assert neighbourhood is not None
    assert 1 <= neighbourhood.num_nodes <= MOST_NODES
    assert drawn_scalars(trained, neighbourhood)[extent.scalar] == neighbourhood.focus
    check_edges(trained, plain, neighbourhood)
    check_numbers(plain, answer)


@given(data=st.data())
def test_an_opened_sum_has_just_its_own_scalars_more(trained: Session, plain: Plain, data: st.DataObject) -> None:
    program = trained.description.program
    extent = data.draw(extents(program, trained.runner.machine.positions))
    folded = found(trained, Extent(extent.scalar, 1, extent.direction))
    sums = np.flatnonzero(folded.folded)
    if not len(sums):
        return
    node = data.draw(st.sampled_from(sums.tolist()))
    name = int(folded.names[node])
    opened = found(trained, Extent(extent.scalar, 1, extent.direction, frozenset({name})))
    check_edges(trained, plain, opened)
    terms = int(folded.terms[node])
    more = (2 * terms if folded.products[node] else terms) - 1
    assert opened.num_nodes == folded.num_nodes + more
    assert set(folded.scalars.tolist()) <= set(opened.scalars.tolist())
    within = edges_of(opened) - edges_of(folded)
    assert len(within) == (2 * terms - 1 if folded.products[node] else terms - 1)
    assert not edges_of(folded) - edges_of(opened)


def breadth_first(plain: Plain, start: int, depth: int, direction: Direction) -> set[int]:
    """The scalars around one in the plain graph; no sums are folded."""
    operands: dict[int, set[int]] = {}
    consumers: dict[int, set[int]] = {}
    for operand, consumer, _ in plain.edges:
        operands.setdefault(consumer, set()).add(operand)
        consumers.setdefault(operand, set()).add(consumer)
    seen = {start}
    for ways, unwanted in ((operands, Direction.LOSS), (consumers, Direction.OPERANDS)):
        level = {start}
        for _ in range(depth if direction is not unwanted else 0):
            level = {other for scalar in level for other in ways.get(scalar, ())}
            seen |= level
    return seen


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("address", ["pos1.embed[3]", "pos2.prob[1]", "pos1.layer0.mlp.relu[5]", "loss"])
def test_without_sums_it_is_what_a_breadth_first_walk_finds(
    trained: Session, plain: Plain, address: str, depth: int, direction: Direction
) -> None:
    scalar = scalar_of(trained, address)
    neighbourhood = found(trained, Extent(scalar, depth, direction))
    walked = breadth_first(plain, scalar, depth, direction)
    if (neighbourhood.terms > 0).any():  # a Σ counts as one step, so that it leads further
        walked_in_drawn = walked & set(drawn_scalars(trained, neighbourhood))
        assert walked_in_drawn == walked
    else:
        assert set(neighbourhood.scalars.tolist()) == walked


def test_a_weighted_sum_is_one_node_with_its_factors(trained: Session) -> None:
    q = scalar_of(trained, "pos1.layer0.attn.q[5]")
    neighbourhood = found(trained, Extent(q, 1, Direction.OPERANDS))
    addresses = [trained.description.addresses.format(scalar) for scalar in neighbourhood.scalars.tolist()]
    factors = [f"layer0.attn_wq[5,{j}]" for j in range(8)] + [f"pos1.layer0.attn.norm[{j}]" for j in range(8)]
    assert sorted(addresses[1:]) == sorted(factors)
    assert neighbourhood.focus == 0
    assert (neighbourhood.folded[0], neighbourhood.terms[0], neighbourhood.products[0]) == (True, 8, True)
    assert neighbourhood.distance.tolist() == [0] + [-1] * 16
    assert neighbourhood.operands_left[0] == 0
    assert neighbourhood.consumers_left[0] == 2  # scores of position 1 for positions 0 and 1


def test_the_sum_around_a_selected_product_is_open(trained: Session) -> None:
    product = scalar_of(trained, "pos1.layer0.attn.q[5].mul[3]")
    neighbourhood = found(trained, Extent(product, 1))
    assert neighbourhood.scalars[neighbourhood.focus] == product
    assert not neighbourhood.folded[neighbourhood.focus]
    head = neighbourhood.node_of(scalar_of(trained, "pos1.layer0.attn.q[5]"))
    assert head is not None
    assert (neighbourhood.terms[head], neighbourhood.folded[head]) == (8, False)


def test_the_sum_of_the_losses_ends_where_the_document_does(trained: Session) -> None:
    positions = trained.runner.machine.positions
    assert LEAST_TERMS <= positions < 8
    neighbourhood = found(trained, Extent(trained.description.program.loss, 2, Direction.OPERANDS))
    addresses = [trained.description.addresses.format(scalar) for scalar in neighbourhood.scalars.tolist()]
    assert addresses == ["loss", f"loss.sum[{positions - 1}]", *(f"pos{p}.loss" for p in range(positions))]
    assert (neighbourhood.folded[1], neighbourhood.terms[1], neighbourhood.products[1]) == (True, positions, False)


def test_a_sum_of_two_is_no_long_sum(program: Program) -> None:
    session = Session(SETTINGS, ["li", *DOCUMENTS], program, "nine names")
    session.execution.go_to(Place(0, 0))
    machine = session.runner.machine
    machine.load([0, 1, 0])
    neighbourhood = Surroundings(machine).find(Extent(program.loss, 3, Direction.OPERANDS))
    assert neighbourhood is not None
    assert not neighbourhood.terms.any()
    assert program.sums_start in neighbourhood.scalars


def test_there_are_never_more_than_300_nodes() -> None:
    """A scalar with more consumers than that: the first ones are drawn, the others counted."""
    program = record(Configuration(3, n_layer=1, n_embd=8, n_head=1, block_size=32))
    settings = Settings(n_embd=8, n_head=1, block_size=32, num_steps=2)
    session = Session(settings, ["ab" * 20], program, "one document")
    weight = scalar_of(session, "layer0.attn_wq[0,0]")
    neighbourhood = found(session, Extent(weight, 2, Direction.LOSS))
    everything = 1 + 32 + 32 * 33 // 2  # it, the queries, and their scores
    assert neighbourhood.num_nodes == MOST_NODES
    assert neighbourhood.omitted == everything - MOST_NODES
    assert neighbourhood.distance.tolist() == [0] + [1] * 32 + [2] * (MOST_NODES - 33)
    nearest = found(session, Extent(weight, 1, Direction.LOSS, all_opened=True))
    assert MOST_NODES - 15 < nearest.num_nodes <= MOST_NODES  # one more, of 16, would not fit
    assert nearest.omitted == 0
    assert nearest.folded.sum() == 32 - (nearest.num_nodes - 33) // 15


def test_a_sum_that_is_too_long_stays_folded_around_the_selected_one() -> None:
    characters = "".join(chr(0x4E00 + i) for i in range(350))
    program = record(Configuration(351, n_layer=1, n_embd=2, n_head=1, block_size=2))
    session = Session(Settings(n_embd=2, n_head=1, block_size=2, num_steps=2), [characters], program, "one document")
    inner = scalar_of(session, "pos0.prob.sum[400]")
    assert program.operation[inner] == Operation.SUM
    neighbourhood = found(session, Extent(inner, 1, all_opened=True))
    focus = neighbourhood.focus
    assert neighbourhood.folded[focus]
    assert neighbourhood.terms[focus] == 351
    assert drawn_scalars(session, neighbourhood)[inner] == focus
    assert neighbourhood.num_nodes == MOST_NODES
    assert neighbourhood.omitted == 1 + 2 * 351 - MOST_NODES  # exps that it adds up, and powers that use it
    assert (neighbourhood.distance < 0).sum() == 149  # each side has half of the room
    assert (neighbourhood.distance > 0).sum() == 150
    asked = found(session, Extent(inner, 1, opened=frozenset({int(neighbourhood.names[focus])})))
    assert asked.without_room == focus
    assert neighbourhood.without_room is None


def test_a_scalar_that_the_document_does_not_have(trained: Session) -> None:
    answer = ask(trained, Extent(scalar_of(trained, "pos7.layer0.attn.q[1]")))
    assert answer.neighbourhood is None
    assert answer.numbers is None


def test_a_question_about_a_scalar_that_no_document_has_makes_no_sense(program: Program) -> None:
    assert NeighbourhoodInquiry(Extent(program.num_scalars - 1)).fits(program)
    assert not NeighbourhoodInquiry(Extent(program.num_scalars)).fits(program)


def test_it_is_the_same_object_until_the_document_changes_it(session: Session) -> None:
    extent = Extent(scalar_of(session, "pos1.layer0.attn.head0.weight[0]"), 2)
    embedding = Extent(scalar_of(session, "pos1.embed[0]"))
    session.update()
    first, letter = found(session, extent), found(session, embedding)
    session.update()
    assert session.snapshot(1, Wanted()).moment.document != DOCUMENTS[0]
    assert found(session, extent) is first  # nothing near it depends on the document
    other = found(session, embedding)
    assert other != letter
    assert hash(other) != hash(letter)
    assert not any(getattr(other, name).flags.writeable for name in ("scalars", "operand", "slot"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.95])
def test_half_way_only_what_is_known_is_told(session: Session, share: float) -> None:
    session.execution.go_to(Place(0, round(share * session.execution.length)))
    scalar = scalar_of(session, "pos2.layer1.attn.head0.weight[1]")
    answer = ask(session, Extent(scalar, 3))
    neighbourhood, numbers = answer.neighbourhood, answer.numbers
    assert neighbourhood is not None
    assert numbers is not None
    for node, each in enumerate(neighbourhood.scalars.tolist()):
        snapshot = session.snapshot(1, Wanted(selection=each))
        assert snapshot.explanation is not None
        assert numbers.data_reach[node] == snapshot.explanation.data_reach
        assert numbers.grad_reach[node] == snapshot.explanation.grad_reach
    for edge, (consumer, operand) in enumerate(
        zip(neighbourhood.edge_consumer.tolist(), neighbourhood.edge_operand.tolist(), strict=True)
    ):
        explanation = session.snapshot(1, Wanted(selection=consumer)).explanation
        assert explanation is not None
        known = [each for each in explanation.operands if each.scalar == operand]
        derivatives = {each.local_derivative for each in known} - {None}
        contributions = {each.contribution for each in known} - {None}
        assert (numbers.derivative_reach[edge] == Reach.KNOWN) == bool(derivatives)
        assert (numbers.contribution_reach[edge] == Reach.KNOWN) == bool(contributions)
        if derivatives:
            assert numbers.derivative[edge] in derivatives
        if contributions:
            assert numbers.contribution[edge] in contributions
