"""Conditions mean what Python means, read what is there and nothing else, and say where a mistake is."""

import math
import sys
from types import SimpleNamespace

import pytest
import simpleeval
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.conditions import Condition, ConditionError, ConditionFailure
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading

DOCUMENTS = ["emma", "ava", "mia", "olivia", "noah", "liam"]
CONFIG = Configuration(Tokenizer.of(DOCUMENTS).vocab_size, n_layer=1, n_embd=4, n_head=2, block_size=5)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)


class Numbers(SimpleNamespace):
    """A Context of made-up numbers: every scalar's quantity has its own."""

    def __getattr__(self, quantity):
        return lambda scalar: scalar / 7 + len(quantity)


NUMBERS = Numbers(step=12, loss=2.25, lr=0.01, document="emma", grad_norm=0.5)
NAMES = {name: getattr(NUMBERS, name) for name in ("step", "loss", "lr", "document", "grad_norm")}
FUNCTIONS = {
    "abs": abs,
    "min": min,
    "max": max,
    "log": math.log,
    "isnan": math.isnan,
    "isfinite": math.isfinite,
    **{
        quantity.value: lambda address, q=quantity: getattr(NUMBERS, q)(ADDRESSES.parse(address))
        for quantity in Quantity
    },
}


def numbers():
    plain = st.one_of(st.integers(0, 99), st.floats(0, 1e300).filter(math.isfinite), st.booleans()).map(repr)
    quantity = st.sampled_from(["data", "grad", "m", "v", "m_hat", "v_hat", "update"]).map('{}("wte[1,2]")'.format)
    leaf = st.one_of(plain, quantity, st.sampled_from(["step", "loss", "lr", "grad_norm", '("em" in document)']))
    return st.recursive(leaf, grown, max_leaves=12)


def grown(inner):
    operator = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, operator, inner),
        st.builds("({} < {} <= {})".format, inner, inner, inner),
        st.builds("(-{})".format, inner),
        st.builds("(not {})".format, inner),
        st.builds("abs({})".format, inner),
        st.builds("log({})".format, inner),
        st.builds("isnan({})".format, inner),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("min({}, {}, {})".format, inner, inner, inner),
    )


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(numbers())
@example("(loss ** -loss)")
@example("(1 / (step - 12))")
def test_a_condition_is_python_on_plain_numbers(text):
    assume(len(text) <= 500)
    condition = Condition(f"  {text}", ADDRESSES)
    try:
        expected = eval(text, {"__builtins__": {}}, {**NAMES, **FUNCTIONS})
    except (ArithmeticError, ValueError, TypeError):
        with pytest.raises(ConditionFailure):
            condition.evaluate(NUMBERS)
        return
    if isinstance(expected, complex):
        return
    try:
        value = condition.evaluate(NUMBERS)
    except ConditionFailure as failure:
        assert "is too large" in str(failure) or "not a real number" in str(failure)
        return
    assert same(value, expected)
    assert type(value) is type(expected)
    assert condition.holds(NUMBERS) == bool(expected)


@settings(max_examples=60, deadline=None)
@given(numbers())
def test_a_condition_is_what_simpleeval_evaluates(text):
    assume(len(text) <= 500 and "//" not in text)
    evaluator = simpleeval.SimpleEval(functions=FUNCTIONS, names=NAMES)
    try:
        expected = evaluator.eval(text)
    except (ArithmeticError, ValueError, TypeError, simpleeval.InvalidExpression):
        return
    if isinstance(expected, complex):
        return
    try:
        assert same(Condition(text, ADDRESSES).evaluate(NUMBERS), expected)
    except ConditionFailure as failure:
        assert "is too large" in str(failure) or "not a real number" in str(failure)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('document == "emma"', True),
        ('"mm" in document and "x" not in document', True),
        ('document != "emma" or step == 12', True),
        ("document", "emma"),
        ("-step + +2", -10),
        ("1 < 2 < 3", True),
        ('  step == 12 and "mm" in document ', True),
    ],
)
def test_text_is_compared_and_searched(text, value):
    assert Condition(text, ADDRESSES).evaluate(NUMBERS) == value


def test_what_a_condition_knows_of_itself():
    condition = Condition('grad( "wte[0,0]" ) > m("wte[0,1]")', ADDRESSES)
    assert condition.quantities == ((Quantity.GRAD, 0), (Quantity.M, 1))
    assert condition.sole is None
    assert not condition.is_text
    assert Condition(' grad("wte[0,1]") ', ADDRESSES).sole == (Quantity.GRAD, 1)
    assert Condition("abs(loss)", ADDRESSES).sole is None
    assert Condition("document", ADDRESSES).is_text


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("", 0, "there is no expression here"),
        ("   ", 0, "there is no expression here"),
        ("los > 3", 0, "there is no los; did you mean loss?"),
        ("loss > 3 and Step > 2", 13, "did you mean step?"),
        ("loss > qqqq", 7, "there is no qqqq; there are step, loss, lr"),
        ("sqrt(loss)", 0, "there is no sqrt"),
        ("  grads('wte[0,0]') > 1", 2, "there is no grads; did you mean grad?"),
        ("loss > data('wte[99,0]')", 12, "the last element of wte is"),
        ("data('wtf[0,0]')", 5, "did you mean wte"),
        ("data('wte')", 5, "names a whole tensor"),
        ("data('pos7.embed[0]')", 5, "positions 0 to 4; did you mean pos4.embed[0]?"),
        ("data('pos7.embd[0]')", 5, "positions 0 to 4; did you mean pos4.embed[0]?"),
        ("m('pos0.embed[0]')", 2, "m belongs to parameters, and pos0.embed[0] is not one; did you mean"),
        ("update('loss')", 7, "update belongs to parameters"),
        ("data(wte[0,0])", 5, 'takes one address in quotation marks: data("wte[0,0]")'),
        ("data()", 0, "takes one address in quotation marks"),
        ("data('wte[0,0]', 1)", 5, "takes one address in quotation marks"),
        ("data > 1", 0, 'data needs an address: data("wte[0,0]")'),
        ("abs > 1", 0, "abs needs its argument in parentheses"),
        ("loss() > 1", 0, "loss is not a function"),
        ("abs(1, 2)", 0, "abs takes one argument, not 2"),
        ("1 + max(1)", 4, "max takes at least two arguments, not 1"),
        ("max(*loss)", 4, "max takes plain arguments only"),
        ("max(1, key=2)", 7, "max takes plain arguments only"),
        ("loss = 3", 5, "write == to compare"),
        ("loss >= 2 and lr = 3", 17, "write == to compare"),
        ("loss += 3", 5, "write == to compare"),
        ("loss > ", 6, "the expression is not finished"),
        ("(loss > 3", 0, "never closed"),
        ("loss > 3)", 8, "this cannot be read"),
        ('data("wte[0,0]', 5, "the closing quotation mark is missing"),
        ("loss > 3 && lr > 1", 10, "write and, or instead of &, |"),
        ("loss > 3; lr", 8, "one expression"),
        ("import os", 0, "this is a statement"),
        ("loss.real > 1", 0, "loss.real cannot be used here"),
        ("().__class__", 0, "cannot be used here"),
        ("1 + (lambda: 3)()", 5, "lambda: 3 cannot be used here"),
        ("[x for x in document]", 0, "cannot be used here"),
        ("[1, 2]", 0, "cannot be used here"),
        ("document[0] == 'e'", 0, "cannot be used here"),
        ("loss if lr else 1", 0, "cannot be used here"),
        ("f'{loss}' == document", 0, "cannot be used here"),
        ("(x := 3)", 1, "cannot be used here"),
        ("3j > 1", 0, "cannot be used here"),
        ("b'e' in document", 0, "cannot be used here"),
        ("None == loss", 0, "cannot be used here"),
        ("~step", 0, "cannot be used here"),
        ("step << 3", 0, "cannot be used here"),
        ("step & 3", 0, "cannot be used here"),
        ("loss is 3", 0, "write == to compare"),
        ("document > 3", 11, "document is text and 3 is a number"),
        ("loss == 'e'", 8, "loss is a number and 'e' is text"),
        ("3 in document", 0, "in looks for text in text"),
        ("document + 'a' == 'b'", 0, "document is text; it can only be compared"),
        ("document * 9", 0, "document is text"),
        ("'ä' in document and los", 20, "there is no los"),
        ("not document", 4, "document is text"),
        ("abs(document)", 4, "document is text"),
        ("1" + "+1" * 300, 500, "at most 500"),
        ("-" * 499 + "1", 0, "nested too deeply"),
        ("(" * 249 + "1" + ")" * 249, None, ""),
        ("loss > 1_", None, ""),
        ("9" * 499 + "9 > 1", 500, "at most 500"),
        ("loss \\ 3", None, ""),
        ("loss > \ud800", None, ""),
    ],
)
def test_mistakes_are_reported_where_they_are(text, position, sentence):
    limit = sys.getrecursionlimit()
    with pytest.raises(ConditionError) as error:
        Condition(text, ADDRESSES)
    assert sentence in str(error.value)
    assert 0 <= error.value.position <= len(text)
    if position is not None:
        assert error.value.position == position
    assert sys.getrecursionlimit() == limit


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="loss>3()\"'[]{}.,;:=+-*/% andintewdg0_#\n\\\x00é", max_size=40))
def test_no_text_does_harm(text):
    try:
        condition = Condition(text, ADDRESSES)
        condition.evaluate(NUMBERS)
    except ConditionError as error:
        assert 0 <= error.position <= len(text)
        assert str(error)
    except ConditionFailure as failure:
        assert str(failure)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("log(loss - 3)", "log(-0.75) is not defined"),
        ("1 / (step - 12)", "1 / 0 divides by zero"),
        ("step // 0.0", "12 // 0.0 divides by zero"),
        ("step % 0", "12 % 0 divides by zero"),
        ("0.0 ** -1", "0.0 ** -1 divides by zero"),
        ("(-loss) ** 0.5", "-2.25 ** 0.5 is not a real number"),
        ("9.0 ** 999", "9.0 ** 999 is too large"),
        ("9 ** 9 ** 9 ** 9", "is too large"),
        ("(9 ** 1000) ** 1000", "a number of more than 64 bits ** 1000 is too large"),
        ("9 ** 1000 * loss", "cannot be computed: int too large to convert to float"),
        ("isnan(9 ** 1000)", "cannot be computed"),
    ],
)
def test_failures_say_why(text, sentence):
    condition = Condition(text, ADDRESSES)
    with pytest.raises(ConditionFailure) as failure:
        condition.holds(NUMBERS)
    assert sentence in str(failure.value)
    assert not failure.value.not_computed


def execution_of(document):
    runner = Runner(PROGRAM, [document, "olivia", "mnh"], Adam(), 60, seed=1)
    execution = Execution(runner, History(PROGRAM.num_parameters))
    while runner.document(execution.place.updates) != document:
        execution.go_to(Place(execution.place.updates + 1, 0))
    return execution


def value(text, execution, done=None):
    return Condition(text, ADDRESSES).evaluate(Reading(execution, done))


@pytest.mark.parametrize(
    ("text", "phase", "operations", "sentence"),
    [
        ("loss > 3", Phase.FORWARD, 100, "loss is not computed yet: the forward phase has not ended"),
        ("grad_norm > 3", Phase.BACKWARD, 5, "grad_norm is not computed yet: the backward phase has not ended"),
        ('data("pos0.loss") > 3', Phase.FORWARD, 100, 'data("pos0.loss") is not computed yet'),
        ('data("pos4.loss") > 3', Phase.ADAM, 5, 'data("pos4.loss") is not computed for "ava", which has 4 positions'),
        ('grad("pos4.loss") > 3', Phase.ADAM, 5, 'grad("pos4.loss") is not computed for "ava", which has 4 positions'),
        ('grad("wte[0,0]") > 3', Phase.FORWARD, 5, "the backward phase has not begun"),
        ('grad("lm_head[0,0]") > 3', Phase.BACKWARD, 1, "is not complete yet: 0 of 4 contributions are added"),
        ('grad("loss") > 3', Phase.BACKWARD, 0, "the backward phase has not begun"),
        ('update("wte[0,1]") > 3', Phase.ADAM, 1, "Adam has not come to the parameter"),
        ('m_hat("wte[0,1]") > 3', Phase.ADAM, 1, "Adam has not come to the parameter"),
        ('v_hat("wte[0,1]") > 3', Phase.ADAM, 1, "Adam has not come to the parameter"),
    ],
)
def test_what_is_not_computed_is_said_and_never_0(text, phase, operations, sentence):
    execution = execution_of("ava")
    done = sum(execution.lengths[:phase]) + operations
    for reached in (done, execution.length):  # as it is then, and as it was then
        execution.go_to(Place(execution.place.updates, reached))
        with pytest.raises(ConditionFailure) as failure:
            value(text, execution, done)
        assert sentence in str(failure.value)
        assert failure.value.not_computed


def test_a_gradient_that_does_not_exist():
    execution = execution_of("ava")
    execution.run(1)
    for scalar in range(PROGRAM.num_parameters, PROGRAM.num_scalars):
        tensor = PROGRAM.tensors[PROGRAM.tensor[scalar]]
        if tensor.stage == "prob" and tensor.position == 0 and scalar not in execution.order:
            with pytest.raises(ConditionFailure, match="does not exist: the loss does not depend on the scalar"):
                value(f'grad("{ADDRESSES.format(scalar)}")', execution)
            return
    raise AssertionError("there is one")


def test_a_reading_of_the_past_is_what_was_there_then():
    execution = execution_of("olivia")
    names = [
        *("step", "loss", "lr", "grad_norm", "document", 'data("wte[2,1]")', 'm("wte[2,1]")', 'v("wte[2,1]")'),
        *('update("wte[2,1]")', 'm_hat("wte[2,1]")', 'v_hat("wte[2,1]")', 'grad("lm_head[1,1]")', 'grad("wte[0,0]")'),
        *('data("pos2.layer0.attn.q[1]")', 'grad("pos2.layer0.attn.q[1]")', 'data("loss")', 'grad("loss")'),
        *('grad("pos1.layer0.attn.k[0]")', 'grad("pos4.loss")', 'data("pos4.loss")', 'grad("pos0.norm.sum[0]")'),
    ]
    conditions = [Condition(name, ADDRESSES) for name in names]
    updates = execution.place.updates
    forward, backward, parameters = execution.lengths

    def values(done):
        found = []
        for condition in conditions:
            try:
                found.append(condition.evaluate(Reading(execution, done)))
            except ConditionFailure as failure:
                found.append(str(failure))
        return found

    moments = [0, 1, forward - 1, forward, forward + 1, forward + backward, forward + backward + 10]
    moments += [*range(3, forward + backward + parameters, 211), forward + backward + parameters]
    seen = {}
    for done in sorted(moments):
        execution.go_to(Place(updates, done))
        seen[done] = values(done)
    assert len({tuple(map(repr, row)) for row in seen.values()}) > 10
    for done, row in seen.items():
        assert values(done) == row


def test_a_parameter_is_what_plain_python_holds():
    execution = execution_of("emma")
    before = execution.machine.data[:2].tolist()
    updates, adam = execution.place.updates, sum(execution.lengths[:2])
    execution.go_to(Place(updates, adam + 1))
    after = execution.machine.parameters.tolist()
    assert after[0] != before[0]
    assert [value(f'data("wte[0,{i}]")', execution) for i in range(2)] == [after[0], before[1]]
    assert [value(f'data("wte[0,{i}]")', execution, adam) for i in range(2)] == before
    assert value('m("wte[0,1]")', execution) == 0.0 or updates
    numbers = execution.machine
    assert value('update("wte[0,0]")', execution) == numbers.change[0]
    assert before[0] - numbers.change[0] == after[0]
    m_hat, v_hat = value('m_hat("wte[0,0]")', execution), value('v_hat("wte[0,0]")', execution)
    lr = value("lr", execution)
    assert lr * m_hat / (v_hat**0.5 + 1e-8) == numbers.change[0]
