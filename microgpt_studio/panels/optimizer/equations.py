"""Adam's equations for one parameter, in symbols and in numbers, in the order of computation; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.adam import Adam
from microgpt_studio.debugger.ledger import Ledger
from microgpt_studio.debugger.snapshot import Moment, ParameterNumbers, Reach
from microgpt_studio.widgets.number_text import DIGITS, full, short

NOT_COMPUTED = "not computed yet"
WAITING = "…"


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that somebody chose: it is written as briefly as it was."""

    number: float


Piece = str | float | Constant


@dataclass(frozen=True, slots=True)
class Equation:
    """symbol = formula = the formula with its numbers = result."""

    symbol: str
    formula: str
    pieces: tuple[Piece, ...] = ()  # the formula with numbers; empty where there is nothing to compute
    result: float | None = None
    words: str = ""  # instead of a result, or behind it: what has to be known of it

    def numbers(self, digits: int = DIGITS) -> str:
        """The formula with its numbers, each with so many digits; a line break stands where one is welcome."""
        return "".join(_written(piece, digits) for piece in self.pieces)

    def whole(self) -> str:
        """The equation with every digit of every number."""
        numbers = "".join(_whole(piece) for piece in self.pieces).replace("\n", " ")
        sides = (self.symbol, self.formula, numbers, self.result_in_full())
        return " = ".join(side for side in sides if side)

    def result_text(self) -> str:
        """What stands in the column of results."""
        return self.words if self.result is None else f"{short(self.result)} {self.words}".strip()

    def result_in_full(self) -> str:
        """The same with every digit."""
        return self.words if self.result is None else f"{full(self.result)} {self.words}".strip()


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to say about one parameter's update."""

    sentence: str  # why there are no numbers, or empty
    equations: tuple[Equation, ...]


def update_account(ledger: Ledger, adam: Adam, num_steps: int) -> Account:
    """The update that a ledger tells, done with the constants of `adam` in a training of so many updates."""
    b1, b2 = adam.beta1, adam.beta2
    first = (Constant(b1), " · ", ledger.m_before, "\n+ ", Constant(1 - b1), " · ", ledger.grad)
    second = (Constant(b2), " · ", ledger.v_before, "\n+ ", Constant(1 - b2), " · ", *_squared(ledger.grad))
    change = (ledger.rate, " · ", ledger.m_hat, "\n/ (", ledger.v_hat**0.5, " + ", Constant(adam.eps), ")")
    return Account(
        "",
        (
            _step(f"{ledger.step} of {num_steps}"),
            *_with_symbols(
                (_rate(adam, ledger.step, num_steps), ledger.rate),
                ((), ledger.grad),
                (first, ledger.m),
                (second, ledger.v),
                ((ledger.m, " / ", ledger.correction1), ledger.m_hat),
                ((ledger.v, " / ", ledger.correction2), ledger.v_hat),
                (change, ledger.change),
                ((ledger.before, " − ", *_bracketed(ledger.change)), ledger.after),
            ),
        ),
    )


def standing_account(numbers: ParameterNumbers, moment: Moment, adam: Adam, parameter: int) -> Account:
    """What is known of a parameter before its update is computed: itself, the moments as they stand, and the rate."""
    sentence = (
        "No update yet: m and v start at 0, and nothing else is computed."
        if moment.step == 0 and moment.lr is None
        else "This update of the parameter is not computed yet; m, v and w are as they stand."
    )
    known = {"m": numbers.m, "v": numbers.v, "w": numbers.after}
    if numbers.grad_reach[parameter] == Reach.KNOWN:
        known["g"] = numbers.grad
    words = {}
    if numbers.grad_reach[parameter] == Reach.PARTIAL:
        known["g"], words["g"] = numbers.grad, "so far"
    rows = [
        Equation(symbol, "", result=float(known[symbol][parameter]), words=words.get(symbol, ""))
        if symbol in known
        else Equation(symbol, formula, words=NOT_COMPUTED)
        for symbol, formula in SYMBOLS
    ]
    if moment.lr is not None:
        rows[0] = Equation(*SYMBOLS[0], _rate(adam, moment.update, moment.num_steps), moment.lr)
    return Account(sentence, (Equation("t", "updates done", words=f"{moment.step} of {moment.num_steps}"), *rows))


def waiting_account() -> Account:
    """Before the first answer: symbols and no number."""
    rows = (Equation(symbol, formula, words=WAITING) for symbol, formula in SYMBOLS)
    return Account("", (_step(WAITING), *rows))


SYMBOLS = (
    ("lr", "lr₀ · (1 − (t − 1)/T)"),
    ("g", "∂loss/∂w"),
    ("m", "β₁ · m + (1 − β₁) · g"),
    ("v", "β₂ · v + (1 − β₂) · g²"),
    ("m̂", "m / (1 − β₁ᵗ)"),
    ("v̂", "v / (1 − β₂ᵗ)"),
    ("Δ", "lr · m̂ / (√v̂ + ε)"),
    ("w", "before − Δ → after"),
)


def _step(words: str) -> Equation:
    return Equation("t", "this update, of T", words=words)


def _rate(adam: Adam, step: int, num_steps: int) -> tuple[Piece, ...]:
    return (Constant(adam.learning_rate), " · (1 − ", Constant(step - 1), "/", Constant(num_steps), ")")


def _with_symbols(*sides: tuple[tuple[Piece, ...], float]) -> tuple[Equation, ...]:
    return tuple(
        Equation(symbol, formula, pieces, result)
        for (symbol, formula), (pieces, result) in zip(SYMBOLS, sides, strict=True)
    )


def _squared(number: float) -> tuple[Piece, ...]:
    return (*_bracketed(number), "²")


def _bracketed(number: float) -> tuple[Piece, ...]:
    return ("(", number, ")") if number < 0 else (number,)


def _written(piece: Piece, digits: int) -> str:
    if isinstance(piece, Constant):
        return f"{piece.number:.6g}"
    return short(piece, digits) if isinstance(piece, float) else piece


def _whole(piece: Piece) -> str:
    if isinstance(piece, Constant):
        return repr(piece.number)
    return full(piece) if isinstance(piece, float) else piece
