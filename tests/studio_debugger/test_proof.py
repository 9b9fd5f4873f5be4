"""However a moment is reached, its numbers are those of a straight run of the plain engine there, to the last bit.

Steps of every grain, seeks, runs, and continuing to breakpoints of every kind lead to moments in both directions. Each
is compared with plain `Value` code, stopped half-way where the moment is half-way, and with the same moment seen
before.
"""

from __future__ import annotations

import hashlib
import itertools
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration, loss
from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.train import Training
from microgpt.value import Value
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.continuing import never, proceed, proceed_back
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import FIRST_STRIDE, History
from microgpt_studio.debugger.moves import Move, destination
from microgpt_studio.debugger.stepping import Grain, Stepping
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.debugger.targets import Definition, Event

DOCUMENTS = ["ab", "b", "abc", "ca", "cbacb", "bca", "a"]  # shorter than the block, as long, and longer
NUM_STEPS = 2 * FIRST_STRIDE + 9  # saved states lie between the updates, and after the last of them come some
CONFIG = Configuration(Tokenizer.of(DOCUMENTS).vocab_size, n_layer=1, n_embd=4, n_head=2, block_size=4)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)
PARAMETERS = PROGRAM.num_parameters
EVERYTHING = [ADDRESSES.format(scalar) for scalar in range(PROGRAM.num_scalars)]
ROOM = {"tight": 1, "roomy": 1 << 20}  # bytes for saved states: two of them, or all


def new_execution(room: str = "roomy") -> Execution:
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), NUM_STEPS, seed=3)
    return Execution(runner, History(PARAMETERS, ROOM[room]))


@dataclass(frozen=True)
class Numbers:
    """All that is known at a moment, in the order of the program; nothing of what is still to come."""

    data: bytes
    grad: bytes  # empty until the backward phase has begun
    parameters: bytes
    m: bytes
    v: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(b"".join((self.data, b"|", self.grad, self.parameters, self.m, self.v))).hexdigest()


def live_ids(positions: int) -> list[int]:
    """The ids of the graph that so many positions have, in the order in which they are computed."""
    return [scalar for start, stop in PROGRAM.live_ranges(positions) for scalar in range(start, stop)]


def numbers_of(execution: Execution) -> Numbers:
    """What the machine says where the execution stands."""
    machine, done = execution.machine, execution.place.done
    forward = execution.lengths[0]
    live = live_ids(machine.positions)
    grads: Floats = machine.grad[[*range(PARAMETERS), *live]] if done > forward else np.empty(0)
    return Numbers(
        machine.data[[*range(PARAMETERS), *live[: min(done, forward)]]].tobytes(),
        grads.tobytes(),
        machine.parameters.tobytes(),
        machine.m.tobytes(),
        machine.v.tobytes(),
    )


class LoggedValue(Value):
    """A plain Value that is listed in the order of creation."""

    __slots__ = ()
    created: list[LoggedValue] = []  # noqa: RUF012 - emptied by each run

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.created.append(self)


class PlainUpdate:
    """One update of the plain engine, which can be stopped after any of its operations."""

    def __init__(self, training: Training) -> None:
        self._step, self._m, self._v = training.step, list(training.m), list(training.v)
        LoggedValue.created.clear()
        matrices = {
            name: [[LoggedValue(p.data) for p in row] for row in matrix] for name, matrix in training.matrices.items()
        }
        document = training.documents[training.step % len(training.documents)]
        self._loss = loss(matrices, CONFIG, training.tokenizer.encode(document))
        self._values = list(LoggedValue.created)
        self._backward = [value for value in reversed(self._loss.topological_order()) if value.operands]
        self.lengths = len(self._values) - PARAMETERS, len(self._backward), PARAMETERS

    @property
    def length(self) -> int:
        return sum(self.lengths)

    def stopped_after(self, done: int) -> Numbers:
        """The numbers after so many operations."""
        forward, backward, _ = self.lengths
        for value in self._values:
            value.grad = 0.0
        self._loss.grad = 1.0
        for value in self._backward[: max(done - forward, 0)]:
            for operand, derivative in zip(value.operands, value.local_derivatives, strict=False):
                if isinstance(operand, Value):
                    operand.grad += derivative * value.grad
        updated = max(done - forward - backward, 0)
        before = [p.data for p in self._values[:PARAMETERS]]
        after = [Value(x) for x in before]
        for p, own in zip(after, self._values, strict=False):
            p.grad = own.grad
        m, v = list(self._m), list(self._v)
        Adam().update(after[:updated], m, v, self._step, NUM_STEPS)
        return Numbers(
            _bytes(value.data for value in self._values[: PARAMETERS + done]),
            _bytes(value.grad for value in self._values) if done > forward else b"",
            _bytes(p.data for p in after),
            _bytes(m),
            _bytes(v),
        )


def _bytes(numbers: object) -> bytes:
    return array("d", numbers).tobytes()  # type: ignore[call-overload, no-any-return]


@cache
def plain_updates() -> list[PlainUpdate]:
    """Every update of a straight run of the plain engine."""
    training = Training(DOCUMENTS, CONFIG, Adam(), NUM_STEPS, seed=3)
    updates = []
    for _ in range(NUM_STEPS):
        updates.append(PlainUpdate(training))
        training.update()
    assert updates[-1].stopped_after(updates[-1].length).parameters == _bytes(p.data for p in training.parameters)
    return updates


def plain_numbers(place: Place) -> Numbers:
    return plain_updates()[place.updates].stopped_after(place.done)


# Moments, and ways to reach them


def moments() -> st.SearchStrategy[Place]:
    """Any moment; often the borders of the phases, and the ends of the run and of what is saved of it."""
    updates = st.sampled_from([0, 1, FIRST_STRIDE - 1, FIRST_STRIDE, NUM_STEPS - 1]) | st.integers(0, NUM_STEPS - 1)
    return updates.flatmap(moments_of)


def moments_of(updates: int) -> st.SearchStrategy[Place]:
    forward, backward, adam = plain_updates()[updates].lengths
    length = forward + backward + adam
    borders = [border + side for border in (forward, forward + backward) for side in (-1, 0, 1)]
    done = st.one_of(
        st.sampled_from([0, 1, *borders, length - 1, length]),
        st.integers(0, forward),
        st.integers(forward, forward + backward),
        st.integers(forward + backward, length),
    )
    return st.builds(Place, st.just(updates), done)


GRAPH, PARAMETER = st.sampled_from(EVERYTHING[PARAMETERS:-1]), st.sampled_from(EVERYTHING[:PARAMETERS])
LINES = [
    f"{file}:{line}"
    for file in ("model.py", "value.py", "adam.py", "train.py")
    for line in Breakpoints(ADDRESSES, new_execution().runner).lines(file)
]
EXPRESSIONS = st.one_of(
    st.builds("data({!r})".format, GRAPH | PARAMETER),
    st.builds("grad({!r})".format, GRAPH | PARAMETER),
    st.builds("{}({!r})".format, st.sampled_from(["m", "v", "m_hat", "v_hat", "update"]), PARAMETER),
    st.sampled_from(["loss - 1.4", "grad_norm - 0.5", "step % 3 - 1"]),
)
CONDITIONS = st.builds("{} > {}".format, EXPRESSIONS, st.sampled_from([-0.1, 0.0, 0.05, 1.3]))
WHERE: dict[Event, st.SearchStrategy[str]] = {
    Event.COMPUTED: GRAPH,
    Event.GRADIENT: GRAPH | PARAMETER,
    Event.UPDATED: PARAMETER,
    Event.LINE: st.sampled_from(LINES),
    Event.SCOPE: st.sampled_from(["pos0", "pos2.layer0.attn", "layer0.attn.q", "layer0.mlp", "logit", "loss", "embed"]),
    Event.UPDATE: st.integers(1, NUM_STEPS).map(str),
    Event.DOCUMENT: st.sampled_from(DOCUMENTS),
    Event.CHARACTER: st.sampled_from("abc"),
    Event.CONDITION: st.just(""),
    Event.SIGN: EXPRESSIONS,
    Event.LEVEL: EXPRESSIONS,
}


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A breakpoint of any event, which may have a condition, and may write instead of stopping."""
    event = draw(st.sampled_from(Event))
    return Definition(
        event,
        draw(WHERE[event]),
        draw(st.sampled_from([None, Phase.FORWARD, Phase.BACKWARD])) if event is Event.SCOPE else None,
        draw(st.sampled_from([-0.05, 0.0, 0.1, 1.35])) if event is Event.LEVEL else None,
        draw(CONDITIONS if event is Event.CONDITION else st.just("") | CONDITIONS),
        draw(st.sampled_from([1, 1, 2, 5])),
        draw(st.sampled_from(["", "", "{step}"])),
    )


class Traveller:
    """Goes from moment to moment in every way that there is, and looks at the numbers wherever it comes."""

    def __init__(self, room: str, table: list[Definition]) -> None:
        self.execution = new_execution(room)
        self.stepping = Stepping(self.execution)
        self.breakpoints = Breakpoints(ADDRESSES, self.execution.runner)
        for definition in table:
            self.breakpoints.add(definition)
        self.seen: dict[Place, str] = {}

    def look(self) -> None:
        """The numbers are plain Python's, and those of the last time."""
        place, numbers = self.execution.place, numbers_of(self.execution)
        assert numbers == plain_numbers(place), place
        assert self.seen.setdefault(place, numbers.hash) == numbers.hash, place

    def seek(self, place: Place) -> None:
        assert self.execution.go_to(place) == place

    def step(self, move: Move, grain: Grain) -> None:
        step = destination(self.stepping, self.execution.place, move, grain)
        assert self.execution.go_to(step.place) == step.place

    def run(self, updates: int) -> None:
        self.execution.run(updates)

    def proceed(self, until: Place | None, patience: int | None) -> None:
        here = self.execution.place
        stop = proceed(self.execution, self.breakpoints, until, cancelled(patience))
        assert stop.place == self.execution.place >= here
        assert stop.reason is not Reason.FAULT

    def proceed_back(self, until: Place | None, patience: int | None) -> None:
        here = self.execution.place
        stop = proceed_back(self.execution, self.breakpoints, until, cancelled(patience))
        assert stop.place == self.execution.place <= here
        assert stop.reason is not Reason.CANCELLED or stop.place == here

    def run_to(self, target: int | str) -> None:
        """To where something becomes known of a scalar, or a line is reached."""
        self.breakpoints.aim = self.breakpoints.aim_at(target)
        try:
            self.proceed(None, None)
        finally:
            self.breakpoints.aim = None


def cancelled(patience: int | None) -> Callable[[], bool]:
    """Says yes at the look after so many; None: never."""
    if patience is None:
        return never
    looks = itertools.count()
    return lambda: next(looks) >= patience


PATIENCE = st.none() | st.integers(0, 30)
UNTIL = st.none() | moments()
JOURNEYS = st.lists(
    st.one_of(
        st.tuples(st.just("seek"), moments()),
        st.tuples(st.just("step"), st.sampled_from(Move), st.sampled_from(Grain)),
        st.tuples(st.just("step"), st.sampled_from(Move), st.sampled_from(Grain)),
        st.tuples(st.just("run"), st.integers(1, FIRST_STRIDE + 2)),
        st.tuples(st.just("proceed"), UNTIL, PATIENCE),
        st.tuples(st.just("proceed_back"), UNTIL, PATIENCE),
        st.tuples(st.just("run_to"), st.integers(0, PROGRAM.num_scalars - 1) | st.sampled_from(LINES)),
        st.tuples(st.just("nonfinite"), st.booleans()),
        st.tuples(st.just("enable"), st.integers(0, 2), st.booleans()),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    start=moments(),
    journey=JOURNEYS,
    table=st.lists(definitions(), max_size=3),
    room=st.sampled_from(sorted(ROOM)),
    way_back=st.randoms(use_true_random=False),
)
def test_back_at_a_moment_the_numbers_are_those_that_were_seen(start, journey, table, room, way_back):
    traveller = Traveller(room, table)
    traveller.seek(start)
    traveller.look()
    for name, *arguments in journey:
        if name == "nonfinite":
            traveller.breakpoints.break_on_nonfinite = arguments[0]
        elif name == "enable":
            number, enabled = arguments
            if number < len(table):
                traveller.breakpoints.enable(number + 1, enabled)
        else:
            getattr(traveller, name)(*arguments)
            traveller.look()
    seen = list(traveller.seen)
    way_back.shuffle(seen)
    for place in seen:
        traveller.seek(place)
        traveller.look()


@settings(max_examples=40, deadline=None)
@given(places=st.lists(moments(), min_size=1, max_size=6), room=st.sampled_from(sorted(ROOM)))
def test_a_moment_reached_by_seek_is_that_of_a_straight_plain_run(places, room):
    execution = new_execution(room)
    for place in places:
        assert execution.go_to(place) == place
        assert execution.lengths == plain_updates()[place.updates].lengths
        assert numbers_of(execution) == plain_numbers(place), place


@pytest.mark.parametrize("event", Event)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_there_and_back_by_breakpoints_of_each_kind(event, data):
    """All stops of one breakpoint, forwards and then back, are plain Python's moments, and the same both ways."""
    definition = data.draw(definitions().filter(lambda definition: definition.event is event))
    traveller = Traveller(
        "roomy", [Definition(event, definition.where, definition.phase, definition.level, definition.condition)]
    )
    stops = []
    for _ in range(5):
        traveller.proceed(None, None)
        traveller.look()
        stops.append(traveller.execution.place)
    for _ in range(5):
        traveller.proceed_back(None, None)
        traveller.look()
    traveller.seek(stops[-1])
    traveller.look()


def test_the_plain_engine_that_is_stopped_half_way_is_the_plain_engine():
    """The last moment of each update is what Value.backward and Adam leave when nobody stops them."""
    training = Training(DOCUMENTS, CONFIG, Adam(), NUM_STEPS, seed=3)
    for update in plain_updates():
        training.update()
        end = update.stopped_after(update.length)
        assert np.frombuffer(end.grad)[:PARAMETERS].tolist() == [p.grad for p in training.parameters]
        assert (end.parameters, end.m, end.v) == (
            _bytes(p.data for p in training.parameters),
            _bytes(training.m),
            _bytes(training.v),
        )


def test_moments_differ_from_one_another():
    """Each operation of an update changes what is known, so that a moment that is off by one would be seen."""
    updates = len(DOCUMENTS) - 1
    length = plain_updates()[updates].length
    hashes = [plain_numbers(Place(updates, done)).hash for done in range(length + 1)]
    same = [done for done in range(length) if hashes[done] == hashes[done + 1]]
    assert len(same) < 0.2 * length
