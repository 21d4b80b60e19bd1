"""A guest's shell as a function: a command line in, what it printed out."""

from __future__ import annotations

import re
from collections.abc import Callable

from .. import arguments
from ..errors import ExpectError
from ..run_result import RunResult
from .console import SerialConsole

_BUDGET = 10_000_000_000
_QUIET = 20_000_000  # instructions without output, after which what a line begins with is taken for a prompt
_PROMPT = re.compile(r"[^\n]{0,80}[$#>%:] ?")  # all of the last line
_QUESTIONS = re.compile(r"(\x1b\[[0-?]*[ -/]*[@-~])+\Z")  # of a line editor to its terminal
_LONGEST = 80  # characters of them
_FIRST_LINE = re.compile(r"([^\r\n]*)(\r?\n)")
_TAIL = 600  # characters of the transcript in an error


class Shell:
    r"""Types commands at the guest's prompt and returns what they print.

    What the prompt is, it learns when it is first called: a last line that ends in ``$``, ``#``, ``>``, ``%``
    or ``:``, after which the guest prints nothing more until something is typed.

    Attributes
    ----------
    prompt : str or None
        What stands before a command; None until it has been learnt. Assign it to name it yourself.

    Examples
    --------
    >>> import hartlab as hl
    >>> echo = '''li s0, 0x10000000; next: li t0, '>'; sb t0, 0(s0)
    ... wait: lb t1, 5(s0); andi t1, t1, 1; beqz t1, wait; lb t0, 0(s0); sb t0, 0(s0)
    ... li t1, '\\n'; bne t0, t1, wait; li t0, '!'; sb t0, 0(s0); li t0, '\\n'; sb t0, 0(s0); j next'''
    >>> machine = hl.Machine(code=hl.asm(echo))
    >>> machine.shell("hello"), machine.shell.prompt
    ('!\n', '>')
    """

    def __init__(self, console: SerialConsole, run: Callable[[int], RunResult]) -> None:
        self._console = console
        self._run = run
        self.prompt: str | None = None

    def __call__(self, command: str, max_instructions: int = _BUDGET) -> str:
        """Wait for the prompt, type a command, and run until the prompt comes again.

        Parameters
        ----------
        command : str
            One line.
        max_instructions : int
            The budget, of waiting for the prompt and for the command together.

        Returns
        -------
        str
            What was printed between the line that was typed and the next prompt, newlines as ``"\\n"``.

        Raises
        ------
        ExpectError
            When the prompt does not come: the guest has switched the power off, waits for something else, or
            the budget is used up. The message ends with what was last printed.
        ValueError
            When the command has several lines.
        """
        line = arguments.text("command", command)
        if "\n" in line or "\r" in line:
            raise ValueError(f"command={line!r} has several lines: type one, or use console.send()")
        budget = arguments.integer("max_instructions", max_instructions, 0)
        budget -= self._at_prompt(budget)
        start = len(self._console._transcript)
        self._console.send(line + "\n")
        self._until_prompt(start, budget, f"after the command {line!r}")
        self._console.skip()
        prompt = self.prompt or ""
        output = _up_to(prompt, self._console._transcript.since(start)).removesuffix(prompt)
        return _without_echo(prompt, line, output)

    def wait(self, max_instructions: int = _BUDGET) -> str:
        """Run until the guest is at its prompt.

        Parameters
        ----------
        max_instructions : int
            The budget.

        Returns
        -------
        str
            The prompt.

        Raises
        ------
        ExpectError
            When the prompt does not come.
        """
        self._at_prompt(arguments.integer("max_instructions", max_instructions, 0))
        self._console.skip()
        return self.prompt or ""

    def _at_prompt(self, budget: int) -> int:
        """Wait for the first prompt; instructions that it took."""
        if self.prompt is not None:
            if self._shows(self.prompt):
                return 0
            return self._until_prompt(0, budget, "yet")
        used = 0
        while True:
            before = self._console._printed
            result = self._run(min(_QUIET, budget - used))
            used += result.instructions
            quiet = result.reason == "waiting" or result.instructions == _QUIET
            if quiet and self._console._printed == before and self._learn():
                return used
            if result.reason != "budget" or used >= budget:
                if result.reason == "waiting" and self._learn():
                    return used
                raise self._error("has no prompt that could be learnt (set shell.prompt)", result, used)

    def _learn(self) -> bool:
        last = self._console._transcript.last(_TAIL).rpartition("\n")[2]
        found = _PROMPT.fullmatch(_QUESTIONS.sub("", last))
        if found:
            self.prompt = found[0]
        return found is not None

    def _shows(self, prompt: str, start: int = 0) -> bool:
        """Whether a prompt is the last that was printed from a position on."""
        transcript = self._console._transcript
        end = transcript.since(max(start, len(transcript) - len(prompt) - _LONGEST))
        return _up_to(prompt, end).endswith(prompt)

    def _until_prompt(self, start: int, budget: int, when: str) -> int:
        """Run until the prompt is the last that was printed; instructions that it took."""
        prompt, transcript = self.prompt or "", self._console._transcript
        used = quiet = 0
        while True:
            result = self._console.run_to_output(prompt, min(_QUIET - quiet, budget - used), self._run)
            used += result.instructions
            if transcript.ends_with("\n" + prompt, start):
                return used
            # Not at the beginning of a line: the prompt, if nothing follows.
            quiet = 0 if result.reason == "output" else quiet + result.instructions
            if self._shows(prompt, start) and (quiet >= _QUIET or result.reason == "waiting"):
                return used
            quiet %= _QUIET
            if result.reason not in ("output", "budget") or used >= budget:
                raise self._error(f"has not printed its prompt {prompt!r} {when}", result, used)

    def _error(self, what: str, result: RunResult, used: int) -> ExpectError:
        transcript = self._console._transcript
        shown = "..." * (len(transcript) > _TAIL) + transcript.last(_TAIL)
        why = f"{result.why}, after {used:,} instructions"
        return ExpectError(f"the guest {what}: {why}. The transcript ends:\n{shown}")

    def __repr__(self) -> str:
        return f"<Shell: {'its prompt is not known yet' if self.prompt is None else repr(self.prompt)}>"


def _up_to(prompt: str, text: str) -> str:
    """`text` without the questions behind the prompt that it may end in."""
    return text if text.endswith(prompt) else _QUESTIONS.sub("", text)


def _without_echo(prompt: str, line: str, output: str) -> str:
    """`output` without the line that was typed, which a line editor may break where its terminal ends."""
    shown, broken = prompt + line, _FIRST_LINE.match(output)
    width = len(prompt) + len(broken[1]) if broken else 0
    if broken and len(prompt) < width < len(shown):
        shown = broken[2].join(shown[begin : begin + width] for begin in range(0, len(shown), width))
    return output.removeprefix(shown[len(prompt) :] + "\n")
