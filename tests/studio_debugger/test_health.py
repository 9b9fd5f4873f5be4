"""The health figures against plain loops over plain Values, at the end of an update and half-way through it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.program import Tensor
from microgpt.program.recorder import record
from microgpt_studio.debugger import health
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.health import Health, HealthNumbers
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.mlp_units import MlpUnits
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.debugger.stream import Stream

if TYPE_CHECKING:
    from tests.studio_debugger.conftest import PlainRun


def measured(session: Session) -> HealthNumbers:
    numbers = session.snapshot(0, Wanted(inquiries=frozenset([Health()]))).answer(Health())
    assert numbers is not None
    return numbers


def by_name(numbers: HealthNumbers, kind: Kind) -> dict[str, float]:
    """The values of a kind, all of which are known."""
    figures = numbers.places.figures_of(kind)
    assert all(numbers.reach[figure.column] == Reach.KNOWN for figure in figures)
    return {figure.name: float(numbers.values[figure.column]) for figure in figures}


def length(numbers: Iterable[float]) -> float:
    """A Euclidean norm, added up as a plain loop does."""
    total = 0.0
    for x in numbers:
        total += x * x
    return math.sqrt(total)


def mean(numbers: list[float]) -> float:
    total = 0.0
    for x in numbers:
        total += x
    return total / len(numbers)


@pytest.fixture
def plain(session: Session, plain_run_of: Callable[[Session], PlainRun]) -> PlainRun:
    """The fifteenth update as plain Python does it."""
    session.run(15)
    return plain_run_of(session)


@pytest.fixture
def tensors(session: Session) -> dict[str, Tensor]:
    return {tensor.path: tensor for tensor in session.description.program.tensors}


@pytest.fixture
def data(session: Session, plain: PlainRun, tensors: dict[str, Tensor]) -> Callable[[str], list[float]]:
    """The plain run's numbers of a tensor."""
    program = session.description.program

    def data(path: str) -> list[float]:
        return [plain.values[scalar].data for scalar in program.elements(tensors[path]).tolist()]

    return data


def test_gradient_norms(session, plain):
    program = session.description.program
    expected = {"all": length(plain.values[p].grad for p in range(program.num_parameters))}
    for tensor in program.tensors:
        if tensor.position is None and len(tensor.shape) == 2:
            expected[tensor.path] = length(plain.values[p].grad for p in range(tensor.start, tensor.stop))
    assert by_name(measured(session), Kind.GRADIENT) == expected
    assert expected["all"] == session.snapshot(0, Wanted()).moment.grad_norm


def test_update_by_weight_with_the_weights_before_the_update(session, plain):
    machine, adam = session.runner.machine, session.settings.adam
    rate, expected = adam.rate(14, 20), {}
    for tensor in session.description.program.tensors:
        if tensor.position is None and len(tensor.shape) == 2:
            changes, weights = [], []
            for p in range(tensor.start, tensor.stop):
                m_hat = machine.m.item(p) / (1 - adam.beta1**15)
                v_hat = machine.v.item(p) / (1 - adam.beta2**15)
                changes.append(rate * m_hat / (v_hat**0.5 + adam.eps))
                weights.append(plain.values[p].data)
            expected[tensor.path] = length(changes) / length(weights)
    assert by_name(measured(session), Kind.UPDATE) == expected


def test_silent_units(session, plain, data):
    n, expected = session.runner.machine.positions, {}
    for layer in range(2):
        outputs = [data(f"pos{p}.layer{layer}.mlp.relu") for p in range(n)]
        silent = sum(not any(row[unit] > 0.0 for row in outputs) for unit in range(32))
        expected[f"layer{layer}.mlp"] = silent / 32
    assert by_name(measured(session), Kind.SILENT) == expected
    assert all(0.0 < share < 1.0 for share in expected.values())
    units = session.snapshot(0, Wanted(inquiries=frozenset([MlpUnits()]))).answer(MlpUnits())
    assert list(expected.values()) == (units.silent.sum(axis=1) / 32).tolist()


def test_attention_entropy(session, plain, data):
    n, shares, nats = session.runner.machine.positions, {}, {}
    for layer in range(2):
        for head in range(2):
            rows = [data(f"pos{t}.layer{layer}.attn.head{head}.weight") for t in range(1, n)]
            entropies = []
            for row in rows:
                entropy = 0.0
                for weight in row:
                    entropy -= weight * math.log(weight)
                entropies.append(entropy)
            shares[f"layer{layer}.head{head}"] = mean(
                [entropy / math.log(len(row)) for entropy, row in zip(entropies, rows, strict=True)]
            )
            nats[f"layer{layer}.head{head}"] = mean(entropies)
    assert by_name(measured(session), Kind.ENTROPY) == shares
    assert by_name(measured(session), Kind.NATS) == nats


def test_stream_norms(session, plain, data):
    n = session.runner.machine.positions
    paths = {"embed": "embed", "norm": "norm"}
    for layer in range(2):
        paths |= {f"layer{layer}.{block}": f"layer{layer}.{block}.residual" for block in ("attn", "mlp")}
    expected = {name: mean([length(data(f"pos{p}.{path}")) for p in range(n)]) for name, path in paths.items()}
    found = by_name(measured(session), Kind.STREAM)
    assert found == expected
    stream = session.snapshot(0, Wanted(inquiries=frozenset([Stream()]))).answer(Stream())
    assert list(found.values()) == [mean(row) for row in stream.norm.values.tolist()]


def needs(numbers: HealthNumbers, session: Session) -> dict[int, tuple[Phase, list[int]]]:
    """Of each figure's column: the phase, and the scalars with which it has done what the figure is made of."""
    program, n, found = session.description.program, session.runner.machine.positions, {}
    elements = {tensor.path: program.elements(tensor).tolist() for tensor in program.tensors}
    for figure in numbers.places.figures:
        layer, _, part = figure.name.partition(".")
        match figure.kind:
            case Kind.GRADIENT | Kind.UPDATE:
                phase = Phase.BACKWARD if figure.kind is Kind.GRADIENT else Phase.ADAM
                ids = list(range(program.num_parameters)) if figure.name == "all" else elements[figure.name]
            case Kind.SILENT:
                phase, ids = Phase.FORWARD, [i for p in range(n) for i in elements[f"pos{p}.{layer}.mlp.relu"]]
            case Kind.ENTROPY | Kind.NATS:
                phase = Phase.FORWARD
                ids = [i for t in range(n) for i in elements[f"pos{t}.{layer}.attn.{part}.weight"]]
            case Kind.STREAM:
                path = figure.name + (".residual" if part else "")
                phase, ids = Phase.FORWARD, [i for p in range(n) for i in elements[f"pos{p}.{path}"]]
            case Kind.DEAD:
                continue
        found[figure.column] = phase, ids
    return found


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.55, 0.6, 0.62, 0.64, 0.7, 0.9, 0.97, 0.99, 0.995, 1.0])
def test_half_way_only_what_is_computed_has_a_value(session, share):
    session.run(3)
    whole = measured(session)
    length = session.execution.length
    session.go_to_place(Place(2, round(share * length)))
    numbers, execution = measured(session), session.execution
    done = execution.place.done
    for column, (phase, ids) in needs(whole, session).items():
        if phase is Phase.BACKWARD:
            reach = session.snapshot(0, Wanted(parameters=True)).parameters.grad_reach[ids]
            known = bool((reach == Reach.KNOWN).all())
        else:
            known = all((execution.number_of(phase, i) or 0) < done for i in ids)
        assert (numbers.reach[column] == Reach.KNOWN) == known, whole.places.figures[column]
        if known:
            assert numbers.values[column] == whole.values[column]
        else:
            assert math.isnan(numbers.values[column])


def test_each_phase_brings_its_figures(session):
    forward, backward, _ = session.execution.lengths
    kinds = {}
    for done in (0, forward, forward + backward, session.execution.length):
        session.go_to_place(Place(0, done))
        numbers = measured(session)
        kinds[done] = {f.kind for f in numbers.places.figures if numbers.reach[f.column] == Reach.KNOWN}
    by_forward = {Kind.SILENT, Kind.ENTROPY, Kind.NATS, Kind.STREAM}
    assert list(kinds.values()) == [
        set(),
        by_forward,
        by_forward | {Kind.GRADIENT},
        by_forward | {Kind.GRADIENT, Kind.UPDATE},
    ]


def test_a_matrix_of_zeros_has_no_ratio(session):
    state = session.state()
    tensor = next(t for t in session.description.program.tensors if t.path == "layer1.attn_wo")
    parameters = list(state.parameters)
    parameters[tensor.start : tensor.stop] = [0.0] * tensor.size
    session.restore(replace(state, parameters=parameters))
    session.run(1)
    numbers = measured(session)
    reach = {f.name: numbers.reach[f.column] for f in numbers.places.figures_of(Kind.UPDATE)}
    assert {name for name, each in reach.items() if each != Reach.KNOWN} == {"layer1.attn_wo"}
    assert reach["layer1.attn_wo"] == Reach.OUTSIDE


def test_one_position_has_no_entropy(session):
    settings = replace(session.settings, n_layer=1, n_embd=4, block_size=1)
    program = record(Configuration(session.runner.config.vocab_size, 1, 4, 2, 1))
    session = Session(settings, session.documents, program, "names")
    session.run(1)
    numbers = measured(session)
    for kind in (Kind.ENTROPY, Kind.NATS):
        assert (numbers.reach[numbers.places.columns(kind)] == Reach.OUTSIDE).all()
        assert np.isnan(numbers.values[numbers.places.columns(kind)]).all()


def test_a_scalar_of_every_figure(session):
    session.run(1)
    numbers, addresses = measured(session), session.description.addresses
    n = numbers.positions
    scalars = {(f.kind, f.name): addresses.format(numbers.places.scalar(f, n)) for f in numbers.places.figures}
    assert scalars[Kind.GRADIENT, "all"] == scalars[Kind.GRADIENT, "wte"] == "wte[0,0]"
    assert scalars[Kind.GRADIENT, "layer1.mlp_fc2"] == scalars[Kind.UPDATE, "layer1.mlp_fc2"] == "layer1.mlp_fc2[0,0]"
    assert scalars[Kind.SILENT, "layer1.mlp"] == f"pos{n - 1}.layer1.mlp.relu[0]"
    assert scalars[Kind.ENTROPY, "layer1.head0"] == f"pos{n - 1}.layer1.attn.head0.weight[0]"
    assert scalars[Kind.STREAM, "layer0.attn"] == f"pos{n - 1}.layer0.attn.residual[0]"


def test_what_was_shown_is_kept(session):
    found = []
    for step in (1, 3, 3, 7):
        session.go_to(step)
        found.append(measured(session))
    shown = found[-1].shown
    assert shown.updates.tolist() == [1, 3, 7]
    assert np.array_equal(shown.values, [found[0].values, found[1].values, found[3].values], equal_nan=True)
    assert np.array_equal(shown.reach, [found[0].reach, found[1].reach, found[3].reach])


def test_what_was_shown_ends_with_the_present(session):
    for step in (1, 3, 7):
        session.go_to(step)
        before = measured(session)
    values = before.shown.values.copy()
    session.go_to(4)
    assert measured(session).shown.updates.tolist() == [1, 3, 4]
    assert before.shown.updates.tolist() == [1, 3, 7]
    assert np.array_equal(before.shown.values, values, equal_nan=True)


def test_long_silence_over_what_was_shown(session):
    shown_at, fires = [1, 2, 4, 5, 6, 8, 9, 11, 13, 14, 15, 16, 20], []
    for step in shown_at:
        session.go_to(step)
        shown = measured(session).shown
        units = session.snapshot(0, Wanted(inquiries=frozenset([MlpUnits()]))).answer(MlpUnits())
        fires.append(units.fires.any(axis=1))
    dead = measured(session).places.columns(Kind.DEAD)
    for row in range(len(shown_at)):
        silent = np.zeros((2, 32), dtype=int)
        for layer, unit in np.ndindex(2, 32):
            while silent[layer, unit] <= row and not fires[row - silent[layer, unit]][layer, unit]:
                silent[layer, unit] += 1
        assert (shown.silent[row] == silent).all()
        if row < 9:
            assert (shown.reach[row, dead] == Reach.NOT_COMPUTED).all()
        else:
            assert shown.values[row, dead].tolist() == [sum(n >= 10 for n in layer) / 32 for layer in silent.tolist()]
    assert shown.silent.max() > 0


def test_half_an_update_is_not_kept(session):
    session.run(1)
    measured(session)
    session.go_to_place(Place(1, 100))
    assert measured(session).shown.updates.tolist() == [1]


def test_not_more_is_kept_than_there_is_room_for(session, monkeypatch):
    monkeypatch.setattr(health, "MOST_SHOWN", 3)
    told = []
    for _ in range(14):
        session.run(1)
        told.append(measured(session).shown.updates.tolist())
    assert told == [[u for u in range(1, step + 1) if u > step - 3] for step in range(1, 15)]


def test_answers_are_read_only(session):
    session.run(2)
    numbers = measured(session)
    for array in (numbers.values, numbers.reach, numbers.shown.updates, numbers.shown.values, numbers.shown.reach):
        assert not array.flags.writeable
