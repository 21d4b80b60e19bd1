"""The explorer in JupyterLab, in a real browser: clicks change what is shown to what the model says."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hartlab as hl
from hartlab.explorer.page import Page

from .histories import FAMILY, ran

pytest.importorskip("playwright", reason="the package playwright is not installed")
pytest.importorskip("anywidget", reason="the package anywidget is not installed")
pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")

TOOL = Path(__file__).resolve().parents[2] / "tools" / "notebook_browser.py"
PATIENCE = 120  # seconds, on a slow machine

# The same kernel as `histories.ran` makes, which the test has too.
CELL = f"""
import hartlab as hl
program = hl.cc({FAMILY!r}, name="family")
kernel = hl.Kernel(memory="8MiB", fork="cow")
kernel.spawn(program)
kernel.run()
explorer = hl.explore(kernel)
explorer
"""
SAME = """(html) => {
    const wanted = document.createElement("div");
    wanted.innerHTML = html;
    return document.querySelector(".hartlab-explorer .page")?.innerHTML === wanted.innerHTML;
}"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook_browser", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.browser() is None:
        pytest.skip("there is no Chromium here: apt install chromium")
    return module


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    import nbformat

    path = tmp_path / "work" / "explore.ipynb"
    path.parent.mkdir()
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(made, path)
    return path


@pytest.fixture
def shown(tool: ModuleType, notebook: Path, tmp_path: Path) -> Iterator[Any]:
    """A page on which the notebook has been executed."""
    with (
        tool.JupyterLab(notebook.parent, tmp_path / "state", timeout=PATIENCE) as lab,
        tool.page(1366, 768, timeout=PATIENCE) as page,
    ):
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(error))
        tool.open_and_execute(page, lab, notebook.name, timeout=PATIENCE)
        yield page


class Screen:
    """The explorer in the browser, and one like it here, which is told the same."""

    def __init__(self, page: Any, explorer: hl.Explorer) -> None:
        self._page = page
        self.explorer = explorer
        self.root = page.locator(".hartlab-explorer:has(.controls)")
        self.root.wait_for()

    def click(self, selector: str) -> None:
        self.root.locator(selector).first.click()

    def press(self, key: str) -> None:
        self.root.press(key)

    def check(self) -> None:
        """Wait until the browser shows what this explorer would."""
        view = self.explorer.view()
        self._page.wait_for_function(SAME, arg=Page(view, live=True).html())
        assert self.root.locator("input[type=range]").input_value() == str(view["position"])


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Jupyter's and Playwright's own
def test_scrubbing_and_clicking_show_what_the_model_says(shown: Any, notebook: Path) -> None:
    screen = Screen(shown, hl.explore(ran()))
    explorer = screen.explorer
    screen.check()
    assert not shown.locator("[id^=hartlab-]").first.is_visible()  # the still picture

    for _ in range(3):  # by key, each answered before the next
        screen.press("ArrowLeft")
        explorer.step(-1)
        screen.check()
    screen.click("button[title^='event before']")
    explorer.step(-1)
    screen.check()

    calls = explorer.events["what"].tolist()
    forked = calls.index("wait", calls.index("fork"))
    slider = screen.root.locator("input[type=range]")
    slider.evaluate("(it, n) => { it.value = n; it.dispatchEvent(new Event('input')); }", forked)
    explorer.position = forked
    screen.check()

    other = explorer.view()["events"][-1]["number"]
    screen.click(f"button[data-go='{other}']")
    explorer.position = other
    screen.check()

    shared = next(
        page["va"] for area in explorer.view()["areas"] for page in area["pages"] if page["mappings"] > 1
    )
    screen.click(f".areas button[data-va='{shared}']")
    explorer.select(va=shared)
    screen.check()
    mapped_by = explorer.view()["frame"]["mapped_by"]
    assert {each["pid"] for each in mapped_by} >= {2, 3}
    screen.click(".mapped-by button[data-pid='3']")
    explorer.select(pid=3, va=next(each["va"] for each in mapped_by if each["pid"] == 3))
    screen.check()
    assert "pid 3" in screen.root.locator(".areas h4").inner_text()

    pc = explorer.view()["code"][0]["pc"]
    screen.click(f"button[data-pc='{pc}']")
    explorer.select(pc=pc)
    screen.check()
    assert pc in screen.root.locator(".instruction h4").inner_text()

    variable = screen.root.locator("input.variable")
    variable.fill("counter")
    variable.press("Enter")
    explorer.watch("counter")
    screen.check()
    screen.click("button[data-change='counter'][data-way='-1']")
    explorer.step_to_change("counter", -1)
    screen.check()
    variable.fill("nonsense")
    variable.press("Enter")
    screen.root.locator(".problem", has_text="'nonsense' is no variable").wait_for()

    screen.click("summary")
    screen.root.locator("label", has_text="tlb_fill").locator("input").check()
    explorer.hidden.discard("tlb_fill")
    screen.check()
    screen.press("Home")
    explorer.position = 0
    screen.check()
    screen.press("End")
    explorer.position = len(explorer)
    screen.check()
    assert shown.errors == []

    shown.keyboard.press("Control+s")
    shown.wait_for_function("!document.querySelector('.jp-mod-current.jp-mod-dirty')")
    the_saved_notebook_shows_a_still_picture(shown, notebook)


def the_saved_notebook_shows_a_still_picture(shown: Any, notebook: Path) -> None:
    from nbconvert import HTMLExporter

    def outputs() -> list[Any]:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [output for cell in cells for output in cell["outputs"]]

    for _ in range(10 * PATIENCE):
        if outputs():
            break
        shown.wait_for_timeout(100)
    html, _ = HTMLExporter(template_name="lab").from_filename(str(notebook))
    page = notebook.with_suffix(".html")
    page.write_text(html, encoding="utf-8")
    shown.goto(page.as_uri(), wait_until="domcontentloaded")
    picture = shown.locator(".hartlab-explorer")
    picture.first.wait_for()
    assert picture.count() == 1
    text = picture.inner_text()
    assert "The present" in text
    assert "Processes" in text
    assert picture.locator("button").count() == 0
