"""The ledger's numbers are the ones that plain Adam computes on the way."""

import pytest

from microgpt.train import Training
from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.debugger.snapshot import Wanted


@pytest.mark.parametrize("updates", [1, 2, 9])
def test_every_number_equals_plain_python(session, updates):
    settings, config = session.settings, session.description.program.config
    training = Training(session.runner.documents, config, settings.adam, settings.num_steps, settings.seed)
    training.documents = list(session.runner.documents)
    training.restore(session.state())
    for _ in range(updates):
        before = training.state()
        training.update()
        session.update()
    adam, t = settings.adam, updates
    numbers = session.snapshot(1, Wanted(parameters=True)).parameters
    assert numbers is not None
    assert numbers.updated
    for p, value in enumerate(training.parameters):
        ledger = adam_ledger(adam, numbers, t, settings.num_steps, p)
        m = adam.beta1 * before.m[p] + (1 - adam.beta1) * value.grad
        v = adam.beta2 * before.v[p] + (1 - adam.beta2) * value.grad**2
        m_hat, v_hat = m / (1 - adam.beta1**t), v / (1 - adam.beta2**t)
        rate = adam.rate(t - 1, settings.num_steps)
        assert (ledger.step, ledger.rate, ledger.grad) == (t, rate, value.grad)
        assert (ledger.m_before, ledger.v_before) == (before.m[p], before.v[p])
        assert (ledger.m, ledger.v) == (m, v) == (training.m[p], training.v[p])
        assert (ledger.correction1, ledger.correction2) == (1 - adam.beta1**t, 1 - adam.beta2**t)
        assert (ledger.m_hat, ledger.v_hat) == (m_hat, v_hat)
        assert ledger.denominator == v_hat**0.5 + adam.eps
        assert ledger.change == rate * m_hat / (v_hat**0.5 + adam.eps)
        assert ledger.before == before.parameters[p]
        assert ledger.after == ledger.before - ledger.change == value.data
