"""The table's lines are the shares of the answer, in the order of the forward pass, with sums that add up."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.paths import PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.shares import Shares
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.paths.share_lines import as_text, largest_deviation, share_lines


def shares_of(session: Session, address: str) -> Shares:
    inquiry = PathsOf(session.description.addresses.parse(address))
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None and answer.shares is not None
    return answer.shares


@pytest.fixture
def shares(session: Session) -> Shares:
    session.run(2)
    return shares_of(session, "wpe[1,3]")


def test_lines_go_from_the_embedding_to_the_loss(shares):
    lines = share_lines(shares, ())
    blocks = [f"layer{layer}.{block}" for layer in range(2) for block in ("attn", "mlp")]
    assert [line.label for line in lines if line.begins] == ["embed", *blocks, "loss"]
    assert [line.label for line in lines] == [
        "embed",
        *[label for block in blocks for label in (block, "past it", "sum")],
        "loss",
    ]


def test_the_sum_of_a_block_is_what_goes_through_and_past(shares):
    lines = share_lines(shares, ())
    for i, line in enumerate(lines):
        if line.is_sum:
            branch, skip = lines[i - 2], lines[i - 1]
            assert line.shares.tolist() == [a + b for a, b in zip(branch.shares, skip.shares, strict=True)]
            assert line.passes.tolist() == (branch.passes | skip.passes).tolist()
            assert line.total == pytest.approx(1.0, abs=1e-9)
            assert line.total == pytest.approx(sum(line.shares), abs=1e-9)


def test_inside_of_a_block_its_parts_add_up_to_it(shares):
    lines = share_lines(shares, {"layer1.attn"})
    inner = [line for line in lines if line.is_inner]
    assert [line.label for line in inner] == ["q", "k", "v", "head0", "head1"]
    branch = next(line for line in lines if line.label == "layer1.attn")
    assert branch.is_open and branch.opens == "layer1.attn"
    for parts in (inner[:3], inner[3:]):
        assert sum(line.total for line in parts) == pytest.approx(branch.total, abs=1e-9)
    assert not next(line for line in lines if line.label == "layer0.attn").is_open


def test_what_the_scalar_comes_after_is_one_line_without_a_number(session):
    session.run(2)
    lines = share_lines(shares_of(session, "lm_head[0,0]"), {"layer0.attn"})
    assert [line.label for line in lines] == ["embed", "layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp", "loss"]
    assert [line.total is None for line in lines] == [True] * 5 + [False]
    assert not any(line.passes.any() for line in lines[:-1])


def test_the_largest_deviation_is_of_the_sums_of_all_paths(shares, session):
    whole = [line.total for line in share_lines(shares, ()) if line.is_sum or line.label in ("embed", "loss")]
    assert largest_deviation(shares) == max(abs(total - 1.0) for total in whole)
    assert largest_deviation(shares) < 1e-9
    assert largest_deviation(shares_of(session, "loss")) == 0.0


def test_what_is_copied_has_every_share(shares):
    lines = share_lines(shares, ())
    characters = [str(position) for position in range(shares.share.shape[1])]
    rows = [row.split("\t") for row in as_text(lines, characters).splitlines()]
    assert rows[0] == ["share of the gradient", *characters, "sum"]
    for line, row in zip(lines, rows[1:], strict=True):
        assert row[0] == line.meaning
        numbers = [float(cell) if cell else None for cell in row[1:]]
        expected = [float(share) if passes else None for share, passes in zip(line.shares, line.passes, strict=True)]
        assert numbers == [*expected, line.total]
    assert not np.isnan(shares.share).any()
