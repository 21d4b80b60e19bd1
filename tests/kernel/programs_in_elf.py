"""ELF files made by hand, well formed or broken in one place, for exec."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from oracles.exec_layout import Segment

HEADER = {
    "magic": b"\x7fELF",
    "class": 2,
    "data": 1,
    "type": 2,
    "machine": 243,
    "phentsize": 56,
}
FLAGS = {"x": 1, "w": 2, "r": 4}


def elf(segments: Sequence[Segment], *, entry: int = 0, **changes: Any) -> bytes:
    """An ELF64 file with a program header for each segment.

    `changes` overwrite what the header says: any key of HEADER, `phoff` or `phnum`; and, of the first
    program header, `p_type`, `p_flags`, `p_offset`, `p_vaddr`, `p_filesz` or `p_memsz`.
    """
    h = {**HEADER, "phoff": 64, "phnum": len(segments), **changes}
    file = h["magic"] + bytes([h["class"], h["data"], 1]) + bytes(9)
    file += struct.pack("<HHIQQQI", h["type"], h["machine"], 1, entry, h["phoff"], 0, 0)
    file += struct.pack("<HHHHHH", 64, h["phentsize"], h["phnum"], 0, 0, 0)
    offset = 64 + 56 * len(segments)
    bodies = b""
    for number, s in enumerate(segments):
        p = {
            "p_type": 1,
            "p_flags": sum(FLAGS[letter] for letter in s.flags),
            "p_offset": offset + len(bodies),
            "p_vaddr": s.va,
            "p_filesz": len(s.data),
            "p_memsz": s.size,
        }
        if number == 0:
            p |= {key: value for key, value in changes.items() if key.startswith("p_")}
        file += struct.pack("<IIQQQQQQ", p["p_type"], p["p_flags"], p["p_offset"], p["p_vaddr"], p["p_vaddr"],
                            p["p_filesz"], p["p_memsz"], 4096)  # fmt: skip
        bodies += s.data
    return file + bodies
