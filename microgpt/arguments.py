"""Arguments: the command-line flags for data, model and training, shared by `microgpt train` and `microgpt-studio`.

A flag that was not given is None among the parsed arguments, so that a checkpoint can tell it from one that was.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from microgpt.adam import Adam
from microgpt.settings import Settings


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence, not a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with status 2."""
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help lists the flags\n")


@dataclass(frozen=True, slots=True)
class _Flag:
    """A flag that sets a field of Settings or of Adam."""

    name: str
    field: str
    type: type
    metavar: str
    help: str

    @property
    def is_adam(self) -> bool:
        return self.field in Adam.__dataclass_fields__

    def value(self, settings: Settings) -> Any:
        """What the settings say about it."""
        return getattr(settings.adam if self.is_adam else settings, self.field)


_DATA = _Flag("--data", "data", Path, "FILE", "a UTF-8 text file with one document a line")
_FLAGS = (
    _Flag("--steps", "num_steps", int, "N", "updates, over which the learning rate decays to 0"),
    _Flag("--seed", "seed", int, "N", "seed of the order of documents, the first parameters and the samples"),
    _Flag("--n-layer", "n_layer", int, "N", "layers"),
    _Flag("--n-embd", "n_embd", int, "N", "width of the residual stream, a multiple of --n-head"),
    _Flag("--n-head", "n_head", int, "N", "attention heads"),
    _Flag("--block-size", "block_size", int, "N", "positions that attention can look back on"),
    _Flag("--learning-rate", "learning_rate", float, "X", "Adam's first learning rate"),
    _Flag("--beta1", "beta1", float, "X", "decay of Adam's first moment"),
    _Flag("--beta2", "beta2", float, "X", "decay of Adam's second moment"),
    _Flag("--eps", "eps", float, "X", "what keeps Adam from dividing by 0"),
)


def add_training_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser the flags for data, model and training."""
    group = parser.add_argument_group("data, model and training")
    group.add_argument(
        _DATA.name, dest=_DATA.field, type=_DATA.type, metavar=_DATA.metavar, help=f"{_DATA.help} (the embedded names)"
    )
    for flag in _FLAGS:
        standard = flag.value(Settings())
        group.add_argument(
            flag.name, dest=flag.field, type=flag.type, metavar=flag.metavar, help=f"{flag.help} ({standard})"
        )


def settings_from(args: argparse.Namespace, base: Settings | None = None) -> Settings:
    """The settings that the arguments mean; where a flag was not given, `base` decides (the defaults).

    Raises ValueError with a sentence for settings that do not fit together.
    """
    base = base or Settings()
    given = {flag: getattr(args, flag.field) for flag in (_DATA, *_FLAGS) if getattr(args, flag.field) is not None}
    adam = replace(base.adam, **{flag.field: value for flag, value in given.items() if flag.is_adam})
    return replace(base, adam=adam, **{flag.field: value for flag, value in given.items() if not flag.is_adam})


def check_agreement(args: argparse.Namespace, settings: Settings) -> None:
    """Raises ValueError where a flag that was given says something else than the settings of a checkpoint.

    The data is not looked at: it is compared by what it holds, not by its name.
    """
    for flag in _FLAGS:
        given, fixed = getattr(args, flag.field), flag.value(settings)
        if given is not None and given != fixed:
            raise ValueError(f"{flag.name} is {given}, but the checkpoint was made with {fixed}; leave the flag out")
