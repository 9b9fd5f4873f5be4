"""Descent on given gradients against a loop in plain Python."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from microgpt_studio.debugger.sgd import Match, descend, matched_rate

UPDATES, TOTAL = 30, 40


@pytest.fixture
def gradients():
    rng = random.Random(3)
    numbers = [rng.gauss(0, 0.02) for _ in range(UPDATES)]
    numbers[0] = 0.0
    return np.array(numbers)


@pytest.fixture
def shares():
    return 1 - np.arange(UPDATES) / TOTAL


def test_plain_sgd_is_that_of_plain_python(gradients, shares):
    w, changes, weights = 0.3, [], []
    for step, g in enumerate(gradients.tolist()):
        change = 0.7 * (1 - step / TOTAL) * g
        w -= change
        changes.append(change)
        weights.append(w)
    found = descend(0.3, gradients, shares, 0.7)
    assert (found.changes.tolist(), found.weights.tolist()) == (changes, weights)
    assert not found.weights.flags.writeable


def test_momentum_is_that_of_plain_python(gradients, shares):
    w, v, changes, weights = 0.3, 0.0, [], []
    for step, g in enumerate(gradients.tolist()):
        v = 0.9 * v + g
        change = 0.7 * (1 - step / TOTAL) * v
        w -= change
        changes.append(change)
        weights.append(w)
    found = descend(0.3, gradients, shares, 0.7, 0.9)
    assert (found.changes.tolist(), found.weights.tolist()) == (changes, weights)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_learning_rates_make_it_comparable(gradients, shares, momentum):
    changes = np.array([0.01 * (-1) ** i for i in range(UPDATES)])
    rate = matched_rate(Match.PATH, 0.01, changes, gradients, shares, momentum)
    assert np.abs(descend(0.0, gradients, shares, rate, momentum).changes).sum() == pytest.approx(0.01 * UPDATES)
    rate = matched_rate(Match.FIRST, 0.01, changes, gradients, shares, momentum)
    moves = descend(0.0, gradients, shares, rate, momentum).changes
    assert moves[0] == 0.0
    assert abs(moves[1]) == pytest.approx(0.01)
    assert matched_rate(Match.SAME, 0.01, changes, gradients, shares, momentum) == 0.01


def test_without_a_gradient_there_is_no_learning_rate(shares):
    nothing = np.zeros(UPDATES)
    assert math.isnan(matched_rate(Match.PATH, 0.01, nothing, nothing, shares))
    assert math.isnan(matched_rate(Match.FIRST, 0.01, nothing, nothing, shares))
    assert len(descend(1.0, np.empty(0), np.empty(0), 0.1).weights) == 0
