"""Questions are answered by the latest update of which they are true."""

import sys

import pytest

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.conditions import Condition, ConditionError, ConditionFailure
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question, Questions, Was, title
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.retrospect import Retrospect, been_larger, changed_sign, crossed, fired

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))
ADDRESSES = Addresses(PROGRAM)
DONE = 200
RELU = ADDRESSES.parse("pos0.layer0.mlp.relu[3]")


def new_execution(updates: int = DONE) -> Execution:
    execution = Execution(Runner(PROGRAM, DOCUMENTS, Adam(), 300, seed=1), History(PROGRAM.num_parameters))
    execution.run(updates)
    return execution


ASKED = [
    (Question(Was.SIGN, Quantity.GRAD, 5), Quantity.GRAD, changed_sign()),
    (Question(Was.CROSSED, Quantity.DATA, 5, 0.01), Quantity.DATA, crossed(0.01)),
    (Question(Was.LARGER, Quantity.M, 5, 0.001), Quantity.M, been_larger(0.001)),
    (Question(Was.FIRED, scalar=RELU), Quantity.DATA, fired()),
]


@pytest.mark.parametrize("question, quantity, case", ASKED)
def test_asking_again_goes_on_into_the_past(question, quantity, case):
    execution, retrospect = new_execution(), Retrospect(new_execution())
    questions = Questions(execution, ADDRESSES)
    before = DONE
    for _ in range(3):
        answer = questions.answer(question)
        expected = retrospect.last_time(quantity, question.scalar, case, before)
        if expected.place == execution.place:  # at first it may stand at an answer
            expected = retrospect.last_time(quantity, question.scalar, case, before - 1)
        assert answer.place == expected.place and answer.sentence.endswith(expected.sentence)
        if answer.place is None:
            break
        execution.go_to(answer.place)
        before = answer.place.updates


def test_half_way_through_an_update_the_finished_ones_are_asked():
    execution = new_execution()
    execution.go_to(Place(100, 50))
    answer = Questions(execution, ADDRESSES).answer(Question(Was.CONDITION, condition="step > 0"))
    assert answer.place is not None and answer.place.updates == 99
    assert answer.sentence == "Update 100 is the last at whose end step > 0 was true."
    assert execution.place == Place(100, 50)


@pytest.mark.parametrize(
    "text", ["loss > 2.2", 'data("pos4.loss") > 1', '"m" in document', "step < 30", "1 / (step - 7) > 0.9"]
)
def test_a_condition(text):
    execution, condition = new_execution(), Condition(text, ADDRESSES)
    true = []
    for updates in range(DONE):
        execution.go_to(Place(updates, sys.maxsize))
        try:
            if condition.holds(Reading(execution)):
                true.append(execution.place)
        except ConditionFailure:
            pass
    assert true
    questions = Questions(execution, ADDRESSES)
    told: list[tuple[int, int]] = []
    for expected in reversed([place for place in true[-3:] if place != execution.place]):
        told.clear()
        answer = questions.answer(Question(Was.CONDITION, condition=text), lambda *progress: told.append(progress))
        assert answer.place == expected
        assert told and all(done <= total for done, total in told)
        execution.go_to(answer.place)


def test_a_condition_that_was_never_true():
    questions = Questions(new_execution(), ADDRESSES)
    answer = questions.answer(Question(Was.CONDITION, condition=" loss > 1e9 "))
    assert answer.place is None
    assert answer.sentence == "loss > 1e9 was not true at the end of any of updates 1 to 200."
    answer = questions.answer(Question(Was.CONDITION, condition="1 / (step - step)"))
    assert answer.sentence.endswith("At the end of 200 of them it has no value: 1 / 0 divides by zero.")
    answer = Questions(new_execution(0), ADDRESSES).answer(Question(Was.CONDITION, condition="loss > 1"))
    assert answer.place is None and answer.sentence.startswith("There is no update yet")


def test_the_only_one():
    execution = new_execution(30)
    execution.go_to(Place(0, sys.maxsize))
    answer = Questions(execution, ADDRESSES).answer(Question(Was.CONDITION, condition="step == 1"))
    assert answer.place is None
    assert answer.sentence.startswith("Before update 1: There is no update yet")


def test_cancelled():
    asked = iter([False] * 100)
    questions = Questions(new_execution(), ADDRESSES)
    answer = questions.answer(Question(Was.CONDITION, condition="loss > 1e9"), cancelled=lambda: next(asked, True))
    assert answer.place is None
    assert answer.sentence.startswith("No answer: nothing found in updates 137 to 200, cancelled after update ")


@pytest.mark.parametrize(
    "question, words",
    [
        (Question(Was.SIGN, Quantity.M, RELU), "relu[3] is no parameter: it has data and grad, but no m"),
        (Question(Was.FIRED, scalar=3), "wte[0,3] is no ReLU; only a ReLU fires"),
        (Question(Was.CROSSED), "the level has to be a finite number"),
        (Question(Was.LARGER, level=float("nan")), "the level has to be a finite number"),
        (Question(Was.CONDITION), "there is no expression here"),
        (Question(Was.CONDITION, condition="lss > 3"), "did you mean loss?"),
        (Question(Was.CONDITION, condition=" document "), "document is text, not a condition"),
    ],
)
def test_questions_that_make_no_sense(question, words):
    with pytest.raises(ValueError) as error:
        Questions(new_execution(5), ADDRESSES).answer(question)
    assert words in str(error.value)


def test_a_scalar_that_does_not_exist():
    with pytest.raises(IndexError):
        Questions(new_execution(5), ADDRESSES).answer(Question(Was.SIGN, scalar=PROGRAM.num_scalars))
    with pytest.raises(ConditionError) as error:
        Questions(new_execution(5), ADDRESSES).answer(Question(Was.CONDITION, condition="loss > "))
    assert error.value.position == 6


def test_titles():
    asked = [
        (Question(Was.SIGN), "Searching for the last sign change of wte[0,0]"),
        (Question(Was.SIGN, Quantity.GRAD), "Searching for the last sign change of grad of wte[0,0]"),
        (Question(Was.CROSSED, level=0.5), "Searching for the last time that wte[0,0] crossed 0.5"),
        (Question(Was.LARGER), "Searching for the last time that wte[0,0] was larger than a level"),
        (Question(Was.FIRED, scalar=RELU), "Searching for the last time that pos0.layer0.mlp.relu[3] fired"),
        (Question(Was.CONDITION, condition=" lr > 1 "), "Searching for the last update in which lr > 1 was true"),
    ]
    for question, text in asked:
        assert title(question, ADDRESSES) == text
