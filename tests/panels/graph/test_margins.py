"""Labels in the margins never lie upon each other."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.panels.graph.margins import chosen_labels, loss_texts, shown_part


@given(st.lists(st.floats(0, 500), max_size=60), st.floats(1, 40), st.integers(0, 59))
def test_chosen_labels_keep_their_distance(middles: list[float], size: float, preferred: int) -> None:
    first = [preferred] if preferred < len(middles) else []
    chosen = chosen_labels(middles, size, first)
    places = sorted(middles[i] for i in chosen)
    assert all(b - a >= size for a, b in itertools.pairwise(places))
    assert set(first) <= set(chosen)


def test_shown_part() -> None:
    assert shown_part(0, 10, 5, 20) == (5, 10)
    assert shown_part(0, 10, 10, 20) is None


@pytest.mark.parametrize(
    ("loss", "texts"),
    [(None, ("–", "–")), (2.3096, ("2.310", "2.31")), (0.004, ("0.004000", "<.01")), (0.0, ("0", "0.00"))],
)
def test_loss_texts(loss: float | None, texts: tuple[str, ...]) -> None:
    assert loss_texts(loss) == texts
