"""Addresses: the one name of every scalar, and back. `pos3.layer0.attn.q[5].mul[7]` is the id of one product.

An address is the path of a tensor, the index of the element, and, for a scalar inside an element's expression, its
operation and running number. What serves a whole tensor (the total of a softmax) has no index of an element.
"""

from __future__ import annotations

import difflib
import re

import numpy as np

from microgpt.program.program import Operation, Program, Tensor

_ELEMENT = re.compile(r"(?P<path>.*?)(?P<index>\[[0-9]{1,9}(?:,[0-9]{1,9})?\])?", re.DOTALL)
_INNER = re.compile(r"(?P<outer>.*)\.(?P<operation>[a-z]+)\[(?P<ordinal>[0-9]{1,9})\]", re.DOTALL)
_WORDS = {operation.name.lower(): operation for operation in Operation if operation}


class AddressError(ValueError):
    """Not the address of a scalar; the message says why and names one that is near."""


class Addresses:
    """The addresses of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._tensors = {tensor.path: tensor for tensor in program.tensors}

    def format(self, scalar: int) -> str:
        """The address of a scalar. Raises IndexError for an id that the program does not have."""
        program = self.program
        if not 0 <= scalar < program.num_scalars:
            raise IndexError(f"there is no scalar {scalar}; ids run from 0 to {program.num_scalars - 1}")
        tensor = program.tensors[program.tensor[scalar]]
        element, ordinal = int(program.element[scalar]), int(program.ordinal[scalar])
        address: str = tensor.path + self._index(tensor, element)
        if ordinal < 0:
            return address
        return f"{address}.{Operation(program.operation[scalar]).name.lower()}[{ordinal}]"

    def parse(self, address: str) -> int:
        """The id of the scalar with this address. Raises AddressError."""
        text = address.strip()
        path, index = self._split(text)
        if path in self._tensors:
            tensor = self._tensors[path]
            return int(self.program.elements(tensor)[self._element(tensor, index, text, needed=True)])
        inner = _INNER.fullmatch(text)
        outer, index = self._split(inner["outer"]) if inner else (path, index)
        if inner is None or outer not in self._tensors:
            wrong = outer if inner and inner["operation"] in _WORDS else path
            near = difflib.get_close_matches(wrong, self._tensors, n=1, cutoff=0.0)[0]
            raise AddressError(
                f"{text!r} is not an address: there is no {wrong!r}; did you mean {self._example(near)}?"
            )
        if inner["operation"] not in _WORDS:
            raise AddressError(
                f"{text!r} is not an address: {inner['operation']!r} is no operation; there are {', '.join(_WORDS)}"
            )
        tensor = self._tensors[outer]
        element = self._element(tensor, index, text, needed=False)
        return self._inner(tensor, element, _WORDS[inner["operation"]], int(inner["ordinal"]), text)

    @staticmethod
    def _split(text: str) -> tuple[str, str | None]:
        match = _ELEMENT.fullmatch(text)
        assert match is not None, "every text is at least a path"
        return match["path"], match["index"]

    def _example(self, path: str) -> str:
        tensor = self._tensors[path]
        return path + self._index(tensor, 0)

    @staticmethod
    def _index(tensor: Tensor, element: int) -> str:
        if element < 0 or tensor.shape == ():
            return ""
        if len(tensor.shape) == 1:
            return f"[{element}]"
        return "[{},{}]".format(*divmod(element, tensor.shape[1]))

    def _element(self, tensor: Tensor, index: str | None, text: str, *, needed: bool) -> int:
        """The element that an index means; -1 for none. Raises AddressError for one outside the tensor."""
        if index is None:
            if tensor.shape == () and needed:
                return 0
            if needed:
                raise AddressError(
                    f"{text!r} names a whole tensor of shape {self._shape(tensor)}; "
                    f"did you mean {self._example(tensor.path)}?"
                )
            return -1
        numbers = [int(number) for number in index[1:-1].split(",")]
        if len(numbers) != len(tensor.shape):
            raise AddressError(
                f"{text!r} is not an address: {tensor.path} has shape {self._shape(tensor)}; "
                f"did you mean {self._example(tensor.path)}?"
            )
        if any(number >= size for number, size in zip(numbers, tensor.shape, strict=True)):
            last = self._index(tensor, tensor.size - 1)
            raise AddressError(f"{text!r} is not an address: the last element of {tensor.path} is {tensor.path}{last}")
        return numbers[0] if len(numbers) == 1 else numbers[0] * tensor.shape[1] + numbers[1]

    @staticmethod
    def _shape(tensor: Tensor) -> str:
        return "×".join(map(str, tensor.shape)) or "1"

    def _inner(self, tensor: Tensor, element: int, operation: Operation, ordinal: int, text: str) -> int:
        program, span = self.program, slice(tensor.start, tensor.stop)
        here = (program.element[span] == element) & (program.operation[span] == operation)
        if element < 0 and tensor.shape == ():
            here &= program.ordinal[span] >= 0
        found = np.flatnonzero(here & (program.ordinal[span] == ordinal))
        if len(found):
            return tensor.start + int(found[0])
        where = tensor.path + self._index(tensor, element)
        count = int(np.count_nonzero(here & (program.ordinal[span] >= 0)))
        word = operation.name.lower()
        if count == 0:
            raise AddressError(f"{text!r} is not an address: {where} has no {word} inside")
        raise AddressError(f"{text!r} is not an address: the last one is {where}.{word}[{count - 1}]")
