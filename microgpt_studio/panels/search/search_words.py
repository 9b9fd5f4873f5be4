"""What the Search panel says: of numbers that are there and of those that are not, and of what was found."""

from __future__ import annotations

from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search import Results
from microgpt_studio.debugger.search_finding import MOST_LIT
from microgpt_studio.debugger.search_query import QueryError
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.widgets import full, short

_SHORT = {Reach.NOT_COMPUTED: "not yet", Reach.OUTSIDE: "none", Reach.PARTIAL: "partial"}


def number_text(number: float, reach: Reach) -> str:
    """A number in a cell, or in a word why there is none."""
    return short(number) if reach is Reach.KNOWN else _SHORT[reach]


def full_text(quantity: Quantity, number: float, reach: Reach) -> str:
    """A number with every digit, or why there is none."""
    match reach:
        case Reach.KNOWN:
            return full(number)
        case Reach.NOT_COMPUTED:
            return f"{quantity} is not computed yet"
        case Reach.PARTIAL:
            return f"{quantity} is not complete yet: some contributions are added, others are not"
    if quantity is Quantity.GRAD:
        return "outside the graph: the loss does not depend on it, so it has no gradient"
    return f"only parameters have {quantity}"


def found_sentence(results: Results) -> str:
    """How many were found, of how many, and how many of them are listed and lit; nothing where none was."""
    total, listed, query = results.total, len(results.scalars), results.query
    if not total:
        return ""
    if query.top is not None and query.by is not None:
        those = f"the {total:,} scalars" if total > 1 else "the scalar"
        words = f"{those[0].upper()}{those[1:]} with the largest |{query.by}| of {results.ranked:,}"
    else:
        words = f"{total:,} scalar{'s' if total > 1 else ''}"
    sentences = [words if listed == total else f"{words}, the first {listed:,} listed"]
    if results.unranked:
        sentences.append(f"{results.unranked:,} nan, which {'have' if results.unranked > 1 else 'has'} no rank")
    if total > len(results.lit):
        sentences.append(f"the first {MOST_LIT:,} lit")
    return "; ".join(sentences) + "."


def reason_sentence(reason: str) -> str:
    """Why nothing was found, as a sentence."""
    return _ended(reason[:1].upper() + reason[1:])


def error_sentence(error: QueryError) -> str:
    """What is wrong in the line, and where, counted from 1 as people do."""
    return _ended(f"Column {error.column + 1}: {error.sentence}")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else sentence + "."
