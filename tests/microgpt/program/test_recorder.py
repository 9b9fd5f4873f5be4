"""The record: complete, consistent, read-only; and recording can be watched and cancelled."""

from __future__ import annotations

import contextlib
import gc
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from microgpt import model, value
from microgpt.model import Configuration
from microgpt.program import recorder
from microgpt.program.program import Operation, Program
from microgpt.program.recorder import record
from microgpt.program.sites import Sites

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


def test_a_record_that_is_cancelled_gives_its_memory_back(monkeypatch):
    """At once: no garbage has to be collected for it."""
    columns: list[weakref.ref[object]] = []

    class Cancelled(Exception):
        pass

    def cancel(_scalars: int) -> None:
        raise Cancelled

    class Watched(recorder.Recording):
        def __init__(self, *args) -> None:
            super().__init__(*args)
            columns.extend([weakref.ref(self.first), weakref.ref(self.sites), weakref.ref(self.site)])

    monkeypatch.setattr(recorder, "Recording", Watched)
    gc.disable()
    try:
        with contextlib.suppress(Cancelled):
            record(CONFIG, cancel)
        assert len(columns) == 3
        assert [column() for column in columns] == [None] * 3
    finally:
        gc.enable()


def test_sites_are_the_whole_chains_of_running_lines(program, monkeypatch):
    """However little of a chain is looked at to tell that it is known."""

    def look_at_all(self: Sites, frame: FrameType) -> int:
        return self._number(self._lines(frame))

    monkeypatch.setattr(Sites, "of", look_at_all)
    slow = record(CONFIG)
    assert slow.sites == program.sites
    assert np.array_equal(slow.site, program.site)
    assert {frames[-1].function for frames in slow.sites[1:]} == {"loss"}


def test_a_generator_that_is_resumed_from_elsewhere_has_another_site():
    """Its frame and its line are the same; who asked it is not."""
    sites = Sites(test_a_generator_that_is_resumed_from_elsewhere_has_another_site.__code__)

    def operator() -> int:
        return sites.of(sys._getframe())

    def called() -> int:
        return operator()

    def growing() -> Iterator[int]:
        while True:
            yield called()

    def one(source: Iterator[int]) -> int:
        return next(source)

    def other(source: Iterator[int]) -> int:
        return next(source)

    source = growing()
    first, second, again = one(source), other(source), one(source)
    assert first == again != second
    assert [code.co_name for code, _ in sites.lines[second]] == ["operator", "called", "growing", "other"]


def test_sites_do_not_grow_with_the_model(program):
    """16 bits are enough for their numbers: they are places of the code, not of the graph."""
    larger = record(Configuration(7, n_layer=4, n_embd=6, n_head=3, block_size=5))
    assert larger.sites == program.sites
    assert len(program.sites) < 100
    assert program.site.dtype == np.int16


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
