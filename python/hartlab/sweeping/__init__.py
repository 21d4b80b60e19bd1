"""Experiments over a grid of parameters: thousands of machines, one table."""

from .sweep import sweep

__all__ = ["sweep"]
