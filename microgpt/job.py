"""Job: one training from the command line, checked as a whole before it begins, then done: updates, log, checkpoint."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from microgpt.checkpoint import Checkpoint
from microgpt.data import Tokenizer
from microgpt.interrupt import Interrupt
from microgpt.log import Log, LogError
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.machine import Fault
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.program.size import Engine, check_memory
from microgpt.progress import Progress
from microgpt.settings import Settings, read
from microgpt.train import State, Training, Update

Trainer = Training | Runner


class Stopped(ArithmeticError):
    """The numbers gave out: plain Python would raise. The message says where and why."""


@dataclass(frozen=True, slots=True)
class Job:
    """A training that can be done."""

    settings: Settings
    documents: list[str]
    config: Configuration
    engine: Engine
    start: State | None  # None: from the beginning
    stop_at: int  # the last update
    log: Path | None
    save: Path | None

    @classmethod
    def prepare(
        cls,
        settings: Settings,
        engine: Engine,
        checkpoint: Checkpoint | None = None,
        stop_at: int | None = None,
        log: Path | None = None,
        save: Path | None = None,
    ) -> Job:
        """Read the data and check what can be known beforehand. Raises ValueError with a sentence."""
        done = checkpoint.state.step if checkpoint else 0
        stop_at = settings.num_steps if stop_at is None else stop_at
        if not max(1, done) <= stop_at <= settings.num_steps:
            raise ValueError(f"--stop-at is {stop_at}, but it has to be from {max(1, done)} to {settings.num_steps}")
        documents = read(settings)
        if checkpoint:
            checkpoint.check_documents(documents)
        config = settings.configuration(Tokenizer.of(documents).vocab_size)
        check_memory(config, engine, positions=min(config.block_size, max(map(len, documents)) + 1))
        start = checkpoint.state if checkpoint else None
        return cls(settings, documents, config, engine, start, stop_at, log, save)

    def trainer(self, progress: Progress) -> Trainer:
        """What will train: at the beginning, or where the checkpoint was."""
        adam, num_steps, seed = self.settings.adam, self.settings.num_steps, self.settings.seed
        trainer: Trainer
        if self.engine is Engine.VALUE:
            trainer = Training(self.documents, self.config, adam, num_steps, seed)
        else:
            program = record(self.config, lambda scalars: progress.status(f"recording: {scalars:,} scalars"))
            trainer = Runner(program, self.documents, adam, num_steps, seed)
        if self.start:
            trainer.restore(self.start)
        return trainer

    def learn(self, trainer: Trainer, progress: Progress, interrupt: Interrupt) -> None:
        """Update until the end, or until it is interrupted; then save.

        Raises Stopped where the numbers give out, and LogError or OSError where the log or the display takes no more;
        what was learned until then is saved first. Raises CheckpointError where saving fails.
        """
        try:
            with ExitStack() as stack:
                stack.callback(progress.close)
                log = stack.enter_context(Log(self.log, append=self.start is not None)) if self.log else None
                stack.enter_context(interrupt)
                while trainer.step < self.stop_at and not interrupt.asked:
                    update = _update(trainer, interrupt)
                    if update and log:
                        log.write(update)
                    if update:
                        progress.update(update)
        except (Stopped, LogError, OSError):
            self._save(trainer)
            raise
        self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        if self.save:
            Checkpoint.of(self.settings, self.documents, trainer.state()).save(self.save)


def _update(trainer: Trainer, interrupt: Interrupt) -> Update | None:
    """One update; None where it was interrupted.

    Raises Stopped where plain Python would raise. Either way the trainer then stands before the update.
    """
    if isinstance(trainer, Runner):
        return _update_program(trainer)
    before = trainer.state()
    interrupt.at_once = True  # an update of plain Values may take minutes
    try:
        return trainer.update()
    except KeyboardInterrupt:
        trainer.restore(before)
        return None
    except (ArithmeticError, ValueError) as error:
        trainer.restore(before)
        reason = f"plain Python raises {type(error).__name__} ({error.args[-1]})"
        raise Stopped(f"update {trainer.step + 1} stopped: {reason}") from error
    finally:
        interrupt.at_once = False


def _update_program(runner: Runner) -> Update:
    try:
        return runner.update()
    except Fault as fault:
        runner.machine.undo_update()
        address = Addresses(runner.program).format(fault.scalar)
        raise Stopped(f"update {runner.step + 1} stopped at {address}: {fault.reason}") from fault
