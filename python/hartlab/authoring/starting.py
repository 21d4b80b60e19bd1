"""A new lab: a folder with a small one that works, to be changed bit by bit."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

TEMPLATE = Path(__file__).with_name("template")


def start(folder: str | os.PathLike[str], title: str | None = None) -> Path:
    """Make a folder with a lab that `try_lab` finds right: kalloc and kfree, in Python and in C.

    Parameters
    ----------
    folder : path
        Must not exist, or be empty.
    title : str, optional
        The lab's; by default the folder's name in words.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        When something is there.
    """
    path = Path(folder)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(f"{str(path)!r} is there already; a new lab needs a folder of its own")
    shutil.copytree(TEMPLATE, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    words = title or path.resolve().name.replace("-", " ").replace("_", " ")
    quoted = json.dumps(words, ensure_ascii=False)[1:-1]  # a string of TOML is written as one of JSON is
    for name in ("lab.toml", "handout.ipynb"):
        text = (path / name).read_text(encoding="utf-8")
        (path / name).write_text(text.replace("TITLE", quoted), encoding="utf-8")
    return path
