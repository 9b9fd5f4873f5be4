"""Breakpoints are settled when they are made: what means nothing is refused, and the rest survives as plain data."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt import adam, model, train, value
from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.breakpoints import BreakpointError, Breakpoints, Definition, Event
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.reading import Reading

DOCUMENTS = ["emma", "ava", "mia", "olivia", "noah", "liam"]
CONFIG = Configuration(Tokenizer.of(DOCUMENTS).vocab_size, n_layer=1, n_embd=4, n_head=2, block_size=5)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)


def new_runner():
    return Runner(PROGRAM, DOCUMENTS, Adam(), 60, seed=1)


def new_breakpoints():
    return Breakpoints(ADDRESSES, new_runner())


def line_of(module, text):
    """The number of the first line of a module that holds a text."""
    lines = Path(module.__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


RMSNORM = line_of(model, "scale = (mean_square")
LINEAR = line_of(model, "return [summed(wi * xi")
RMSNORM_HEAD = line_of(model, "def rmsnorm")

GOOD = [
    Definition(Event.COMPUTED, "pos3.layer0.attn.q[3].mul[1]"),
    Definition(Event.GRADIENT, "wte[0,0]", condition='abs(grad("wte[0,0]")) > 0.05', stop_after=3),
    Definition(Event.UPDATED, " layer0.attn_wq[0,0] ", message="{{now}} {data('wte[0,0]')}"),
    Definition(Event.LINE, f"model.py:{LINEAR}"),
    Definition(Event.LINE, f"adam.py:{line_of(adam, 'p.data -=')}"),
    Definition(Event.SCOPE, "pos3.layer0.attn", phase=Phase.BACKWARD),
    Definition(Event.SCOPE, "layer0.attn.head1"),
    Definition(Event.SCOPE, "layer0.attn_wq"),
    Definition(Event.SCOPE, "layer0", phase=Phase.ADAM),
    Definition(Event.UPDATE, "60"),
    Definition(Event.DOCUMENT, "emma"),
    Definition(Event.CHARACTER, "m"),
    Definition(Event.CONDITION, condition="loss > 3 and step > 2"),
    Definition(Event.SIGN, 'data("wte[0,0]")'),
    Definition(Event.LEVEL, "loss - grad_norm", level=-2.5),
]


def test_what_they_say_of_themselves():
    words = [str(definition) for definition in GOOD]
    assert words[1] == 'the gradient of wte[0,0] is complete, if abs(grad("wte[0,0]")) > 0.05'
    assert words[5] == "pos3.layer0.attn begins in the backward phase"
    assert words[12] == "loss > 3 and step > 2"
    assert words[14] == "loss - grad_norm crosses -2.5"
    assert len(set(words)) == len(words)


def test_they_keep_their_ids_and_are_edited():
    breakpoints = new_breakpoints()
    made = [breakpoints.add(definition) for definition in GOOD]
    assert [each.id for each in breakpoints] == list(range(1, len(GOOD) + 1))
    breakpoints.remove(made[-1].id)
    assert breakpoints.add(GOOD[0]).id == len(GOOD) + 1
    breakpoints.enable(2, enabled=False)
    breakpoints[2].hits = 7
    replaced = breakpoints.replace(2, GOOD[3])
    assert (breakpoints[2], replaced.enabled, replaced.hits) == (replaced, False, 0)
    assert [each.id for each in breakpoints][1] == 2
    with pytest.raises(BreakpointError):
        breakpoints.replace(2, Definition(Event.COMPUTED, "nothing"))
    assert breakpoints[2] is replaced
    breakpoints[1].hits = 3
    breakpoints.forget_hits()
    assert breakpoints[1].hits == 0
    for change in (breakpoints.remove, lambda id_: breakpoints.replace(id_, GOOD[0]), lambda id_: breakpoints[id_]):
        with pytest.raises(KeyError):
            change(99)
    assert len(breakpoints) == len(GOOD)


def test_lines_that_can_have_one():
    breakpoints = new_breakpoints()
    assert RMSNORM in breakpoints.lines("model.py")
    assert RMSNORM_HEAD not in breakpoints.lines("model.py")
    assert line_of(value, "operand.grad +=") in breakpoints.lines("value.py")
    assert line_of(train, "mean_loss.backward()") in breakpoints.lines("train.py")
    assert breakpoints.lines("sample.py") == ()
    for file in ("model.py", "value.py", "adam.py", "train.py"):
        for line in breakpoints.lines(file):
            breakpoints.add(Definition(Event.LINE, f"{file}:{line}"))


@pytest.mark.parametrize(
    ("definition", "field", "sentence"),
    [
        (Definition(Event.COMPUTED, "pos0.emb[0]"), "where", "did you mean pos0.embed[0]?"),
        (
            Definition(Event.COMPUTED, "pos5.embed[0]"),
            "where",
            "there is no position 5: the block has positions 0 to 4",
        ),
        (Definition(Event.COMPUTED, "pos77.layer0.attn.q[2]"), "where", "did you mean pos4.layer0.attn.q[2]?"),
        (Definition(Event.COMPUTED, ""), "where", "is not an address"),
        (Definition(Event.COMPUTED, "wte[0,0]"), "where", "wte[0,0] is a parameter: it is not computed but updated"),
        (Definition(Event.UPDATED, "pos0.layer0.attn.q[2]"), "where", "only parameters are updated, and"),
        (Definition(Event.UPDATED, "pos0.layer0.attn.q[2]"), "where", "did you mean layer0.attn_w"),
        (Definition(Event.GRADIENT, "loss"), "where", "its gradient is always 1"),
        (Definition(Event.LINE, "model.py"), "where", "'model.py' is not a source line; write one such as "),
        (Definition(Event.LINE, "model.py:-3"), "where", "is not a source line"),
        (Definition(Event.LINE, "modle.py:3"), "where", "no scalar is made in 'modle.py'; there are adam.py, model.py"),
        (
            Definition(Event.LINE, f"model.py:{RMSNORM_HEAD}"),
            "where",
            f"model.py:{RMSNORM_HEAD} makes no scalar; the nearest line that does is model.py:{RMSNORM_HEAD + 2}",
        ),
        (Definition(Event.LINE, "model.py:9999"), "where", "the nearest line that does is model.py:"),
        (
            Definition(Event.SCOPE, "pos1.layer0.atn"),
            "where",
            "there is no scope 'pos1.layer0.atn'; did you mean pos1.",
        ),
        (Definition(Event.SCOPE, ""), "where", "there is no scope ''; did you mean"),
        (Definition(Event.SCOPE, "pos9.layer0.attn"), "where", "positions 0 to 4; did you mean pos4.layer0.attn?"),
        (Definition(Event.SCOPE, "pos9.layer0.x"), "where", "positions 0 to 4; did you mean pos4?"),
        (Definition(Event.SCOPE, "pos1.layer0.attn.q[2]"), "where", "has no index; did you mean pos1.layer0.attn.q?"),
        (Definition(Event.SCOPE, "logit", phase=Phase.ADAM), "phase", "logit has no parameters for Adam"),
        (Definition(Event.SCOPE, "wte", phase=Phase.FORWARD), "phase", "wte is made of parameters"),
        (Definition(Event.SCOPE, "wte", phase=Phase.BACKWARD), "phase", "which only Adam works on; choose adam"),
        (Definition(Event.UPDATE, "0"), "where", "there are updates 1 to 60: did you mean 1?"),
        (Definition(Event.UPDATE, "61"), "where", "there are updates 1 to 60: did you mean 60?"),
        (Definition(Event.UPDATE, "1.5"), "where", "'1.5' is not the number of an update; there are updates 1 to 60"),
        (Definition(Event.DOCUMENT, "ema"), "where", "no document is 'ema'; did you mean 'emma'?"),
        (Definition(Event.DOCUMENT, "xyz"), "where", "no document is 'xyz'; did you mean"),
        (Definition(Event.CHARACTER, "E"), "where", "'E' is not a character of the documents; there are a e h i l"),
        (Definition(Event.CHARACTER, "em"), "where", "'em' is not a character"),
        (Definition(Event.CONDITION), "condition", "there is no condition"),
        (Definition(Event.CONDITION, "wte[0,0]", condition="loss > 3"), "where", "has no place"),
        (Definition(Event.CONDITION, condition="los > 3"), "condition", "did you mean loss?"),
        (Definition(Event.SIGN, "los"), "where", "did you mean loss?"),
        (Definition(Event.SIGN, "document"), "where", "document is text"),
        (Definition(Event.LEVEL, "loss"), "level", "finite number"),
        (Definition(Event.LEVEL, "loss", level=float("nan")), "level", "finite number"),
        (Definition(Event.SIGN, "loss", level=2.0), "level", "a level goes with the event “level”, not with “sign”"),
        (Definition(Event.LINE, "model.py:69", phase=Phase.ADAM), "phase", "a phase goes with the event “scope”"),
        (Definition(Event.UPDATE, "3", stop_after=0), "stop_after", "hit 1 or later, not at hit 0"),
        (Definition(Event.UPDATE, "3", message="{"), "message", "this brace has no partner; write {{ for a brace"),
        (Definition(Event.UPDATE, "3", message="}"), "message", "this brace has no partner; write }} for a brace"),
    ],
)
def test_what_means_nothing_is_refused(definition, field, sentence):
    breakpoints = new_breakpoints()
    with pytest.raises(BreakpointError) as error:
        breakpoints.add(definition)
    assert sentence in str(error.value)
    assert error.value.field == field
    assert len(breakpoints) == 0


@pytest.mark.parametrize(
    ("definition", "position"),
    [
        (Definition(Event.CONDITION, condition="loss > 3 or los"), 12),
        (Definition(Event.SIGN, "loss - los"), 7),
        (Definition(Event.UPDATE, "3", message="{{ {loss} and {1 + los}"), 19),
        (Definition(Event.UPDATE, "3", message="ab { cd"), 3),
        (Definition(Event.UPDATE, "3", message="ab {} cd"), 4),
    ],
)
def test_mistakes_have_a_column(definition, position):
    with pytest.raises(BreakpointError) as error:
        new_breakpoints().add(definition)
    assert error.value.position == position


def test_a_message_shows_numbers_in_full_and_what_is_missing():
    runner = new_runner()
    execution = Execution(runner, History(PROGRAM.num_parameters))
    execution.run(1)
    breakpoints = Breakpoints(ADDRESSES, runner)
    text = "}}{{ {document}: {loss} {loss > 100} {'pos' == document}{update('wte[1,1]')}|{1 / 0}"
    message = breakpoints.add(Definition(Event.UPDATE, "3", message=text)).message
    loss, document = float(execution.machine.data[PROGRAM.loss]), runner.document(0)
    change = float(execution.machine.change[5])
    assert (
        message.write(Reading(execution)) == f"}}{{ {document}: {loss!r} False False{change!r}|(1 / 0 divides by zero)"
    )
    execution.go_to(Place(0, 5))
    assert "(loss is not computed yet: the forward phase has not ended)" in message.write(Reading(execution))


def test_the_plain_form_survives():
    breakpoints = new_breakpoints()
    for definition in GOOD:
        breakpoints.add(definition)
    breakpoints.remove(4)
    breakpoints.enable(3, enabled=False)
    breakpoints[2].hits = 12
    breakpoints.break_on_nonfinite = True
    plain = json.loads(json.dumps(breakpoints.as_json(), allow_nan=False))
    again = Breakpoints.from_json(plain, ADDRESSES, new_runner())
    assert again.as_json() == breakpoints.as_json()
    assert [each.definition for each in again] == [each.definition for each in breakpoints]
    assert again.add(GOOD[0]).id == len(GOOD) + 1
    assert (again[3].enabled, again[2].hits, again.break_on_nonfinite) == (False, 12, True)


def plain_with(**changes):
    breakpoints = new_breakpoints()
    breakpoints.add(GOOD[1])
    breakpoints.add(GOOD[14])
    plain = breakpoints.as_json()
    for name, new in changes.items():
        if name in plain:
            plain[name] = new
        else:
            plain["breakpoints"][1][name] = new
    return plain


@pytest.mark.parametrize(
    ("plain", "sentence"),
    [
        ([], "the saved table is damaged: it is not an object but list"),
        (None, "it is not an object but NoneType"),
        ({}, "“version” is missing"),
        ({"version": 1}, "“next” is missing"),
        (plain_with(version=2), "saved as version 2; this program reads 1"),
        (plain_with(version=True), "“version” is True"),
        (plain_with(next="3"), "“next” is '3'"),
        (plain_with(breakpoints={}), "“breakpoints” is {}"),
        (plain_with(breakpoints=[3]), "saved breakpoint 1 is damaged: it is not an object but int"),
        (plain_with(break_on_nonfinite=1), "“break_on_nonfinite” is 1"),
        (plain_with(id=1), "saved breakpoint 2 is damaged: its id is 1"),
        (plain_with(id=9), "its id is 9"),
        (plain_with(id=0), "its id is 0"),
        (plain_with(id=True), "“id” is True"),
        (plain_with(hits=-1), "its hits are -1"),
        (plain_with(enabled=None), "“enabled” is None"),
        (plain_with(event="levels"), "saved breakpoint 2: it is damaged: 'levels' is not a valid Event"),
        (plain_with(phase="sideways"), "saved breakpoint 2: it is damaged: 'SIDEWAYS'"),
        (plain_with(level="3"), "“level” is '3'"),
        (plain_with(level=10**400), "saved breakpoint 2: it is damaged: int too large"),
        (plain_with(condition=5), "“condition” is 5"),
        (plain_with(stop_after=1.5), "“stop_after” is 1.5"),
        (plain_with(message=None), "“message” is None"),
    ],
)
def test_damaged_plain_forms_are_refused(plain, sentence):
    with pytest.raises(BreakpointError) as error:
        Breakpoints.from_json(plain, ADDRESSES, new_runner())
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        (plain_with(level=None), "the level to cross has to be a finite number"),
        (plain_with(where="loss > "), "the expression is not finished"),
        (plain_with(condition='data("wte[99,0]") > 0'), "wte"),
    ],
)
def test_what_means_nothing_here_is_kept_with_its_problem(plain, problem):
    again = Breakpoints.from_json(plain, ADDRESSES, new_runner())
    assert again.as_json() == plain
    assert problem in again[2].problem
    assert again[2].enabled
    assert not again[2].can_stop
    assert again[1].problem is None
    again.replace(2, GOOD[0])
    assert again[2].can_stop


def test_hits_know_their_updates():
    each = new_breakpoints().add(GOOD[0])
    for update in (7, 3, 3, 9):
        each.count(update)
    assert each.hits == 4
    assert each.hit_updates.tolist() == [3, 7, 9]
    each.forget_hits()
    assert (each.hits, each.hit_updates.tolist()) == (0, [])


def test_a_row_without_a_field_is_refused():
    for name in new_breakpoints_row():
        plain = plain_with()
        del plain["breakpoints"][0][name]
        with pytest.raises(BreakpointError, match=f"saved breakpoint 1 is damaged: “{name}” is missing"):
            Breakpoints.from_json(plain, ADDRESSES, new_runner())


def new_breakpoints_row():
    return plain_with()["breakpoints"][0]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(["version", "next", "break_on_nonfinite", "breakpoints", *new_breakpoints_row()]), value=PLAIN
)
def test_no_plain_form_does_harm(name, value):
    plain = plain_with(**{name: value})
    try:
        again = Breakpoints.from_json(plain, ADDRESSES, new_runner())
    except BreakpointError as error:
        assert str(error)
    else:
        assert Breakpoints.from_json(again.as_json(), ADDRESSES, new_runner()).as_json() == again.as_json()
