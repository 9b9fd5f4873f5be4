"""Groups of contributions are those of plain Python, put together by hand."""

from __future__ import annotations

import math

import pytest

from microgpt.value import Value
from microgpt_studio.debugger.contribution_groups import Grouping, Groups, grouped
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Consumer, Explanation, Wanted


def explained(session: Session, address: str) -> Explanation:
    scalar = session.description.addresses.parse(address)
    explanation = session.snapshot(1, Wanted(selection=scalar)).explanation
    assert explanation is not None
    return explanation


def groups_of(session: Session, address: str, grouping: Grouping) -> Groups:
    tokens = session.snapshot(1, Wanted()).moment.tokens
    return grouped(explained(session, address).consumers, grouping, session.description.program, tokens)


def by_hand(session: Session, value: Value, run, grouping: Grouping) -> dict[object, list[float]]:
    """The contributions of each group, from the plain run and from addresses alone."""
    tokens = session.snapshot(1, Wanted()).moment.tokens
    found: dict[object, list[float]] = {}
    for consumer, grad, derivative in run.contributions[value]:
        address = session.description.addresses.format(consumer)
        position = int(address.removeprefix("pos").split(".")[0])
        stage = address.split(".", 1)[1].split("[")[0].split(".mul")[0].split(".sum")[0].split(".pow")[0]
        key = {Grouping.POSITION: position, Grouping.CHARACTER: tokens[position], Grouping.CONSUMER: stage}[grouping]
        found.setdefault(key, []).append(derivative * grad)
    return found


@pytest.mark.parametrize("grouping", Grouping)
@pytest.mark.parametrize(
    "address", ["layer0.attn_wq[0,0]", "lm_head[2,3]", "layer1.mlp_fc1[3,1]", "pos0.layer0.attn.v[1]", "pos0.embed[2]"]
)
def test_groups_are_plain_python_s(session: Session, plain_run_of, address: str, grouping: Grouping) -> None:
    session.run(5)  # "sophia" and the like: characters that occur twice among them
    run = plain_run_of(session)
    expected = by_hand(session, run.values[session.description.addresses.parse(address)], run, grouping)
    groups = groups_of(session, address, grouping)
    assert [group.key for group in groups.groups] == list(expected)
    for group, numbers in zip(groups.groups, expected.values(), strict=True):
        subtotal = 0.0
        for number in numbers:
            subtotal += number
        assert group.subtotal.hex() == subtotal.hex()
        assert [consumer.contribution for consumer in group.consumers] == numbers
        assert group.share == subtotal / groups.absolute
    absolute = 0.0
    for group in groups.groups:
        absolute += abs(group.subtotal)
    assert groups.absolute == absolute
    assert math.isclose(sum(abs(group.share) for group in groups.groups), 1.0)
    assert math.isclose(groups.total, explained(session, address).grad, rel_tol=1e-9)


def test_every_contribution_is_in_one_group(session: Session) -> None:
    session.run(1)
    explanation = explained(session, "layer0.attn_wk[1,1]")
    for grouping in Grouping:
        groups = groups_of(session, "layer0.attn_wk[1,1]", grouping)
        together = [consumer for group in groups.groups for consumer in group.consumers]
        assert sorted(c.scalar for c in together) == sorted(c.scalar for c in explanation.consumers)


def test_characters_that_occur_twice_stand_together(session: Session) -> None:
    while session.update().document != "isabella":
        pass
    groups = groups_of(session, "layer0.attn_wq[0,0]", Grouping.CHARACTER).groups
    a = session.description.tokenizer.encode("a")[1]
    sizes = {group.key: len(group.consumers) for group in groups}
    assert len(groups) == 7  # BOS, i, s, a, b, e, l
    assert sizes[a] == 1  # the last a is a target, and no position reads it
    assert sizes[session.description.tokenizer.encode("l")[1]] == 2


def test_what_belongs_to_no_position_has_no_key(session: Session) -> None:
    session.run(1)
    for grouping in (Grouping.POSITION, Grouping.CHARACTER):
        assert None in [group.key for group in groups_of(session, "pos1.loss", grouping).groups]


@pytest.mark.parametrize("contributions", [[], [0.0, -0.0], [1.0, math.inf], [math.nan]])
def test_where_there_are_no_shares(session: Session, contributions: list[float]) -> None:
    scalar = session.description.addresses.parse("pos0.embed[0]")
    consumers = [Consumer(scalar, "a", "mul", 1.0, x, x, 0.0) for x in contributions]
    for group in grouped(consumers, Grouping.POSITION, session.description.program, (0, 1)).groups:
        assert math.isnan(group.share)


def test_opposite_signs_cancel_in_the_total_and_not_in_the_shares(session: Session) -> None:
    address = session.description.addresses.parse
    consumers = [
        Consumer(address("pos0.embed[0]"), "a", "mul", 1.0, 3.0, 3.0, 3.0),
        Consumer(address("pos1.embed[0]"), "b", "mul", 1.0, -1.0, -1.0, 2.0),
    ]
    groups = grouped(consumers, Grouping.POSITION, session.description.program, (0, 1, 2))
    assert [group.share for group in groups.groups] == [0.75, -0.25]
    assert (groups.total, groups.absolute) == (2.0, 4.0)
