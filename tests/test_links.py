"""Links between the pages of the tree, and from notebooks, lead to files and headings that are there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "docs" / "reference" / "python"  # by the site's build
PAGES = [
    *ROOT.glob("*.md"),
    ROOT / "benchmarks" / "README.md",
    *(page for page in (ROOT / "docs").rglob("*.md") if MADE not in page.parents),
    *(ROOT / "notebooks").glob("*.ipynb"),
]


def prose(page: Path) -> str:
    """The Markdown of a page or notebook, without code."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    text = re.sub(r"^(```+).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda code: re.sub(r"[\[\]()]", "", code[0]), text)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue  # another site's: `make docs-linkcheck`
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_file():
            yield f"{link}: there is no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: {target.name} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:
    assert list(dead_links(page)) == []


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("there.md", None),
        ("there.md#two-words-pte-s", None),
        ("#here", None),
        ("https://example.org/nothing", None),
        ("gone.md", "no such file"),
        ("there.md#three-words", "no such heading"),
        ("#there", "no such heading"),
        (".", "no such file"),
    ],
)
def test_a_dead_link_is_found(link: str, complaint: str | None, tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# There\n\n## Two words: `PTE`-s\n")
    page = tmp_path / "here.md"
    page.write_text(
        f"# Here\n\nA [link]({link}).\n\n```\n[none](nowhere.md)\n```\n\nand `[none](nowhere.md)`\n"
    )
    found = list(dead_links(page))
    assert [complaint in each for each in found] == [True] if complaint else found == []
