"""A number that is not finite leads back to the first one out of line, each step to an operand or a consumer."""

import math
from itertools import pairwise

import numpy as np
import pytest

from microgpt.train import State
from microgpt_studio.debugger.causes import LONGEST, is_ordinary
from microgpt_studio.debugger.derivatives import operand_ids
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Link, Wanted
from microgpt_studio.debugger.stop import Reason

END = 10**9


def chain(session: Session, scalar: int) -> tuple[Link, ...]:
    explanation = session.snapshot(1, Wanted(selection=scalar)).explanation
    assert explanation is not None
    return explanation.chain


def parse(session: Session, address: str) -> int:
    return session.description.addresses.parse(address)


def with_parameters(session: Session, **factors: float) -> Session:
    """The session begun anew with some matrices multiplied."""
    program, parameters = session.description.program, session.runner.machine.parameters.copy()
    for tensor in program.tensors:
        if tensor.path in factors:
            parameters[tensor.start : tensor.stop] *= factors[tensor.path]
    return begun(session, parameters)


def begun(session: Session, parameters: np.ndarray) -> Session:
    zeros = [0.0] * len(parameters)
    session.restore(State(0, parameters.tolist(), zeros, zeros))
    return session


def same(a: float | None, b: float) -> bool:
    return a is not None and (a == b or (math.isnan(a) and math.isnan(b)))


def check_links(session: Session, links: tuple[Link, ...]) -> None:
    """Each number is the machine's, each link is made from the next, and all but the last are out of line."""
    machine, program = session.runner.machine, session.description.program
    assert 1 <= len(links) <= LONGEST
    for link in links:
        assert link.address == session.description.addresses.format(link.scalar)
        numbers = machine.data if link.quantity is Quantity.DATA else machine.grad
        assert link.value is None or same(link.value, float(numbers[link.scalar]))
        assert link.value is None or not is_ordinary(link.value)
        assert not (link.origin and link is not links[-1])
    for earlier, later in pairwise(links):
        if later.skipped:
            assert earlier.operation == later.operation == "sum"
            assert program.element[earlier.scalar] == program.element[later.scalar]
            assert abs(earlier.scalar - later.scalar) > later.skipped
        elif earlier.quantity is Quantity.GRAD and later.quantity is Quantity.GRAD:
            assert earlier.scalar in operand_ids(machine, later.scalar)
        elif earlier.quantity is Quantity.DATA and later.scalar not in operand_ids(machine, earlier.scalar):
            assert ".logit[" in later.address or ".score[" in later.address  # by the softmax's maximum


def test_nothing_is_wrong_with_ordinary_numbers(session):
    for scalar in range(0, session.description.program.num_scalars, 211):
        assert chain(session, scalar) == ()
    session.update()
    for scalar in range(0, session.description.program.num_scalars, 211):
        assert chain(session, scalar) == ()


def test_what_is_only_not_computed_yet_has_no_cause(session):
    session.execution.go_to(Place(0, 4000))
    for scalar in range(4000, session.description.program.num_scalars, 37):
        assert chain(session, scalar) == ()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("address", ["layer0.attn_wq[3,2]", "lm_head[1,4]", "wpe[1,0]"])
def test_a_parameter_that_is_not_finite_is_found_from_the_loss(session, address, number):
    parameters = session.runner.machine.parameters.copy()
    parameters[parse(session, address)] = number
    begun(session, parameters).execution.go_to(Place(0, END))
    program = session.description.program
    wrong = np.flatnonzero(~np.isfinite(session.runner.machine.data))
    first = int(wrong[wrong >= program.num_parameters][0])
    links = chain(session, first)
    check_links(session, links)
    assert (links[0].scalar, links[-1].scalar) == (first, parse(session, address))
    assert (links[-1].operation, links[-1].origin) == ("parameter", True)
    scalar, seen = int(wrong[-1]), []
    while not seen or not seen[-1].origin:
        links = chain(session, scalar)
        check_links(session, links)
        seen += links
        scalar = links[-1].scalar
    assert seen[-1].scalar == parse(session, address)


def test_a_fault_leads_back_to_what_caused_it(session):
    with_parameters(session, lm_head=1e4)
    stop = session.proceed()
    assert stop.reason is Reason.FAULT
    links = chain(session, stop.scalar)
    check_links(session, links)
    assert [link.operation for link in links[:4]] == ["log", "mul", "exp", "sum"]
    assert [link.value for link in links[:3]] == [None, 0.0, 0.0]
    assert links[3].value < -700
    assert links[-1].address.startswith("lm_head[")
    assert links[-1].origin
    assert all(link.quantity is Quantity.DATA for link in links)


def test_a_softmax_whose_first_number_is_nan_leads_to_that_number(session):
    parameters = session.runner.machine.parameters.copy()
    parameters[parse(session, "lm_head[0,4]")] = math.nan
    begun(session, parameters).execution.go_to(Place(0, END))
    links = chain(session, parse(session, "pos0.prob.exp[5]"))
    check_links(session, links)
    assert "pos0.logit[0]" in [link.address for link in links]
    assert links[-1].address == "lm_head[0,4]"


def test_sums_in_a_row_are_told_by_their_ends(session):
    parameters = session.runner.machine.parameters.copy()
    parameters[parse(session, "layer0.attn_wq[3,1]")] = math.nan
    begun(session, parameters).execution.go_to(Place(0, END))
    links = chain(session, parse(session, "pos0.layer0.attn.q[3]"))
    check_links(session, links)
    assert [link.address for link in links] == [
        "pos0.layer0.attn.q[3]",
        "pos0.layer0.attn.q[3].sum[1]",
        "pos0.layer0.attn.q[3].mul[1]",
        "layer0.attn_wq[3,1]",
    ]
    assert [link.skipped for link in links] == [0, 5, 0, 0]


def test_a_gradient_is_followed_to_where_it_went_wrong(session):
    forward, backward, _ = session.execution.lengths
    machine = session.runner.machine
    poisoned = parse(session, "pos1.layer1.mlp.fc1[3]")
    number = int(np.flatnonzero(session.execution.order == poisoned)[0])
    session.execution.go_to(Place(0, forward + number))
    machine.grad[poisoned] = math.nan
    session.execution.go_to(Place(0, forward + backward))
    parameter = parse(session, "layer1.mlp_fc1[3,0]")
    links = chain(session, parameter)
    check_links(session, links)
    assert (links[0].scalar, links[-1].scalar) == (parameter, poisoned)
    assert links[-1].origin
    assert {link.quantity for link in links} == {Quantity.GRAD}
    assert [link.skipped for link in links if link.skipped]  # the sums of the linear


def test_a_gradient_is_followed_into_the_data_of_a_derivative(session):
    forward, backward, _ = session.execution.lengths
    machine = session.runner.machine
    session.execution.go_to(Place(0, forward))
    norm = parse(session, "pos1.layer1.mlp.norm[0]")
    machine.data[norm] = math.inf
    session.execution.go_to(Place(0, forward + backward))
    links = chain(session, parse(session, "layer1.mlp_fc1[3,0]"))
    assert (links[0].quantity, links[1].quantity) == (Quantity.GRAD, Quantity.DATA)
    assert links[1].scalar == norm


def test_a_gradient_that_adam_cannot_square(session):
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward))
    session.runner.machine.grad[5] = 1e200
    session.execution.go_to(Place(0, END))
    assert session.fault.scalar == 5
    links = chain(session, 5)
    assert [(link.scalar, link.quantity, link.value, link.origin) for link in links] == [
        (5, Quantity.GRAD, 1e200, True)
    ]


def test_a_total_that_is_wrong_already_is_followed_to_the_first_addend(session):
    parameters = session.runner.machine.parameters.copy()
    parameters[parse(session, "lm_head[0,4]")] = math.nan
    begun(session, parameters).execution.go_to(Place(0, END))
    links = chain(session, session.description.program.loss)
    check_links(session, links)
    assert "pos0.loss" in [link.address for link in links]


def test_the_length_is_bounded(session):
    parameters = session.runner.machine.parameters.copy()
    parameters[parse(session, "wpe[0,0]")] = math.nan
    begun(session, parameters).execution.go_to(Place(0, END))
    links = chain(session, session.description.program.loss)
    check_links(session, links)
    assert len(links) == LONGEST
    assert not any(link.origin for link in links)
