"""What the explorer shows at event n is the state of the machine at event n; the kernel notices nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hartlab as hl
from hartlab.explorer.recording import Recording

from .histories import HISTORIES, at_random, family, ran

EVERYTHING = 1 << 62


def recording(kernel: hl.Kernel, **changes: int) -> Recording:
    given: dict[str, Any] = {"capacity": 1 << 16, "instructions": EVERYTHING, **changes}
    return Recording(kernel, **given)


def traced(name: str) -> tuple[hl.Kernel, hl.Table]:
    """A kernel with a history, and the events as they were recorded while it happened."""
    seen: list[Any] = []
    original = hl.Kernel.__init__

    def with_tracing(self: hl.Kernel, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.tracing(1 << 16)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hl.Kernel, "__init__", with_tracing)
        patch.setattr(hl.Kernel, "_gone_back", lambda self: seen.append(self.trace()))
        kernel = HISTORIES[name]()
    return kernel, kernel.trace()


@pytest.mark.parametrize("name", ["ran", "driven", "panicked"])
def test_the_events_are_those_that_a_trace_recorded_while_they_happened(name: str) -> None:
    kernel, trace = traced(name)
    assert_same(recording(kernel).events, trace)


def assert_same(events: hl.Table, trace: hl.Table) -> None:
    assert len(events) == len(trace)
    for column in trace.dtype.names:
        different = np.flatnonzero(events[column] != trace[column])
        assert len(different) == 0, (column, events[different[0]], trace[different[0]])


def holds(event: Any, state: hl.Snapshot) -> bool:
    """Whether what an event says is so in a state."""
    match str(event["kind"]):
        case "pte_write":
            return int.from_bytes(state.read(int(event["pa"]), 8), "little") == event["value"]
        case "kalloc":
            return event["pa"] == 0 or event["pa"] not in state.free_list()["pa"]
        case "kfree":
            return bool(state.free_list()["pa"][0] == event["pa"])
        case "context_switch":
            processes = state.processes()
            return processes[processes["current"]]["pid"].tolist() == [event["pid"]]
        case "tlb_fill":
            tlb = state.tlb()
            return bool((tlb[tlb["valid"]]["va"] == event["va"]).any())
        case "tlb_flush":
            tlb = state.tlb()
            return event["what"] != "all" or not tlb["valid"].any()
        case "process_exit":
            processes = state.processes()
            return event["pid"] in processes["pid"]
    return True


@pytest.mark.parametrize("name", HISTORIES)
def test_the_state_at_each_event_is_what_the_event_says(name: str) -> None:
    kernel = HISTORIES[name]()
    found = recording(kernel)
    assert len(found) > 20
    order = np.random.default_rng(1).permutation(len(found))[:400]  # in any order, not one after the other
    for number in order:
        event, state = found.events[number], found.state(int(number))
        assert holds(event, state), (number, event)
        slack = 1 if event["kind"] == "tlb_fill" else 0  # those of the hart: behind the instruction
        assert 0 <= state.instructions - int(event["time"]) <= slack, (number, event)


@pytest.mark.parametrize("seed", range(40))
def test_random_histories_are_found_again_to_the_event(seed: int) -> None:
    kernel = at_random(seed)
    found = recording(kernel)
    assert_same(found.events, kernel.trace())
    for number in np.random.default_rng(seed).permutation(len(found))[:20]:
        event = found.events[number]
        assert holds(event, found.state(int(number))), (number, event)
    assert not hl.diff(found.state(len(found)), kernel)


def test_free_pages_count_down_and_up_with_each_kalloc_and_kfree() -> None:
    found = recording(ran())
    free = found.state(-1).free_pages
    for number, event in enumerate(found.events):
        free += {"kalloc": -1, "kfree": 1}.get(str(event["kind"]), 0)
        assert found.state(number).free_pages == free


def test_page_tables_grow_pte_by_pte() -> None:
    found = recording(ran("copy"))
    fork = int(np.flatnonzero(found.events["what"] == "fork")[0])
    kinds = found.events["kind"].tolist()
    writes = [n for n in range(fork, len(found)) if kinds[n] == "pte_write"]
    for n in writes[:20]:
        address, value = int(found.events["pa"][n]), int(found.events["value"][n])
        before = int.from_bytes(found.state(n - 1).read(address, 8), "little")
        assert before == found.events["result"][n] != value


@pytest.mark.parametrize("name", HISTORIES)
def test_the_last_position_is_the_present_and_the_kernel_is_left_alone(name: str) -> None:
    kernel = HISTORIES[name]()
    before, length, text = kernel.snapshot(), kernel._history.length(), kernel.console.text
    found = recording(kernel)
    for number in range(0, len(found), 37):
        found.state(number)
    assert not hl.diff(found.state(len(found)), kernel)
    assert not hl.diff(before, kernel)
    assert (kernel._history.length(), kernel.console.text) == (length, text)
    if length > 5 and not kernel.panicked:
        kernel.back(3)
        kernel.step(3)


def test_a_long_run_is_found_again_with_checkpoints_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hartlab.explorer.recording._MOST_PAGES", 64)
    kernel = ran()
    found, wanted = recording(kernel), recording(ran())
    assert len(found._marks) < 8
    for number in range(0, len(found), 101):
        assert found.state(number).free_pages == wanted.state(number).free_pages


def test_only_the_newest_events_and_instructions_are_kept_when_asked() -> None:
    kernel = ran()
    everything = recording(kernel)
    newest = recording(kernel, capacity=50)
    assert (len(newest), newest.dropped) == (50, len(everything) - 50)
    assert newest.state(0).free_pages == everything.state(newest.dropped).free_pages
    assert len(recording(kernel, instructions=0)) == 0


def test_a_replacement_that_does_something_else_the_second_time_is_found_out() -> None:
    kernel = hl.Kernel(memory="8MiB")
    calls: list[int] = []

    def kalloc(k: Any) -> int:
        calls.append(1)
        return 0 if len(calls) > 200 else int(k.native.kalloc())

    kernel.replace("kalloc", kalloc)
    kernel.spawn(family())
    kernel.run()
    found = recording(kernel)
    calls[:] = [1] * 300
    with pytest.raises(RuntimeError, match="replaced in Python depends on more than its arguments"):
        found.state(len(found) - 1)
