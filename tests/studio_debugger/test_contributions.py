"""Contributions to a chosen scalar, against plain Values whose backward pass starts at it."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.contributions import CellContributions, Contributions, InsideContributions
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.inside_numbers import InsideCells
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted

NAMES = ["emma", "ava", "mia", "li"]
SMALL = record(Configuration(8, n_layer=1, n_embd=4, n_head=2, block_size=4))


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


@pytest.fixture
def small_session() -> Session:
    settings = Settings(n_layer=1, n_embd=4, n_head=2, block_size=4, num_steps=8)
    return Session(settings, NAMES, SMALL, "four names")


def check(session: Session, plain, chosen: int) -> None:
    """Whether the answer is what the plain backward pass from the chosen scalar says, to the last bit."""
    root = plain.values[chosen]
    below = root.topological_order()
    for value in below:
        value.grad = 0.0
    root.backward()
    found = answer(session, Contributions(chosen))
    assert found.chosen == chosen
    ids = [plain.ids[value] for value in below]
    assert np.array_equal(np.flatnonzero(found.reach == Reach.KNOWN), np.sort(ids))
    derivative = np.array([value.grad for value in below])
    contribution = np.array([value.grad * value.data for value in below])
    assert np.array_equal(found.derivative[ids].view(np.int64), derivative.view(np.int64))
    assert np.array_equal(found.contribution[ids].view(np.int64), contribution.view(np.int64))
    others = found.reach != Reach.KNOWN
    assert np.isnan(found.derivative[others]).all()
    assert np.isnan(found.contribution[others]).all()
    live = np.isin(np.arange(len(others)), list(plain.values))
    assert (found.reach[others & live] == Reach.OUTSIDE).all()
    assert (found.reach[~live] == Reach.NOT_COMPUTED).all()
    assert not any(array.flags.writeable for array in (found.derivative, found.contribution, found.reach))


def of_every_kind(session: Session, live: list[int]) -> list[int]:
    """The last live scalar of every operation, tensor and place in an element's expression."""
    program = session.description.program
    inside = np.where(program.element < 0, 2, np.where(program.ordinal < 0, 0, 1))
    kinds = {
        (program.operation[scalar], program.tensors[program.tensor[scalar]].stage, inside[scalar]): scalar
        for scalar in live
    }
    return sorted(kinds.values())


@pytest.mark.parametrize("update", [0, 1, 2, 3])
def test_from_any_scalar_of_a_small_graph(small_session, plain_run_of, update):
    small_session.execution.go_to(Place(update, 0))
    small_session.execution.go_to(Place(update, small_session.execution.length))
    plain = plain_run_of(small_session)
    live = list(plain.values)
    for chosen in sorted({*of_every_kind(small_session, live), *live[update::29]}):
        check(small_session, plain, chosen)


def test_from_every_scalar_inside_one_sum_of_products(small_session, plain_run_of):
    small_session.update()
    plain = plain_run_of(small_session)
    q = small_session.description.addresses.parse("pos1.layer0.attn.q[2]")
    for chosen in range(q - 8, q + 1):
        check(small_session, plain, chosen)


@pytest.mark.parametrize("update", [0, 3])
def test_from_a_scalar_of_every_kind_of_two_layers(session, plain_run_of, update):
    session.execution.go_to(Place(update, 0))
    session.execution.go_to(Place(update, session.execution.lengths[0]))
    plain = plain_run_of(session)
    for chosen in of_every_kind(session, list(plain.values))[update::4]:
        check(session, plain, chosen)
    check(session, plain, session.description.program.loss)


def test_from_the_loss_they_are_the_gradients(session):
    session.update()
    found = answer(session, Contributions(session.description.program.loss))
    cells = session.execution.order
    assert np.array_equal(found.derivative[cells], session.runner.machine.grad[cells])


def test_at_every_moment(session, plain_run_of):
    session.execution.go_to(Place(2, 0))
    plain = plain_run_of(session)
    parse = session.description.addresses.parse
    forward, backward, _ = session.execution.lengths
    scalars = [parse(address) for address in ("wte[1,2]", "pos1.layer1.attn.q[3]", "pos2.layer0.mlp.fc1[5]", "loss")]
    for done in (0, forward // 2, forward, forward + backward // 2, session.execution.length):
        session.execution.go_to(Place(2, done))
        for chosen in scalars:
            number = session.execution.operation(0).scalar + done  # the prefix of the positions is in one piece
            if chosen < session.description.program.num_parameters or done >= forward or chosen < number:
                check(session, plain, chosen)
                continue
            found = answer(session, Contributions(chosen))
            below = [plain.ids[value] for value in plain.values[chosen].topological_order()]
            assert (found.reach[below] == Reach.NOT_COMPUTED).all()
            others = np.setdiff1d(list(plain.values), below)
            assert (found.reach[others] == Reach.OUTSIDE).all()
            assert np.isnan(found.derivative).all()
            assert np.isnan(found.contribution).all()


def test_of_a_scalar_that_a_short_document_does_not_have_nothing_is_known(session):
    program, machine = session.description.program, session.runner.machine
    while machine.positions == program.config.block_size:
        session.update()
    found = answer(session, Contributions(int(program.position_start[machine.positions]) + 5))
    assert (found.reach == Reach.NOT_COMPUTED).all()


def test_the_products_of_a_sum_add_up_to_it(session):
    session.update()
    parse, data = session.description.addresses.parse, session.runner.machine.data
    chosen = parse("pos2.layer1.attn.q[3]")
    found = answer(session, Contributions(chosen))
    products = [parse(f"pos2.layer1.attn.q[3].mul[{k}]") for k in range(8)]
    total = 0.0
    for product in products:
        total += found.contribution[product]
    assert total == data[chosen] == found.contribution[chosen]


def test_each_question_has_its_own_answer(session, plain_run_of):
    session.update()
    plain = plain_run_of(session)
    for chosen in (5000, 7000, 5000):
        check(session, plain, chosen)


@pytest.mark.parametrize(
    "address",
    [
        "pos0.embed[1]",
        "pos2.layer0.attn.q[1]",
        "pos3.layer0.mlp.fc1[5]",
        "pos1.prob[2]",
        "pos1.loss",
        "pos1.loss.log[0]",
        "pos3.loss",
        "loss.sum[2]",
        "loss.sum[3]",
        "loss",
        "wte[3,1]",
    ],
)
def test_the_same_question_to_one_document_after_the_other(small_session, plain_run_of, address):
    chosen = small_session.description.addresses.parse(address)
    lengths = set()
    for _ in range(5):
        small_session.update()
        plain = plain_run_of(small_session)
        lengths.add(small_session.runner.machine.positions)
        if chosen in plain.values:
            check(small_session, plain, chosen)
        else:
            assert (answer(small_session, Contributions(chosen)).reach == Reach.NOT_COMPUTED).all()
    assert len(lengths) > 1


def test_it_fits_where_there_is_such_a_scalar(session):
    program = session.description.program
    assert Contributions(0).fits(program)
    assert Contributions(program.loss).fits(program)
    assert not Contributions(program.num_scalars).fits(program)
    assert not Contributions(-1).fits(program)


@pytest.mark.parametrize("address", ["loss", "pos1.loss", "pos1.layer0.attn.q[1]", "wte[3,1]"])
def test_a_part_is_a_part_of_all(small_session, address):
    """Of cells, and inside cells, at every moment, whichever is asked first."""
    chosen = small_session.description.addresses.parse(address)
    expressions = small_session.description.expressions
    cells = np.arange(0, len(expressions.scalar), 3, dtype=np.int32)
    parts = [CellContributions(chosen), InsideContributions(chosen, cells.tobytes()), InsideCells.of(cells)]
    forward, backward, _ = small_session.execution.lengths
    for update in range(4):
        small_session.execution.go_to(Place(update, 0))
        forward, backward, _ = small_session.execution.lengths
        for done in (0, forward // 2, forward, forward + backward - 1, small_session.execution.length):
            small_session.execution.go_to(Place(update, done))
            found = small_session.snapshot(0, Wanted(inquiries=frozenset(parts)))
            whole = answer(small_session, Contributions(chosen))
            inside = found.answer(parts[2])
            for part, ids in ((parts[0], expressions.scalar), (parts[1], inside.ids)):
                numbers = found.answer(part)
                assert np.array_equal(numbers.derivative.view(np.int64), whole.derivative[ids].view(np.int64))
                assert np.array_equal(numbers.contribution.view(np.int64), whole.contribution[ids].view(np.int64))
                assert np.array_equal(numbers.reach, whole.reach[ids])
                assert not any(a.flags.writeable for a in (numbers.derivative, numbers.contribution, numbers.reach))
