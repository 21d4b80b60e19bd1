"""Quizzes: the engine's answers are those of the oracles, who read what the student reads."""

from __future__ import annotations

import json
import re

import pytest

import hartlab as hl
from hartlab.quiz import Question
from oracles.sv39 import Rights, translate
from quiz.fork_interpreter import interpreted

SEEDS = range(40)


def words_of(given: str) -> tuple[int, dict[int, int]]:
    """The root, and the words of memory, of what a question of translation shows."""
    memory: dict[int, int] = {}
    root = table = 0
    for line in given.splitlines():
        if satp := re.match(r"satp +(0x\w+)", line):
            assert int(satp[1], 16) >> 60 == 8
            root = (int(satp[1], 16) & (1 << 44) - 1) << 12
        elif page := re.match(r"the page at (0x\w+)", line):
            table = int(page[1], 16)
            memory.update(dict.fromkeys(range(table, table + 4096, 8), 0))
        elif entry := re.match(r" +entry +(\d+) +(0x\w+)", line):
            memory[table + 8 * int(entry[1])] = int(entry[2], 16)
    return root, memory


def check_translation(question: Question) -> int:
    root, memory = words_of(question.given)
    asked = re.search(r"makes a (\w+) at (0x\w+)\.", question.text)
    assert asked
    right = translate(root, int(asked[2], 16), asked[1], Rights("U"), memory.get)
    assert question.answer == (right.pa if right.pa is not None else right.cause)
    return right.cause or 0


def test_translations_are_the_oracle_s() -> None:
    causes = [check_translation(q) for seed in SEEDS for q in hl.quiz(seed, forks=0).questions]
    assert len(causes) == 4 * len(SEEDS)
    assert {0, 12, 13, 15} == set(causes)
    assert causes.count(0) > len(causes) / 2


def test_fork_trees_are_the_interpreter_s() -> None:
    sizes = set()
    for seed in SEEDS:
        for question in hl.quiz(seed, translations=0, forks=1).questions:
            first = interpreted(question.given)
            everyone = first.everyone()
            if question.id.endswith("processes"):
                right = len(everyone)
                sizes.add(right)
            elif question.id.endswith("generations"):
                right = first.generations()
            else:
                status = re.search(r"exit with (\d+)\?", question.text)
                assert status
                right = sum(each.status == int(status[1]) for each in everyone)
            assert question.answer == right, (seed, question)
    assert len(sizes) > 5


def test_a_seed_makes_a_quiz() -> None:
    assert repr(hl.quiz(5)) == repr(hl.quiz(5)) != repr(hl.quiz(6))
    assert hl.quiz("5").answers != hl.quiz("name").answers
    few, many = hl.quiz(5, forks=0).questions, hl.quiz(5, forks=3).questions
    assert few == many[: len(few)]


def test_right_answers_earn_every_point_in_any_notation() -> None:
    quiz = hl.quiz(1)
    assert quiz.points == 4 * 2 + 2 * 3
    assert quiz.check(quiz.answers).points == quiz.points
    assert quiz.check({name: hex(answer) for name, answer in quiz.answers.items()}).passed
    assert quiz.check({name: str(answer) for name, answer in quiz.answers.items()}).passed
    assert quiz.check({name: f" 0{answer} " for name, answer in quiz.answers.items()}).passed
    small = {each.id: float(each.answer) for each in quiz.questions if each.answer < 1 << 53}
    assert all(quiz.check(small)[name].passed for name in small)


def test_a_number_with_a_fraction_is_not_rounded() -> None:
    quiz = hl.quiz(1)
    near = {each.id: each.answer + 0.5 for each in quiz.questions if each.answer < 1 << 40}
    assert near
    assert {quiz.check(near)[name].status for name in near} == {"failed"}


@pytest.mark.parametrize(
    "given", ["many", True, [], {}, 1.5j, "0x", float("nan"), float("inf"), "9" * 5000, -1]
)
def test_a_wrong_answer_earns_nothing(given: object) -> None:
    quiz = hl.quiz(2)
    report = quiz.check(dict.fromkeys(quiz.answers, given))  # type: ignore[arg-type]
    assert report.points == 0
    assert {each.status for each in report} == {"failed"}
    assert report._repr_html_()


def test_what_is_not_answered_is_not_wrong() -> None:
    report = hl.quiz(3).check({"translation-1": None, "translation-2": ""})
    assert {each.status for each in report} == {"not answered"}


def test_a_wrong_answer_is_told_what_of_it_is_right() -> None:
    quiz = hl.quiz(4, translations=8, forks=0)
    address = next(each for each in quiz.questions if each.answer > 15)
    fault = next(each for each in quiz.questions if each.answer <= 15)
    for question, given, words in (
        (address, address.answer ^ 4, "the frame is right; the offset is not"),
        (address, address.answer ^ 4096, "the offset is right; the frame is not"),
        (address, address.answer ^ 4100, "neither the frame nor the offset"),
        (address, 13, "the access does not fault"),
        (fault, 0x8000_0000, "the access faults"),
        (fault, {12: 13, 13: 15, 15: 12}[fault.answer], "another kind of access"),
    ):
        assert words in quiz.check({question.id: given})[question.id].message


def test_an_answer_to_no_question_is_refused() -> None:
    with pytest.raises(ValueError, match="has 'translation-9', which is none of translation-1, "):
        hl.quiz(1).check({"translation-9": 1})
    with pytest.raises(ValueError, match="forks=9 is out of range"):
        hl.quiz(1, forks=9)
    with pytest.raises(TypeError, match=r"seed=1.5"):
        hl.quiz(1.5)  # type: ignore[arg-type]


def test_a_quiz_is_shown_and_written() -> None:
    quiz = hl.quiz("ada", translations=2, forks=1)
    for text in (repr(quiz), quiz._repr_html_()):
        assert "satp" in text
        assert "fork()" in text
        assert all(each.id in text for each in quiz.questions)
    assert repr(quiz).count("satp") == 1
    written = json.loads(quiz.to_json(answers=True))
    assert (written["format"], written["seed"], written["points"]) == (1, "ada", quiz.points)
    assert {each["id"]: each["answer"] for each in written["questions"]} == quiz.answers
    assert all("answer" not in each for each in json.loads(quiz.to_json())["questions"])
    assert all(str(each["given"]) for each in written["questions"])
