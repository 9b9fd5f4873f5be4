"""Conditions: expressions over the numbers of training, checked once where they are typed, then computed in a moment.

simpleeval parses an expression and says which syntax there may be at all; what is left is narrowed to numbers,
comparisons and the functions below, every address is looked up, and the checked tree becomes a code object without
builtins. simpleeval's own evaluator walks the tree every time and takes ten times as long: 3.6 µs for
`abs(data("wte[0,0]")) > 0.05 and loss < 3` against 0.4 µs. A condition asks a Context for what it reads; it does not
know where the numbers come from.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import simpleeval

from microgpt.program.addresses import AddressError, Addresses
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.scopes import check_parameter, parse_address

_LONGEST = 500  # characters
_MOST_BITS = 4096  # of a whole number


class Context(Protocol):
    """What an expression can read. Each raises NotComputed where the number is not there at this moment."""

    @property
    def step(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def lr(self) -> float: ...
    @property
    def document(self) -> str: ...
    @property
    def grad_norm(self) -> float: ...

    def data(self, scalar: int) -> float: ...
    def grad(self, scalar: int) -> float: ...
    def m(self, scalar: int) -> float: ...
    def v(self, scalar: int) -> float: ...
    def m_hat(self, scalar: int) -> float: ...
    def v_hat(self, scalar: int) -> float: ...
    def update(self, scalar: int) -> float: ...


class NotComputed(LookupError):
    """A number that is not there at this moment: its quantity, its scalar, and why, as the end of a sentence."""

    def __init__(self, what: str, scalar: int | None, why: str) -> None:
        super().__init__(what, scalar, why)
        self.what = what
        self.scalar = scalar
        self.why = why


class ConditionError(ValueError):
    """An expression that cannot be used: one sentence, and the column (from 0) where the mistake is."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


class ConditionFailure(ArithmeticError):
    """An expression that has no value at this moment; the sentence says why."""

    not_computed = False  # whether a number is missing, rather than the arithmetic wrong


class Condition:
    """One expression, parsed when it is made. Raises ConditionError for one that cannot be used.

    `quantities` are the scalars' numbers that it reads, in the order of the text; `sole` is the one that the whole
    expression is, or None. `is_text` tells an expression whose value is text: `document` alone.
    """

    def __init__(self, text: str, addresses: Addresses) -> None:
        self.text = text
        self._addresses = addresses
        tree = _parse(text)
        checker = _Checker(text, addresses)
        try:
            kind, code = checker.check(tree)
            compiled = compile(_function(code), "<condition>", "eval")
        except (RecursionError, MemoryError):
            raise ConditionError("the expression is nested too deeply", 0) from None
        self.is_text = kind is _Kind.TEXT
        self.quantities = tuple(checker.quantities)
        whole = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in _QUANTITIES
        self.sole = self.quantities[0] if whole else None
        self._compute: Callable[[Context], object] = eval(compiled, {"__builtins__": {}, **_OPERATIONS})

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    def evaluate(self, context: Context) -> object:
        """The value: a number, a truth or text. Raises ConditionFailure."""
        try:
            return self._compute(context)
        except NotComputed as missing:
            address = "" if missing.scalar is None else f'("{self._addresses.format(missing.scalar)}")'
            failure = ConditionFailure(f"{missing.what}{address} {missing.why}")
            failure.not_computed = True
            raise failure from None
        except ConditionFailure:
            raise
        except (ArithmeticError, ValueError, TypeError) as error:
            raise ConditionFailure(f"{self.text} cannot be computed: {error}") from None

    def holds(self, context: Context) -> bool:
        """Whether the value is true, in Python's sense. Raises ConditionFailure."""
        return bool(self.evaluate(context))


class _Kind(Enum):
    NUMBER = "a number"  # truths too
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class _Function:
    compute: Callable[..., Any]
    at_least: int = 1
    at_most: float = 1


def _log(x: float) -> float:
    try:
        return math.log(x)
    except ValueError:
        raise ConditionFailure(f"log({x!r}) is not defined") from None


def _divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        raise ConditionFailure(f"{a!r} / {b!r} divides by zero") from None


def _floor_divide(a: float, b: float) -> float:
    try:
        return a // b
    except ZeroDivisionError:
        raise ConditionFailure(f"{a!r} // {b!r} divides by zero") from None


def _remainder(a: float, b: float) -> float:
    try:
        return a % b
    except ZeroDivisionError:
        raise ConditionFailure(f"{a!r} % {b!r} divides by zero") from None


def _power(a: float, b: float) -> float:
    if isinstance(a, int) and isinstance(b, int) and b > 1 and a.bit_length() * b > _MOST_BITS:
        raise ConditionFailure(f"{_short(a)} ** {_short(b)} is too large")
    try:
        result: object = a**b
    except ZeroDivisionError:
        raise ConditionFailure(f"{a!r} ** {b!r} divides by zero") from None
    except OverflowError:
        raise ConditionFailure(f"{a!r} ** {b!r} is too large") from None
    if isinstance(result, complex):
        raise ConditionFailure(f"{a!r} ** {b!r} is not a real number")
    return result  # type: ignore[return-value]


def _short(number: int) -> str:
    return str(number) if number.bit_length() < 64 else "a number of more than 64 bits"


_QUANTITIES = {quantity.value: quantity for quantity in Quantity}
_NAMES = {
    "step": _Kind.NUMBER,
    "loss": _Kind.NUMBER,
    "lr": _Kind.NUMBER,
    "document": _Kind.TEXT,
    "grad_norm": _Kind.NUMBER,
}
_FUNCTIONS = {
    "abs": _Function(abs),
    "min": _Function(min, 2, math.inf),
    "max": _Function(max, 2, math.inf),
    "log": _Function(_log),
    "isnan": _Function(math.isnan),
    "isfinite": _Function(math.isfinite),
}
_ARITHMETIC: dict[type[ast.operator], tuple[str, Callable[..., Any] | None]] = {
    ast.Add: ("add", None),  # None: the code object does it itself
    ast.Sub: ("subtract", None),
    ast.Mult: ("multiply", None),
    ast.Div: ("divide", _divide),
    ast.FloorDiv: ("floor_divide", _floor_divide),
    ast.Mod: ("remainder", _remainder),
    ast.Pow: ("power", _power),
}
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: function.compute for name, function in _FUNCTIONS.items()},
    **{name: compute for name, compute in _ARITHMETIC.values() if compute is not None},
}
_SYNTAX = frozenset(simpleeval.SimpleEval().nodes)  # what simpleeval evaluates at all
_STRING = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")


def _parse(text: str) -> ast.expr:
    """The tree of the one expression that the text is, its columns those of the text in characters."""
    if not text.strip():
        raise ConditionError("there is no expression here; write one such as loss > 3", 0)
    if len(text) > _LONGEST:
        raise ConditionError(f"the expression has {len(text)} characters; at most {_LONGEST} are allowed", _LONGEST)
    line = re.sub(r"[\r\n\f\v\x00]", " ", text)
    without_strings = _STRING.sub(lambda string: " " * len(string[0]), line)
    if (semicolon := without_strings.find(";")) >= 0:
        raise ConditionError("this has to be one expression; join two with and, or", semicolon)
    skipped = len(line) - len(line.lstrip())
    try:
        statement = simpleeval.SimpleEval.parse(line)
    except SyntaxError as error:
        position = min(max((error.offset or 1) - 1 + skipped, 0), len(text))
        raise ConditionError(*_syntax_mistake(without_strings, position, error)) from None
    except (RecursionError, MemoryError, ValueError, simpleeval.InvalidExpression) as error:
        raise ConditionError(f"this is not an expression: {error}", skipped) from None
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
        raise ConditionError(*_assignment(without_strings))
    if not isinstance(statement, ast.Expr):
        raise ConditionError("this is a statement, not an expression; write one such as loss > 3", skipped)
    for node in ast.walk(statement.value):
        if isinstance(node, ast.expr | ast.keyword):
            # ast counts bytes of UTF-8
            before = line.strip().encode()[: node.col_offset].decode(errors="ignore")
            node.col_offset = len(before) + skipped
    return statement.value


def _syntax_mistake(line: str, position: int, error: SyntaxError) -> tuple[str, int]:
    if _ASSIGNMENT.search(line):
        return _assignment(line)
    if position >= len(line.rstrip()):
        return "the expression is not finished", position
    if "unterminated" in error.msg:
        return "the closing quotation mark is missing", position
    if "&" in line or "|" in line:
        return "this cannot be read; write and, or instead of &, |", position
    return f"this cannot be read: {error.msg}", position


def _assignment(line: str) -> tuple[str, int]:
    found = _ASSIGNMENT.search(line)
    return "= sets a value; write == to compare", found.start() if found else 0


_ASSIGNMENT = re.compile(r"(?<![=!<>])[-+*/%]*=(?!=)")


class _Checker:
    """Walks a tree once: refuses what is not allowed, looks addresses up, and builds the tree that will be compiled."""

    def __init__(self, text: str, addresses: Addresses) -> None:
        self.text = text
        self.addresses = addresses
        self.quantities: list[tuple[Quantity, int]] = []

    def check(self, node: ast.expr) -> tuple[_Kind, ast.expr]:
        """The kind of a tree's value, and the tree to compile."""
        if type(node) not in _SYNTAX:
            raise self._refused(node)
        match node:
            case ast.Constant(value=str()):
                return _Kind.TEXT, node
            case ast.Constant(value=bool() | int() | float()):
                return _Kind.NUMBER, node
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
                return _Kind.NUMBER, ast.UnaryOp(node.op, self._number(operand))
            case ast.BoolOp(values=values):
                return _Kind.NUMBER, ast.BoolOp(node.op, [self._number(value) for value in values])
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                name, compute = _ARITHMETIC[type(op)]
                a, b = self._number(left), self._number(right)
                return _Kind.NUMBER, ast.BinOp(a, op, b) if compute is None else _call(ast.Name(name, ast.Load()), a, b)
            case ast.Compare():
                return _Kind.NUMBER, self._compare(node)
            case ast.Call():
                return _Kind.NUMBER, self._call(node)
        raise self._refused(node)

    def _number(self, node: ast.expr) -> ast.expr:
        kind, code = self.check(node)
        if kind is _Kind.TEXT:
            raise ConditionError(
                f"{ast.unparse(node)} is text; it can only be compared, with ==, != or in", node.col_offset
            )
        return code

    def _name(self, node: ast.Name) -> tuple[_Kind, ast.expr]:
        if node.id in _NAMES:
            return _NAMES[node.id], ast.Attribute(ast.Name("context", ast.Load()), node.id, ast.Load())
        if node.id in _QUANTITIES:
            example = self.addresses.format(0)
            raise ConditionError(f'{node.id} needs an address: {node.id}("{example}")', node.col_offset)
        if node.id in _FUNCTIONS:
            raise ConditionError(f"{node.id} needs its argument in parentheses: {node.id}(loss)", node.col_offset)
        raise self._unknown(node)

    def _unknown(self, node: ast.Name) -> ConditionError:
        known = [*_NAMES, *_QUANTITIES, *_FUNCTIONS]
        near = difflib.get_close_matches(node.id.lower(), known, n=1, cutoff=0.5)
        offer = f"did you mean {near[0]}?" if near else f"there are {', '.join(_NAMES)} and functions such as data(…)"
        return ConditionError(f"there is no {node.id}; {offer}", node.col_offset)

    def _compare(self, node: ast.Compare) -> ast.expr:
        operands = [node.left, *node.comparators]
        checked = [self.check(operand) for operand in operands]
        for i, op in enumerate(node.ops):
            (left, _), (right, _) = checked[i], checked[i + 1]
            if isinstance(op, ast.In | ast.NotIn):
                if left is not _Kind.TEXT or right is not _Kind.TEXT:
                    raise ConditionError('in looks for text in text: write "a" in document', operands[i].col_offset)
            elif not isinstance(op, _COMPARISONS):
                raise ConditionError("is compares objects; write == to compare numbers", operands[i].col_offset)
            elif left is not right:
                source = ast.unparse(operands[i])
                raise ConditionError(
                    f"{source} is {left.value} and {ast.unparse(operands[i + 1])} is {right.value}; "
                    "they cannot be compared",
                    operands[i + 1].col_offset,
                )
        return ast.Compare(checked[0][1], node.ops, [code for _, code in checked[1:]])

    def _call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            raise self._refused(node.func)
        name = node.func.id
        for argument in (*node.args, *node.keywords):
            if isinstance(argument, ast.keyword | ast.Starred):
                raise ConditionError(f"{name} takes plain arguments only", argument.col_offset)
        if name in _QUANTITIES:
            return self._quantity(_QUANTITIES[name], node)
        if name not in _FUNCTIONS:
            if name in _NAMES:
                raise ConditionError(f"{name} is not a function; write it without parentheses", node.col_offset)
            raise self._unknown(node.func)
        function = _FUNCTIONS[name]
        if not function.at_least <= len(node.args) <= function.at_most:
            number = "one argument" if function.at_most == 1 else "at least two arguments"
            raise ConditionError(f"{name} takes {number}, not {len(node.args)}", node.col_offset)
        return _call(ast.Name(name, ast.Load()), *(self._number(argument) for argument in node.args))

    def _quantity(self, quantity: Quantity, node: ast.Call) -> ast.expr:
        match node.args:
            case [ast.Constant(value=str() as address) as argument]:
                position = argument.col_offset
            case _:
                example = self.addresses.format(0)
                position = node.args[0].col_offset if node.args else node.col_offset
                raise ConditionError(
                    f'{quantity} takes one address in quotation marks: {quantity}("{example}")', position
                )
        try:
            scalar = parse_address(address, self.addresses)
            if quantity not in (Quantity.DATA, Quantity.GRAD):
                check_parameter(scalar, self.addresses, f"{quantity} belongs to parameters")
        except AddressError as error:
            raise ConditionError(str(error), position) from None
        self.quantities.append((quantity, scalar))
        function = ast.Attribute(ast.Name("context", ast.Load()), quantity.value, ast.Load())
        return _call(function, ast.Constant(scalar))

    def _refused(self, node: ast.expr) -> ConditionError:
        return ConditionError(
            f"{ast.unparse(node)} cannot be used here: an expression is made of numbers, comparisons, and, or, not, "
            f"{', '.join(_NAMES)}, and the functions {', '.join([*_QUANTITIES, *_FUNCTIONS])}",
            getattr(node, "col_offset", 0),
        )


def _function(body: ast.expr) -> ast.Expression:
    """The tree of a function of a context. It is all in one place: where the parts stood is no longer of interest."""
    argument = ast.arguments(posonlyargs=[], args=[ast.arg("context")], kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.Expression(ast.Lambda(args=argument, body=body))
    for node in ast.walk(function):
        if isinstance(node, ast.expr | ast.arg):
            node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 1, 0, 1, 0
    return function


def _call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return ast.Call(function, list(arguments), [])
