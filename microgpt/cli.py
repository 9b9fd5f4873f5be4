"""Command line: `microgpt train` and `microgpt sample`.

What is asked for is checked before anything is done. Exit status: 0 done, 1 the numbers gave out (plain Python would
raise), 2 bad input, 130 Ctrl+C. Whatever is wrong is one sentence on stderr.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from microgpt import embedded
from microgpt.arguments import Parser, add_training_arguments, check_agreement, settings_from
from microgpt.checkpoint import Checkpoint, CheckpointError, check_target
from microgpt.data import Tokenizer, shuffled
from microgpt.interrupt import Interrupt
from microgpt.job import Job, Stopped
from microgpt.log import LogError, check_log
from microgpt.model import Configuration, draw_parameters
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.program.runner import Reader, Runner
from microgpt.program.size import Engine, check_memory, parameter_count
from microgpt.progress import Progress
from microgpt.sample import NextLogits, check_temperature, generate, predictor
from microgpt.settings import Settings
from microgpt.train import State

GAVE_OUT, BAD_INPUT, INTERRUPTED = 1, 2, 130

NewReader = Callable[[], NextLogits]

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # Unicode categories: controls, surrogates, ends of lines and paragraphs


class BadInput(Exception):
    """Something was asked for that cannot be done; the message says what, where, and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. Flags that cannot be parsed end in SystemExit, as argparse does it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a sample may have characters that the terminal has not
    args = _parser().parse_args(argv)
    try:
        args.command(args)
    except (BadInput, CheckpointError, LogError) as error:
        return _complain(str(error), BAD_INPUT)
    except Stopped as stopped:
        return _complain(str(stopped), GAVE_OUT)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GAVE_OUT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="microgpt", description="The smallest complete GPT: train it, and draw samples from it.")
    commands = parser.add_subparsers(required=True, metavar="train|sample")
    command = commands.add_parser("train", help="train a model, then draw samples", description="Train a model.")
    command.set_defaults(command=train)
    add_training_arguments(command)
    group = command.add_argument_group("this run")
    group.add_argument("--stop-at", type=int, metavar="N", help="end after update N, before all --steps are done")
    group.add_argument("--log", type=Path, metavar="FILE", help="write one JSON object an update; --resume adds to it")
    group.add_argument("--save", type=Path, metavar="FILE", help="write a checkpoint at the end, also after Ctrl+C")
    group.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="go on from a checkpoint, with the same data; its sizes, Adam, seed and steps (on which the learning rate "
        "depends) hold, and a flag that says something else is refused",
    )
    _add_engine_and_samples(command)
    command = commands.add_parser("sample", help="draw samples from a checkpoint", description="Draw samples.")
    command.set_defaults(command=sample)
    command.add_argument("file", type=Path, metavar="FILE", help="a checkpoint, from `microgpt train --save`")
    command.add_argument("--seed", type=int, metavar="N", help="seed of the samples (goes on where training ended)")
    _add_engine_and_samples(command)
    return parser


def _add_engine_and_samples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--samples", type=int, default=20, metavar="N", help="how many samples (%(default)s)")
    parser.add_argument("--temperature", type=float, default=0.5, metavar="X", help="below 1 is sharper (%(default)s)")
    parser.add_argument(
        "--engine",
        choices=[engine.value for engine in Engine],
        default=Engine.PROGRAM.value,
        help="the compiled program or plain Values: the same numbers, but Values take hundreds of times as long "
        "(%(default)s)",
    )


def train(args: argparse.Namespace) -> None:
    """`microgpt train`."""
    with _checking():
        _check_sampling(args)
        checkpoint = Checkpoint.load(args.resume) if args.resume else None
        if checkpoint:
            settings = checkpoint.settings(args.data)
            check_agreement(args, settings)
        else:
            settings = settings_from(args)
        job = Job.prepare(settings, Engine(args.engine), checkpoint, args.stop_at, args.log, args.save)
        _check_outputs(args, settings)
    print(f"num docs: {len(job.documents)}")
    print(f"vocab size: {job.config.vocab_size}")
    print(f"num params: {parameter_count(job.config)}", flush=True)
    progress, interrupt = Progress(sys.stdout, job.stop_at, settings.num_steps), Interrupt()
    trainer = job.trainer(progress)
    job.learn(trainer, progress, interrupt)
    if interrupt.asked:
        raise KeyboardInterrupt
    new_reader = trainer.predictor
    if isinstance(trainer, Runner):
        new_reader = _readers(trainer.program, trainer.state())
    _print_samples(args, new_reader, trainer.tokenizer, job.config, trainer.rng)


def _check_outputs(args: argparse.Namespace, settings: Settings) -> None:
    """Raises ValueError where --log or --save cannot be written, or would destroy a file that is read."""
    data = settings.data or embedded.names()
    others = {"--log": {"the data": data, "--save": args.save, "--resume": args.resume}, "--save": {"the data": data}}
    for flag, path in (("--log", args.log), ("--save", args.save)):
        for name, other in others[flag].items():
            if path and other and os.path.realpath(path) == os.path.realpath(other):
                raise ValueError(f"{flag} and {name} are the same file, {path}; name another")
    if args.save:
        check_target(args.save)
    if args.log:
        check_log(args.log)


def sample(args: argparse.Namespace) -> None:
    """`microgpt sample`."""
    with _checking():
        _check_sampling(args)
        checkpoint = Checkpoint.load(args.file)
        check_memory(checkpoint.config, Engine(args.engine))
    config = checkpoint.config
    rng = random.Random(checkpoint.seed if args.seed is None else args.seed)
    if args.seed is None:  # go on where training had got after its own draws
        shuffled([""] * checkpoint.num_documents, rng)
        draw_parameters(config, rng)
    if args.engine == Engine.VALUE:
        matrices = checkpoint.matrices()
        new_reader: NewReader = partial(predictor, matrices, config)
    else:
        new_reader = _readers(record(config), checkpoint.state)
    _print_samples(args, new_reader, checkpoint.tokenizer, config, rng)


@contextmanager
def _checking() -> Iterator[None]:
    """Here a ValueError is about what was asked for, and a sentence."""
    try:
        yield
    except ValueError as error:
        raise BadInput(str(error)) from error


def _check_sampling(args: argparse.Namespace) -> None:
    check_temperature(args.temperature)
    if args.samples < 0:
        raise ValueError(f"--samples is {args.samples}, but it has to be at least 0")


def _readers(program: Program, state: State) -> NewReader:
    """Readers that share one machine: each of them begins anew, at position 0."""
    reader = Reader(program, np.array(state.parameters))
    return lambda: reader.next_logits


def _print_samples(
    args: argparse.Namespace, new_reader: NewReader, tokenizer: Tokenizer, config: Configuration, rng: random.Random
) -> None:
    """Draw and print. Raises Stopped where plain Python would raise."""
    for i in range(1, args.samples + 1):
        try:
            document = generate(new_reader(), tokenizer, config.block_size, rng, args.temperature)
        except (ArithmeticError, ValueError) as error:
            raise Stopped(f"sample {i} cannot be drawn at temperature {args.temperature}: {error.args[-1]}") from error
        print(f"sample {i:2}: {_printable(document)}", flush=True)


def _printable(document: str) -> str:
    """The document with control characters and line ends written out, for they would do things to the terminal."""
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in _UNPRINTABLE else character
        for character in document
    )


def _complain(sentence: str, status: int) -> int:
    print(f"microgpt: {sentence}", file=sys.stderr)
    return status
