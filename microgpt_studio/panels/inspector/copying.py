"""Why a gradient is this number, to be pasted elsewhere: as lines of text, or as a formula for LaTeX. All digits."""

from __future__ import annotations

import re

from microgpt_studio.debugger.contribution_groups import Grouping, grouped
from microgpt_studio.debugger.snapshot import Consumer, Description, Explanation, Moment, Reach
from microgpt_studio.panels.inspector.contribution_rows import closing_of_groups, group_label
from microgpt_studio.panels.inspector.number_words import same_bits
from microgpt_studio.widgets.number_text import full, short

_EXPONENT = re.compile(r"e([+-]?)0*(\d+)")
_SPECIAL = re.compile(r"[_#%&{}$]")
_WORDS = {"nan": r"\mathrm{nan}", "inf": r"\infty", "-inf": r"-\infty"}


def as_text(explanation: Explanation, description: Description, moment: Moment, grouping: Grouping | None) -> str:
    """A table of lines: the contributions in the order of adding, or by groups."""
    lines = [
        f"{explanation.address}  ({explanation.operation})",
        f"update {moment.update}, “{moment.document}”",
        f"data = {_number(explanation.data, explanation.data_reach)}",
        f"grad = {_number(explanation.grad, explanation.grad_reach)}",
    ]
    if explanation.grad_reach is Reach.PARTIAL:
        lines[-1] += f"  (partial: {explanation.received} of {explanation.expected} consumers added)"
    if not explanation.consumers:
        return "\n".join(lines) + "\n"
    if grouping is None:
        lines += ["", "local derivative × consumer's grad = contribution; total", *_in_order(explanation.consumers)]
        total = explanation.consumers[-1].total
        so_far = " so far" if explanation.grad_reach is Reach.PARTIAL else ""
        agrees = f"= grad{so_far}, to the last bit" if same_bits(total, explanation.grad) else "≠ grad"
        return "\n".join([*lines, f"total = {full(total)} {agrees}"]) + "\n"
    groups = grouped(explanation.consumers, grouping, description.program, moment.tokens)
    for group in groups.groups:
        label = group_label(group, grouping, description, moment)
        lines += ["", f"{label}: subtotal {full(group.subtotal)}, share {short(100 * group.share)} %"]
        lines += [f"  {line}" for line in _in_order(group.consumers, with_total=False)]
    closing = [note.text for note in closing_of_groups(groups, explanation)]
    return "\n".join([*lines, "", f"sum of the subtotals = {full(groups.total)}", *closing]) + "\n"


def as_latex(explanation: Explanation) -> str:
    """The chain rule for this scalar, with the numbers of every term in the order of adding."""
    name = rf"\frac{{\partial L}}{{\partial\,{_name(explanation.address)}}}"
    rule = rf"{name} &= \sum_{{c}} \frac{{\partial c}}{{\partial x}} \cdot \frac{{\partial L}}{{\partial c}}"
    lines = [r"\begin{aligned}", rf"{rule} \\"]
    for i, consumer in enumerate(explanation.consumers):
        sign = r"\phantom{+}\;" if i == 0 else r"+\;"
        product = rf"({_latex(consumer.local_derivative)}) \cdot ({_latex(consumer.grad)})"
        lines.append(rf"&\phantom{{=}} {sign} {product} && c = {_name(consumer.address)} \\")
    if explanation.grad_reach is Reach.KNOWN:
        lines.append(rf"&= {_latex(explanation.grad)}")
    elif explanation.grad_reach is Reach.PARTIAL:
        missing = explanation.expected - explanation.received
        lines.append(
            rf"&\phantom{{=}} +\; \text{{{missing} more of {explanation.expected} consumers, not added yet}} \\"
        )
        lines.append(rf"&= {_latex(explanation.grad)} + \cdots")
    return "\n".join([*lines, r"\end{aligned}"]) + "\n"


def _number(number: float, reach: Reach) -> str:
    if reach is Reach.OUTSIDE:
        return "none: the loss does not depend on it"
    return "not computed yet" if reach is Reach.NOT_COMPUTED else full(number)


def _in_order(consumers: tuple[Consumer, ...], *, with_total: bool = True) -> list[str]:
    width = max(len(consumer.address) for consumer in consumers)
    return [
        f"{each.address.ljust(width)}  {full(each.local_derivative)} × {full(each.grad)} = {full(each.contribution)}"
        + (f"; {full(each.total)}" if with_total else "")
        for each in consumers
    ]


def _latex(number: float) -> str:
    text = full(number)
    return _WORDS.get(text) or _EXPONENT.sub(lambda found: rf" \times 10^{{{_signed(found)}}}", text)


def _signed(found: re.Match[str]) -> str:
    return ("-" if found[1] == "-" else "") + found[2]


def _name(address: str) -> str:
    return rf"\texttt{{{_SPECIAL.sub(_escaped, address)}}}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
