"""Paths are those of the plain graph: all of them are walked where they are few, and searched where they are many."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.kernels import Code
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt.value import Value
from microgpt_studio.debugger import paths_kernels as kernels
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.paths import Obstacle, Paths, PathsOf, Strength
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.shares import Part
from microgpt_studio.debugger.snapshot import Wanted

MOST = 400  # paths that are walked one by one


class Graph:
    """What the loss of a plain run depends on, upside down: from every scalar the edges to its consumers."""

    def __init__(self, run) -> None:
        self.run = run
        self.loss = run.ids[run.backward_order[0]]
        self.edges: dict[int, list[tuple[int, int, float]]] = {}  # scalar → consumer, side, derivative
        for consumer in run.backward_order:
            for side, (operand, derivative) in enumerate(
                zip(consumer.operands, consumer.local_derivatives, strict=False)
            ):
                if isinstance(operand, Value):
                    edge = run.ids[consumer], side, derivative
                    self.edges.setdefault(run.ids[operand], []).append(edge)

    def reachable(self, scalar: int) -> list[int]:
        """By a plain search; everything with an edge leads to the loss."""
        seen, waiting = {scalar}, [scalar]
        while waiting:
            for consumer, _, _ in self.edges.get(waiting.pop(), []):
                if consumer not in seen:
                    seen.add(consumer)
                    waiting.append(consumer)
        return sorted(seen)

    def counts(self, scalar: int) -> int:
        """The number of paths to the loss."""
        counts = {self.loss: 1}
        for each in reversed(self.reachable(scalar)[:-1]):
            counts[each] = sum(counts[consumer] for consumer, _, _ in self.edges[each])
        return counts[scalar]

    def walk(self, scalar: int) -> Iterator[list[tuple[int, int, int, float]]]:
        """Every path as its edges: operand, consumer, side, derivative."""
        stack: list[tuple[int, list[tuple[int, int, int, float]]]] = [(scalar, [])]
        while stack:
            end, path = stack.pop()
            if end == self.loss:
                yield path
            for consumer, side, derivative in self.edges.get(end, []):
                stack.append((consumer, [*path, (end, consumer, side, derivative)]))


@pytest.fixture
def graph_of(plain_run_of):
    return lambda session: Graph(plain_run_of(session))


@pytest.fixture(scope="session")
def tiny_program():
    return record(Configuration(3, n_layer=1, n_embd=2, n_head=1, block_size=2))


@pytest.fixture
def tiny(tiny_program) -> Session:
    """Two positions, two numbers wide."""
    settings = Settings(n_layer=1, n_embd=2, n_head=1, block_size=2, num_steps=20)
    return Session(settings, ["ab", "b", "ba", "a"], tiny_program, "four words")


def paths(session: Session, scalar: int | str) -> Paths:
    if isinstance(scalar, str):
        scalar = session.description.addresses.parse(scalar)
    inquiry = PathsOf(scalar)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def some_scalars(graph: Graph, count: int) -> list[int]:
    """Of the graph, parameters among them."""
    rng = random.Random(3)
    program_ids = sorted(graph.edges)
    parameters = [scalar for scalar in program_ids if not graph.run.values[scalar].operands]
    return [*rng.sample(program_ids, count), *rng.sample(parameters, count // 2), graph.loss]


def product_of(path) -> float:
    return math.prod(derivative for *_, derivative in path)


def few_paths(graph: Graph) -> list[int]:
    """Scalars from which all paths can be walked, parameters among them."""
    rng = random.Random(4)
    scalars = [scalar for scalar in rng.sample(sorted(graph.edges), 160) if graph.counts(scalar) <= MOST]
    assert sum(not graph.run.values[scalar].operands for scalar in scalars) > 5
    return [*scalars, graph.loss]


def test_every_local_derivative_is_the_plain_one_to_the_bit(session, graph_of):
    session.run(3)
    run, machine = graph_of(session).run, session.runner.machine
    arrays = machine.code, machine.first, machine.second, machine.constants, machine.data
    for scalar, value in run.values.items():
        if value.operands:
            derivatives = kernels.derivatives(scalar, *arrays)
            for operand, plain, compiled in zip(value.operands, value.local_derivatives, derivatives, strict=False):
                if isinstance(operand, Value):
                    assert float(plain).hex() == float(compiled).hex()


@pytest.mark.parametrize("updates", [1, 6])
def test_what_lies_on_a_path_is_what_a_search_finds(session, graph_of, updates):
    session.run(updates)
    graph = graph_of(session)
    for scalar in some_scalars(graph, 10):
        answer = paths(session, scalar)
        assert answer.obstacle is None
        assert answer.on_path.tolist() == graph.reachable(scalar)
        count = graph.counts(scalar)
        assert answer.num_paths == pytest.approx(count, rel=0.0 if count <= 2**53 else 1e-12, abs=0.0)


@pytest.mark.parametrize("updates", [1, 4])
def test_the_strongest_chain_is_the_strongest_of_all_paths(tiny, graph_of, updates):
    tiny.run(updates)
    graph = graph_of(tiny)
    for scalar in few_paths(graph):
        best = max(abs(product_of(path)) for path in graph.walk(scalar))
        answer = paths(tiny, scalar)
        assert answer.product is not None
        assert abs(answer.product) == pytest.approx(best, rel=1e-12, abs=0.0)
        assert (answer.strength is Strength.ZERO) == (best == 0.0)


def test_a_chain_is_a_path_with_its_numbers(session, graph_of):
    session.run(2)
    graph, addresses = graph_of(session), session.description.addresses
    for scalar in some_scalars(graph, 30):
        chain = paths(session, scalar).chain
        assert (chain[0].scalar, chain[0].derivative, chain[0].product) == (scalar, None, 1.0)
        assert chain[-1].scalar == graph.loss
        product = 1.0
        for before, link in pairwise(chain):
            assert (link.scalar, link.side, link.derivative) in graph.edges[before.scalar]
            product *= link.derivative
            assert link.product.hex() == product.hex()
        for link in chain:
            value = graph.run.values[link.scalar]
            assert link.address == addresses.format(link.scalar)
            assert (link.data, link.grad) == (value.data, value.grad)
            assert link.operation == (value.operation or "parameter")


@pytest.mark.parametrize("updates", [1, 2])
def test_shares_are_the_sums_over_all_paths(tiny, graph_of, updates):
    """Each path carries its product; a cell's flow is the sum over the paths that go through it."""
    tiny.run(updates)
    graph, program = graph_of(tiny), tiny.description.program
    places = {}  # edge (consumer, side), or scalar, → row name, part, position
    for tensor in program.tensors:
        for scalar in program.elements(tensor).tolist():
            if tensor.stage.endswith(".residual") and tensor.position is not None:
                block = tensor.stage.removesuffix(".residual")
                places[scalar, 0] = block, Part.BRANCH, tensor.position
                places[scalar, 1] = block, Part.SKIP, tensor.position
            elif tensor.position is not None:
                places[scalar, -1] = tensor.stage.removesuffix(".out"), Part.WHOLE, tensor.position
    checked = 0
    for scalar in few_paths(graph):
        answer = paths(tiny, scalar)
        if answer.shares is None:
            continue
        expected: dict[object, float] = {}
        for path in graph.walk(scalar):
            product = product_of(path)
            for place in [(scalar, -1), *((c, s) for _, c, s, _ in path), *((c, -1) for _, c, _, _ in path)]:
                if place in places:
                    expected[places[place]] = expected.get(places[place], 0.0) + product
        rows = answer.shares.rows
        table = {
            (row.name, row.part, position): answer.shares.flow[i, position]
            for i, row in enumerate(rows)
            for position in range(answer.shares.flow.shape[1])
            if answer.shares.passes[i, position]
        }
        shown = {(row.name, row.part) for row in rows}
        assert table.keys() == {place for place in expected if place[:2] in shown}
        scale = sum(abs(product_of(path)) for path in graph.walk(scalar))
        for place, flow in table.items():
            assert flow == pytest.approx(expected[place], rel=1e-9, abs=1e-12 * scale)
            i = rows.index(next(row for row in rows if (row.name, row.part) == place[:2]))
            assert answer.shares.share[i, place[2]] == flow / graph.run.values[scalar].grad
        checked += 1
    assert checked > 30


@pytest.mark.parametrize("updates", [1, 2, 5])
def test_shares_add_up_to_the_whole(session, graph_of, updates):
    session.run(updates)
    graph = graph_of(session)
    behind = 0
    for scalar in some_scalars(graph, 60):
        shares = paths(session, scalar).shares
        if shares is None:
            assert graph.run.values[scalar].grad == 0.0
            continue
        cuts = np.array([row.cut for row in shares.rows])
        for cut, total in enumerate(shares.cut_total):
            of_cut = [row for row in shares.rows if row.cut == cut]
            size = np.abs(shares.share[cuts == cut]).sum()
            assert shares.cut_passes[cut] == shares.passes[cuts == cut].any()
            if not shares.cut_passes[cut]:
                behind += 1
            elif of_cut[0].inside is None:
                assert total == pytest.approx(1.0, abs=1e-9 * max(size, 1.0))
            else:
                block = [(row.name, row.part) for row in shares.rows].index((of_cut[0].inside, Part.BRANCH))
                assert total == pytest.approx(shares.total[block], abs=1e-9 * max(size, 1.0))
        assert np.array_equal(shares.total, [sum(row.tolist()) for row in shares.share])
    assert behind > 0


def test_what_a_block_adds_and_what_goes_past_it_are_told_apart(session):
    session.update()
    shares = paths(session, "pos1.layer0.attn.proj[3]").shares
    table = {(row.name, row.part): i for i, row in enumerate(shares.rows)}
    branch, skip = table["layer0.attn", Part.BRANCH], table["layer0.attn", Part.SKIP]
    assert shares.passes[branch].nonzero()[0].tolist() == [1]
    assert shares.share[branch, 1] == 1.0
    assert not shares.passes[skip].any()
    assert not shares.passes[table["embed", Part.WHOLE]].any()


def test_tangents_are_those_of_plain_forward_mode(session, graph_of):
    session.run(2)
    graph, machine = graph_of(session), session.runner.machine
    for scalar in some_scalars(graph, 6):
        ids = paths(session, scalar).on_path
        on_path = np.zeros(session.description.program.num_scalars, dtype=np.bool_)
        on_path[ids] = True
        tangent = np.zeros(len(on_path))
        arrays = machine.code, machine.first, machine.second, machine.constants, machine.data
        kernels.tangents(ids, *arrays, on_path, tangent)
        plain = {graph.run.values[scalar]: 1.0}
        for each in ids[1:].tolist():
            value = graph.run.values[each]
            plain[value] = sum(
                derivative * plain[operand]
                for operand, derivative in zip(value.operands, value.local_derivatives, strict=False)
                if isinstance(operand, Value) and operand in plain
            )
            assert float(plain[value]).hex() == float(tangent[each]).hex()
        value = graph.run.values[scalar]
        assert plain[graph.run.values[graph.loss]] == pytest.approx(value.grad, rel=1e-9, abs=1e-13)


def test_the_loss_is_a_path_of_itself(session):
    session.update()
    answer = paths(session, "loss")
    assert answer.on_path.tolist() == [session.description.program.loss]
    assert (answer.num_paths, len(answer.chain), answer.product, answer.chain_share) == (1.0, 1, 1.0, 1.0)
    assert not answer.shares.cut_passes.any()


def test_a_square_is_two_edges(session):
    """pos0.embed[0] is used by its square, twice, and by the product that scales it."""
    session.update()
    square, scaled = paths(session, "pos0.norm.mul[0]"), paths(session, "pos0.norm[0]")
    both = 2 * square.num_paths + scaled.num_paths
    assert paths(session, "pos0.embed[0]").num_paths == pytest.approx(both, rel=1e-12)


def test_what_is_known_grows_through_an_update(session):
    session.run(2)
    execution = session.execution
    forward, backward, _ = execution.lengths
    scalar = session.description.addresses.parse("pos2.layer0.attn.q[1]")
    whole = paths(session, scalar)
    complete = next(
        done
        for done in range(forward, forward + backward)
        if machine_uses(session, int(execution.order[done - forward]), scalar)
    )
    updates = execution.place.updates
    seen = []
    for done in (0, forward - 1, forward, complete, forward + backward):
        execution.go_to(Place(updates, done))
        answer = paths(session, scalar)
        assert np.array_equal(answer.on_path, whole.on_path)
        assert answer.num_paths == whole.num_paths
        seen.append((bool(answer.chain), answer.grad is not None, answer.shares is not None))
        if answer.chain:
            assert [link.derivative for link in answer.chain] == [link.derivative for link in whole.chain]
    assert seen[:3] == [(False, False, False), (False, False, False), (True, False, False)]
    assert seen[3:] == [(True, False, False), (True, True, True)]


def machine_uses(session, consumer: int, scalar: int) -> bool:
    machine = session.runner.machine
    return scalar in (machine.first[consumer], session.description.program.second[consumer])


def test_links_tell_gradients_only_when_they_are_complete(session):
    session.run(2)
    execution = session.execution
    forward, backward, _ = execution.lengths
    execution.go_to(Place(execution.place.updates, forward + backward // 2))
    chain = paths(session, "layer0.attn_wq[0,1]").chain
    known = [link.grad is not None for link in chain]
    assert known == sorted(known)
    assert not known[0] and known[-1]


def test_why_there_is_no_path(session):
    while session.update().document != "mia":
        pass
    tokens = session.snapshot(1, Wanted()).moment.tokens
    program = session.description.program
    other = next(token for token in range(session.description.tokenizer.vocab_size) if token != tokens[1])
    unused = next(token for token in range(session.description.tokenizer.vocab_size) if token not in tokens)
    for address, obstacle, grad in (
        ("pos6.layer0.attn.q[5]", Obstacle.NOT_LIVE, None),
        (f"pos0.prob[{other}]", Obstacle.OUTSIDE, None),
        (f"wte[{unused},0]", Obstacle.UNUSED, 0.0),
    ):
        answer = paths(session, address)
        assert (answer.obstacle, answer.grad, answer.chain, answer.shares) == (obstacle, grad, (), None)
        assert (len(answer.on_path), answer.num_paths, answer.product) == (0, 0.0, None)
    assert PathsOf(program.loss).fits(program)
    assert not PathsOf(program.num_scalars).fits(program)


def test_every_path_through_a_relu_that_is_off_is_0(session):
    session.update()
    program, machine = session.description.program, session.runner.machine
    fc1 = next(tensor for tensor in program.tensors if tensor.path == "pos1.layer0.mlp.fc1")
    off = next(scalar for scalar in program.elements(fc1).tolist() if machine.data[scalar] <= 0.0)
    answer = paths(session, off)
    assert (answer.strength, answer.product, answer.grad, answer.shares) == (Strength.ZERO, 0.0, 0.0, None)
    assert [link.operation for link in answer.chain if link.derivative == 0.0] == ["relu"]
    assert math.isfinite(answer.log10)


def test_a_chain_prefers_fewer_zeros(session, graph_of):
    """One way of a query leads to relus that are off, and others do not."""
    session.update()
    for scalar in some_scalars(graph_of(session), 40):
        answer = paths(session, scalar)
        assert (answer.strength is Strength.ZERO) == any(link.derivative == 0.0 for link in answer.chain)
        assert (answer.strength is Strength.ZERO) == (answer.product == 0.0)


def test_numbers_that_are_not_finite_lie_on_the_strongest_chain(session):
    session.update()
    wrong = session.description.addresses.parse("layer1.attn_wv[2,3]")
    session.runner.machine.parameters[wrong] = math.nan
    session.update()
    answer = paths(session, "layer0.attn_wq[0,1]")
    assert answer.strength is Strength.NOT_FINITE
    assert answer.log10 == math.inf
    assert math.isnan(answer.product)
    assert not all(math.isfinite(link.derivative) for link in answer.chain[1:])
    assert math.isnan(answer.grad)
    assert answer.shares is None


def test_a_product_too_small_for_floats_is_told_from_0(session):
    session.update()
    program, machine = session.description.program, session.runner.machine
    for path in ("layer1.attn_wo", "layer1.mlp_fc2", "lm_head"):
        matrix = next(tensor for tensor in program.tensors if tensor.path == path)
        machine.parameters[program.elements(matrix)] = 1e-200
    session.update()
    answer = paths(session, "layer1.attn_wv[0,1]")
    assert (answer.strength, answer.product) == (Strength.BEYOND_FLOATS, 0.0)
    assert all(link.derivative != 0.0 for link in answer.chain[1:])
    size = sum(math.log10(abs(link.derivative)) for link in answer.chain[1:])
    assert answer.log10 == pytest.approx(size, rel=1e-9)
    assert size < -390


@pytest.mark.parametrize("order", [1, -1])
def test_sizes_beyond_floats_are_compared(order):
    """Two ways of 1e-400 and 3e-400: as floats both are 0."""
    ways = [(1e-200, 1e-200), (1e-200, 3e-200)][::order]
    constants = np.array([factor for way in ways for factor in way])
    code = np.array([0, *[Code.MUL_CONSTANT] * 4, Code.SUM], dtype=np.uint8)
    first = np.array([-1, 0, 1, 0, 3, 2], dtype=np.int32)
    second = np.array([-1, 0, 1, 2, 3, 4], dtype=np.int32)
    n = len(code)
    consumer, side = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int8)
    exponent, mantissa = np.zeros(n, dtype=np.int32), np.zeros(n)
    ids, on_path = np.arange(n, dtype=np.int32), np.ones(n, dtype=np.bool_)
    kernels.strongest(ids, code, first, second, constants, np.ones(n), on_path, consumer, side, exponent, mantissa)
    assert consumer.tolist() == [3 if order == 1 else 1, 2, 5, 4, 5, -1]
    assert side.tolist()[:5] == [0, 0, 0, 0, 1]
    log10 = math.log10(mantissa[0]) + exponent[0] * math.log10(kernels.STEP)
    assert log10 == pytest.approx(math.log10(3) - 400, rel=1e-12)


def test_a_size_is_the_product_however_large_or_small():
    rng = random.Random(5)
    for _ in range(200):
        factors = [rng.choice([5e-324, 1e-310, 1e-200, 0.3, 1.0, 7.0, 1e200, 1.7e308]) for _ in range(30)]
        e, m = 0, 1.0
        for factor in factors:
            e, m = kernels.times(e, m, rng.choice([1.0, -1.0]) * factor)
            assert kernels.LOWEST <= m < kernels.HIGHEST
        exact = sum(math.log2(factor) for factor in factors)
        assert math.log2(m) + 500 * e == pytest.approx(exact, rel=1e-12, abs=1e-9)
    assert kernels.times(3, 0.5, 0.0) == (3 - kernels.ZERO, 0.5)
    assert kernels.times(3, 0.5, math.nan)[0] == kernels.times(3, 0.5, -math.inf)[0] == kernels.NOT_FINITE
    assert kernels.times(kernels.NOT_FINITE, 1.0, 0.0)[0] == kernels.NOT_FINITE


def test_an_answer_stays_when_the_session_goes_on(session):
    session.update()
    answer = paths(session, "layer0.attn_wq[0,1]")
    before = answer.on_path.copy(), answer.shares.share.copy(), answer.chain
    session.update()
    paths(session, "layer0.attn_wq[0,0]")
    assert np.array_equal(answer.on_path, before[0]) and np.array_equal(answer.shares.share, before[1])
    for array in (answer.on_path, answer.shares.share, answer.shares.flow, answer.shares.passes):
        assert not array.flags.writeable
    assert answer.chain_ids.tolist() == [link.scalar for link in before[2]]
    assert set(answer.chain_ids.tolist()) <= set(answer.on_path.tolist())
