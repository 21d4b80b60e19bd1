"""Reading what is handed in: every form, and every trick that is played with forms."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hartlab.grading.intake import Handed, read
from hartlab.labs import SubmissionError

FUNCTIONS = ("walk", "mappages")
WALK = "def walk(k, pagetable, va, alloc):\n    return 0\n"
C = "pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }\n"


def notebook(*cells: str | Mapping[str, Any]) -> str:
    made = [
        {"cell_type": "code", "metadata": {}, "source": each} if isinstance(each, str) else dict(each)
        for each in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def archive(*entries: tuple[str | zipfile.ZipInfo, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries:
            opened.writestr(name, data)
    return file.getvalue()


def handed(path: Path, data: str | bytes) -> Handed:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, FUNCTIONS)


def names(found: Handed) -> tuple[list[str], list[list[str]]]:
    return [each.name for each in found.python], [[each.name for each in unit] for unit in found.c]


def test_a_file_is_a_submission(tmp_path: Path) -> None:
    assert names(handed(tmp_path / "a.py", WALK)) == (["a.py"], [])
    found = handed(tmp_path / "a.c", "\ufeff" + C.replace("\n", "\r\n"))
    assert names(found) == ([], [["a.c"]])
    assert found.c[0][0].text == C


def test_a_folder_and_an_archive_are_one_submission_each(tmp_path: Path) -> None:
    folder = tmp_path / "alice"
    (folder / "sub").mkdir(parents=True)
    for name, text in (("a.c", C), ("sub/b.c", C), ("a.h", ""), ("notes.txt", "x"), (".hidden.c", "x")):
        (folder / name).write_text(text)
    found = read(folder, FUNCTIONS)
    assert names(found) == ([], [["a.c", "sub/b.c"]])
    assert [each.name for each in found.headers] == ["a.h"]
    entries = [
        ("lab/a.c", C),
        ("lab/sub/b.c", C),
        ("lab/a.h", ""),
        ("__MACOSX/lab/a.c", "x"),
        ("lab/.x.c", "x"),
    ]
    assert handed(tmp_path / "alice.zip", archive(*entries)).digest == found.digest


USES = 'def walk(k, pagetable, va, alloc):\n    return helper(va) * struct.calcsize("Q")'


def test_a_notebook_gives_the_lab_s_functions_and_what_they_use(tmp_path: Path) -> None:
    found = handed(
        tmp_path / "lab.ipynb",
        notebook(
            "%load_ext hartlab\nimport hartlab as hl, math\nimport struct",
            {"cell_type": "markdown", "metadata": {}, "source": WALK},
            "kernel = hl.Kernel()\nSHIFT = 12",
            "def helper(va):\n    return va >> SHIFT\n\nprint(helper(4096))",
            f'@kernel.replace("walk")\n{USES}',
            "kernel.spawn(code=b'')\n!rm -rf /",
            "def unused():\n    pass",
        ),
    )
    texts = {each.name: each.text for each in found.python}
    assert texts == {
        "lab.ipynb, cell 1": "\n\nimport struct",
        "lab.ipynb, cell 3": "\nSHIFT = 12",
        "lab.ipynb, cell 4": "def helper(va):\n    return va >> SHIFT\n\n",
        "lab.ipynb, cell 5": f"\n{USES}",
    }


def test_cells_that_are_marked_are_the_submission(tmp_path: Path) -> None:
    tagged = {"cell_type": "code", "metadata": {"tags": ["submission"]}, "source": [WALK, "x = 1\n"]}
    found = handed(tmp_path / "lab.ipynb", notebook(WALK, tagged, "# submission\ny = 2"))
    assert [(each.name, each.text) for each in found.python] == [
        ("lab.ipynb, cell 2", WALK + "x = 1\n"),
        ("lab.ipynb, cell 3", "\ny = 2"),
    ]


def test_cells_of_c_are_units_in_the_order_of_the_notebook(tmp_path: Path) -> None:
    found = handed(tmp_path / "lab.ipynb", notebook(f"%%kernel_c --name mine\n{C}", f"%%kernel_c\n{C}"))
    assert [[(each.name, each.text) for each in unit] for unit in found.c] == [
        [("lab.ipynb, cell 1", "\n" + C)],
        [("lab.ipynb, cell 2", "\n" + C)],
    ]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def bomb() -> bytes:
    return archive(("a.c", b" " * (4 << 20)))


def with_a_lie_about_its_size() -> bytes:
    """Headers that say 10 bytes, of an entry that has 4 MiB."""
    data = bomb()
    return data.replace((4 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def encrypted() -> bytes:
    data = bytearray(archive(("a.c", C)))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_what_is_local_to_a_function_pulls_in_no_cell(tmp_path: Path) -> None:
    """A tutorial's variables have the names of a function's own: its cells are not executed."""
    cells = [
        "page = hl.Kernel()",
        "LIMIT = 3",
        "def walk(k, pagetable, va, alloc):\n    page = [pte for pte in (LIMIT,)]\n    return page",
        "pte = hl.lab('.')",
    ]
    found = handed(tmp_path / "a.ipynb", notebook(*cells)).python
    assert [piece.name for piece in found] == ["a.ipynb, cell 2", "a.ipynb, cell 3"]


REFUSED: dict[str, tuple[str, str | Callable[[], bytes], str]] = {
    "not a source": ("a.txt", "x", "is none of .c, .py, .ipynb, .zip"),
    "not text": ("a.c", lambda: b"\xff\xfe", "not UTF-8"),
    "a zero": ("a.py", "x = 1\0", "zero character"),
    "too large": ("a.py", lambda: b"#" * (9 << 20), "more than 8 MiB"),
    "no JSON": ("a.ipynb", "{", "no notebook"),
    "JSON that is no notebook": ("a.ipynb", '{"cells": [1]}', "no notebook"),
    "deep JSON": ("a.ipynb", "[" * 100_000, "no notebook"),
    "a notebook without the functions": (
        "a.ipynb",
        notebook("x = 1"),
        "no code was found for any of the lab's",
    ),
    "no archive": ("a.zip", "x", "no zip archive"),
    "cut off": ("a.zip", lambda: archive(("a.c", C))[:40], "no zip archive"),
    "traversal": ("a.zip", lambda: archive(("../../a.c", C)), "leads out of it"),
    "absolute": ("a.zip", lambda: archive(("/etc/a.c", C)), "leads out of it"),
    "of Windows": ("a.zip", lambda: archive(("C:\\a.c", C)), "leads out of it"),
    "a link": ("a.zip", lambda: archive((link("a.c"), "/etc/passwd")), "a link"),
    "a bomb": ("a.zip", bomb, "as a bomb does"),
    "a bomb that lies": ("a.zip", with_a_lie_about_its_size, "no zip archive|as a bomb does"),
    "many entries": (
        "a.zip",
        lambda: archive(*((f"{i}.c", "") for i in range(501))),
        "more than 500 entries",
    ),
    "encrypted": ("a.zip", encrypted, "encrypted"),
    "empty": ("a.zip", lambda: archive(("notes.txt", "x")), "no code was found"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    file, data, says = REFUSED[name]
    with pytest.raises(SubmissionError, match=says):
        handed(tmp_path / file, data if isinstance(data, str) else data())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="twice"):
        handed(tmp_path / "a.zip", archive(("a.c", C), ("a.c", "")))


def a_link(folder: Path) -> None:
    (folder / "a.c").symlink_to("/etc/passwd")


def a_fifo(folder: Path) -> None:
    os.mkfifo(folder / "a.c")


def deep(folder: Path) -> None:
    folder.joinpath(*"abcdefghijkl").mkdir(parents=True)


@pytest.mark.parametrize(
    ("trick", "says"), [(a_link, "a link"), (a_fifo, "no code"), (deep, "nested deeper")]
)
def test_a_folder_s_tricks_are_refused(trick: Callable[[Path], None], says: str, tmp_path: Path) -> None:
    folder = tmp_path / "alice"
    folder.mkdir()
    trick(folder)
    with pytest.raises(SubmissionError, match=says):
        read(folder, FUNCTIONS)


def test_a_submission_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alice.c").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionError, match="is a link"):
        read(tmp_path / "alice.c", FUNCTIONS)
