"""The record: complete, consistent, read-only; and recording can be watched and cancelled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from microgpt import model, value
from microgpt.model import Configuration
from microgpt.program.program import Operation, Program
from microgpt.program.recorder import record

CONFIG = Configuration(5, n_layer=2, n_embd=4, n_head=2, block_size=3)


@pytest.fixture(scope="module")
def program() -> Program:
    return record(CONFIG)


def test_operands_come_before(program):
    made = program.operation != Operation.PARAMETER
    ids = np.arange(program.num_scalars)
    assert np.all(program.first[made] >= 0)
    assert np.all(program.first < ids)
    assert np.all(program.second < ids)
    assert np.all(program.first[~made] == -1)
    assert program.num_parameters == np.count_nonzero(~made)


def test_operands_fit_the_operation(program):
    """A second scalar or a constant, never both; exponents are constants; log, exp and relu have one operand."""
    both = (program.second >= 0) & (program.constant >= 0)
    assert not np.any(both)
    for operation in Operation:
        here = program.operation == operation
        has_second = (program.second[here] >= 0) | (program.constant[here] >= 0)
        assert np.all(has_second == (operation in (Operation.SUM, Operation.MUL, Operation.POW)))
    assert np.all(program.constant[program.operation == Operation.POW] >= 0)


def test_tensors_share_out_the_scalars(program):
    """Each scalar belongs to one tensor, and the elements of a tensor are among its own."""
    stop = 0
    for index, tensor in enumerate(program.tensors):
        assert tensor.start == stop
        stop = tensor.stop
        assert np.all(program.tensor[tensor.start : tensor.stop] == index)
        elements = program.elements(tensor)
        assert len(elements) == tensor.size
        assert np.all((elements >= tensor.start) & (elements < tensor.stop))
        assert np.all(program.ordinal[elements] == -1)
        assert program.element[elements].tolist() == list(range(tensor.size))
    assert stop == program.num_scalars


def test_positions(program):
    assert program.position_start[0] == program.num_parameters
    for tensor in program.tensors:
        if tensor.position is not None:
            start, stop = program.position_start[tensor.position : tensor.position + 2]
            assert start <= tensor.start < tensor.stop <= stop
    assert program.sums_start == program.loss - CONFIG.block_size
    for positions in range(1, CONFIG.block_size + 1):
        live = sum(stop - start for start, stop in program.live_ranges(positions))
        assert program.num_live(positions) == program.num_parameters + live


def test_shared_scalars_have_no_element(program):
    """The total of a softmax and the scale of a rmsnorm serve all elements; the rest belongs to one."""
    shared = {
        program.tensors[program.tensor[scalar]].stage.rpartition(".")[2]
        for scalar in np.flatnonzero(program.element < 0)
    }
    assert shared == {"norm", "weight", "prob", "loss"}


def test_source_lines(program):
    """Every made scalar tells the lines that were running: from value.py's operator to model.py's loss."""
    sources = {
        Path(module.__file__).name: Path(module.__file__).read_text("utf-8").splitlines() for module in (model, value)
    }
    for scalar in range(program.num_parameters, program.num_scalars):
        frames = program.sites[program.site[scalar]]
        assert frames[0].file == "value.py"
        assert "return type(self)(" in sources["value.py"][frames[0].line - 1]
        assert (frames[-1].file, frames[-1].function) == ("model.py", "loss")
    (relu,) = {
        program.sites[program.site[scalar]][1].line for scalar in np.flatnonzero(program.operation == Operation.RELU)
    }
    assert ".relu()" in sources["model.py"][relu - 1]


def test_read_only(program):
    with pytest.raises(ValueError, match="read-only"):
        program.first[0] = 1
    with pytest.raises(AttributeError):
        program.config = CONFIG


def test_progress_and_cancelling():
    counts: list[int] = []
    record(CONFIG, counts.append)
    assert counts == sorted(counts)
    assert len(counts) > 10

    class Cancelled(Exception):
        pass

    def cancel(scalars: int) -> None:
        if scalars > counts[5]:
            raise Cancelled

    with pytest.raises(Cancelled):
        record(CONFIG, cancel)


def test_recording_does_not_change_the_model(program):
    """The very same functions run as before, on plain Values."""
    again = record(CONFIG)
    for name in ("operation", "first", "second", "constant", "element", "ordinal", "choices"):
        assert np.array_equal(getattr(again, name), getattr(program, name))
    parameters = {
        name: [[value.Value(0.1) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in CONFIG.shapes().items()
    }
    loss = model.loss(parameters, CONFIG, [4, 1, 4])
    assert type(loss) is value.Value
    assert type(loss.data) is float
