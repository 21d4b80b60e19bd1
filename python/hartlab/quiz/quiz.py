"""A quiz: questions that depend on a seed, and a judge of their answers."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from html import escape
from typing import Any

from .. import arguments, words
from ..labs.report import Report
from ..showing import listing
from . import fork_trees, translations
from .question import Question

_FORMAT = 1  # of to_json


class Quiz:
    """Questions for one student. `hartlab.quiz` makes them.

    Attributes
    ----------
    seed : int or str
        What they depend on.
    questions : tuple of Question
        In their order.

    Examples
    --------
    >>> import hartlab as hl
    >>> quiz = hl.quiz("student 17")
    >>> quiz.check(quiz.answers).passed
    True
    """

    def __init__(self, seed: int | str, questions: list[Question]) -> None:
        self.seed = seed
        self.questions = tuple(questions)

    @property
    def points(self) -> int:
        """What all questions together are worth."""
        return sum(each.points for each in self.questions)

    @property
    def answers(self) -> dict[str, int]:
        """The right answers by id of the question. A copy."""
        return {each.id: each.answer for each in self.questions}

    def check(self, answers: Mapping[str, int | str | None]) -> Report:
        """Judge answers.

        Parameters
        ----------
        answers : mapping
            Numbers by id of the question: ints, or text such as ``"0x80201008"`` or ``"13"``.

        Returns
        -------
        Report
            A result for each question; of a wrong answer it says what of it is right.

        Raises
        ------
        ValueError
            When an id is none of the quiz's.
        """
        ids = [each.id for each in self.questions]
        for given in answers:
            if given not in ids:
                raise ValueError(f"answers has {given!r}, which is none of {', '.join(ids)}")
        return Report(f"quiz {self.seed}", [each.judge(answers.get(each.id)) for each in self.questions])

    def to_json(self, *, answers: bool = False) -> str:
        """Give the quiz as JSON, for a learning platform or a grader.

        Parameters
        ----------
        answers : bool
            Whether the right answers are in it.

        Returns
        -------
        str
            An object with ``format`` (1), ``seed``, ``points`` and ``questions``: of each ``id``, ``text``,
            ``given``, ``points``, and ``answer`` where wanted.
        """
        listed: list[dict[str, Any]] = []
        for each in self.questions:
            row: dict[str, Any] = {
                "id": each.id,
                "text": each.text,
                "given": each.given,
                "points": each.points,
            }
            listed.append(row | ({"answer": each.answer} if answers else {}))
        whole = {"format": _FORMAT, "seed": self.seed, "points": self.points, "questions": listed}
        return json.dumps(whole, indent=1)

    def _groups(self) -> list[tuple[str, list[Question]]]:
        """The questions that are about the same thing."""
        groups: list[tuple[str, list[Question]]] = []
        for each in self.questions:
            if groups and groups[-1][0] == each.given:
                groups[-1][1].append(each)
            else:
                groups.append((each.given, [each]))
        return groups

    def _head(self) -> str:
        return f"quiz {self.seed}: {words.plural(len(self.questions), 'question')}, {self.points} points"

    def __repr__(self) -> str:
        lines = [f"<{self._head()}>"]
        for given, questions in self._groups():
            lines += ["", *(f"    {line}".rstrip() for line in given.splitlines()), ""]
            lines += [f"{each.id} ({words.plural(each.points, 'point')}): {each.text}" for each in questions]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<b>{escape(self._head())}</b>"]
        for given, questions in self._groups():
            rows = "".join(
                f"<li><code>{escape(each.id)}</code> ({words.plural(each.points, 'point')}): "
                f"{escape(each.text)}</li>"
                for each in questions
            )
            parts.append(f"{listing(given)}<ul>{rows}</ul>")
        return "".join(parts)


def quiz(seed: int | str, *, translations: int = 4, forks: int = 2) -> Quiz:
    """Make a quiz: addresses to translate, and programs that fork. The engine works out the answers.

    The same seed gives the same questions, on every computer.

    Parameters
    ----------
    seed : int or str
        Whose quiz it is: a number, or a student's name.
    translations : int
        Addresses to translate, from 0 to 8, worth two points each.
    forks : int
        Programs that fork, from 0 to 8, with three questions of a point each.

    Returns
    -------
    Quiz
        It shows its questions, and its `check` judges answers.

    Examples
    --------
    >>> import hartlab as hl
    >>> quiz = hl.quiz(2026, translations=1, forks=1)
    >>> [question.id for question in quiz.questions]
    ['translation-1', 'forks-1-processes', 'forks-1-generations', 'forks-1-exits']
    >>> quiz.check({"forks-1-processes": "many"}).points
    0
    """
    if not isinstance(seed, str):
        seed = arguments.integer("seed", seed)
    addresses = arguments.integer("translations", translations, 0, 8)
    programs = arguments.integer("forks", forks, 0, 8)
    return Quiz(seed, _questions(seed, addresses, programs))


def _questions(seed: int | str, addresses: int, programs: int) -> list[Question]:
    # A generator for each kind, so that the number of one kind does not change the other.
    found = translations.questions(random.Random(f"translations {seed}"), addresses) if addresses else []
    return found + fork_trees.questions(random.Random(f"forks {seed}"), programs)
