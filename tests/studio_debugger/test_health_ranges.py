"""Marks of figures on states made up to be unwell, and where exactly each range ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from microgpt_studio.debugger.health import Health, HealthNumbers
from microgpt_studio.debugger.health_figures import Figure, Kind
from microgpt_studio.debugger.health_ranges import (
    LEAST_FOR_MEDIAN,
    MOST_UPDATE,
    Mark,
    Usual,
    judge,
    usual,
)
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted

Change = Callable[[str, Callable[[float], float]], None]


@pytest.fixture
def change(session: Session) -> Change:
    """Change all weights of a matrix before the first update."""

    def change(path: str, make: Callable[[float], float]) -> None:
        tensor = next(tensor for tensor in session.description.program.tensors if tensor.path == path)
        state = session.state()
        parameters = list(state.parameters)
        for p in range(tensor.start, tensor.stop):
            parameters[p] = make(parameters[p])
        session.restore(replace(state, parameters=parameters))

    return change


def measured(session: Session) -> HealthNumbers:
    session.run(1)
    numbers = session.snapshot(0, Wanted(inquiries=frozenset([Health()]))).answer(Health())
    assert numbers is not None
    return numbers


def limits_of(numbers: HealthNumbers, figure: Figure) -> Usual:
    return usual(numbers.places, figure, numbers.values, numbers.reach, np.empty(0))


def marks(numbers: HealthNumbers) -> dict[tuple[Kind, str], Mark]:
    """Of all known figures outside their usual range."""
    found = {
        (f.kind, f.name): judge(f, float(numbers.values[f.column]), limits_of(numbers, f))
        for f in numbers.places.figures
        if numbers.reach[f.column] == Reach.KNOWN
    }
    return {key: mark for key, mark in found.items() if mark is not Mark.NONE}


def figure(kind: Kind, name: str = "layer0.attn_wq") -> Figure:
    return Figure(kind, name, 0)


def test_all_units_of_a_layer_silent(session, change):
    change("layer0.mlp_fc1", lambda _: 0.0)
    found = marks(measured(session))
    assert found[Kind.SILENT, "layer0.mlp"] is Mark.HIGH
    assert (Kind.SILENT, "layer1.mlp") not in found
    for matrix in ("mlp_fc1", "mlp_fc2"):
        assert found[Kind.GRADIENT, f"layer0.{matrix}"] is Mark.ZERO
    assert found[Kind.UPDATE, "layer0.mlp_fc2"] is Mark.ZERO
    assert (Kind.UPDATE, "layer0.mlp_fc1") not in found  # weights of 0 have no ratio
    assert (Kind.GRADIENT, "layer1.mlp_fc1") not in found


def test_one_key_alone(session, change):
    change("layer1.attn_wq", lambda x: 1e5 * x)
    change("layer1.attn_wk", lambda x: 1e5 * x)
    found = marks(measured(session))
    assert {found[Kind.ENTROPY, f"layer1.head{head}"] for head in range(2)} == {Mark.LOW}


def test_all_keys_alike(session, change):
    change("layer1.attn_wq", lambda _: 0.0)
    numbers = measured(session)
    column = numbers.places.figures_of(Kind.ENTROPY)[2].column
    assert numbers.values[column] == pytest.approx(1.0)
    assert marks(numbers)[Kind.ENTROPY, "layer1.head0"] is Mark.HIGH


def test_a_stream_that_grows(session, change):
    change("layer0.mlp_fc2", lambda x: 300.0 * x)
    found = marks(measured(session))
    assert (Kind.STREAM, "layer0.attn") not in found
    assert {found[Kind.STREAM, stage] for stage in ("layer0.mlp", "layer1.attn", "layer1.mlp")} == {Mark.HIGH}


def test_an_embedding_that_rmsnorm_cannot_scale(session, change):
    change("wte", lambda x: 1e-4 * x)
    change("wpe", lambda x: 1e-4 * x)
    numbers = measured(session)
    found = marks(numbers)
    assert found[Kind.STREAM, "embed"] is Mark.LOW
    norm = next(f for f in numbers.places.figures_of(Kind.STREAM) if f.name == "norm")
    assert not limits_of(numbers, norm).is_there


def test_the_embedding_s_limit_is_where_rmsnorm_s_constant_is_as_large(session):
    numbers = measured(session)
    embed = numbers.places.figures_of(Kind.STREAM)[0]
    low = limits_of(numbers, embed).low
    assert low**2 / 8 == pytest.approx(1e-5)
    assert limits_of(numbers, embed).high == math.inf


def test_steps_that_are_too_large(session):
    """Adam's first step is about lr for every parameter, whatever the gradient: 0.01 beside 0.08."""
    found = marks(measured(session))
    assert found[Kind.UPDATE, "layer0.attn_wq"] is Mark.HIGH


def test_numbers_that_are_none(session, change):
    change("lm_head", lambda _: math.nan)
    found = marks(measured(session))
    assert found[Kind.GRADIENT, "all"] is Mark.NONFINITE
    assert found[Kind.UPDATE, "lm_head"] is Mark.NONFINITE
    assert (Kind.STREAM, "layer1.mlp") not in found


def test_a_spike_is_ten_times_the_median(session):
    places = measured(session).places
    past = np.array([1.0] * (LEAST_FOR_MEDIAN - 1) + [50.0])
    one = figure(Kind.GRADIENT)
    limits = usual(places, one, np.empty(0), np.empty(0, dtype=np.uint8), past)
    assert limits == Usual(high=10.0)
    assert judge(one, 10.0, limits) is Mark.NONE
    assert judge(one, math.nextafter(10.0, 11.0), limits) is Mark.HIGH


def test_a_median_of_few_numbers_says_nothing(session):
    places = measured(session).places
    past = np.array([1.0] * (LEAST_FOR_MEDIAN - 1) + [np.nan, np.inf])
    assert not usual(places, figure(Kind.GRADIENT), np.empty(0), np.empty(0, dtype=np.uint8), past).is_there


def test_without_the_norm_there_is_no_limit_of_growth(session):
    numbers = measured(session)
    last = numbers.places.figures_of(Kind.STREAM)[-1]
    reach = np.zeros_like(numbers.reach)
    assert not usual(numbers.places, last, numbers.values, reach, np.empty(0)).is_there
    assert limits_of(numbers, last).high == 10.0 * numbers.values[numbers.places.columns(Kind.STREAM).start + 1]


@pytest.mark.parametrize(
    ("kind", "value", "mark"),
    [
        (Kind.UPDATE, 0.0, Mark.ZERO),
        (Kind.UPDATE, 9e-5, Mark.LOW),
        (Kind.UPDATE, 1e-4, Mark.NONE),
        (Kind.UPDATE, 1e-2, Mark.NONE),
        (Kind.UPDATE, math.nextafter(MOST_UPDATE, 1.0), Mark.HIGH),
        (Kind.UPDATE, math.inf, Mark.NONFINITE),
        (Kind.SILENT, 0.0, Mark.NONE),
        (Kind.SILENT, 0.5, Mark.NONE),
        (Kind.SILENT, 33 / 64, Mark.HIGH),
        (Kind.DEAD, 1.0, Mark.HIGH),
        (Kind.ENTROPY, 0.04, Mark.LOW),
        (Kind.ENTROPY, 0.05, Mark.NONE),
        (Kind.ENTROPY, 0.98, Mark.NONE),
        (Kind.ENTROPY, 0.99, Mark.HIGH),
        (Kind.ENTROPY, math.nan, Mark.NONFINITE),
        (Kind.NATS, 100.0, Mark.NONE),
    ],
)
def test_where_ranges_end(session, kind, value, mark):
    numbers = measured(session)
    one = figure(kind)
    assert judge(one, value, limits_of(numbers, one)) is mark
