"""Gradient checks and what-if: how long the answers take, and how late the window is while they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from event_loop import close, lateness, open_window, run, until, wait
from figures import Figure, at_most, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.gradient_check import GradientCheck
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.matrix_check import MatrixCheck, MatrixChecked
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Description, Wanted
from microgpt_studio.debugger.what_if import WhatIf
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.inspector import check_section as check
from microgpt_studio.panels.inspector import what_if_section as what_if

_MATRIX = "layer0.attn_wq"
_SECONDS = 6.0  # of training flat out


def measure(settings: Settings, size: tuple[int, int] = (1440, 900)) -> Iterator[Figure]:
    """Answers for a usual document and for one that fills the block; then the window. `settings` needs many updates."""
    documents = read(settings)
    tokenizer = Tokenizer.of(documents)
    program = record(settings.configuration(tokenizer.vocab_size))
    usual = Session(settings, documents, program, "documents")
    usual.run(100)
    yield from _answers(usual, "usual document")
    full = Session(settings, ["".join(tokenizer.characters)], program, "one document of all characters")
    full.run(100)
    yield from _answers(full, f"{full.snapshot(1, Wanted()).moment.positions} positions")
    yield from _window(settings, program, size)


def _answers(session: Session, what: str) -> Iterator[Figure]:
    matrix = next(i for i, tensor in enumerate(session.description.program.tensors) if tensor.path == _MATRIX)
    scalar = session.description.addresses.parse(f"{_MATRIX}[0,0]")
    seconds = [_whole_matrix(session, MatrixCheck(matrix, number=number)) for number in range(5)]
    yield at_most(f"gradient check of all {_MATRIX}, {what}, slowest of 5", 1, max(seconds), "s")
    checks = [_single(session, GradientCheck(scalar, number=number)) for number in range(20)]
    yield noted(f"gradient check of one parameter, {what}, median", percentile(checks, 50), "ms")
    changes = [_single(session, WhatIf(scalar, number / 100, True)) for number in range(20)]
    yield noted(f"what if a parameter were another number, {what}, median", percentile(changes, 50), "ms")


def _whole_matrix(session: Session, inquiry: MatrixCheck) -> float:
    """Seconds from the question to the complete answer."""
    wanted = Wanted(inquiries=frozenset({inquiry}))
    start = time.perf_counter()
    answer: MatrixChecked | None = session.snapshot(1, wanted).answer(inquiry)
    while answer is None or not answer.is_complete:
        session.trace_on(lambda: False)
        answer = session.snapshot(1, wanted).answer(inquiry)
    return time.perf_counter() - start


def _single(session: Session, inquiry: Inquiry[object]) -> float:
    """Milliseconds of the snapshot that has the answer."""
    start = time.perf_counter()
    session.snapshot(1, Wanted(inquiries=frozenset({inquiry})))
    return 1000 * (time.perf_counter() - start)


def _window(settings: Settings, program: Program, size: tuple[int, int]) -> Iterator[Figure]:
    """The event loop while training runs flat out, everything in the inspector open, and matrices being checked."""
    window = open_window(size)
    described: list[Description] = []
    window.session_started.connect(described.append)
    window.begin(replace(settings, num_steps=1_000_000))
    until(lambda: bool(described) and window.snapshot is not None)
    assert described[0].program.num_scalars == program.num_scalars
    panel = window.panels["inspector"]
    assert isinstance(panel, InspectorPanel)
    run(window)
    yield noted("event loop late, inspector folded, p99", percentile(_late(lambda: None), 99), "ms")
    panel.sheet.folded.emit(check.SECTION)
    panel.sheet.folded.emit(what_if.SECTION)
    panel.what_if.form.edit.setText("0.1")
    panel.what_if.form.edit.textEdited.emit("0.1")
    checks: list[float] = []

    def check_again() -> None:
        """One matrix after the other, and the scalar in between."""
        if not any(isinstance(each, MatrixCheck) for each in panel.inquiries()):
            panel.check.ask()
            panel.check.ask_for_all()
            checks.append(time.perf_counter())

    late = _late(check_again)
    yield at_most("event loop late, sections open and matrices being checked, p99", 33, percentile(late, 99), "ms")
    yield noted(f"gradient checks of all {_MATRIX} in {_SECONDS:g} s of training flat out", len(checks), "")
    close(window)


def _late(meanwhile: Callable[[], None]) -> list[float]:
    """Lateness in ms of every tick for some seconds."""
    with lateness(meanwhile) as late:
        wait(_SECONDS)
    return late[5:]
