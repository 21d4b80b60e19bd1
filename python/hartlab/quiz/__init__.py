"""Quizzes: a question for each student, with answers that the engine works out."""

from .question import Question
from .quiz import Quiz, quiz

__all__ = ["Question", "Quiz", "quiz"]
