"""A guest that has stopped, as its source has it: places by name and line, backtraces, listings."""
