"""Random programs with atomics on the hart and on Unicorn. See test_integer_against_unicorn.py for longer
runs.

Addresses are aligned and writable: Unicorn lets a misaligned atomic pass, and calls the fault of an atomic on
a read-only page a load's. Those are in test_corner_cases.py.
"""

from __future__ import annotations

import pytest

pytest.importorskip("unicorn")
from hart import random_programs as programs
from hart.differential import MODES, check_programs


@pytest.mark.parametrize("mode", MODES)
def test_atomics_agree(mode):
    check_programs(mode, [programs.atomic, programs.integer])


def test_atomics_and_plain_accesses_to_the_same_words_agree():
    check_programs("sv39-s", [programs.atomic, programs.memory])
