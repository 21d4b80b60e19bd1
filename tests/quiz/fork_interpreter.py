"""What the C of a quiz comes to, read from its text: statuses and the tree. No machine is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass
class Process:
    """A process, with its children in the order in which it made them."""

    status: int = 0
    children: list[Process] = field(default_factory=list)

    def everyone(self) -> list[Process]:
        return [self, *(each for child in self.children for each in child.everyone())]

    def generations(self) -> int:
        return 1 + max((child.generations() for child in self.children), default=0)


def unrolled(lines: list[str]) -> list[str]:
    """Statements one after the other; an if and what depends on it in one."""
    found: list[str] = []
    while lines:
        line = lines.pop(0).strip()
        loop = re.fullmatch(r"for \(int i = 0; i < (\d+); i\+\+\) \{", line)
        if loop:
            end = next(i for i, each in enumerate(lines) if each.strip() == "}")
            body = unrolled(lines[:end])
            found += body * int(loop[1])
            del lines[: end + 1]
        elif line.startswith("if"):
            found.append(f"{line} {lines.pop(0).strip()}")
        else:
            found.append(line)
    return found


def run(statements: list[str], x: int, process: Process) -> None:
    """Go on from there as that process."""
    for number, statement in enumerate(statements):
        rest = statements[number + 1 :]
        if exits := re.fullmatch(r"exit\((.*)\);", statement):
            process.status = value(exits[1], x)
            return
        if assigns := re.fullmatch(r"x = (.*);", statement):
            x = value(assigns[1], x)
            continue
        child = Process()
        process.children.append(child)
        branch = re.fullmatch(r"if \(fork\(\) (== 0|> 0)\) (.*)", statement)
        if branch is None:
            assert statement == "fork();", statement
            run(rest, x, child)
        elif branch[1] == "== 0":
            run([branch[2], *rest], x, child)
        else:
            run(rest, x, child)
            run([branch[2], *rest], x, process)
            return


def value(text: str, x: int) -> int:
    match = re.fullmatch(r"x(?: ([+*]) (\d+))?", text)
    assert match, text
    if not match[1]:
        return x
    return x + int(match[2]) if match[1] == "+" else x * int(match[2])


def interpreted(source: str) -> Process:
    """The first process of a program."""
    first, start, *lines, last = source.splitlines()
    assert (first, last) == ("int main() {", "}")
    begins = re.fullmatch(r" *int x = (\d+);", start)
    assert begins
    process = Process()
    run(unrolled(lines), int(begins[1]), process)
    return process
