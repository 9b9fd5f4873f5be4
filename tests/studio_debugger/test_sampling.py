"""Samples, whole and token by token, against the plain model and plain `random` with the same parameters and seed."""

from __future__ import annotations

import bisect
import random
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from microgpt.adam import Adam
from microgpt.model import Matrix, gpt, softmax
from microgpt.sample import generate, predictor
from microgpt.settings import Settings
from microgpt.value import Value
from microgpt_studio.debugger import sampling_inquiries
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.sampling import Origin, Sampler, order_by_size
from microgpt_studio.debugger.sampling_inquiries import DrawSamples, Samples, Traced, TraceSample
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
TEMPERATURES = [0.5, 1.0, 0.1, 3.7]


def plain_parameters(session: Session, numbers: Any = None) -> dict[str, Matrix]:
    """The parameters of the present moment, or others, as plain Values."""
    numbers = iter((session.runner.machine.parameters if numbers is None else numbers).tolist())
    return {
        name: [[Value(next(numbers)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in session.runner.config.shapes().items()
    }


def plain_samples(session: Session, count: int, temperature: float, seed: int) -> list[str]:
    """As `microgpt sample` draws them."""
    reader, rng = predictor(plain_parameters(session), session.runner.config), random.Random(seed)
    tokenizer, block_size = session.runner.tokenizer, session.runner.config.block_size
    documents = []
    for _ in range(count):
        reader = predictor(plain_parameters(session), session.runner.config)
        documents.append(generate(reader, tokenizer, block_size, rng, temperature))
    return documents


def ask(session: Session, *inquiries: Inquiry[Any], patience: int = 1000) -> list[Any]:
    """The answers, when they grow no more, asked again and again as a panel does."""
    wanted = Wanted(inquiries=frozenset(inquiries))
    for _ in range(patience):
        snapshot = session.snapshot(1, wanted)
        if not session.is_tracing:
            return [snapshot.answer(each) for each in inquiries]
        session.trace_on(lambda: True)
    raise AssertionError("it grows for ever")


def sampler(session: Session, temperature: float = 1.0, seed: int = 42) -> Sampler:
    description = session.description
    return Sampler(description.program, description.tokenizer, Origin.of(session.execution), temperature, seed)


@pytest.fixture
def trained(session: Session) -> Session:
    session.run(5)
    return session


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("seed", [42, 0, -7])
def test_the_same_draws_as_the_plain_model(trained: Session, temperature: float, seed: int) -> None:
    expected = plain_samples(trained, 4, temperature, seed)
    ours, traced = sampler(trained, temperature, seed), sampler(trained, temperature, seed)
    traces = [traced.trace() for _ in range(4)]
    assert [ours.draw() for _ in range(4)] == expected == [trace.document for trace in traces]
    assert ours.numbers == traced.numbers == sum(trace.length for trace in traces)
    rng = random.Random(seed)
    for trace in traces:
        assert trace.numbers.tolist() == [rng.random() for _ in range(trace.length)]


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_every_number_of_every_step_is_the_plain_one(trained: Session, temperature: float) -> None:
    config, parameters = trained.runner.config, plain_parameters(trained)
    ours = sampler(trained, temperature, 3)
    for _ in range(3):
        trace = ours.trace()
        keys: Any = [[] for _ in range(config.n_layer)]
        values: Any = [[] for _ in range(config.n_layer)]
        seen: dict[str, list[float]] = {}

        def name(address: str, vector: list[Value], seen: dict[str, list[float]] = seen) -> list[Value]:
            seen[address] = [value.data for value in vector]
            return vector

        token = trained.runner.tokenizer.bos
        for step in range(trace.length):
            assert trace.read[step] == token
            logits = gpt(parameters, config, token, step, keys, values, name)
            assert trace.logits[step].tolist() == [logit.data for logit in logits]
            assert trace.plain[step].tolist() == [p.data for p in softmax(logits)]
            probs = [p.data for p in softmax([logit / temperature for logit in logits])]
            assert trace.probs[step].tolist() == probs
            sums = list(accumulate(probs))
            assert trace.cumulative[step].tolist() == sums
            assert trace.points[step] == trace.numbers[step] * sums[-1]
            token = bisect.bisect(sums, float(trace.points[step]), 0, len(sums) - 1)
            assert trace.drawn[step] == token
            low, high = trace.interval(step)
            assert low <= trace.points[step] < high
            assert high == sums[token] and low == (sums[token - 1] if token else 0.0)
            assert trace.cached(step) == sum(len(row) for cache in (keys, values) for layer in cache for row in layer)
            for layer in range(config.n_layer):
                for cache, plain in ((trace.keys, keys), (trace.values, values)):
                    assert cache[layer, : step + 1].tolist() == [[x.data for x in row] for row in plain[layer]]
                for head in range(config.n_head):
                    weights = seen[f"pos{step}.layer{layer}.attn.head{head}.weight"]
                    assert trace.weights[layer, head, step, : step + 1].tolist() == weights
                    assert np.isnan(trace.weights[layer, head, step, step + 1 :]).all()


def test_a_document_ends_at_bos_or_where_the_block_is_full(trained: Session) -> None:
    ours, config, tokenizer = sampler(trained, 3.7, 1), trained.runner.config, trained.runner.tokenizer
    traces = [ours.trace() for _ in range(30)]
    finished = [trace for trace in traces if trace.is_finished]
    full = [trace for trace in traces if not trace.is_finished]
    assert finished and full
    for trace in finished:
        assert trace.drawn[-1] == tokenizer.bos and trace.length == len(trace.document) + 1
    for trace in full:
        assert trace.length == config.block_size == len(trace.document) and tokenizer.bos not in trace.drawn


def test_numbers_that_others_took_can_be_skipped(trained: Session) -> None:
    first, second = sampler(trained), sampler(trained)
    documents = [first.draw() for _ in range(3)]
    second.skip(sum(min(len(document) + 1, trained.runner.config.block_size) for document in documents))
    assert second.trace().document == first.draw() and second.numbers == first.numbers


def test_tokens_by_size() -> None:
    assert list(order_by_size(np.array([0.2, 0.5, 0.1, 0.2]))) == [1, 0, 3, 2]


def test_a_trace_cannot_be_changed(trained: Session) -> None:
    trace = sampler(trained).trace()
    for array in (trace.probs, trace.weights, trace.keys, trace.read, trace.numbers):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


# Inquiries


def test_samples_that_are_asked_for_are_those_of_the_session(trained: Session) -> None:
    before = trained.runner.machine.data.copy(), trained.runner.machine.parameters.copy()
    (samples,) = ask(trained, DrawSamples(1, 5, 0.5, 42))
    assert list(samples.documents) == trained.sample(5, 0.5, 42) and samples.is_complete
    assert samples.starts[0] == 0 and len(samples.starts) == 5 and samples.origin.step == 5
    assert np.array_equal(before[0], trained.runner.machine.data)
    assert np.array_equal(before[1], trained.runner.machine.parameters)
    (again,) = ask(trained, DrawSamples(1, 5, 0.5, 42))
    assert again is samples


def test_samples_grow_and_stay_those_of_the_moment_at_which_they_were_asked_for(
    trained: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling_inquiries, "PORTION", 0.0)
    expected, inquiry = trained.sample(6, 1.0, 9), DrawSamples(1, 6, 1.0, 9)
    wanted = Wanted(inquiries=frozenset({inquiry}))
    lengths = []
    while True:
        samples = trained.snapshot(1, wanted).answer(inquiry)
        assert isinstance(samples, Samples) and samples.origin.step == 5
        assert list(samples.documents) == expected[: len(samples.documents)]
        lengths.append(len(samples.documents))
        if samples.is_complete:
            break
        trained.update()
        trained.trace_on(lambda: True)
    assert lengths == [1, 3, 5, 6]


@pytest.mark.parametrize("sample", [1, 4])
def test_the_nth_sample_of_a_seed(trained: Session, sample: int) -> None:
    expected = trained.sample(4, 1.0, 9)[sample - 1]
    (traced,) = ask(trained, TraceSample(1, sample, 1.0, 9))
    assert isinstance(traced, Traced) and traced.trace is not None
    assert traced.trace.document == expected and traced.before == sample - 1 and traced.is_complete


def test_a_sample_is_traced_as_it_was_drawn_though_training_has_gone_on(trained: Session) -> None:
    (samples,) = ask(trained, DrawSamples(1, 6, 1.0, 9))
    trained.run(10)
    for i, document in enumerate(samples.documents):
        inquiry = TraceSample(i, i + 1, 1.0, 9, samples.origin, samples.starts[i])
        (traced,) = ask(trained, inquiry)
        assert traced.trace.document == document and traced.origin is samples.origin
    assert trained.sample(6, 1.0, 9) != list(samples.documents)


def test_a_sample_from_the_past_is_that_of_the_time(trained: Session) -> None:
    (first,) = ask(trained, TraceSample(1, 2, 1.0, 9))
    trained.run(10)
    trained.go_to(5)
    (second,) = ask(trained, TraceSample(2, 2, 1.0, 9))
    assert second is not first and second.origin.step == 5
    assert np.array_equal(first.trace.logits, second.trace.logits)
    assert np.array_equal(first.origin.parameters, second.origin.parameters)


def test_half_way_through_adam_the_parameters_are_those_of_the_moment(trained: Session) -> None:
    program = trained.description.program
    trained.go_to_place(Place(5, sum(trained.execution.lengths) - program.num_parameters + 100))
    assert trained.execution.place.done < trained.execution.length
    (traced,) = ask(trained, TraceSample(1, 1, 1.0, 9))
    assert traced.origin.num_updated == 100 and traced.origin.step == 5
    assert traced.trace.document == plain_samples(trained, 1, 1.0, 9)[0]
    trained.go_to_place(Place(5, 10))
    (earlier,) = ask(trained, TraceSample(2, 1, 1.0, 9))
    assert earlier.origin.num_updated == 0
    changed = earlier.origin.parameters != traced.origin.parameters
    assert changed[:100].any() and not changed[100:].any()


def test_numbers_that_have_given_out_are_told(program: Any) -> None:
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20, adam=Adam(learning_rate=1e200))
    session = Session(settings, NAMES, program, "eight names")
    session.run(3)
    samples, traced = ask(session, DrawSamples(1, 5, 1.0, 1), TraceSample(1, 3, 1.0, 1))
    for answer in (samples, traced):
        assert answer.is_complete and answer.reason.startswith(f"No sample can be drawn after update {session.step}: ")
    assert traced.trace is None and samples.documents == ()


@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-308])
def test_a_temperature_that_is_too_small_for_floats_is_named(trained: Session, temperature: float) -> None:
    trained.runner.machine.parameters[:] *= 10  # the logits are far from 0
    for answer in ask(trained, DrawSamples(1, 5, temperature, 1), TraceSample(1, 3, temperature, 1)):
        assert answer.reason == (
            f"No sample can be drawn after update {trained.step}: at temperature {temperature!r} the logits ÷ "
            "temperature are too large for a float; choose a larger temperature, such as 0.5."
        )


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf"), 5e-324])
def test_a_temperature_that_cannot_be_is_told(trained: Session, temperature: float) -> None:
    samples, traced = ask(trained, DrawSamples(1, 5, temperature, 1), TraceSample(1, 3, temperature, 1))
    assert samples.reason == traced.reason and samples.reason is not None
    assert samples.documents == () and traced.trace is None


def test_an_origin_of_other_sizes_is_not_asked_about(trained: Session) -> None:
    origin = Origin(0, 0, np.zeros(3))
    assert TraceSample(1, 1, 1.0, 1).fits(trained.description.program)
    assert not TraceSample(1, 1, 1.0, 1, origin).fits(trained.description.program)
