"""What is measured of heads, against loops over the machine's weights; and what is said of clear figures only."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.head_labels import FIRST_ROW, HeadPattern, HeadPatterns, Pattern, _measure
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def patterns(session: Session) -> tuple[HeadPattern, ...]:
    found = session.snapshot(0, Wanted(inquiries=frozenset({HeadPatterns()}))).answer(HeadPatterns())
    assert found is not None
    return found


def measured(weights: np.ndarray) -> HeadPattern:
    """Of one head whose weights (B, B) are given."""
    rows, means = np.zeros(1, dtype=np.int64), np.empty((1, 4))
    _measure(weights[None], FIRST_ROW, rows, means)
    return HeadPattern(int(rows[0]), *means[0].tolist())


def causal(weights) -> np.ndarray:
    return np.where(np.tri(len(weights), dtype=bool), weights, np.nan)


def test_the_means_are_those_of_plain_loops(session):
    session.run(4)
    machine, addresses = session.runner.machine, session.description.addresses
    found = patterns(session)
    assert len(found) == 4
    for tile, pattern in enumerate(found):
        layer, head = divmod(tile, 2)
        sums, rows = [0.0] * 4, 0
        for query in range(2, machine.positions):
            path = f"pos{query}.layer{layer}.attn.head{head}.weight"
            row = [float(machine.data[addresses.parse(f"{path}[{key}]")]) for key in range(query + 1)]
            entropy = 0.0
            for weight in row:
                entropy -= weight * math.log(weight)
            figures = row[query - 1], row[0], row[query], entropy / math.log(query + 1)
            sums = [total + figure for total, figure in zip(sums, figures, strict=True)]
            rows += 1
        assert pattern == HeadPattern(rows, *(total / rows for total in sums))
    assert all(each.pattern is Pattern.DIFFUSE for each in found)  # the weights are still nearly equal


def test_rows_that_are_not_complete_do_not_count(session):
    number = session.description.addresses.parse("pos3.layer0.attn.head1.weight[3]")
    session.go_to_place(Place(0, number - session.description.program.num_parameters))
    assert [each.rows for each in patterns(session)] == [2, 1, 1, 1]  # head 0 of layer 0 has its row 3
    session.go_to_place(Place(0, 0))
    nothing = patterns(session)[0]
    assert nothing.rows == 0 and nothing.pattern is Pattern.NONE and math.isnan(nothing.figure)


@pytest.mark.parametrize(
    ("weights", "pattern", "figure"),
    [
        (np.eye(6, k=-1) * 0.6 + 0.4 * np.eye(6), Pattern.PREVIOUS, 0.6),
        (np.eye(6) * 0.75 + 0.25 * np.eye(6, k=-1), Pattern.ITSELF, 0.75),
        (np.eye(6)[[0] * 6] * 0.75 + 0.25 * np.eye(6), Pattern.FIRST, 0.75),
        (np.tri(6) / np.arange(1, 7)[:, None], Pattern.DIFFUSE, 1.0),
        (np.eye(6) * 0.5 + 0.5 * np.eye(6, k=-1), Pattern.NONE, None),
    ],
)
def test_clear_patterns_have_a_label_and_others_none(weights, pattern, figure):
    found = measured(causal(weights))
    assert found.rows == 4
    assert found.pattern is pattern
    if figure is not None:
        assert found.figure == pytest.approx(figure)


def test_a_weight_of_0_adds_nothing_to_the_entropy():
    assert measured(causal(np.eye(4))).entropy == 0.0
