"""Where every scalar stands within its cell, against a walk over the program in plain Python."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.program import Operation, Program
from microgpt.program.recorder import record
from microgpt_studio.debugger.expressions import Expressions

SHAPES = [
    Configuration(5, n_layer=2, n_embd=8, n_head=2, block_size=4),
    Configuration(3, n_layer=2, n_embd=1, n_head=1, block_size=1),
    Configuration(40, n_layer=1, n_embd=2, n_head=2, block_size=3),
    Configuration(4, n_layer=2, n_embd=6, n_head=3, block_size=5),
]


@pytest.fixture(params=SHAPES, ids=str, scope="module")
def expressions(request: pytest.FixtureRequest) -> tuple[Program, Expressions]:
    program = record(request.param)
    return program, Expressions.of_program(program)


def cell_names(program: Program) -> list[str]:
    """Of every scalar what its address says it belongs to: an element, or all that a tensor's elements share."""
    addresses = Addresses(program)
    shared = re.compile(r"\.[a-z]+\[\d+\]$")
    names = []
    for scalar in range(program.num_scalars):
        address = addresses.format(scalar)
        names.append(shared.sub("", address) if program.ordinal[scalar] >= 0 else address)
    return names


def brute_force(program: Program, cell: list[int]) -> tuple[list[int], list[int], dict[tuple[int, int], int]]:
    """Column and level of every scalar, and the row of the port of (scalar, 0 or 1) where an operand enters."""
    column, level = [0] * program.num_scalars, [0] * program.num_scalars
    leaves: Counter[int] = Counter()
    ports: dict[tuple[int, int], int] = {}
    taken: Counter[tuple[int, int]] = Counter()
    for i in range(program.num_scalars):
        operands = [int(program.first[i]), int(program.second[i])]
        own = [a for a in operands if a >= 0 and cell[a] == cell[i]]
        if own:
            runs = [program.operation[i] == program.operation[a] == Operation.SUM for a in own]
            column[i] = max(column[a] + run for a, run in zip(own, runs, strict=True))
            level[i] = max(level[a] + (not run) for a, run in zip(own, runs, strict=True))
        else:
            column[i] = leaves[cell[i]]
            leaves[cell[i]] += 1
        for which, operand in enumerate(operands):
            if operand < 0 or cell[operand] == cell[i]:
                continue
            if which == 1 and operands[0] == operand:
                ports[i, 1] = ports[i, 0]
            else:
                ports[i, which] = taken[cell[i], column[i]]
                taken[cell[i], column[i]] += 1
    return column, level, ports


def test_a_cell_is_an_element_or_what_its_tensor_shares(expressions: tuple[Program, Expressions]) -> None:
    program, found = expressions
    names, addresses = cell_names(program), Addresses(program)
    members = defaultdict(list)
    for scalar, name in enumerate(names):
        members[name].append(scalar)
    assert found.num_cells == len(members)
    assert found.num_elements == len(program.element_ids)
    for cell in range(found.num_cells):
        name = names[found.scalar[cell]]
        assert found.of(cell).tolist() == members[name]
        assert found.cell[members[name]].tolist() == [cell] * len(members[name])
        assert found.tensor[cell] == program.tensor[found.scalar[cell]]
        if cell < found.num_elements:
            assert found.scalar[cell] == program.element_ids[cell] == addresses.parse(name)
        else:
            assert program.tensors[found.tensor[cell]].path == name
            assert found.scalar[cell] == members[name][-1]


def test_what_is_shared_is_the_scale_of_a_norm_or_the_total_of_a_softmax(
    expressions: tuple[Program, Expressions],
) -> None:
    program, found = expressions
    shared = [program.tensors[tensor].path for tensor in found.tensor[found.num_elements :]]
    serving = [t.path for t in program.tensors if t.path.rpartition(".")[2] in ("norm", "weight", "prob")]
    assert sorted(shared) == sorted(serving)


def test_columns_levels_and_ports_are_those_of_a_plain_walk(expressions: tuple[Program, Expressions]) -> None:
    program, found = expressions
    column, level, ports = brute_force(program, found.cell.tolist())
    assert found.column.tolist() == column
    assert found.level.tolist() == level
    n = range(program.num_scalars)
    assert found.first_port.tolist() == [ports.get((i, 0), -1) for i in n]
    assert found.second_port.tolist() == [ports.get((i, 1), -1) for i in n]
    for cell in range(found.num_cells):
        members = found.of(cell).tolist()
        assert found.columns[cell] == 1 + max(column[i] for i in members)
        assert found.levels[cell] == 1 + max(level[i] for i in members)
        assert found.ports[cell] == 1 + max((ports.get((i, k), -1) for i in members for k in (0, 1)), default=-1)


def check_places(program: Program, found: Expressions) -> None:
    """No two scalars have one place, no two operands one port, and all edges lead down, or along a running sum."""
    n = program.num_scalars
    places = np.column_stack([found.cell, found.column, found.level])
    assert len(np.unique(places, axis=0)) == n
    at_ports = []
    for operand, port in ((program.first, found.first_port), (program.second, found.second_port)):
        enters = operand >= 0
        enters[enters] = found.cell[operand[enters]] != found.cell[enters]
        assert np.array_equal(port >= 0, enters)
        users = np.flatnonzero(enters)
        at_ports.append(np.column_stack([found.cell[users], found.column[users], port[users], operand[users]]))
        own = np.flatnonzero((operand >= 0) & ~enters)
        down = found.level[own] - found.level[operand[own]]
        along = (program.operation[own] == Operation.SUM) & (program.operation[operand[own]] == Operation.SUM)
        assert (down[~along] > 0).all()
        assert (down[along] >= 0).all()
        assert (found.column[own] - found.column[operand[own]] >= along).all()
    unique = np.unique(np.concatenate(at_ports), axis=0)
    assert len(np.unique(unique[:, :3], axis=0)) == len(unique)
    assert (
        len(np.concatenate(at_ports)) - len(unique)
        == ((program.first == program.second) & (found.first_port >= 0)).sum()
    )
    assert np.array_equal(np.sort(found.members), np.arange(n))


def test_every_scalar_has_a_place_of_its_own_and_every_operand_a_port(
    expressions: tuple[Program, Expressions],
) -> None:
    check_places(*expressions)


def test_the_same_with_all_scalars_of_the_default_size() -> None:
    program = record(Configuration(27))
    assert program.num_scalars > 130_000
    check_places(program, Expressions.of_program(program))


def test_a_weighted_sum_has_a_column_a_term(program: Program) -> None:
    found, addresses = Expressions.of_program(program), Addresses(program)
    q = addresses.parse("pos3.layer0.attn.q[5]")
    cell = int(found.cell[q])
    shown = {addresses.format(i): (int(found.column[i]), int(found.level[i])) for i in found.of(cell).tolist()}
    # The last sum is the element itself, and the first adds its product to the constant 0.
    expected = {f"pos3.layer0.attn.q[5].mul[{k}]": (k, 0) for k in range(8)}
    expected |= {f"pos3.layer0.attn.q[5].sum[{k}]": (k, 1) for k in range(7)}
    assert shown == expected | {"pos3.layer0.attn.q[5]": (7, 1)}
    assert (found.columns[cell], found.levels[cell], found.ports[cell]) == (8, 2, 2)
    products = [addresses.parse(f"pos3.layer0.attn.q[5].mul[{k}]") for k in range(8)]
    assert found.first_port[products].tolist() == [0] * 8
    assert found.second_port[products].tolist() == [1] * 8


def test_a_square_has_one_port(program: Program) -> None:
    found = Expressions.of_program(program)
    square = Addresses(program).parse("pos1.norm.mul[3]")
    assert program.first[square] == program.second[square]
    assert found.first_port[square] == found.second_port[square] == 0
    assert found.ports[found.cell[square]] == 1


def test_a_parameter_has_nothing_inside(program: Program) -> None:
    found = Expressions.of_program(program)
    parameters = program.num_parameters
    assert found.cell[:parameters].tolist() == list(range(parameters))
    assert found.scalar[:parameters].tolist() == list(range(parameters))
    assert (found.ports[:parameters] == 0).all()
    assert (found.ports[parameters:] > 0).all()


def test_arrays_are_read_only(program: Program) -> None:
    found = Expressions.of_program(program)
    for name in ("cell", "scalar", "members", "column", "level", "first_port", "second_port", "ports"):
        assert not getattr(found, name).flags.writeable
