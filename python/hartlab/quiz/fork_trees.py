"""Questions of fork: a short program, and how many processes come of it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from ..isa import asm
from ..kernel import Kernel
from .question import Question

_FEWEST, _MOST = 4, 20  # processes
_BUDGET = 1_000_000


@dataclass
class Statement:
    """A statement in C, and the same in assembly. x is in s0, i in s1."""

    c: list[str]
    assembly: str


class Writer:
    """Writes a program, in C for the student and in assembly for the engine."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._labels = 0
        self._start = rng.randrange(1, 4)
        self.statements = [self._statement() for _ in range(rng.randrange(2, 4))]

    def _label(self) -> str:
        self._labels += 1
        return f"l{self._labels}"

    def _statement(self) -> Statement:
        kind = self._rng.choice(("plain", "child", "parent", "leaves", "loop", "loop"))
        return self._loop() if kind == "loop" else self._fork(kind)

    def _fork(self, kind: str) -> Statement:
        n, end = self._rng.randrange(1, 5), self._label()
        if kind == "plain":
            return Statement(["fork();"], "li a7, 1; ecall\n")
        if kind == "child":
            body, branch, code = f"x = x + {n};", "== 0", f"bnez a0, {end}; addi s0, s0, {n}"
        elif kind == "parent":
            body, branch, code = "x = x * 2;", "> 0", f"beqz a0, {end}; slli s0, s0, 1"
        else:
            body, branch = f"exit(x + {n});", "== 0"
            code = f"bnez a0, {end}; addi a0, s0, {n}; li a7, 2; ecall"
        return Statement([f"if (fork() {branch})", f"    {body}"], f"li a7, 1; ecall; {code}\n{end}:\n")

    def _loop(self) -> Statement:
        times, begin = self._rng.randrange(2, 4), self._label()
        body = self._fork(self._rng.choice(("plain", "child", "parent", "leaves")))
        c = [f"for (int i = 0; i < {times}; i++) {{", *(f"    {line}" for line in body.c), "}"]
        code = f"li s1, 0\n{begin}:\n{body.assembly}addi s1, s1, 1; li t0, {times}; blt s1, t0, {begin}\n"
        return Statement(c, code)

    def c(self) -> str:
        """Give the program in C."""
        lines = ["int main() {", f"    int x = {self._start};"]
        lines += [f"    {line}" for statement in self.statements for line in statement.c]
        return "\n".join([*lines, "    exit(x);", "}"])

    def code(self) -> bytes:
        """Give the program as instructions."""
        body = "".join(statement.assembly for statement in self.statements)
        return asm(f"li s0, {self._start}\n{body}mv a0, s0; li a7, 2; ecall")


class Tree:
    """The processes that a program has made.

    Attributes
    ----------
    children : dict
        pids of the children by pid of the parent.
    statuses : dict
        What each process gave exit, by pid.
    first : int
        The pid of the first one.
    """

    def __init__(self, code: bytes) -> None:
        kernel = Kernel(memory="4MiB", fork="cow")
        self.first = kernel.spawn(code=code).pid
        with kernel.tracing():
            kernel.run(_BUDGET)
        trace = kernel.trace()
        calls = trace[trace["kind"] == "syscall"]
        self.children: dict[int, list[int]] = {}
        for call in calls[calls["what"] == "fork"]:
            self.children.setdefault(int(call["pid"]), []).append(int(call["result"]))
        self.statuses = {int(call["pid"]): int(call["a0"]) for call in calls[calls["what"] == "exit"]}

    def generations(self) -> int:
        """Count the processes on the longest way down, the first one included."""
        return self._depth(self.first)

    def _depth(self, pid: int) -> int:
        return 1 + max((self._depth(child) for child in self.children.get(pid, [])), default=0)


def questions(rng: random.Random, count: int) -> list[Question]:
    """Three questions about each of so many programs."""
    found: list[Question] = []
    for number in range(1, count + 1):
        program, tree = _program(rng)
        given = program.c()
        counted = Counter(tree.statuses.values())
        status = rng.choice(sorted(counted))
        name = f"forks-{number}"
        found += [
            Question(
                f"{name}-processes",
                "How many processes are there in all, the first one included?",
                given,
                len(tree.statuses),
                1,
            ),
            Question(
                f"{name}-generations",
                "How many processes lie on the longest way from the first one down, both ends included?",
                given,
                tree.generations(),
                1,
            ),
            Question(f"{name}-exits", f"How many processes exit with {status}?", given, counted[status], 1),
        ]
    return found


def _program(rng: random.Random) -> tuple[Writer, Tree]:
    """A program that makes neither too few processes nor too many."""
    while True:
        program = Writer(rng)
        tree = Tree(program.code())
        if _FEWEST <= len(tree.statuses) <= _MOST:
            return program, tree
