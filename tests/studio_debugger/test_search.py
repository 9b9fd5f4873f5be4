"""A search finds exactly what a look at every single scalar of plain Python's graph finds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from microgpt.model import Configuration
from microgpt.program.program import Operation
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search import Results, Search
from microgpt_studio.debugger.search_finding import MOST_LIT
from microgpt_studio.debugger.search_numbers import largest
from microgpt_studio.debugger.search_query import USUAL, Comparison, Query, Relation, parse
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted

if TYPE_CHECKING:
    from tests.studio_debugger.conftest import PlainRun

_SCOPES = ("pos0", "pos2.layer1", "pos1.layer0.attn", "layer0", "layer1.mlp", "logit", "wte", "layer1.attn_wq", "prob")
_OPERATORS: dict[Relation, Callable[[float, float], bool]] = {
    Relation.LESS: lambda a, b: a < b,
    Relation.AT_MOST: lambda a, b: a <= b,
    Relation.EQUAL: lambda a, b: a == b,
    Relation.NOT_EQUAL: lambda a, b: a != b,
    Relation.AT_LEAST: lambda a, b: a >= b,
    Relation.MORE: lambda a, b: a > b,
}


def find(session: Session, query: Query | str) -> Results:
    search = Search(parse(query) if isinstance(query, str) else query)
    results = session.snapshot(1, Wanted(inquiries=frozenset({search}))).answer(search)
    assert results is not None
    assert results.query == search.query
    return results


class Plain:
    """What plain Python knows of every scalar of a moment, by the names of the scalars."""

    def __init__(self, session: Session, run_of: Callable[[Session], PlainRun]) -> None:
        place = session.execution.place
        forward, backward, _ = session.execution.lengths
        self.session = session
        session.go_to_place(Place(place.updates, 10**9))
        self.update = {s: float(x) for s, x in enumerate(session.runner.machine.change)}
        self.updated = max(0, place.done - forward - backward)
        run = run_of(session)
        session.go_to_place(place)
        self.run = run
        parameters = session.description.program.num_parameters
        computed = [s for s in sorted(run.values) if s >= parameters][: place.done]
        self.data = {s: run.values[s].data for s in (*range(parameters), *computed)}
        self.grad: dict[int, float] = {}
        done = min(place.done - forward, backward)
        if done > 0:
            handed_on = {run.ids[value] for value in [v for v in run.backward_order if v.operands][:done]}
            in_graph = {run.ids[value] for value in run.backward_order} | set(range(parameters))
            for s in in_graph:
                value = run.values[s]
                if all(consumer in handed_on for consumer, _, _ in run.contributions.get(value, [])):
                    self.grad[s] = float(value.grad)

    def number(self, scalar: int, quantity: Quantity) -> float | None:
        machine = self.session.runner.machine
        is_parameter = scalar < machine.program.num_parameters
        match quantity:
            case Quantity.DATA:
                return self.data.get(scalar)
            case Quantity.GRAD:
                return self.grad.get(scalar)
            case Quantity.M:
                return float(machine.m[scalar]) if is_parameter else None
            case Quantity.V:
                return float(machine.v[scalar]) if is_parameter else None
        return self.update[scalar] if scalar < self.updated else None

    def fulfils(self, scalar: int, query: Query) -> bool:
        program = self.session.description.program
        tensor = program.tensors[program.tensor[scalar]]
        if query.scope is not None:
            path = tensor.path if query.scope.startswith("pos") else tensor.stage
            if path != query.scope and not path.startswith(query.scope + "."):
                return False
        components = tensor.path.split(".")
        names = [word for word in query.words if not word.isdecimal()]
        indices = [int(word) for word in query.words if word.isdecimal()]
        if not set(names) <= set(components):
            return False
        width = 1 if len(tensor.shape) < 2 else tensor.shape[1]  # of a matrix a number is a row
        if indices and (not tensor.shape or program.element[scalar] // width != indices[0]):
            return False
        for comparison in query.comparisons:
            number = self.number(scalar, comparison.quantity)
            if number is None:
                return False
            number = abs(number) if comparison.absolute else number
            if not _OPERATORS[comparison.relation](number, comparison.limit):
                return False
        numbers = [self.data.get(scalar), self.grad.get(scalar)]
        if query.nonfinite and all(x is None or math.isfinite(x) for x in numbers):
            return False
        return query.by is None or self.number(scalar, query.by) is not None

    def search(self, query: Query) -> list[int]:
        """All ids, in their order."""
        program = self.session.description.program
        made = {s for s in self.run.values if query.operation in (None, program.operation[s])}
        scalars = [s for s in sorted(made) if self.fulfils(s, query)]
        if query.by is None:
            return sorted(scalars, key=lambda s: (program.ordinal[s] >= 0, s))

        def size(scalar: int) -> float:
            number = self.number(scalar, query.by or Quantity.GRAD)
            assert number is not None
            return abs(number)

        return sorted(scalars, key=lambda s: (-size(s), s))[: query.top]


@pytest.fixture(scope="module")
def moments(plain_run_of: Callable[[Session], PlainRun]) -> list[tuple[Session, Plain]]:
    """The beginning, moments of all three phases, and the end, of updates with short and long documents."""
    documents = ["emma", "ava", "mia", "li"]
    program = record(Configuration(7, n_layer=2, n_embd=2, n_head=1, block_size=4))
    settings = Settings(n_layer=2, n_embd=2, n_head=1, block_size=4, num_steps=20)
    moments = []
    for updates, share in ((0, 0.0), (2, 0.4), (1, 0.7), (3, 0.98), (0, 1.0), (5, 1.0)):
        session = Session(settings, documents, program, "four names")
        session.run(updates)
        session.go_to_place(Place(updates, 0))
        session.go_to_place(Place(updates, round(share * session.execution.length)))
        moments.append((session, Plain(session, plain_run_of)))
    return moments


_QUANTITIES = [quantity for quantity in Quantity if not quantity.endswith("_hat")]
_LIMITS = (0.0, 0.01, -0.01, 1.0, 0.125, 1e-6)
_COMPARISONS = st.builds(
    Comparison,
    st.sampled_from(_QUANTITIES),
    st.booleans(),
    st.sampled_from(Relation),
    st.sampled_from(_LIMITS),
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    top = draw(st.none() | st.integers(1, 300))
    quantities = st.sampled_from(_QUANTITIES)
    by = draw(quantities if top is not None else st.none() | quantities)
    return Query(
        scope=draw(st.none() | st.sampled_from(_SCOPES)),
        operation=draw(st.none() | st.sampled_from(Operation)),
        comparisons=tuple(draw(st.lists(_COMPARISONS, max_size=2))),
        nonfinite=draw(st.integers(0, 9)) == 0,
        top=top,
        by=by,
    )


def check(session: Session, plain: Plain, query: Query) -> None:
    """Hold the answer against a look at every scalar."""
    results, expected = find(session, query), plain.search(query)
    assert results.scalars.tolist() == expected[: query.top or USUAL]
    assert results.total == len(expected)
    assert results.lit.tolist() == sorted(expected)
    assert bool(results.reason) == (not expected)
    format_address = session.description.addresses.format
    assert list(results.addresses) == [format_address(s) for s in results.scalars.tolist()]
    for row, scalar in enumerate(results.scalars.tolist()):
        data, grad = plain.number(scalar, Quantity.DATA), plain.number(scalar, Quantity.GRAD)
        assert (results.data_reach[row] == Reach.KNOWN) == (data is not None)
        assert (results.grad_reach[row] == Reach.KNOWN) == (grad is not None)
        assert data is None or data == results.data[row]
        assert grad is None or grad == results.grad[row]


@given(moment=st.integers(0, 5), query=queries())
def test_filters_find_what_a_look_at_every_scalar_finds(moments, moment: int, query: Query) -> None:
    check(*moments[moment], query)


@given(st.data())
def test_exact_words_find_what_a_look_at_every_address_finds(moments, data: st.DataObject) -> None:
    session, plain = moments[data.draw(st.integers(0, 5))]
    scalars = sorted(plain.run.values)
    program = session.description.program
    scalar = data.draw(st.sampled_from(scalars))
    tensor = program.tensors[program.tensor[scalar]]
    components = tensor.path.split(".")
    words = data.draw(st.lists(st.sampled_from(components), min_size=1, unique=True))
    if len(tensor.shape) == 1 and program.element[scalar] >= 0 and data.draw(st.booleans()):
        words.append(str(program.element[scalar]))
    assume(words != ["loss"])  # it is the address of one
    check(session, plain, Query(words=tuple(words)))


@given(st.data())
def test_an_address_finds_its_scalar_first(moments, data: st.DataObject) -> None:
    session, plain = moments[data.draw(st.integers(0, 5))]
    scalar = data.draw(st.sampled_from(sorted(plain.run.values)))
    program = session.description.program
    address = session.description.addresses.format(scalar)
    results = find(session, address)
    assert results.scalars[0] == scalar
    if program.ordinal[scalar] >= 0:
        assert results.total == 1
    else:  # and all that is inside of it
        tensor = program.tensors[program.tensor[scalar]]
        same = [s for s in plain.run.values if program.tensor[s] == program.tensor[scalar]]
        inside = [s for s in same if tensor.shape == () or program.element[s] == program.element[scalar]]
        assert results.lit.tolist() == sorted(inside)


def test_equal_numbers_stand_in_the_order_of_computation(session: Session) -> None:
    session.run(1)
    machine = session.runner.machine
    machine.grad[: machine.program.num_parameters] = 7.0
    machine.grad[100] = -7.0
    machine.grad[50] = 8.0
    results = find(session, "top:5 by:grad op:parameter")
    assert results.scalars.tolist() == [50, 0, 1, 2, 3]
    assert find(session, "top:1 by:grad op:parameter").scalars.tolist() == [50]
    assert 100 in find(session, "top:101 by:grad op:parameter").scalars


def test_what_is_not_finite_is_found_and_nan_has_no_rank(session: Session) -> None:
    session.run(1)
    machine = session.runner.machine
    machine.data[7], machine.grad[3], machine.grad[5], machine.grad[9] = np.inf, -np.inf, np.nan, np.nan
    assert find(session, "nonfinite").scalars.tolist() == [3, 5, 7, 9]
    ranked = find(session, "top:2 by:grad wte")
    assert ranked.scalars[0] == 3
    assert ranked.unranked == 2
    assert not {5, 9} & set(find(session, "by:grad wte").scalars.tolist())
    assert find(session, "wte grad!=0").total >= 2  # nan is not equal to anything, as in Python
    machine.grad[:] = np.nan
    assert "nan, which has no rank" in find(session, "by:grad wte").reason


def short_document(session: Session) -> Session:
    """At the end of an update whose document does not fill the block."""
    while session.step == 0 or session.runner.machine.positions == session.settings.block_size:
        session.run(1)
    return session


def test_numbers_of_other_documents_are_not_found(session: Session) -> None:
    machine = short_document(session).runner.machine
    n, block = machine.positions, machine.program.config.block_size
    machine.data[machine.program.position_start[n] : machine.program.sums_start] = np.nan
    assert find(session, "nonfinite").total == 0
    assert f"it has {n} positions, pos0 to pos{n - 1}" in find(session, f"pos{block - 1}").reason
    assert f"pos{n - 1}.logit[0]" in find(session, "logit 0").addresses
    assert f"pos{n}.logit[0]" not in find(session, "logit 0").addresses


def test_numbers_outside_of_the_graph_are_not_found(session: Session) -> None:
    session.run(1)
    probabilities = find(session, "pos0.prob")
    unreached = probabilities.scalars[probabilities.grad_reach == Reach.OUTSIDE]
    assert len(unreached)
    session.runner.machine.grad[unreached] = np.nan
    assert find(session, "nonfinite").total == 0
    assert not np.isin(unreached, find(session, "pos0.prob by:grad").lit).any()


def test_more_than_can_be_lit_is_counted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.run(1)
    assert session.description.program.num_scalars < MOST_LIT
    for module in ("search", "search_finding"):
        monkeypatch.setattr(f"microgpt_studio.debugger.{module}.MOST_LIT", 1000)
    for line in ("by:data", "op:mul"):
        results = find(session, line)
        assert len(results.lit) == 1000 < results.total
        assert set(results.scalars.tolist()) <= set(results.lit.tolist())


REASONS = {
    "xyzzy": "nothing is called 'xyzzy'; did you mean",
    "q[99]": "nothing is called 'q[99]': the shape of pos0.layer0.attn.q is 8",
    "op:exp q": "is made by exp; there are sum, mul",
    "|grad|>1000": "the largest |grad| is",
    "grad<-1000": "the smallest grad is",
    "data=1000": "the nearest is",
    "nonfinite": "numbers that are known",
    "scope:pos0.layer7": "there is no scope 'pos0.layer7'; did you mean pos0.layer",
    "scope:pos99": "there is no position 99: the block has positions 0 to 7",
    "scope:layer0.attn.q[3]": "a scope has no index; did you mean layer0.attn.q?",
    "scope:wte q": "nothing in wte is called 'q', but pos0.layer0.attn.q is",
    "scope:pos0 by:m": "only parameters have m",
    "pos0.layer0.mlp.relu mul 3": "no operation inside of pos0.layer0.mlp.relu is so",
}


@pytest.mark.parametrize("line", REASONS)
def test_nothing_found_has_a_reason(session: Session, line: str) -> None:
    session.run(1)
    results = find(session, line)
    assert (results.total, len(results.scalars), len(results.lit)) == (0, 0, 0)
    assert REASONS[line] in results.reason


def test_what_is_not_computed_yet_is_a_reason(session: Session) -> None:
    assert "data is not computed yet" in find(session, "pos0 by:data").reason
    assert "grad is not computed yet" in find(session, "by:grad").reason
    assert "update is not computed yet" in find(session, "by:update").reason
    assert find(session, "pos0 embed").total == 8  # a name needs no number
    session.run(1)
    others = find(session, "pos0.prob |grad|>=0")
    outside = np.setdiff1d(find(session, "pos0.prob").scalars, others.lit)
    address = session.description.addresses.format(int(outside[0]))
    assert "the loss depends on none of 1 scalar" in find(session, f"{address} by:grad").reason


def test_a_number_of_adam_stands_beside_data_and_grad(session: Session) -> None:
    session.run(2)
    machine = session.runner.machine
    for quantity, array in (("m", machine.m), ("v", machine.v), ("update", machine.change)):
        results = find(session, f"top:3 by:{quantity}")
        assert results.other == quantity
        assert results.others.tolist() == array[results.scalars].tolist()
        assert (results.other_reach == Reach.KNOWN).all()
        assert results.ranked == machine.program.num_parameters
    assert find(session, "top:3").other is None


def test_an_answer_is_read_only_and_stays(session: Session) -> None:
    session.run(1)
    results = find(session, "top:3")
    kept = results.grad.tolist()
    for array in (results.scalars, results.data, results.grad, results.lit, results.data_reach, results.others):
        assert not array.flags.writeable
    session.run(1)
    assert results.grad.tolist() == kept


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, math.inf]) | st.floats(0.0, 1.0), min_size=1, max_size=400),
    st.integers(1, 40),
)
def test_the_largest_are_those_of_a_sort(sizes: list[float], count: int) -> None:
    by_size = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    assert largest(np.array(sizes), count).tolist() == sorted(by_size[:count])
