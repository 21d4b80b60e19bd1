"""Opens notebooks in JupyterLab in a real browser, executes them and takes pictures.

    python tools/notebook_browser.py notebooks/00_tour.ipynb --output build/pictures --size 1366x768 --dark

The browser is Chromium of the system (`apt install chromium`), driven by Playwright. The tests use
`JupyterLab`, `page` and `open_and_execute`.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_THEMES = {False: "JupyterLab Light", True: "JupyterLab Dark"}


def browser() -> str | None:
    """The program of a browser; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


class JupyterLab:
    """A server of its own for one folder, on a free port; it ends with its `with` block."""

    def __init__(self, folder: Path, state: Path, *, dark: bool = False, timeout: float = 120) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._token = secrets.token_hex(16)
        self._timeout = timeout
        settings = {
            "apputils-extension/themes": {"theme": _THEMES[dark]},
            "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
            "notebook-extension/tracker": {"windowingMode": "none"},  # all cells are there, seen or not
        }
        for name, choices in settings.items():
            file = state / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(choices), encoding="utf-8")
        homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        environment = {**os.environ, **{name: str(state / name.lower()) for name in homes}}
        environment["JUPYTERLAB_SETTINGS_DIR"] = str(state / "settings")
        environment["JUPYTERLAB_WORKSPACES_DIR"] = str(state / "workspaces")
        self._log = state / "log"
        options = [
            *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={self._port}"),
            *(f"--IdentityProvider.token={self._token}", f"--ServerApp.root_dir={folder}"),
            *("--ServerApp.port_retries=0", "--LabApp.collaborative=False", "--LabApp.news_url="),
        ]
        command = [sys.executable, "-m", "jupyterlab", *options]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def address(self, notebook: str) -> str:
        """Where a notebook of the folder is opened, alone."""
        return f"http://127.0.0.1:{self._port}/lab/tree/{notebook}?token={self._token}&reset"

    def __enter__(self) -> JupyterLab:
        deadline = time.monotonic() + self._timeout
        question = f"http://127.0.0.1:{self._port}/api/status?token={self._token}"
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(question, timeout=5):
                    return self
            except OSError:
                time.sleep(0.2)
        self.__exit__(None, None, None)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()  # and with it its kernels
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """What the server has said."""
        return self._log.read_text(encoding="utf-8")


@contextmanager
def page(width: int, height: int, scale: float = 1.0, timeout: float = 60) -> Iterator[Any]:
    """A page of a headless browser, Playwright's `Page`, on a screen of `width` by `height` pixels."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        try:
            size: Any = {"width": round(width / scale), "height": round(height / scale)}
            context = chromium.new_context(viewport=size, device_scale_factor=scale)
            shown = context.new_page()
            shown.set_default_timeout(1000 * timeout)
            yield shown
        finally:
            chromium.close()


def open_and_execute(shown: Any, lab: JupyterLab, notebook: str, *, timeout: float = 300) -> None:
    """Open a notebook, run all of its cells, and wait until the last is done."""
    shown.goto(lab.address(notebook))
    shown.wait_for_selector(".jp-Notebook .jp-Cell")
    shown.wait_for_selector("#jupyterlab-splash", state="detached")
    shown.wait_for_selector(".jp-StatusBar-Widget >> text=/\\| Idle/")
    shown.click(".lm-MenuBar-itemLabel:text-is('Run')")
    shown.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    prompts = shown.locator(".jp-CodeCell .jp-InputPrompt")
    deadline = time.monotonic() + timeout
    while not all(text.strip().strip("[]:").isdigit() for text in prompts.all_inner_texts()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{notebook} was not executed within {timeout:.0f} s")
        shown.wait_for_timeout(200)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures, one a screenful")
    parser.add_argument("--size", default="1366x768", help="pixels of the screen")
    parser.add_argument("--scale", type=float, default=1.0, help="zoom of the browser")
    parser.add_argument("--dark", action="store_true", help="the dark theme")
    given = parser.parse_args()
    width, height = (int(number) for number in given.size.split("x"))
    given.output.mkdir(parents=True, exist_ok=True)
    state = given.output / "state"
    folder = given.notebook.resolve().parent
    with JupyterLab(folder, state, dark=given.dark) as lab, page(width, height, given.scale) as shown:
        open_and_execute(shown, lab, given.notebook.name)
        for number, picture in enumerate(screenfuls(shown)):
            (given.output / f"{given.notebook.stem}-{number:02}.png").write_bytes(picture)
    shutil.rmtree(state)
    return 0


def screenfuls(shown: Any) -> Iterator[bytes]:
    """Pictures of the whole page while the notebook is scrolled from its top to its end."""
    scroller = ".jp-WindowedPanel-outer"
    shown.evaluate(f"document.querySelector('{scroller}').scrollTop = 0")
    while True:
        shown.wait_for_timeout(500)
        yield shown.screenshot()
        more = shown.evaluate(
            f"""() => {{
                const panel = document.querySelector('{scroller}'), before = panel.scrollTop;
                panel.scrollTop += panel.clientHeight - 40;
                return panel.scrollTop > before;
            }}"""
        )
        if not more:
            return


if __name__ == "__main__":
    sys.exit(main())
