"""What is measured of heads, against loops over the machine's weights; and what is said of clear figures only."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microgpt_studio.debugger import head_labels
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.head_labels import FIRST_ROW, HeadMeasures, HeadPattern, HeadPatterns, Pattern, _add_rows
from microgpt_studio.debugger.head_places import head_name
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def measures(session: Session) -> HeadMeasures:
    found = session.snapshot(0, Wanted(inquiries=frozenset({HeadPatterns()}))).answer(HeadPatterns())
    assert found is not None
    return found


def patterns(session: Session) -> tuple[HeadPattern, ...]:
    return measures(session).present


def measured(weights: np.ndarray) -> HeadPattern:
    """Of one head whose weights (B, B) are given."""
    rows, sums = np.zeros(1, dtype=np.int64), np.zeros((1, 4))
    _add_rows(weights[None], FIRST_ROW, rows, sums)
    return HeadPattern(int(rows[0]), *(sums[0] / rows[0]).tolist())


def causal(weights) -> np.ndarray:
    return np.where(np.tri(len(weights), dtype=bool), weights, np.nan)


def figures(session: Session, tile: int) -> list[list[float]]:
    """What counts of each row of a head in the loaded document, by plain loops."""
    machine, addresses = session.runner.machine, session.description.addresses
    layer, head = divmod(tile, 2)
    found = []
    for query in range(2, machine.positions):
        path = f"pos{query}.layer{layer}.attn.head{head}.weight"
        row = [float(machine.data[addresses.parse(f"{path}[{key}]")]) for key in range(query + 1)]
        entropy = 0.0
        for weight in row:
            entropy -= weight * math.log(weight)
        found.append([row[query - 1], row[0], row[query], entropy / math.log(query + 1)])
    return found


def means(rows: list[list[float]]) -> HeadPattern:
    totals = [0.0] * 4
    for row in rows:
        totals = [total + figure for total, figure in zip(totals, row, strict=True)]
    return HeadPattern(len(rows), *(total / len(rows) for total in totals))


def test_the_means_are_those_of_plain_loops(session):
    session.run(4)
    found = patterns(session)
    assert found == tuple(means(figures(session, tile)) for tile in range(4))
    assert all(each.pattern is Pattern.DIFFUSE for each in found)  # the weights are still nearly equal


@pytest.mark.parametrize(("updates", "documents"), [(1, 1), (4, 4), (19, 16)])
def test_the_latest_documents_are_read_with_the_parameters_of_this_update(session, updates, documents):
    session.run(updates)
    found = measures(session)
    assert found.documents == documents
    machine, parameters = session.runner.machine, session.description.program.num_parameters
    used = machine.data[:parameters].copy()
    rows: list[list[list[float]]] = [[], [], [], []]
    for update in range(updates - documents, updates):
        machine.parameters[:] = used
        machine.load(session.runner.tokenizer.encode(session.runner.document(update)))
        machine.forward_all()
        for tile in range(4):
            rows[tile] += figures(session, tile)
    assert found.recent == tuple(map(means, rows))


def test_what_trains_is_not_touched(session):
    session.run(3)
    session.go_to_place(Place(2, 900))
    machine = session.runner.machine
    before = machine.data.copy(), machine.grad.copy(), machine.first.copy(), machine.constants.copy()
    measures(session)
    for numbers, was in zip((machine.data, machine.grad, machine.first, machine.constants), before, strict=True):
        assert numbers.tobytes() == was.tobytes()


def test_of_a_large_program_only_the_present_document_is_measured(session, monkeypatch):
    monkeypatch.setattr(head_labels, "MOST_SCALARS", 1000)
    session.update()
    found = measures(session)
    assert (found.documents, found.recent) == (0, ())
    assert found.present[0].rows == session.runner.machine.positions - 2


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


def test_names_of_heads():
    assert head_name(0, 3, 1) == "head3"
    assert head_name(2, 3, 4) == "L2H3"
