"""Where a run stops is where one would stop that goes operation by operation and looks at everything each time."""

import random
import sys
from dataclasses import replace
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from microgpt import adam as adam_module
from microgpt import train, value
from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger import continuing
from microgpt_studio.debugger.breakpoints import Breakpoints, Definition, Event
from microgpt_studio.debugger.conditions import Condition, ConditionFailure, NotComputed
from microgpt_studio.debugger.continuing import proceed, proceed_back
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.stop import LogLine, Reason, Stop

DOCUMENTS = ["ab", "b", "abc", "ca", "cbacb"]
NUM_STEPS = 6
CONFIG = Configuration(Tokenizer.of(DOCUMENTS).vocab_size, n_layer=1, n_embd=2, n_head=1, block_size=3)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)
PARAMETERS = PROGRAM.num_parameters
EVERYTHING = [ADDRESSES.format(scalar) for scalar in range(PROGRAM.num_scalars)]


def new_execution(limit=1 << 20, num_steps=NUM_STEPS, scale=None, adam=None, documents=DOCUMENTS):
    """`scale` is {matrix: factor}: parameters that are larger from the beginning."""
    runner = Runner(PROGRAM, documents, adam or Adam(), num_steps, seed=3)
    for tensor in PROGRAM.tensors:
        if scale and tensor.path in scale:
            runner.machine.parameters[tensor.start : tensor.stop] *= scale[tensor.path]
    return Execution(runner, History(PARAMETERS, limit))


class Moment:
    """One place, everything that is known there, and what runs before and after it. A Context by its own means."""

    def __init__(self, execution, operations, added, expected):
        machine, place = execution.machine, execution.place
        self.place = place
        self.operations = operations
        self.before = operations[place.done - 1] if place.done else None
        self.after = operations[place.done] if place.done < len(operations) else None
        self.at_end = self.after is None
        self.arrays = {
            name: getattr(machine, name).copy() for name in ("data", "grad", "parameters", "m", "v", "change")
        }
        self.computed = {op.scalar for op in operations[: place.done] if op.phase is Phase.FORWARD}
        self.updated = {op.scalar for op in operations[: place.done] if op.phase is Phase.ADAM}
        self.begun = place.done > sum(op.phase is Phase.FORWARD for op in operations)
        self.in_graph = {op.scalar for op in operations if op.phase is Phase.BACKWARD}
        self.added, self.expected = dict(added), expected
        self.has_backward = place.done >= sum(op.phase is not Phase.ADAM for op in operations)
        self.step = place.updates + 1
        self.lr = 0.01 * (1 - place.updates / NUM_STEPS)
        self.document = execution.runner.document(place.updates)
        self.operand_ids = {}

    @property
    def loss(self):
        return self.data(PROGRAM.loss)

    @property
    def grad_norm(self):
        self.need(self.has_backward)
        square = 0.0
        for x in self.arrays["grad"][:PARAMETERS].tolist():
            square += x * x
        return square**0.5

    def data(self, scalar):
        if scalar < PARAMETERS:
            return float(self.arrays["parameters" if scalar in self.updated else "data"][scalar])
        self.need(scalar in self.computed)
        return float(self.arrays["data"][scalar])

    def grad(self, scalar):
        self.need(self.begun and (scalar < PARAMETERS or scalar in self.in_graph))
        self.need(self.added.get(scalar, 0) == self.expected.get(scalar, 0))
        return float(self.arrays["grad"][scalar])

    def m(self, scalar):
        return float(self.arrays["m"][scalar])

    def v(self, scalar):
        return float(self.arrays["v"][scalar])

    def update(self, scalar):
        self.need(scalar in self.updated)
        return float(self.arrays["change"][scalar])

    def need(self, there):
        if not there:
            raise NotComputed("a number", None, "is not computed")


def operands(machine, scalar):
    second = int(PROGRAM.second[scalar])
    return [int(machine.first[scalar])] + ([second] if second >= 0 else [])


def walk(execution, updates):
    """Every moment of some updates, reached by going operation by operation."""
    moments = []
    for update in range(updates):
        execution.go_to(Place(update, 0))
        operations = [execution.operation(number) for number in range(execution.length)]
        uses = [operands(execution.machine, op.scalar) if op.phase is Phase.BACKWARD else [] for op in operations]
        expected, added = {}, {}
        for operand in chain(*uses):
            expected[operand] = expected.get(operand, 0) + 1
        for done in range(len(operations) + 1):
            if done:
                execution.go_to(Place(update, done))
                for operand in uses[done - 1]:
                    added[operand] = added.get(operand, 0) + 1
            if execution.place.done < done:
                return moments  # at a fault
            moment = Moment(execution, operations, added, expected)
            moment.completes = {
                operand for operand in (uses[done - 1] if done else []) if added[operand] == expected[operand]
            }
            moments.append(moment)
    return moments


@cache
def walked():
    return walk(new_execution(), NUM_STEPS)


@cache
def moments_of(definition):
    """The moments of the walk at which the event of a definition comes."""
    crossing = definition.event in (Event.SIGN, Event.LEVEL)
    expression = Condition(definition.where, ADDRESSES) if crossing else None
    return [moment for moment in walked() if comes(definition, expression, moment)]


def comes(definition, condition, moment):
    """Whether the event of a definition comes at a moment; told from the operations around it alone."""
    event, where = definition.event, definition.where
    before, after = moment.before, moment.after
    if event in (Event.SIGN, Event.LEVEL):
        if condition.sole is None:
            return moment.at_end
        quantity, scalar = condition.sole
        event = {Quantity.DATA: Event.COMPUTED, Quantity.GRAD: Event.GRADIENT}.get(quantity, Event.UPDATED)
        event = Event.UPDATED if event is Event.COMPUTED and scalar < PARAMETERS else event
        where = ADDRESSES.format(scalar)
    match event:
        case Event.COMPUTED:
            return before is not None and (before.phase, before.scalar) == (Phase.FORWARD, ADDRESSES.parse(where))
        case Event.GRADIENT:
            return ADDRESSES.parse(where) in moment.completes
        case Event.UPDATED:
            return before is not None and (before.phase, before.scalar) == (Phase.ADAM, ADDRESSES.parse(where))
        case Event.LINE:
            return after is not None and line_comes(where, before, after)
        case Event.SCOPE:
            return after is not None and scope_comes(where, definition.phase, moment)
        case Event.UPDATE:
            return moment.place == Place(int(where) - 1, 0)
        case Event.DOCUMENT:
            return moment.place.done == 0 and moment.document == where
        case Event.CHARACTER:
            return after is not None and after.phase is Phase.FORWARD and character_comes(where, after, moment)
        case Event.CONDITION:
            return moment.at_end
    raise AssertionError(event)


def line_comes(where, before, after):
    def calls(operation):
        if operation is None or operation.phase is not Phase.FORWARD:
            return None, False
        frames = PROGRAM.sites[PROGRAM.site[operation.scalar]]
        matching = [depth for depth, frame in enumerate(frames) if f"{frame.file}:{frame.line}" == where]
        return (frames[matching[-1] :], matching[-1] == 0) if matching else (None, False)

    now, innermost = calls(after)
    return now is not None and (innermost or now != calls(before)[0])


def scope_comes(where, phase, moment):
    wanted = phase
    if phase is None:
        wanted = Phase.ADAM if where in ("wte", "layer0.attn_wq") else Phase.FORWARD
    names = scope_names(where)

    def group(operation):
        """What the operation belongs to in the scope, if it is of the phase."""
        tensor = PROGRAM.tensors[PROGRAM.tensor[operation.scalar]]
        return tensor.position if operation.phase is wanted and tensor.path in names else "elsewhere"

    here = group(moment.after)
    return here != "elsewhere" and here not in map(group, moment.operations[: moment.place.done])


@cache
def scope_names(where):
    graph = [t for t in PROGRAM.tensors if t.stop > PARAMETERS]
    by_path = {t.path for t in graph if t.path == where or t.path.startswith(where + ".")}
    by_stage = {t.path for t in graph if t.stage == where or t.stage.startswith(where + ".")}
    return (by_path or by_stage) | {t.path for t in PROGRAM.tensors if f"{t.path}.".startswith(where + ".")}


def character_comes(character, after, moment):
    starts = PROGRAM.position_start.tolist()
    if after.scalar not in starts[1:-1]:
        return False
    return moment.document[starts.index(after.scalar) - 1] == character


class Scan:
    """The breakpoints as they go by, moment after moment."""

    def __init__(self, definitions, enabled):
        self.rows = []
        for number, definition in enumerate(definitions, start=1):
            condition = Condition(definition.condition, ADDRESSES) if definition.condition else None
            crossing = definition.event in (Event.SIGN, Event.LEVEL)
            expression = Condition(definition.where, ADDRESSES) if crossing else None
            if number in enabled:
                self.rows.append((number, definition, condition, expression))
        self.hits = dict.fromkeys(range(1, len(definitions) + 1), 0)
        self.log = []

    def halts(self):
        """For each moment [(breakpoint, its definition, whether it failed)] of those that come, in order of ids."""
        last = {}
        coming = {}
        for row in self.rows:
            for moment in moments_of(Definition(row[1].event, row[1].where, row[1].phase, row[1].level)):
                coming.setdefault(moment.place, (moment, []))[1].append(row)
        for place in sorted(coming):
            moment, rows = coming[place]
            found = []
            for number, definition, condition, expression in rows:
                is_computed = False
                try:
                    if expression is not None:
                        number_now = expression.evaluate(moment)
                        is_computed = True
                        old, level = last.get(number), definition.level or 0.0
                        last[number] = number_now
                        if old is None or (old < level) == (number_now < level):
                            continue
                    if condition is not None and not condition.holds(moment):
                        continue
                except ConditionFailure as failure:
                    if expression is None or is_computed or not failure.not_computed:
                        found.append((number, definition, True))
                    continue
                found.append((number, definition, False))
            yield moment, found

    def forward(self, start, until=None):
        limit = walked()[-1].place if until is None else until
        for moment, found in self.halts():
            if not start < moment.place <= limit:
                continue
            stop = None
            for number, definition, failed in found:
                if failed:
                    stop = stop or (Reason.FAILURE, moment.place, number)
                    continue
                self.hits[number] += 1
                if self.hits[number] < definition.stop_after:
                    continue
                if definition.message:
                    self.log.append((moment.place, number))
                else:
                    stop = stop or (Reason.BREAKPOINT, moment.place, number)
            if stop is not None:
                return stop
        return (Reason.END if until is None else Reason.UNTIL), limit, None

    def back(self, start, until=None):
        best = (Reason.START, Place(0, 0), None) if until is None else (Reason.UNTIL, until, None)
        for moment, found in self.halts():
            if moment.place >= start:
                return best
            stops = [(number, failed) for number, definition, failed in found if failed or not definition.message]
            if stops and (until is None or moment.place >= until):
                number, failed = stops[0]
                best = (Reason.FAILURE if failed else Reason.BREAKPOINT, moment.place, number)
        return best


GRAPH = st.sampled_from(EVERYTHING[PARAMETERS:])
ELEMENT = st.sampled_from(
    ["pos0.logit[1]", "pos1.layer0.attn.q[0]", "pos2.loss", "pos0.prob[2]", "loss", "pos0.embed[1]"]
)
PARAMETER = st.sampled_from(EVERYTHING[:PARAMETERS])
NUMBER = st.sampled_from([-0.5, -0.02, 0.0, 0.001, 0.02, 0.1, 0.25, 1.0, 1.4])
CONDITIONS = st.one_of(
    st.just(""),
    st.builds("data({!r}) > {}".format, GRAPH | ELEMENT | PARAMETER, NUMBER),
    st.builds("grad({!r}) > {}".format, GRAPH | ELEMENT | PARAMETER, NUMBER),
    st.builds("update({!r}) > 0 or {}".format, PARAMETER, st.booleans()),
    st.builds("abs(m({!r})) > v({!r})".format, PARAMETER, PARAMETER),
    st.sampled_from(
        ["loss > 1.39", "step % 2 == 0", '"a" in document', "lr < 0.005", "grad_norm > 0.3", "log(2 - step)"]
    ),
)
SCOPES = ["pos0", "pos2.layer0.attn", "layer0.attn.q", "layer0", "logit", "loss", "layer0.attn.head0.weight", "embed"]


def definitions():
    lines = [f"model.py:{line}" for line in Breakpoints(ADDRESSES, new_execution().runner).lines("model.py")]
    lines += [f"value.py:{f.line}" for site in PROGRAM.sites for f in site if f.file == "value.py"]
    plain = st.one_of(
        st.builds(Definition, st.just(Event.COMPUTED), GRAPH),
        st.builds(Definition, st.just(Event.GRADIENT), GRAPH.filter(lambda address: address != "loss") | PARAMETER),
        st.builds(Definition, st.just(Event.UPDATED), PARAMETER),
        st.builds(Definition, st.just(Event.LINE), st.sampled_from(sorted(set(lines)))),
        st.builds(
            Definition,
            st.just(Event.SCOPE),
            st.sampled_from(SCOPES),
            st.sampled_from([None, Phase.FORWARD, Phase.BACKWARD]),
        ),
        st.builds(Definition, st.just(Event.SCOPE), st.sampled_from(["wte", "layer0.attn_wq"]), st.none()),
        st.builds(Definition, st.just(Event.SCOPE), st.just("layer0"), st.just(Phase.ADAM)),
        st.builds(Definition, st.just(Event.UPDATE), st.integers(1, NUM_STEPS).map(str)),
        st.builds(Definition, st.just(Event.DOCUMENT), st.sampled_from(DOCUMENTS)),
        st.builds(Definition, st.just(Event.CHARACTER), st.sampled_from("abc")),
        st.builds(Definition, st.just(Event.CONDITION), condition=CONDITIONS.filter(bool)),
        st.builds(
            Definition,
            st.just(Event.LEVEL),
            st.one_of(
                st.builds("{}({!r})".format, st.sampled_from(["data", "grad", "update", "m"]), PARAMETER),
                st.builds("{}({!r})".format, st.sampled_from(["data", "grad"]), GRAPH),
                st.sampled_from(["loss", "grad_norm - 0.3", 'data("pos1.loss") - data("pos0.loss")', "step - 3"]),
            ),
            level=NUMBER,
        ),
        st.builds(Definition, st.just(Event.SIGN), st.builds("grad({!r})".format, PARAMETER)),
    )
    return st.builds(
        lambda definition, condition, after, message: replace(
            definition, condition=definition.condition or condition, stop_after=after, message=message
        ),
        plain,
        st.just("") | CONDITIONS,
        st.sampled_from([1, 1, 1, 2, 3, 40]),
        st.sampled_from(["", "", "", "seen"]),
    )


def every_place():
    """Definitions of every line of the plain code, every scope, and of some scalars."""
    breakpoints = Breakpoints(ADDRESSES, new_execution().runner)
    for file in ("model.py", "value.py"):
        for line in breakpoints.lines(file):
            if any((frame.file, frame.line) == (file, line) for site in PROGRAM.sites for frame in site):
                yield Definition(Event.LINE, f"{file}:{line}")
    paths = {path for t in PROGRAM.tensors if t.stop > PARAMETERS for path in (t.path, t.stage)}
    scopes = {".".join(path.split(".")[:depth]) for path in paths for depth in range(1, 5)}
    for scope in sorted(scopes):
        yield from (Definition(Event.SCOPE, scope, phase) for phase in (Phase.FORWARD, Phase.BACKWARD))
    yield from (Definition(Event.SCOPE, t.path) for t in PROGRAM.tensors if t.path in ("wte", "layer0.attn_wq"))
    some = random.Random(5).sample(EVERYTHING[PARAMETERS:-1], 40) + EVERYTHING[:PARAMETERS:9]
    yield from (Definition(Event.GRADIENT, address) for address in some)
    yield from (Definition(Event.COMPUTED, address) for address in some if ADDRESSES.parse(address) >= PARAMETERS)


def test_an_update_that_is_only_looked_into_is_not_known():
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(Definition(Event.GRADIENT, "wte[0,0]"))
    stop = proceed(execution, breakpoints)
    assert stop.reason is Reason.BREAKPOINT
    assert execution.log.known == stop.place.updates
    proceed(execution, breakpoints, Place(stop.place.updates, sys.maxsize))
    assert execution.log.known == stop.place.updates + 1
    execution.go_to(Place(0, 0))
    proceed(execution, breakpoints)
    assert execution.log.known == stop.place.updates + 1  # what was done is known


def test_moments_are_those_of_the_operations_around_them():
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    made = [breakpoints.add(definition) for definition in every_place()]
    longest = max(range(NUM_STEPS), key=lambda updates: len(execution.runner.document(updates)))
    shortest = min(range(NUM_STEPS), key=lambda updates: len(execution.runner.document(updates)))
    assert len(made) > 100
    for updates in (longest, shortest):
        execution.go_to(Place(updates, 10**9))
        reading = Reading(execution)
        for each in made:
            expected = [
                m.place.done for m in walked() if m.place.updates == updates and comes(each.definition, None, m)
            ]
            assert list(each.target(reading)) == expected, each.definition


def test_lines_that_walk_over_scalars():
    execution = new_execution()
    execution.run(1)
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    forward, backward, _ = execution.lengths
    adam = forward + backward
    for where, expected in {
        (value, "operand.grad +="): range(forward, adam),
        (value, "self.grad = 1.0"): (forward,),
        (adam_module, "p.data -="): range(adam, execution.length),
        (adam_module, "rate = self.rate"): (adam,),
        (train, "mean_loss = loss("): (0,),
        (train, "mean_loss.backward()"): (forward,),
        (train, "self.adam.update("): (adam,),
    }.items():
        module, text = where
        lines = Path(module.__file__).read_text(encoding="utf-8").splitlines()
        line = next(number for number, line in enumerate(lines, start=1) if text in line)
        made = breakpoints.add(Definition(Event.LINE, f"{Path(module.__file__).name}:{line}"))
        assert made.target(Reading(execution)) == expected


def outcome(stop):
    return stop.reason, stop.place, stop.breakpoint


@settings(max_examples=150, deadline=None)
@given(table=st.lists(definitions(), min_size=1, max_size=4), seed=st.integers(0, 10_000), tight=st.booleans())
def test_stops_are_those_of_a_run_operation_by_operation(table, seed, tight):
    rng = random.Random(seed)
    execution = new_execution(1 if tight else 1 << 20)
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    for definition in table:
        breakpoints.add(definition)
    enabled = {number for number in range(1, len(table) + 1) if rng.random() < 0.9}
    for number in range(1, len(table) + 1):
        breakpoints.enable(number, number in enabled)
    scan = Scan(table, enabled)
    execution.go_to(rng.choice(walked()).place if rng.random() < 0.7 else Place(0, 0))
    for _ in range(5):
        here = execution.place
        until = rng.choice(walked()).place if rng.random() < 0.3 else None
        if rng.random() < 0.7:
            expected = scan.forward(here, until) if until is None or until > here else None
            scan.log, log = [], scan.log
            stop = proceed(execution, breakpoints, until)
            assert [(line.place, line.breakpoint) for line in stop.log] == (log if expected else [])
        else:
            expected = scan.back(here, until) if until is None or until < here else None
            stop = proceed_back(execution, breakpoints, until)
        assert outcome(stop) == (expected or (Reason.UNTIL, here, None))
        assert execution.place == stop.place
        assert stop.sentence
        assert {each.id: each.hits for each in breakpoints} == scan.hits
        moment = next(moment for moment in walked() if moment.place == stop.place)
        assert np.array_equal(execution.machine.parameters, moment.arrays["parameters"])
        assert (
            execution.machine.data[list(moment.computed)].tolist()
            == moment.arrays["data"][list(moment.computed)].tolist()
        )


@settings(max_examples=60, deadline=None)
@given(definition=definitions())
def test_back_from_the_next_stop_is_the_one_before(definition):
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(replace(definition, stop_after=1, message=""))
    stops = []
    while len(stops) < 12:
        stop = proceed(execution, breakpoints)
        if stop.reason is Reason.END:
            break
        assert not stops or stop.place > stops[-1].place
        stops.append(stop)
    hits = [each.hits for each in breakpoints]
    for earlier in reversed([each for each in stops if each.place < stop.place]):
        back = proceed_back(execution, breakpoints)
        assert outcome(back) == outcome(earlier)
        assert back.sentence == earlier.sentence
    assert proceed_back(execution, breakpoints).place == Place(0, 0)
    assert [each.hits for each in breakpoints] == hits


def finite_until(moments):
    """The first moment that knows a number that is not finite, in an update that began with finite ones."""
    for moment in moments:
        known = [*(moment.data(scalar) for scalar in moment.computed)]
        known += moment.arrays["grad"].tolist() if moment.begun else []
        for scalar in moment.updated:
            known += [moment.data(scalar), moment.m(scalar), moment.v(scalar), moment.update(scalar)]
        if not np.isfinite(known).all():
            return moment.place
    return None


MATRICES = [tensor.path for tensor in PROGRAM.tensors if tensor.stop <= PARAMETERS]
SMALL = {"wte": 1e-200, "wpe": 1e-200, "lm_head": 1e150}  # hardly any logits, but large gradients


@settings(max_examples=12, deadline=None)
@given(
    scale=st.dictionaries(st.sampled_from(MATRICES), st.sampled_from([1e-200, 1e3, 1e80, 1e155, 1e300]), max_size=3),
    rate=st.sampled_from([0.01, 1.7e308]),
)
@example({}, 0.01)
@example({"wte": 1e155}, 0.01)
@example({**SMALL, "layer0.attn_wv": 1e-200, "layer0.attn_wo": 1e200}, 0.01)
@example({**SMALL, "layer0.mlp_fc1": 1e-200, "layer0.mlp_fc2": 1e160}, 0.01)
@example({"wte": 10.0, "lm_head": 1e3}, 1.7e308)
@example({"wte": 10.0, "lm_head": 1e155}, 0.01)
def test_the_first_number_that_is_not_finite(scale, rate):
    with np.errstate(all="ignore"):
        moments = walk(new_execution(scale=scale, adam=Adam(learning_rate=rate)), 1)
    expected = finite_until(moments)
    execution = new_execution(scale=scale, adam=Adam(learning_rate=rate))
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.break_on_nonfinite = True
    stop = proceed(execution, breakpoints, until=Place(0, 10**9))
    if expected is None:
        assert stop.place == moments[-1].place
        assert stop.reason in (Reason.UNTIL, Reason.FAULT)
        return
    assert (stop.reason, stop.place) == (Reason.NONFINITE, expected)
    operation = execution.operation(stop.place.done - 1)
    machine, address = execution.machine, ADDRESSES.format(stop.scalar)
    assert address in stop.sentence
    if operation.phase is Phase.BACKWARD:
        assert stop.scalar in operands(machine, operation.scalar)
        assert not np.isfinite(machine.grad[stop.scalar])
        assert ADDRESSES.format(operation.scalar) in stop.sentence
    else:
        assert stop.scalar == operation.scalar
    again = proceed(execution, breakpoints, until=Place(0, 10**9))
    assert again.reason in (Reason.UNTIL, Reason.FAULT)
    execution.go_to(Place(stop.place.updates, execution.length))
    if execution.place > stop.place:
        back = proceed_back(execution, breakpoints)
        assert outcome(back) == outcome(stop)
        assert back.sentence == stop.sentence


def faulty():
    execution = new_execution(scale={"lm_head": 1e6})
    return execution, Breakpoints(ADDRESSES, execution.runner)


def fault_place():
    execution, _ = faulty()
    execution.run(3)
    assert execution.fault is not None
    return execution.place


def test_a_fault_stops_with_and_without_breakpoints():
    place = fault_place()
    for condition in ("", "loss > 1e9"):
        execution, breakpoints = faulty()
        if condition:
            breakpoints.add(Definition(Event.CONDITION, condition=condition))
        stop = proceed(execution, breakpoints)
        assert (stop.reason, stop.place) == (Reason.FAULT, place)
        assert stop.scalar == execution.operation(place.done).scalar
        assert (
            stop.sentence
            == f"Update {place.updates + 1} stopped at {ADDRESSES.format(stop.scalar)}: log(0.0) is not defined."
        )
        assert proceed(execution, breakpoints) == stop


def test_what_comes_before_a_fault_stops_before_it():
    place = fault_place()
    execution, breakpoints = faulty()
    operation = execution.operation(5)
    breakpoints.add(Definition(Event.COMPUTED, ADDRESSES.format(operation.scalar)))
    for updates in range(place.updates + 1):
        assert outcome(proceed(execution, breakpoints)) == (Reason.BREAKPOINT, Place(updates, 6), 1)
    assert execution.fault is None
    assert proceed(execution, breakpoints).reason is Reason.FAULT
    assert execution.fault is not None
    assert outcome(proceed_back(execution, breakpoints)) == (Reason.BREAKPOINT, Place(place.updates, 6), 1)
    stop = proceed(execution, breakpoints)
    assert (stop.reason, stop.place) == (Reason.FAULT, place)


def test_a_breakpoint_at_the_fault_itself_is_counted_but_the_fault_is_told():
    place = fault_place()
    execution, breakpoints = faulty()
    execution.go_to(place)
    last = execution.operation(place.done - 1).scalar
    execution.go_to(Place(place.updates, 0))
    breakpoints.add(Definition(Event.COMPUTED, ADDRESSES.format(last)))
    stop = proceed(execution, breakpoints)
    assert (stop.reason, stop.place) == (Reason.FAULT, place)
    assert breakpoints[1].hits == 1


def test_a_cancelled_search_leaves_a_fault_a_fault():
    execution, breakpoints = faulty()
    breakpoints.add(Definition(Event.CONDITION, condition="loss > 1e9"))
    proceed(execution, breakpoints)
    here = execution.place
    stop = proceed_back(execution, breakpoints, cancelled=lambda: True)
    assert (stop.reason, stop.place, execution.place) == (Reason.CANCELLED, here, here)
    assert execution.fault is not None


def after(calls):
    """A `cancelled` that says yes from some call on."""
    count = iter(range(10**9))
    return lambda: next(count) >= calls


def test_no_breakpoints_is_a_straight_run():
    execution = new_execution(num_steps=500)
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.enable(breakpoints.add(Definition(Event.CONDITION, condition="loss > 0")).id, enabled=False)
    assert outcome(proceed(execution, breakpoints, Place(40, 17))) == (Reason.UNTIL, Place(40, 17), None)
    assert outcome(proceed(execution, breakpoints, Place(40, 17))) == (Reason.UNTIL, Place(40, 17), None)
    assert outcome(proceed(execution, breakpoints, Place(40, 20))) == (Reason.UNTIL, Place(40, 20), None)
    stop = proceed(execution, breakpoints, cancelled=after(3))
    assert stop.reason is Reason.CANCELLED
    assert 40 < stop.place.updates < 100
    assert stop.place == execution.place
    end = proceed(execution, breakpoints, Place(500, 3))
    assert outcome(end) == (Reason.END, Place(499, execution.length), None)
    assert end.sentence == "Training is over: all 500 updates are done."
    assert outcome(proceed(execution, breakpoints)) == outcome(end)
    back = proceed_back(execution, breakpoints, cancelled=after(3))
    assert (back.reason, back.place) == (Reason.CANCELLED, end.place)
    assert outcome(proceed_back(execution, breakpoints)) == (Reason.START, Place(0, 0), None)
    assert outcome(proceed_back(execution, breakpoints)) == (Reason.START, Place(0, 0), None)


def test_until_a_place_beyond_the_update_is_its_end():
    for condition in ("", "loss > 1e9"):
        execution = new_execution()
        breakpoints = Breakpoints(ADDRESSES, execution.runner)
        if condition:
            breakpoints.add(Definition(Event.CONDITION, condition=condition))
        for _ in range(2):
            stop = proceed(execution, breakpoints, Place(2, 10**9))
            assert outcome(stop) == (Reason.UNTIL, Place(2, execution.length), None)
        assert proceed(execution, breakpoints, Place(3, 0)).place == Place(3, 0)


def test_a_run_that_is_cancelled_within_an_update_has_counted_up_to_there(monkeypatch):
    monkeypatch.setattr(continuing, "_LOOKS", 7)
    line = Definition(Event.LINE, next(f"value.py:{f.line}" for f in PROGRAM.sites[-1] if f.function == "__mul__"))
    table = [replace(line, stop_after=10**6), replace(line, condition="loss > 3", message="never")]
    table[1] = replace(table[1], condition="step > 0", message="{step}")
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    scan = Scan(table, {1, 2})
    for definition in table:
        breakpoints.add(definition)
    for calls in (3, 2, 9, 2, 4):
        stop = proceed(execution, breakpoints, cancelled=after(calls))
        assert stop.reason is Reason.CANCELLED
        assert execution.place == stop.place
    assert Place(0, 20) < stop.place < Place(0, execution.length)
    scan.forward(Place(0, -1), stop.place)
    assert {each.id: each.hits for each in breakpoints} == scan.hits


def test_a_log_is_bounded(monkeypatch):
    monkeypatch.setattr(continuing, "_LONGEST_LOG", 3)
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(Definition(Event.CONDITION, condition="step > 0", message="update {step}"))
    stop = proceed(execution, breakpoints)
    assert [line.text for line in stop.log] == ["update 4", "update 5", "update 6"]
    assert [line.place.updates for line in stop.log] == [3, 4, 5]
    assert stop.lines_lost == 3
    assert stop.log[-1] == LogLine(execution.place, 1, "update 6")


def test_sentences():
    execution = new_execution()
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(Definition(Event.CONDITION, condition="log(1.5 - step) < 9"))
    breakpoints.add(Definition(Event.SIGN, "step - 2.5"))
    breakpoints.add(Definition(Event.COMPUTED, "pos0.embed[0]", condition="loss > 3"))
    stop = proceed(execution, breakpoints)
    assert stop.reason is Reason.FAILURE
    assert stop.breakpoint == 3
    assert stop.sentence == "Breakpoint 3 cannot be checked: loss is not computed yet: the forward phase has not ended."
    breakpoints.remove(3)
    stop = proceed(execution, breakpoints)
    assert stop.sentence == "Breakpoint 1: log(1.5 - step) < 9."
    stop = proceed(execution, breakpoints)
    assert stop.sentence == "Breakpoint 1 cannot be checked: log(-0.5) is not defined."
    breakpoints.enable(1, enabled=False)
    stop = proceed(execution, breakpoints)
    assert stop.sentence == "Breakpoint 2: step - 2.5 changes sign, from -0.5 to 0.5."


def test_crossings_are_remembered_from_one_run_to_the_next(monkeypatch):
    """A run in many short pieces does not go back at each, and stops where one run does."""
    definition = Definition(Event.SIGN, 'grad("layer0.attn_wq[0,0]")')
    expected = []
    execution = new_execution(num_steps=60)
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(definition)
    while (stop := proceed(execution, breakpoints)).reason is Reason.BREAKPOINT:
        expected.append(stop.place)
    assert len(expected) > 5
    execution = new_execution(num_steps=60)
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(definition)
    begun = []
    begin = Execution._begin
    monkeypatch.setattr(Execution, "_begin", lambda self, updates: (begun.append(updates), begin(self, updates))[1])
    found = []
    for updates in range(60):
        while (stop := proceed(execution, breakpoints, Place(updates, 10**9))).reason is Reason.BREAKPOINT:
            found.append(stop.place)
    assert found == expected
    assert len(begun) <= 60


@pytest.mark.parametrize(
    "what", ['data("pos2.loss")', 'grad("pos0.prob[2]")', 'grad("wte[2,0]") * 1', 'data("wpe[2,1]")']
)
def test_crossings_far_apart_are_found_in_both_directions(what):
    """Few documents have the number, and saved states lie between them."""
    execution = new_execution(num_steps=130, limit=1 if "wpe" in what else 1 << 20)
    values = []
    for updates in range(130):
        execution.go_to(Place(updates, 10**9))
        try:
            values.append((updates, Condition(what, ADDRESSES).evaluate(Reading(execution))))
        except ConditionFailure:
            continue

    def crossings(level):
        return [now[0] for before, now in pairwise(values) if (before[1] < level) != (now[1] < level)]

    level = max((number for _, number in values), key=lambda number: len(crossings(number)))
    expected = crossings(level)
    assert len(expected) > 3
    execution.go_to(Place(0, 0))
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    breakpoints.add(Definition(Event.LEVEL, what, level=level))
    found = []
    while (stop := proceed(execution, breakpoints)).reason is Reason.BREAKPOINT:
        found.append(stop)
    assert [stop.place.updates for stop in found] == expected
    end, back = execution.place, []
    while (stop := proceed_back(execution, breakpoints)).reason is Reason.BREAKPOINT:
        back.append(stop)
    before_end = [stop for stop in found if stop.place < end]
    assert [(stop.place, stop.sentence) for stop in reversed(back)] == [
        (stop.place, stop.sentence) for stop in before_end
    ]
    for stop in random.Random(1).sample(found, len(found)):  # from just before each, knowing nothing of the past
        execution.go_to(Place(stop.place.updates, stop.place.done - 1))
        assert outcome(proceed(execution, breakpoints)) == outcome(stop)
    execution.go_to(Place(129, 3))
    for calls in (0, 3, 20):
        stop = proceed_back(execution, breakpoints, until=Place(129, 2), cancelled=after(calls))
        assert stop.reason is Reason.CANCELLED or calls
        execution.go_to(Place(129, 3))
        breakpoints.enable(1, enabled=True)
        stop = proceed(execution, breakpoints, cancelled=after(calls))
        assert stop.reason is Reason.CANCELLED or calls
        execution.go_to(Place(129, 3))


def test_the_last_value_may_be_many_saved_states_ago():
    execution = new_execution(num_steps=300, documents=["ab"] * 60 + ["cab"] + ["b"] * 14)
    rare = [updates for updates in range(300) if execution.runner.document(updates) == "cab"]
    assert min(now - before for before, now in pairwise(rare)) > 60
    values = []
    for updates in rare:
        execution.go_to(Place(updates, 10**9))
        values.append(float(execution.machine.grad[ADDRESSES.parse("pos0.prob[2]")]))
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    level = (values[-1] + values[-2]) / 2
    breakpoints.add(Definition(Event.LEVEL, 'grad("pos0.prob[2]")', level=level))
    for here in (rare[-2] + 1, rare[-1] - 1, rare[-1]):
        execution.go_to(Place(here, 3))
        breakpoints.enable(1, enabled=True)
        stop = proceed(execution, breakpoints)
        assert (stop.reason, stop.place.updates) == (Reason.BREAKPOINT, rare[-1])
        assert f"from {values[-2]} to {values[-1]}" in stop.sentence
        execution.go_to(Place(299, 3))
        assert proceed_back(execution, breakpoints) == stop
    for calls in range(1, 40, 6):
        execution.go_to(Place(rare[-1], 3))
        breakpoints.enable(1, enabled=True)
        cancelled = proceed(execution, breakpoints, cancelled=after(calls))
        assert (cancelled.reason, cancelled.place) == (Reason.CANCELLED, Place(rare[-1], 3))


def test_a_checkpoint_can_be_where_a_run_begins():
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), 50, seed=3)
    runner.run(21)
    execution = Execution(runner, History(PARAMETERS))
    breakpoints = Breakpoints(ADDRESSES, runner)
    breakpoints.add(Definition(Event.SIGN, 'grad("lm_head[0,0]")'))
    breakpoints.add(Definition(Event.CONDITION, condition="step > 45"))
    places = []
    while (stop := proceed(execution, breakpoints)).reason is Reason.BREAKPOINT:
        places.append(stop.place)
    assert places
    assert stop.reason is Reason.END
    back = []
    while (stop := proceed_back(execution, breakpoints)).reason is Reason.BREAKPOINT:
        back.append(stop.place)
    assert [*reversed(back), Place(49, execution.length)][: len(places)] == places or back[::-1] == places[:-1]
    assert outcome(stop) == (Reason.START, Place(21, 0), None)


def test_a_training_that_is_over_ends():
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), 5, seed=3)
    runner.run(5)
    execution = Execution(runner, History(PARAMETERS))
    breakpoints = Breakpoints(ADDRESSES, runner)
    breakpoints.add(Definition(Event.SIGN, "loss"))
    assert proceed(execution, breakpoints).reason is Reason.END
    assert proceed_back(execution, breakpoints).reason is Reason.START


def test_a_stop_is_data():
    stop = Stop(Reason.UNTIL, Place(1, 2), "Here.")
    assert (stop.breakpoint, stop.scalar, stop.log, stop.lines_lost) == (None, None, (), 0)
    with pytest.raises(AttributeError):
        stop.place = Place(0, 0)
