"""Checkpoint: a training run on disk, in one safetensors file, exact enough to go on as if it had never stopped.

The file holds every matrix three times, as `parameters.wte`, `m.wte`, `v.wte`: float64, rows × columns. Its metadata
are JSON texts: the format's name and version, one text for each field below, and a digest of all that, by which a
damaged file is known. The documents themselves are not in it, only their fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration, Matrix
from microgpt.settings import Settings
from microgpt.train import State
from microgpt.value import Value
from microgpt.whole_file import temporary_for, write_whole

FORMAT = "microgpt checkpoint"
VERSION = 1

_SIZES = tuple(field.name for field in fields(Configuration))
_CONSTANTS = tuple(field.name for field in fields(Adam))
_FIELDS: dict[str, type] = {
    **dict.fromkeys(_SIZES, int),
    **dict.fromkeys(_CONSTANTS, float),
    "num_steps": int,
    "seed": int,
    "step": int,
    "characters": list,
    "num_documents": int,
    "fingerprint": str,
}
_KINDS = ("parameters", "m", "v")
_ANOTHER_COPY = "use another copy of it"

_Tensors = dict[str, npt.NDArray[np.float64]]


class CheckpointError(ValueError):
    """A checkpoint that cannot be read, written or used; the message says what, where, and what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything that training needs in order to go on, but for the documents."""

    config: Configuration
    adam: Adam
    num_steps: int  # updates over which the learning rate decays to 0
    seed: int
    tokenizer: Tokenizer
    num_documents: int
    fingerprint: str  # of the documents
    state: State

    @classmethod
    def of(cls, settings: Settings, documents: Sequence[str], state: State) -> Checkpoint:
        """What to keep of a training run. The documents are in the order of their file."""
        tokenizer = Tokenizer.of(documents)
        return cls(
            config=settings.configuration(tokenizer.vocab_size),
            adam=settings.adam,
            num_steps=settings.num_steps,
            seed=settings.seed,
            tokenizer=tokenizer,
            num_documents=len(documents),
            fingerprint=fingerprint(documents),
            state=state,
        )

    def settings(self, data: Path | None) -> Settings:
        """The settings of the run; where the documents are is not in the checkpoint."""
        sizes = {name: getattr(self.config, name) for name in _SIZES if name != "vocab_size"}
        return Settings(data=data, adam=self.adam, num_steps=self.num_steps, seed=self.seed, **sizes)

    def check_documents(self, documents: Sequence[str]) -> None:
        """Raises CheckpointError unless these are the documents that the run learned from, in the same order."""
        if len(documents) != self.num_documents:
            raise CheckpointError(
                f"the checkpoint was trained on {self.num_documents} documents, but the data holds {len(documents)}; "
                "name the same data with --data"
            )
        if fingerprint(documents) != self.fingerprint:
            raise CheckpointError(
                f"the checkpoint was trained on {self.num_documents} other documents than the data holds; "
                "name the same data with --data"
            )

    def matrices(self) -> dict[str, Matrix]:
        """The parameters as the plain model wants them."""
        tensors = _tensors(self.config, self.state)
        return {
            name: [[Value(x) for x in row] for row in tensors[f"parameters.{name}"].tolist()]
            for name in self.config.shapes()
        }

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all. Raises CheckpointError where that cannot be done."""
        known = {
            **{name: getattr(self.config, name) for name in _SIZES},
            **{name: float(getattr(self.adam, name)) for name in _CONSTANTS},
            "num_steps": self.num_steps,
            "seed": self.seed,
            "step": self.state.step,
            "characters": list(self.tokenizer.characters),
            "num_documents": self.num_documents,
            "fingerprint": self.fingerprint,
        }
        tensors = _tensors(self.config, self.state)
        metadata = {name: json.dumps(x) for name, x in {"format": FORMAT, "version": VERSION, **known}.items()}
        metadata["sha256"] = json.dumps(_digest(metadata, tensors))
        try:
            write_whole(path, save(tensors, metadata))
        except OSError as error:
            raise CheckpointError(f"{path} cannot be written: {error.strerror or error}; name another file") from error

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a file that `save` has written. Raises CheckpointError for any other."""
        try:
            path.open("rb").close()  # safetensors says less about what is wrong with a path
            with safe_open(path, framework="numpy") as file:
                metadata = dict(file.metadata() or {})
                _check_format(metadata, path)
                dtypes = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 - no mapping
                tensors = {name: file.get_tensor(name) for name, dtype in dtypes.items() if dtype == "F64"}
            return _checkpoint(metadata, tensors)
        except CheckpointError:
            raise
        except FileNotFoundError:
            raise CheckpointError(f"there is no file {path}; name a checkpoint") from None
        except IsADirectoryError:
            raise CheckpointError(f"{path} is a folder; name a checkpoint") from None
        except OSError as error:
            raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from None
        except SafetensorError as error:
            raise CheckpointError(f"{path} is no safetensors file, or a damaged one ({error}); name another") from None
        except ValueError as error:
            raise CheckpointError(f"{path} is damaged: {error}; {_ANOTHER_COPY}") from None


def fingerprint(documents: Sequence[str]) -> str:
    """The SHA-256 of the documents, one a line."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def check_target(path: Path) -> None:
    """Raises CheckpointError, now and not after an hour of training, where `save` could not write this file."""
    try:
        if path.exists() and not path.is_file():
            raise CheckpointError(f"{path} cannot be written: it is a folder or a device; name a file")
        if path.exists() and not os.access(path, os.W_OK):
            raise CheckpointError(f"{path} cannot be written: it is write-protected; name another file")
        trial = temporary_for(path)
        trial.open("xb").close()
        trial.unlink()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be written: {error.strerror or error}; name another file") from None


def _tensors(config: Configuration, state: State) -> _Tensors:
    """Every matrix of the parameters, of m and of v under its name. Raises ValueError where the numbers do not fit."""
    tensors = {}
    for kind in _KINDS:
        numbers = np.array(getattr(state, kind), dtype=np.float64)
        stops = np.cumsum([rows * columns for rows, columns in config.shapes().values()])
        if len(numbers) != stops[-1]:
            raise ValueError(f"{kind} has {len(numbers)} numbers, but the model has {stops[-1]} parameters")
        for (name, shape), part in zip(config.shapes().items(), np.split(numbers, stops[:-1]), strict=True):
            tensors[f"{kind}.{name}"] = part.reshape(shape)
    return tensors


def _digest(metadata: Mapping[str, str], tensors: _Tensors) -> str:
    """The SHA-256 of all that the file says."""
    digest = hashlib.sha256(json.dumps(sorted(metadata.items())).encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].shape}".encode())
        digest.update(tensors[name].astype("<f8").tobytes())
    return digest.hexdigest()


def _check_format(metadata: Mapping[str, str], path: Path) -> None:
    if metadata.get("format") != json.dumps(FORMAT):
        raise CheckpointError(
            f"{path} is a safetensors file, but not a microgpt checkpoint; name one that microgpt has saved"
        )
    version = metadata.get("version", "")
    if version.isdecimal() and version != json.dumps(VERSION):
        raise CheckpointError(
            f"{path} was saved by a newer microgpt: its format has version {version[:20]}, this one reads {VERSION}; "
            "install the newer one"
        )


def _checkpoint(metadata: Mapping[str, str], tensors: _Tensors) -> Checkpoint:
    """What the file says. Raises ValueError for what cannot be true."""
    known = {name: _field(metadata, name, kind) for name, kind in _FIELDS.items()}
    config = Configuration(**{name: known[name] for name in _SIZES})
    state = _state(config, tensors, known["step"])
    unsigned = {name: text for name, text in metadata.items() if name != "sha256"}
    if _field(metadata, "sha256", str) != _digest(unsigned, tensors):
        raise ValueError("its content is not what was saved (the SHA-256 differs)")
    if not 0 <= known["step"] <= known["num_steps"] or known["num_steps"] < 1 or known["num_documents"] < 1:
        raise ValueError(
            f"update {known['step']} of {known['num_steps']} on {known['num_documents']} documents cannot be"
        )
    characters = known["characters"]
    if {type(character) for character in characters} - {str} or characters != sorted(set("".join(characters))):
        raise ValueError("the characters of its tokenizer are not single, different and in order")
    if len(characters) + 1 != config.vocab_size:
        raise ValueError(f"its tokenizer has {len(characters)} characters, its model {config.vocab_size} tokens")
    return Checkpoint(
        config=config,
        adam=Adam(**{name: known[name] for name in _CONSTANTS}),
        num_steps=known["num_steps"],
        seed=known["seed"],
        tokenizer=Tokenizer(tuple(characters)),
        num_documents=known["num_documents"],
        fingerprint=known["fingerprint"],
        state=state,
    )


def _field(metadata: Mapping[str, str], name: str, kind: type) -> Any:
    if name not in metadata:
        raise ValueError(f"its metadata have no {name}")
    try:
        content = json.loads(metadata[name])
    except RecursionError:
        raise ValueError(f"{name} is not {kind.__name__}") from None
    if type(content) is not kind:
        raise ValueError(f"{name} is {metadata[name][:40]}, not {kind.__name__}")
    return content


def _state(config: Configuration, tensors: _Tensors, step: int) -> State:
    """The numbers of all matrices, one after the other. Raises ValueError where the matrices are not the model's."""
    needed = len(_KINDS) * (3 + 6 * config.n_layer)  # counted first: n_layer is not to be trusted yet
    if len(tensors) != needed:
        raise ValueError(f"it has {len(tensors)} float64 tensors, but a model of its sizes has {needed}")
    numbers = {}
    for kind in _KINDS:
        for name, shape in config.shapes().items():
            tensor = f"{kind}.{name}"
            if tensor not in tensors:
                raise ValueError(f"{tensor} is missing")
            if tensors[tensor].shape != shape:
                raise ValueError(f"{tensor} has shape {tensors[tensor].shape}, not {shape}")
        numbers[kind] = np.concatenate([tensors[f"{kind}.{name}"].ravel() for name in config.shapes()]).tolist()
    return State(step, **numbers)
