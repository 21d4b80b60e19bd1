"""What the explorer says there is to see, and the page that it makes of it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

import hartlab as hl
from hartlab.explorer.events import sentence
from hartlab.explorer.page import Page

from .histories import driven, ran, replaced


@pytest.fixture(scope="module")
def kernel() -> hl.Kernel:
    return ran()


@pytest.fixture
def explorer(kernel: hl.Kernel) -> hl.Explorer:
    return hl.explore(kernel)


def first(explorer: hl.Explorer, kind: str, what: str = "") -> int:
    """The first such event that is not of init."""
    fits = (
        n
        for n, each in enumerate(explorer.events)
        if each["kind"] == kind and what in each["what"] and each["pid"] != 1
    )
    return next(fits)


def pages(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {page["va"]: page for area in view["areas"] for page in area["pages"]}


@pytest.mark.parametrize("kernel", [ran(), driven(), replaced()], ids=["ran", "driven", "replaced"])
def test_every_view_is_plain_data_and_a_page(kernel: hl.Kernel) -> None:
    explorer = hl.explore(kernel)
    explorer.hidden.clear()
    for position in range(0, len(explorer) + 1, 17):
        explorer.position = position
        explorer.select(va=0x1000, pc=0)
        view = explorer.view()
        assert json.loads(json.dumps(view)) == view
        assert view["position"] == position
        assert balanced(Page(view, live=True).html())
        assert balanced(explorer._repr_html_())


def test_steps_go_both_ways_and_pass_over_what_is_hidden(explorer: hl.Explorer) -> None:
    kinds = explorer.events["kind"]
    assert explorer.position == len(explorer)
    assert explorer.hidden == {"tlb_fill", "tlb_flush"}
    there = [explorer.step(-1) for _ in range(30)]
    assert there == sorted(there, reverse=True)
    assert not {str(kinds[n]) for n in there} & explorer.hidden
    assert [explorer.step() for _ in range(30)] == [*reversed(there[:-1]), len(explorer)]
    assert explorer.step(-(1 << 40)) == int((~(kinds == "tlb_fill") & ~(kinds == "tlb_flush")).argmax())
    assert explorer.step(1 << 40) == len(explorer)
    explorer.hidden = {str(kind) for kind in set(kinds)} - {"syscall"}
    while explorer.step(-1) and explorer.position != first(explorer, "syscall"):
        assert kinds[explorer.position] == "syscall"


def test_the_list_is_a_window_that_has_the_present_event(explorer: hl.Explorer) -> None:
    for position in (0, 1, 40, len(explorer) - 1):
        explorer.position = position  # of whatever kind, hidden or not
        listed = explorer.view()["events"]
        assert [each["number"] for each in listed if each["here"]] == [position]
        assert [each["number"] for each in listed] == sorted({each["number"] for each in listed})
    explorer.position = len(explorer)
    assert not any(each["here"] for each in explorer.view()["events"])


def test_fork_is_seen_from_within(explorer: hl.Explorer) -> None:
    fork = first(explorer, "syscall", "fork")
    explorer.position = fork
    assert [each["pid"] for each in explorer.view()["processes"]] == [1, 2]
    view = explorer.view()
    assert (view["pid"], view["mode"], view["event"]["text"]) == (2, "S", "calls fork()")
    assert view["event"]["result"] == "it returns 3"
    assert view["symbol"].startswith("fork+")
    assert view["source"]["called"] == "fork"
    assert "fork()" in view["source"]["lines"][4]["text"]
    # The parent's data page loses W, one event after the child has got its entry.
    writes = [
        n
        for n in range(fork, fork + 120)
        if explorer.events["kind"][n] == "pte_write" and explorer.events["va"][n] == 0x1000
    ]
    parents = next(n for n in writes if "becomes" in sentence(explorer.events[n]))
    explorer.position = parents - 1
    assert "W" in pages(explorer.view())["0x1000"]["flags"]
    explorer.position = parents
    view = explorer.view()
    assert "W" not in pages(view)["0x1000"]["flags"]
    assert pages(view)["0x1000"]["changed"]
    assert view["event"]["table_of"] == 2
    assert any("flags" in line for line in view["changes"])


def test_a_page_shows_its_frame_and_who_else_maps_it(explorer: hl.Explorer) -> None:
    explorer.position = first(explorer, "syscall", "wait")
    explorer.select(va=0x1234)
    frame = explorer.view()["frame"]
    assert (frame["va"], frame["owner"], frame["references"]) == ("0x1000", "user", 2)
    assert [(each["pid"], each["va"]) for each in frame["mapped_by"]] == [(2, "0x1000"), (3, "0x1000")]
    assert [each["level"] for each in frame["walk"]] == [2, 1, 0]
    now = explorer.state
    assert frame["pa"] == hex(now.page_table_of(3).translate(0x1000) or 0)
    assert bytes.fromhex("".join(frame["bytes"])) == now.read(int(frame["pa"], 0), 64)
    explorer.select(pid=3)
    assert explorer.view()["frame"] is None
    assert explorer.pid == 3
    explorer.select(va="0x7fff000")
    assert explorer.view()["frame"]["pa"] is None
    explorer.select(va="", pid=0)
    assert explorer.pid == 2


def test_an_instruction_has_its_encoding_and_its_source_line(explorer: hl.Explorer) -> None:
    explorer.position = first(explorer, "fault")
    view = explorer.view()
    here = next(each for each in view["code"] if each["here"])
    assert here["pc"] == view["pc"] == hex(int(explorer.events["value"][explorer.position]))
    assert here["line"] == view["source"]["line"] > 0
    explorer.select(pc=here["pc"])
    chosen = explorer.view()["instruction"]
    raw = explorer.state.page_table_of(explorer.pid).peek(int(here["pc"], 0), len(chosen["bits"]) // 2)
    assert int(chosen["bits"], 16) == int.from_bytes(raw or b"", "little")


def test_registers_are_the_processes_own_in_the_kernel_too(explorer: hl.Explorer) -> None:
    explorer.position = first(explorer, "process_exit")
    view = explorer.view()
    values = {each["name"]: int(each["value"], 0) for each in view["registers"]}
    assert view["event"]["pid"] == 3
    assert values["a7"] == 2
    assert values["a0"] == 100
    assert view["event"]["text"] == "exits with status 100"


def test_a_variable_is_watched_at_every_event(explorer: hl.Explorer) -> None:
    explorer.watch("counter")
    explorer.watch("kernel:nextpid")
    explorer.watch(0x1000)
    explorer.watch("0x1000/1")
    explorer.position = first(explorer, "syscall", "exit")
    view = explorer.view()
    values = {each["name"]: each["value"] for each in view["watches"]}
    assert values == {"counter": "100", "kernel:nextpid": "4", "0x1000": "100", "0x1000/1": "100"}
    assert all(len(each["values"]) == 4 for each in view["events"])
    for row in view["events"]:
        twin = hl.explore(ran())
        twin.watch("counter")
        twin.position = row["number"]
        twin.select(pid=explorer.pid)
        assert [each["value"] for each in twin.view()["watches"]] == row["values"][:1]
    here = next(each for each in view["events"] if each["here"])
    assert here["values"] == list(values.values())
    explorer.select(pid=2)
    assert explorer.view()["watches"][0]["value"] == "2"  # the parent's own
    explorer.select(pid=1)
    assert explorer.view()["watches"][0]["value"] == "–"  # another program
    explorer.unwatch("counter")
    assert [each["name"] for each in explorer.view()["watches"]] == ["kernel:nextpid", "0x1000", "0x1000/1"]


def test_steps_lead_from_change_to_change_of_a_variable(explorer: hl.Explorer) -> None:
    explorer.watch("counter")
    explorer.select(pid=2)
    values = []
    for position in range(len(explorer) + 1):
        explorer.position = position
        values.append(explorer.view()["watches"][0]["value"] if explorer.pid == 2 else "–")
    changes = [n for n in range(1, len(values)) if values[n] != values[n - 1]]
    assert {"–", "1", "2", "3", "4"} <= set(values)
    explorer.position = 0
    explorer.select(pid=2)
    explorer.position = changes[0]
    assert [explorer.step_to_change("counter") for _ in changes[1:]] == changes[1:]
    with pytest.raises(LookupError, match="does not change within the next"):
        explorer.step_to_change("counter")
    explorer.position = changes[-1]
    assert [explorer.step_to_change("counter", -1) for _ in changes[:-1]] == changes[-2::-1]
    with pytest.raises(KeyError, match="'other' is not watched; watched are counter"):
        explorer.step_to_change("other")


def test_a_frame_shows_the_events_of_its_life(explorer: hl.Explorer) -> None:
    explorer.position = first(explorer, "syscall", "exit")
    explorer.select(va="0x1000")
    frame = explorer.view()["frame"]
    life, pa = frame["life"], frame["pa"]
    known = {f"kalloc() gives {pa}", f"kfree({pa})"}
    assert all(each["text"] in known or each["kind"] == "pte_write" for each in life)
    taken = {
        n
        for n, each in enumerate(explorer.events)
        if (each["kind"] in ("kalloc", "kfree") and each["pa"] == int(pa, 0))
        or (each["kind"] == "pte_write" and int(pa, 0) >> 12 in (each["value"] >> 10, each["result"] >> 10))
    }
    assert {each["number"] for each in life} <= taken
    assert len(life) + frame["more"] == len(taken)
    nearest = max(n for n in taken if n < explorer.position)
    assert nearest in {each["number"] for each in life}


@pytest.mark.parametrize("va", ["nowhere", "0x10000000000000000", "-1"])
def test_what_is_no_address_is_said_to_be_none(explorer: hl.Explorer, va: str) -> None:
    with pytest.raises(ValueError, match=f"va='{va}' is no address; write 0x1000, say"):
        explorer.select(va=va)


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("nonsense", KeyError, "no variable of a program"),
        ("kernel:nonsense", KeyError, "the kernel has no variable 'nonsense'"),
        ("0x1000/0", ValueError, "1 to 64 bytes"),
        ("counter/many", ValueError, "1 to 64 bytes"),
        (-1, ValueError, "what=-1 is out of range"),
        ("-1", ValueError, "what=-1 is out of range"),
        ("0x10000000000000000", ValueError, "what=0x1.* is out of range"),
    ],
)
def test_what_cannot_be_watched(
    explorer: hl.Explorer, what: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        explorer.watch(what)


def test_an_event_of_a_call_from_python_names_it() -> None:
    explorer = hl.explore(driven())
    calls = set()
    for position in range(len(explorer)):
        explorer.position = position
        event = explorer.view()["event"]
        calls.add(event["made_by"])
    assert {
        "spawn(code=...), 8 bytes",
        "pid 2: sbrk(0x3000, 1)",
        "pid 2: fork()",
        "pid 3: store at 0x3000",
        "kernel.call('kalloc')",
        "",
    } <= calls


def test_what_the_guest_chose_does_no_harm_on_the_page() -> None:
    kernel = hl.Kernel(memory="4MiB")
    kernel.spawn(code=hl.asm("here: j here"), name="<b onx=1>")
    kernel.run(10)
    explorer = hl.explore(kernel)
    explorer.select(va=0)
    for page in (Page(explorer.view(), live=True).html(), explorer._repr_html_()):
        assert "<b onx" not in page
        assert "&lt;b onx=1&gt;" in page


def test_a_kernel_that_has_done_nothing_has_a_present() -> None:
    explorer = hl.explore(hl.Kernel(memory="4MiB"))
    assert (len(explorer), explorer.step(-1), explorer.step()) == (0, 0, 0)
    assert "The present" in explorer._repr_html_()
    assert repr(explorer) == "<Explorer: the present, after 0 events>"


def test_without_anywidget_a_still_picture_is_displayed(
    explorer: hl.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("hartlab.explorer.widget._widget_class", lambda: None)
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    explorer._ipython_display_()
    assert "pip install 'hartlab[explore]'" in shown[0]["text/html"]
    assert "<button" not in shown[0]["text/html"]
    assert shown[0]["text/plain"] == repr(explorer)


@pytest.mark.parametrize("kernel", [None, 3, "kernel"])
def test_only_a_kernel_can_be_explored(kernel: Any) -> None:
    with pytest.raises(TypeError, match="must be a Kernel"):
        hl.explore(kernel)


def balanced(html: str) -> bool:
    """Whether every element that is opened is closed, in order."""
    open_: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            if tag not in ("br", "input"):
                open_.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_.pop() == tag

    Reader().feed(html)
    return not open_
