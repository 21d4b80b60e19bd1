"""From addresses to source lines, and from lines to addresses. [DWARF 5, 6.2]"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from .entries import damaged, number, text

_MOST_BYTES = 1 << 23  # of line programs, each of which may be a row


class SourceLine(NamedTuple):
    """A line of a source file, which is named as the compiler was told."""

    file: str
    number: int


class _Row(NamedTuple):
    address: int
    line: SourceLine | None  # None behind the last line of a sequence


class Lines:
    """The lines of all compilation units.

    Raises
    ------
    DebugInfoError
        When the table is damaged, or larger than any kernel's.
    """

    def __init__(self, dwarf: Any) -> None:
        rows: list[_Row] = []
        try:
            section = dwarf.debug_line_sec
            if section is not None and section.size > _MOST_BYTES:
                raise ValueError(f"{section.size:,} bytes; at most {_MOST_BYTES:,} are read")
            for unit in dwarf.iter_CUs():
                if program := dwarf.line_program_for_CU(unit):
                    for sequence in _sequences(program, text(unit.get_top_DIE(), "DW_AT_comp_dir")):
                        # Functions that the linker has dropped are left at address 0, where no kernel is.
                        if sequence[0].address != 0:
                            rows.extend(sequence)
        except Exception as error:
            raise damaged(".debug_line", error) from error
        # Where one sequence ends another may begin: the end comes first, so that the beginning wins.
        self._rows = sorted(rows, key=lambda row: (row.address, row.line is not None))
        self._addresses = [row.address for row in self._rows]

    def at(self, address: int) -> SourceLine | None:
        """Return the line that the instruction at `address` was compiled from; None when there is none."""
        index = bisect.bisect_right(self._addresses, address) - 1
        found = self._rows[index].line if index >= 0 else None
        return found if found and found.number else None

    def files(self) -> list[str]:
        """Return the names of the files that have code."""
        return sorted({row.line.file for row in self._rows if row.line})

    def addresses(self, file: str, number: int) -> tuple[int, list[int]]:
        """Find where the code begins of a line, or of the next one that has any: that line, and addresses.

        Parameters
        ----------
        file : str
            A file's name, or as much of the end of its path as makes it one file's.
        number : int
            The line, counted from 1.

        Returns
        -------
        (int, list of int)
            Several addresses where the line was compiled several times, inlined or unrolled.

        Raises
        ------
        KeyError
            When there is no such file, or several, or no code at that line or behind it.
        """
        known = self.files()
        matching = [name for name in known if name == file or name.endswith(f"/{file}")]
        if not matching:
            names = ", ".join(sorted({name.rpartition("/")[2] for name in known}))
            raise KeyError(f"there is no code of a file {file!r}; there is of {names or 'none'}")
        if len(matching) > 1:
            raise KeyError(f"{file!r} may be {', '.join(matching)}: give more of the path")
        numbers = {row.line.number for row in self._rows if row.line and row.line.file == matching[0]}
        found = min((each for each in numbers if each >= number), default=None)
        if found is None:
            raise KeyError(f"{file}:{number} is behind the last line with code, {max(numbers)}")
        wanted = SourceLine(matching[0], found)
        # A line's code may be interrupted by that of others, and go on: only its beginnings count.
        starts = [row.address for before, row in pairwise([_Row(0, None), *self._rows])
                  if row.line == wanted and before.line != wanted]  # fmt: skip
        return found, starts


def call_site(dwarf: Any, entry: Any) -> SourceLine | None:
    """Return where an inlined function was called; None when it is not said. [DWARF 5, 3.3.8.2]"""
    line, file = number(entry, "DW_AT_call_line", 0), number(entry, "DW_AT_call_file", 0)
    if not line or "DW_AT_call_file" not in entry.attributes:
        return None
    try:
        program = dwarf.line_program_for_CU(entry.cu)
        name = _path(program.header, file, text(entry.cu.get_top_DIE(), "DW_AT_comp_dir"))
    except Exception as error:
        raise damaged("a call of an inlined function", error) from error
    return SourceLine(name, line)


def _sequences(program: Any, folder: str) -> Iterator[list[_Row]]:
    """Yield the runs of consecutive instructions in a unit's line program, each with an end mark."""
    names: dict[int, str] = {}
    sequence: list[_Row] = []
    for state in (item.state for item in program.get_entries() if item.state is not None):
        if state.end_sequence:
            if sequence:
                yield [*sequence, _Row(state.address, None)]
            sequence = []
        else:
            if state.file not in names:
                names[state.file] = _path(program.header, state.file, folder)
            sequence.append(_Row(state.address, SourceLine(names[state.file], state.line)))


def _path(header: Any, file: int, folder: str) -> str:
    """The name of a file by its number, with its folder. [DWARF 5, 6.2.4]"""
    first = 1 if header["version"] < 5 else 0  # numbers of files and folders begin there
    entry = header["file_entry"][file - first]
    folders = [each.decode("utf-8", "replace") for each in header["include_directory"]]
    if header["version"] < 5:
        folders.insert(0, folder)
    name = entry.name.decode("utf-8", "replace")
    within = folders[entry.dir_index] if entry.dir_index < len(folders) else ""
    if within and not within.startswith("/") and entry.dir_index:
        within = f"{folder}/{within}"
    return name if name.startswith("/") or within in ("", ".") else f"{within.removeprefix('./')}/{name}"
