"""Slow, obvious references, which share nothing with the engine."""
