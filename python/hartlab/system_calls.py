"""xv6's system calls by name and number."""

from __future__ import annotations

from typing import Final

NUMBERS: Final[dict[str, int]] = {
    "fork": 1,
    "exit": 2,
    "wait": 3,
    "pipe": 4,
    "read": 5,
    "kill": 6,
    "exec": 7,
    "fstat": 8,
    "dup": 10,
    "getpid": 11,
    "sbrk": 12,
    "sleep": 13,
    "uptime": 14,
    "open": 15,
    "write": 16,
    "close": 21,
    "myalloc": 23,
    "myfree": 24,
}
NAMES: Final[dict[int, str]] = {number: name for name, number in NUMBERS.items()}
