"""The plain algorithm: model, Adam, training, sampling."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt import model
from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration, draw_parameters, linear, rmsnorm, softmax
from microgpt.sample import check_temperature, generate
from microgpt.train import Training
from microgpt.value import Value

DOCUMENTS = ["ab", "ba", "bb"]
CONFIG = Configuration(3, n_layer=2, n_embd=4, n_head=2, block_size=3)


def training(num_steps: int = 60, adam: Adam | None = None) -> Training:
    return Training(DOCUMENTS, CONFIG, adam or Adam(), num_steps, 5)


def data(vector: list[Value]) -> list[float]:
    return [value.data for value in vector]


class TestModel:
    @pytest.mark.parametrize("size", ["vocab_size", "n_layer", "n_embd", "n_head", "block_size"])
    def test_sizes_below_1(self, size):
        with pytest.raises(ValueError, match=f"{size} is 0, but it has to be at least 1"):
            Configuration(**{"vocab_size": 3, size: 0})

    def test_heads_divide_the_width(self):
        assert Configuration(3, n_embd=12, n_head=3).head_size == 4
        with pytest.raises(ValueError, match="n_embd is 12 and n_head is 5"):
            Configuration(3, n_embd=12, n_head=5)

    def test_parameters_are_drawn_in_order(self):
        rng, again = random.Random(3), random.Random(3)
        matrices = draw_parameters(CONFIG, rng)
        assert list(matrices) == list(CONFIG.shapes())
        assert list(matrices)[:4] == ["wte", "wpe", "lm_head", "layer0.attn_wq"]
        for name, (rows, columns) in CONFIG.shapes().items():
            assert [data(row) for row in matrices[name]] == [
                [again.gauss(0, 0.08) for _ in range(columns)] for _ in range(rows)
            ]

    def test_linear(self):
        w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], [Value(0.0), Value(-1.0)]]
        assert data(linear([Value(10.0), Value(1.0)], w)) == [12.0, 34.0, -1.0]

    @given(st.lists(st.floats(-500, 500), min_size=1, max_size=6))
    def test_softmax(self, logits):
        probabilities = data(softmax([Value(x) for x in logits]))
        assert sum(probabilities) == pytest.approx(1)
        assert sorted(range(len(logits)), key=logits.__getitem__) == sorted(
            range(len(logits)), key=lambda i: (probabilities[i], logits[i])
        )

    @given(st.lists(st.floats(0.1, 100), min_size=1, max_size=6))
    def test_rmsnorm(self, x):
        normed = data(rmsnorm([Value(xi) for xi in x]))
        assert math.hypot(*normed) / math.sqrt(len(x)) == pytest.approx(1, rel=1e-3)

    def test_loss_of_equal_logits_is_that_of_guessing(self):
        parameters = draw_parameters(CONFIG, random.Random(1))
        for row in parameters["lm_head"]:
            for p in row:
                p.data = 0.0
        assert model.loss(parameters, CONFIG, [2, 0, 1, 2]).data == pytest.approx(math.log(3))

    def test_later_tokens_do_not_change_earlier_predictions(self):
        """Causality; and what is beyond the block is cut."""
        parameters = draw_parameters(CONFIG, random.Random(1))

        def logits(tokens: list[int]) -> dict[str, list[float]]:
            seen: dict[str, list[float]] = {}

            def name(path: str, vector: list[Value]) -> list[Value]:
                if path.endswith("logit"):
                    seen[path] = data(vector)
                return vector

            model.loss(parameters, CONFIG, tokens, name)
            return seen

        short, long = logits([2, 0, 2]), logits([2, 0, 1, 1, 0, 2])
        assert list(short) == ["pos0.logit", "pos1.logit"]
        assert list(long) == ["pos0.logit", "pos1.logit", "pos2.logit"]
        assert {path: long[path] for path in short} == short

    def test_gradient_is_the_slope(self):
        tokens = [2, 0, 1, 2]
        parameters = draw_parameters(CONFIG, random.Random(1))
        for matrix in parameters.values():
            for row in matrix:
                for p in row:
                    p.data *= 5
        model.loss(parameters, CONFIG, tokens).backward()
        for matrix in parameters.values():
            p = matrix[1][-1]
            slopes = []
            for h in (1e-6, -1e-6):
                p.data += h
                slopes.append(model.loss(parameters, CONFIG, tokens).data)
                p.data -= h
            assert p.grad == pytest.approx((slopes[0] - slopes[1]) / 2e-6, rel=1e-3, abs=1e-8)


class TestAdam:
    def test_rate_decays_to_0(self):
        assert [Adam(0.5).rate(step, 4) for step in range(5)] == [0.5, 0.375, 0.25, 0.125, 0.0]

    def test_first_update_has_the_size_of_the_rate(self):
        """The bias is undone: m_hat is the gradient, v_hat its square."""
        parameters = [Value(1.0), Value(1.0)]
        parameters[0].grad, parameters[1].grad = 1e-3, -20.0
        m, v = [0.0, 0.0], [0.0, 0.0]
        Adam().update(parameters, m, v, 0, 1000)
        assert data(parameters) == pytest.approx([1 - 0.01, 1 + 0.01], rel=1e-4)
        assert m == pytest.approx([0.15e-3, -3.0])
        assert v == pytest.approx([0.01e-6, 4.0])

    @pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
    @pytest.mark.parametrize("name", ["learning_rate", "eps"])
    def test_what_has_to_be_positive(self, name, value):
        with pytest.raises(ValueError, match=f"{name} is {value}, but it has to be positive and finite"):
            Adam(**{name: value})

    @pytest.mark.parametrize("value", [-0.1, 1.0, math.nan])
    @pytest.mark.parametrize("name", ["beta1", "beta2"])
    def test_what_has_to_be_below_1(self, name, value):
        with pytest.raises(ValueError, match=f"{name} is {value}, but it has to be at least 0 and below 1"):
            Adam(**{name: value})


class TestTraining:
    def test_it_learns(self):
        trainer = training(adam=Adam(0.05))
        losses = [trainer.update().loss for _ in range(60)]
        assert losses[0] == pytest.approx(math.log(3), rel=0.1)
        assert sum(losses[-6:]) / 6 < 0.8 * losses[0]

    def test_updates(self):
        trainer = training(num_steps=4)
        updates = [trainer.update() for _ in range(4)]
        assert [update.step for update in updates] == [1, 2, 3, 4]
        assert [update.lr for update in updates] == [0.01, 0.0075, 0.005, 0.0025]
        assert sorted(update.document for update in updates[:3]) == DOCUMENTS
        assert updates[3].document == updates[0].document
        assert updates[0].grad_norm > 0

    def test_seed_decides(self):
        losses = [Training(DOCUMENTS, CONFIG, Adam(), 9, seed).update().loss for seed in (1, 1, 2)]
        assert losses[0] == losses[1] != losses[2]

    def test_state(self):
        """A state is a copy: training on does not change it; restoring it brings all back."""
        trainer = training()
        trainer.update()
        state, numbers = trainer.state(), list(trainer.state().parameters)
        updates = [trainer.update() for _ in range(3)]
        assert list(state.parameters) == numbers
        trainer.restore(state)
        assert trainer.step == 1
        assert [trainer.update() for _ in range(3)] == updates
        assert list(state.m) != trainer.m


class TestSampling:
    TOKENIZER = Tokenizer(("a", "b"))

    def draw(self, logits: list[float], temperature: float = 1.0, seed: int = 1, block_size: int = 8) -> str:
        def next_logits(token: int, position: int) -> list[Value]:
            return [Value(x) for x in logits]

        return generate(next_logits, self.TOKENIZER, block_size, random.Random(seed), temperature)

    def test_ends_at_bos_or_with_the_block(self):
        assert self.draw([0.0, 0.0, 1000.0]) == ""
        assert self.draw([1000.0, 0.0, 0.0], block_size=5) == "aaaaa"

    def test_it_reads_what_it_wrote(self):
        seen = []

        def next_logits(token: int, position: int) -> list[Value]:
            seen.append((token, position))
            return [Value(1000.0 * (position == i)) for i in range(3)]

        assert generate(next_logits, self.TOKENIZER, 9, random.Random(1), 1.0) == "ab"
        assert seen == [(2, 0), (0, 1), (1, 2)]

    def test_temperature(self):
        """Low sharpens, high flattens."""
        counts = [sum(self.draw([1.0, 0.0, 0.0], t, seed, 1) == "a" for seed in range(300)) for t in (0.1, 1.0, 50.0)]
        assert counts[0] > 295 > counts[1] > 140 > counts[2] > 60

    @pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf])
    def test_bad_temperature(self, temperature):
        with pytest.raises(ValueError, match=f"temperature is {temperature}, but it has to be positive and finite"):
            check_temperature(temperature)

    def test_predictor_reads_one_document(self):
        trainer = training()
        first, second = trainer.predictor(), trainer.predictor()
        once = data(first(2, 0))
        first(0, 1)
        assert data(second(2, 0)) == once
