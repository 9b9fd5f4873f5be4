"""The lines of the plain code: what runs next, and what each line has made, as plain Python has it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from microgpt import model, value
from microgpt.value import Value
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import LineNumbers, Reach, SourceNumbers, Wanted, WantedSource
from microgpt_studio.debugger.source import FILES, Source, hands_on, running, source_text
from microgpt_studio.debugger.standard_parts import data_reach

Lines = list[tuple[str, str, int]]


def line_of(file: str, text: str) -> int:
    """The number of the one line that contains a text."""
    (found,) = [i for i, line in enumerate(source_text(file).splitlines(), 1) if text in line]
    return found


def numbers(session: Session, file: str, position: int | None = None) -> SourceNumbers:
    source = Source(session.description.addresses)
    cursor = session._stepping.position(session.execution.place)
    return source.numbers(session.execution, WantedSource(file, position), cursor, data_reach(session.execution))


def at(session: Session, file: str, text: str, position: int | None = None) -> LineNumbers:
    """The numbers of the line that contains a text."""
    line = line_of(file, text)
    (found,) = [each for each in numbers(session, file, position).lines if each.line == line]
    return found


def go_before(session: Session, address: str, phase: Phase = Phase.FORWARD) -> int:
    """Stand before the operation of a phase on a scalar; returns the scalar."""
    scalar = session.description.addresses.parse(address)
    number = session.execution.number_of(phase, scalar)
    assert number is not None
    session.execution.go_to(Place(session.execution.place.updates, number))
    return scalar


@dataclass
class Traced:
    """A plain run of the model: the lines that ran when each scalar was made, and what functions returned."""

    stacks: list[Lines] = field(default_factory=list)
    returned: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)  # by function and position; the last

    @classmethod
    def of(cls, session: Session) -> Traced:
        traced = cls()

        class TracedValue(Value):
            __slots__ = ()

            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                traced.stacks.append(_stack(sys._getframe(1)))

        machine, config = session.runner.machine, session.description.program.config
        parameters, start = {}, 0
        for name, (rows, columns) in config.shapes().items():
            data = machine.data[start : start + rows * columns].tolist()
            parameters[name] = [[TracedValue(x) for x in data[i * columns : (i + 1) * columns]] for i in range(rows)]
            start += rows * columns
        traced.stacks.clear()
        tokens = session.snapshot(0, Wanted()).moment.tokens
        before = sys.gettrace()
        sys.settrace(traced._trace)
        try:
            model.loss(parameters, config, tokens)
        finally:
            sys.settrace(before)
        return traced

    def _trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code.co_filename != model.__file__:
            return None
        if event == "return" and not frame.f_code.co_name.startswith("<"):
            above: FrameType | None = frame
            while above is not None and "position" not in above.f_locals:
                above = above.f_back
            if above is not None:
                self.returned[frame.f_code.co_name, above.f_locals["position"]] = dict(frame.f_locals)
        return self._trace


def _stack(frame: FrameType | None) -> Lines:
    lines = []
    while frame is not None and frame.f_code.co_filename in (model.__file__, value.__file__):
        lines.append((Path(frame.f_code.co_filename).name, frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return lines


class TestRunning:
    def test_forward_is_pythons_own_stack(self, session: Session) -> None:
        stacks = Traced.of(session).stacks
        caller = ("train.py", "update", line_of("train.py", "mean_loss = loss("))
        assert len(stacks) == session.execution.lengths[0]
        for done in range(0, len(stacks), 97):
            session.execution.go_to(Place(0, done))
            frames = [(frame.file, frame.function, frame.line) for frame in running(session.execution)]
            assert frames == [*stacks[done], caller]
            assert not hands_on(running(session.execution))

    def test_backward_and_adam(self, session: Session) -> None:
        forward, backward, _ = session.execution.lengths
        session.execution.go_to(Place(0, forward + 5))
        frames = running(session.execution)
        assert [(frame.file, frame.line) for frame in frames] == [
            ("value.py", line_of("value.py", "operand.grad +=")),
            ("train.py", line_of("train.py", "mean_loss.backward()")),
        ]
        assert hands_on(frames)
        session.execution.go_to(Place(0, forward + backward))
        frames = running(session.execution)
        body = [line_of("adam.py", text) for text in ("m[i] =", "v[i] =", "m_hat =", "v_hat =", "p.data -=")]
        assert [frame.line for frame in frames] == [*body, line_of("train.py", "self.adam.update(")]
        assert not hands_on(frames)

    def test_nothing_runs_at_the_end(self, session: Session) -> None:
        session.update()
        assert running(session.execution) == ()


class TestNumbers:
    def test_the_results_of_the_functions(self, session: Session) -> None:
        """What the last call of each function at a position had in its variables, bit by bit."""
        session.update()
        traced = Traced.of(session).returned
        for position in range(session.runner.machine.positions):
            for function, variable, text in (
                ("rmsnorm", "mean_square", "mean_square = "),
                ("rmsnorm", "scale", "scale = "),
                ("softmax", "exps", "exps = "),
                ("softmax", "total", "total = "),
            ):
                expected = traced[function, position][variable]
                expected = [each.data for each in (expected if isinstance(expected, list) else [expected])]
                found = at(session, "model.py", text, position)
                assert found.data.tolist() == expected
                assert (found.reach == Reach.KNOWN).all()

    def test_a_line_that_makes_a_tensor_has_its_elements(self, session: Session) -> None:
        session.update()
        program = session.description.program
        tensors = {tensor.path: tensor for tensor in program.tensors}
        for text, path in (
            ('.embed", [t + p', "pos2.embed"),
            ('{attn}.q"', "pos2.layer1.attn.q"),
            ("score = ", "pos2.layer1.attn.head1.score"),
            ('{head}.weight"', "pos2.layer1.attn.head1.weight"),
            ("out = [", "pos2.layer1.attn.head1.out"),
            ('{mlp}.relu"', "pos2.layer1.mlp.relu"),
            ('{at}.logit"', "pos2.logit"),
            ('}.prob"', "pos2.prob"),
            ('}.loss"', "pos2.loss"),
            ('name("loss"', "loss"),
            ("return [summed(wi", "pos2.logit"),
        ):
            found = at(session, "model.py", text, 2)
            elements = program.elements(tensors[path])
            assert found.label == path
            assert found.scalars.tolist() == elements.tolist()
            assert found.data.tolist() == session.runner.machine.data[elements].tolist()

    def test_the_latest_run_before_the_cursor(self, session: Session) -> None:
        go_before(session, "pos2.layer0.attn.k[0].mul[3]")
        assert at(session, "model.py", '{attn}.q"').label == "pos2.layer0.attn.q"
        inside = at(session, "model.py", "return [summed(wi")
        assert inside.label == "pos2.layer0.attn.k"
        assert (inside.reach == Reach.NOT_COMPUTED).all()
        go_before(session, "pos2.layer1.attn.k[4]")
        assert at(session, "model.py", '{attn}.q"').label == "pos2.layer1.attn.q"
        assert at(session, "model.py", '{mlp}.fc1"').label == "pos2.layer0.mlp.fc1"
        assert at(session, "model.py", "return [summed(wi").reach.tolist() == [Reach.KNOWN] * 4 + [0] * 4
        assert at(session, "model.py", "score = ").label == "pos2.layer0.attn.head1.score"

    def test_operators_show_one_use(self, session: Session) -> None:
        scalar = go_before(session, "pos1.layer0.attn.q[2].mul[5]")
        mul = at(session, "value.py", '"mul"')
        assert mul.scalars.tolist() == [scalar]
        assert mul.label == "pos1.layer0.attn.q[2].mul[5]"
        assert mul.reach.tolist() == [Reach.NOT_COMPUTED]
        total = at(session, "value.py", "return sum(values)")
        assert total.label == "pos1.layer0.attn.q[2]"
        add = at(session, "value.py", '"sum"')
        assert add.scalars.tolist() == [scalar - 1]
        assert add.reach.tolist() == [Reach.KNOWN]

    def test_the_position_is_the_cursors_or_the_last(self, session: Session) -> None:
        go_before(session, "pos1.layer0.attn.q[2]")
        assert numbers(session, "model.py").position == 1
        assert numbers(session, "model.py", 0).position == 0
        session.update()
        assert numbers(session, "model.py").position == session.runner.machine.positions - 1

    def test_backward_shows_the_layer_of_the_scalar(self, session: Session) -> None:
        go_before(session, "pos2.layer0.attn.k[3]", Phase.BACKWARD)
        assert at(session, "model.py", '{attn}.q"').label == "pos2.layer0.attn.q"

    def test_a_position_beyond_the_document(self, session: Session) -> None:
        while session.runner.machine.positions >= 8:
            session.update()
        for line in numbers(session, "model.py", 7).lines:
            assert (line.reach == (Reach.KNOWN if line.label == "loss" else Reach.NOT_COMPUTED)).all()

    def test_a_short_documents_mean(self, session: Session) -> None:
        while session.runner.machine.positions >= 8:
            session.update()
        machine, program = session.runner.machine, session.description.program
        loss = machine.data[program.loss]
        assert at(session, "train.py", "mean_loss = loss(").data.tolist() == [loss]
        assert at(session, "value.py", "return sum(values)").scalars.tolist() == [
            program.sums_start + machine.positions - 1
        ]

    def test_adams_lines_show_the_parameter_that_was_updated_last(self, session: Session) -> None:
        forward, backward, _ = session.execution.lengths
        session.execution.go_to(Place(3, forward + backward))
        forward, backward, _ = session.execution.lengths
        session.execution.go_to(Place(3, forward + backward))
        assert at(session, "adam.py", "m[i] =").reach.tolist() == [Reach.NOT_COMPUTED]
        session.execution.go_to(Place(3, forward + backward + 20))
        parameters = session.snapshot(0, Wanted(parameters=True)).parameters
        assert parameters is not None
        settings = session.settings
        ledger = adam_ledger(settings.adam, parameters, 4, settings.num_steps, 19)
        for text, number in (
            ("m[i] =", ledger.m),
            ("v[i] =", ledger.v),
            ("m_hat =", ledger.m_hat),
            ("v_hat =", ledger.v_hat),
            ("p.data -=", ledger.after),
        ):
            found = at(session, "adam.py", text)
            assert (found.data.tolist(), found.scalars.tolist()) == ([number], [19])
            assert found.label.endswith(f"of {session.description.addresses.format(19)}")

    def test_backward_shows_the_gradient_that_is_handed_on(self, session: Session) -> None:
        forward, backward, _ = session.execution.lengths
        scalars = [int(scalar) for scalar in session.execution.order[[0, 1, 500]]]
        session.execution.go_to(Place(0, forward + backward))
        grads = session.runner.machine.grad[scalars].tolist()
        for number, scalar, grad in zip((0, 1, 500), scalars, grads, strict=True):
            session.execution.go_to(Place(0, forward + number))
            found = at(session, "value.py", "operand.grad +=")
            assert (found.scalars.tolist(), found.data.tolist()) == ([scalar], [grad])
        session.execution.go_to(Place(0, forward - 1))
        line = line_of("value.py", "operand.grad +=")
        assert line not in [each.line for each in numbers(session, "value.py").lines]

    def test_they_cross_threads(self, session: Session) -> None:
        session.update()
        for file in FILES:
            lines = numbers(session, file).lines
            assert [each.line for each in lines] == sorted({each.line for each in lines})
            for each in lines:
                assert not any(array.flags.writeable for array in (each.scalars, each.data, each.reach))

    def test_an_unknown_file_has_no_lines(self, session: Session) -> None:
        assert numbers(session, "data.py").lines == ()


class TestStructure:
    @pytest.fixture
    def source(self, session: Session) -> Source:
        return Source(session.description.addresses)

    def test_a_scalars_lines(self, session: Session, source: Source) -> None:
        program = session.description.program
        scalar = session.description.addresses.parse("pos3.layer1.attn.v[2]")
        frames = source.line_of(scalar)
        assert frames[:-1] == program.sites[program.site[scalar]]
        assert frames[-1].file == "train.py"
        assert line_of("model.py", '{attn}.v"') in [frame.line for frame in frames]
        assert source.line_of(0) == ()

    @pytest.mark.parametrize("file", FILES)
    def test_made_by_is_all_that_has_the_line_in_its_stack(self, session: Session, source: Source, file: str) -> None:
        program = session.description.program
        start, stop = program.position_start[2:4].tolist()
        for line in source.lines(file):
            made = source.made_by(file, line, 2, 8)
            expected = [
                scalar
                for scalar in range(start, stop)
                if (file, line) in [(frame.file, frame.line) for frame in source.line_of(scalar)]
            ]
            assert made[made < program.sums_start].tolist() == expected

    def test_nothing_is_made_elsewhere(self, source: Source) -> None:
        assert len(source.made_by("model.py", 1, 0, 8)) == 0
        assert len(source.made_by("model.py", line_of("model.py", "exps = "), 7, 5)) == 0
        assert len(source.made_by("data.py", 1, 0, 8)) == 0

    def test_numbered_lines(self, session: Session, source: Source) -> None:
        for file in FILES:
            assert source.numbered(file) >= {each.line for each in numbers(session, file).lines}

    def test_element_ids_ascend(self, session: Session) -> None:
        """The panel looks elements up by it."""
        assert (np.diff(session.description.program.element_ids) > 0).all()
