"""The words of the Breakpoints panel: what people read of a definition, and what a session offers to fill one in."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from microgpt.program.program import Program
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.snapshot import Description, Moment
from microgpt_studio.debugger.targets import Definition, Event

EVENTS = {
    Event.COMPUTED: "A scalar is computed",
    Event.GRADIENT: "A gradient is complete",
    Event.UPDATED: "A parameter is updated",
    Event.LINE: "A source line is reached",
    Event.SCOPE: "A scope begins",
    Event.UPDATE: "An update begins",
    Event.DOCUMENT: "An update learns from a document",
    Event.CHARACTER: "A character is read",
    Event.CONDITION: "A condition holds at the end of an update",
    Event.SIGN: "A value changes sign",
    Event.LEVEL: "A value crosses a level",
}
PHASES: dict[Phase | None, str] = {
    None: "forward, or Adam for parameters",
    Phase.FORWARD: "forward",
    Phase.BACKWARD: "backward",
    Phase.ADAM: "Adam",
}


class Kind(Enum):
    """What `where` of a definition is; the value is the name of its field."""

    ADDRESS = "scalar"
    LINE = "line"
    SCOPE = "scope"
    UPDATE = "update"
    DOCUMENT = "document"
    CHARACTER = "character"
    VALUE = "value"  # an expression
    NOTHING = ""

    @classmethod
    def of(cls, event: Event) -> Kind:
        """What an event asks for."""
        return _KINDS[event]


_KINDS = {
    Event.COMPUTED: Kind.ADDRESS,
    Event.GRADIENT: Kind.ADDRESS,
    Event.UPDATED: Kind.ADDRESS,
    Event.LINE: Kind.LINE,
    Event.SCOPE: Kind.SCOPE,
    Event.UPDATE: Kind.UPDATE,
    Event.DOCUMENT: Kind.DOCUMENT,
    Event.CHARACTER: Kind.CHARACTER,
    Event.CONDITION: Kind.NOTHING,
    Event.SIGN: Kind.VALUE,
    Event.LEVEL: Kind.VALUE,
}


def headline(definition: Definition) -> str:
    """What it breaks at, without what restricts that."""
    bare = definition if definition.event is Event.CONDITION else replace(definition, condition="")
    return str(bare)


def details(definition: Definition) -> tuple[str, ...]:
    """What restricts it, and what it does instead of stopping; a line each."""
    lines = []
    if definition.condition and definition.event is not Event.CONDITION:
        lines.append(f"if {definition.condition}")
    if definition.message:
        lines.append(f"writes “{definition.message}”")
    if definition.stop_after > 1:
        lines.append(f"from hit {definition.stop_after:,} on")
    return tuple(lines)


def event_for(scalar: int, program: Program) -> Event:
    """What is most often asked of a scalar: a parameter is updated, all else is computed."""
    return Event.UPDATED if scalar < program.num_parameters else Event.COMPUTED


def offered(kind: Kind, scalar: int | None, description: Description | None) -> str:
    """What the selected scalar fills in for a kind; nothing where it has nothing to do with it."""
    if scalar is None or description is None:
        return ""
    address, program = description.addresses.format(scalar), description.program
    match kind:
        case Kind.ADDRESS:
            return address
        case Kind.VALUE:
            return f'grad("{address}")'
        case Kind.SCOPE:
            path: str = program.tensors[program.tensor[scalar]].path
            return path
        case Kind.LINE:
            frames = program.sites[program.site[scalar]]
            making = next((frame for frame in frames if frame.file != "value.py"), None)
            return "" if making is None else f"{making.file}:{making.line}"
    return ""


def example(kind: Kind, description: Description | None, moment: Moment | None) -> str:
    """Something that could be typed for a kind, of this session where there is one."""
    if description is None:
        return ""
    program = description.program
    computed = next(tensor for tensor in program.tensors if tensor.stop > program.num_parameters)
    some = int(program.elements(computed)[0])
    match kind:
        case Kind.ADDRESS | Kind.LINE | Kind.SCOPE:
            return offered(kind, some, description)
        case Kind.UPDATE:
            return str(min(200, description.settings.num_steps))
        case Kind.DOCUMENT:
            return moment.document if moment is not None else ""
        case Kind.CHARACTER:
            return description.tokenizer.characters[0]
        case Kind.VALUE:
            return f'grad("{description.addresses.format(0)}")'
    return ""


def example_condition(scalar: int | None, description: Description | None) -> str:
    """A condition that could be typed, about the selected scalar."""
    if description is None:
        return "loss > 3"
    return f'abs(grad("{description.addresses.format(scalar or 0)}")) > 0.05'
