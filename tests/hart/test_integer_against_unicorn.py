"""Random integer programs on the hart and on Unicorn: registers, memory, page tables and causes agree.

``HARTLAB_RANDOM_PROGRAMS`` sets how many programs each case runs, ``HARTLAB_SEED`` where they begin.
"""

from __future__ import annotations

import pytest

pytest.importorskip("unicorn")
from hart import random_programs as programs
from hart.differential import MODES, check_programs


@pytest.mark.parametrize("mode", MODES)
def test_register_instructions_agree(mode):
    check_programs(mode, [programs.integer])


@pytest.mark.parametrize("mode", MODES)
def test_loads_stores_and_jumps_agree_and_so_do_their_faults(mode):
    check_programs(mode, [programs.integer, programs.memory, programs.flow], wild=True)


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
def test_loops_agree_at_every_way_of_running(blocks):
    check_programs("sv39-u", [programs.integer, programs.memory, programs.loop], blocks=blocks)
