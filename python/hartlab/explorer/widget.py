"""The explorer as a notebook widget: what is clicked goes to the Explorer, and its page comes back."""

from __future__ import annotations

import functools
import uuid
from pathlib import Path
from typing import Any

from . import page
from .explorer import Explorer

_HERE = Path(__file__).parent
_ADVICE = "<p>This is a still picture: <code>pip install 'hartlab[explore]'</code> makes it move.</p>"


def show(explorer: Explorer) -> None:
    """Display an explorer: the widget, and a still picture for where there is no kernel behind the page.

    The widget hides the picture as soon as it is there.
    """
    from IPython import display as ipython

    display: Any = ipython.display
    widget_class = _widget_class()
    if widget_class is None:
        display({"text/html": page.still(explorer.view()) + _ADVICE, "text/plain": repr(explorer)}, raw=True)
        return
    name = f"hartlab-{uuid.uuid4().hex}"
    display(widget_class(explorer, name))
    picture = f'<div id="{name}">{page.still(explorer.view())}</div>'
    display({"text/html": picture, "text/plain": repr(explorer)}, raw=True)


@functools.cache
def _widget_class() -> Any:
    """The class of the widget; None where anywidget is not installed."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class ExplorerWidget(anywidget.AnyWidget):
        """An Explorer on the screen."""

        _esm = _HERE / "explorer.js"
        _css = _HERE / "explorer.css"
        page = traitlets.Unicode().tag(sync=True)
        position = traitlets.Int().tag(sync=True)
        last = traitlets.Int().tag(sync=True)
        kinds: Any = traitlets.List().tag(sync=True)
        problem = traitlets.Unicode().tag(sync=True)
        answered = traitlets.Int().tag(sync=True)
        picture = traitlets.Unicode().tag(sync=True)

        def __init__(self, explorer: Explorer, picture: str) -> None:
            super().__init__(picture=picture)
            self._explorer = explorer
            self.on_msg(lambda _widget, content, _buffers: self._asked(content))
            self._answer(0)

        def _asked(self, content: dict[str, Any]) -> None:
            problem = ""
            try:
                _obey(self._explorer, content)
            except (LookupError, ValueError, TypeError) as error:
                problem = str(error.args[0])
            self._answer(int(content.get("number", 0)), problem)

        def _answer(self, number: int, problem: str = "") -> None:
            view = self._explorer.view()
            with self.hold_sync():
                self.page = page.Page(view, live=True).html()
                self.position, self.last, self.kinds = view["position"], view["last"], view["kinds"]
                self.problem = problem
                self.answered = number

    return ExplorerWidget


def _obey(explorer: Explorer, content: dict[str, Any]) -> None:
    """Do what was asked for by a click or a key."""
    for wish, value in content.items():
        match wish:
            case "go":
                explorer.position = max(0, min(int(value), len(explorer)))
            case "step":
                explorer.step(int(value))
            case "select":
                explorer.select(
                    pid=int(value["pid"]) if "pid" in value else None, va=value.get("va"), pc=value.get("pc")
                )
            case "change":
                explorer.step_to_change(str(value), int(content["way"]))
            case "watch":
                explorer.watch(str(value))
            case "unwatch":
                explorer.unwatch(str(value))
            case "hide":
                explorer.hidden.add(str(value))
            case "show":
                explorer.hidden.discard(str(value))
