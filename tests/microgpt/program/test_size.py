"""Sizes are told without recording, and agree with what is recorded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.model import Configuration
from microgpt.program import machine, size
from microgpt.program.recorder import record
from microgpt.program.size import Engine, check_memory, memory_estimate, parameter_count, scalar_count


@given(
    vocab_size=st.integers(1, 12),
    n_layer=st.integers(1, 3),
    n_head=st.integers(1, 4),
    head_size=st.integers(1, 4),
    block_size=st.integers(1, 7),
)
def test_counts(vocab_size, n_layer, n_head, head_size, block_size):
    config = Configuration(vocab_size, n_layer, n_head * head_size, n_head, block_size)
    program = record(config)
    assert parameter_count(config) == program.num_parameters
    assert scalar_count(config) == program.num_scalars
    for positions in range(1, block_size + 1):
        assert scalar_count(config, positions) == program.num_live(positions)


def test_default_model():
    assert parameter_count(Configuration(27)) == 4192
    assert scalar_count(Configuration(27)) == record(Configuration(27)).num_scalars


def test_orders_are_counted_as_the_machine_keeps_them():
    assert machine._MOST_ROOM * np.dtype(np.int32).itemsize == size._ORDERS_LIMIT


def test_estimates():
    config = Configuration(27)
    assert memory_estimate(config) > 100 * scalar_count(config)
    assert memory_estimate(config, Engine.VALUE) > memory_estimate(config, Engine.PROGRAM)
    assert memory_estimate(config, Engine.VALUE, positions=2) < memory_estimate(config, Engine.VALUE) / 4
    assert memory_estimate(config, Engine.PROGRAM, positions=2) == memory_estimate(config)  # it is always whole


@pytest.mark.parametrize("engine", Engine)
def test_what_fits(engine):
    config = Configuration(27)
    needed = memory_estimate(config, engine)
    check_memory(config, engine, available=needed)
    check_memory(config, engine)
    with pytest.raises(ValueError, match=r"would have 1.35e\+05 scalars and need about .* GB of memory") as error:
        check_memory(config, engine, available=needed - 1)
    assert "choose smaller sizes" in str(error.value)


def test_what_is_kept_beside_the_program_counts():
    config = Configuration(27)
    alone = memory_estimate(config)
    assert memory_estimate(config, beside=10) == alone + 10 * scalar_count(config)
    check_memory(config, available=alone)
    with pytest.raises(ValueError, match="of memory"):
        check_memory(config, available=alone, beside=1)


def test_large_model_fits_its_budget():
    """4 layers, n_embd 32, block 32: ids, sites and memory."""
    config = Configuration(27, n_layer=4, n_embd=32, n_head=4, block_size=32)
    assert scalar_count(config) == 3_632_481 < size.IDS
    assert memory_estimate(config, beside=300) < 6e9


def test_short_documents_need_less_with_values():
    config = Configuration(27, block_size=10_000)
    with pytest.raises(ValueError, match="GB of memory"):
        check_memory(config, Engine.PROGRAM, positions=8, available=10**9)
    check_memory(config, Engine.VALUE, positions=8, available=10**9)


def test_more_scalars_than_ids():
    config = Configuration(27, n_embd=1 << 14)
    with pytest.raises(ValueError, match=r"more than the 2.15e\+09 that a program can number"):
        check_memory(config, available=10**15)
    check_memory(config, Engine.VALUE, available=10**15)


@pytest.mark.parametrize("large", [10**30, 10**400, 10**3000])
def test_sizes_beyond_all_measure(large):
    with pytest.raises(ValueError, match="more than a million GB of memory"):
        check_memory(Configuration(27, n_layer=large, n_embd=4 * large, block_size=large))


def test_available_memory_is_that_of_the_system(monkeypatch):
    monkeypatch.setattr(size.psutil, "virtual_memory", lambda: type("Memory", (), {"available": 2_000_000}))
    with pytest.raises(ValueError, match=r"but about 0.0 GB are available"):
        check_memory(Configuration(27))
