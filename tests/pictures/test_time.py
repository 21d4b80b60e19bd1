"""Timelines, fork trees, TLBs and curves: events in order, children below parents, counts as counted."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl
from hartlab.pictures import palette
from pictures.drawn import marks, pixels, starting, words
from pictures.scene import family, traced

DRAWN = ("syscall", "fault", "interrupt", "context_switch", "exec", "process_exit")


def test_each_event_is_drawn_in_its_order_with_its_name() -> None:
    _, trace = traced()
    events = trace[np.isin(trace["kind"], DRAWN)]
    picture = hl.pictures.timeline(trace)
    signs, labels = starting(picture, "event"), starting(picture, "label")
    assert len(signs) == len(events)
    lefts = [signs[str(number)].middle[0] for number in range(len(events))]
    assert lefts == sorted(lefts)
    for number, event in enumerate(events):
        assert f"pid {event['pid']}, after {int(event['time']):,} instructions" in signs[str(number)].tip
        if event["kind"] in ("syscall", "fault"):
            assert labels[str(number)].words == event["what"]
    counted = starting(picture, "count")
    for kind in set(events["kind"].tolist()):
        assert counted[kind].words.endswith(f" {(events['kind'] == kind).sum()}")


def test_who_ran_is_drawn_in_the_lane_of_the_process() -> None:
    _, trace = traced()
    picture = hl.pictures.timeline(trace)
    lanes, runs = starting(picture, "lane"), starting(picture, "run")
    for run in picture.data["runs"]:
        drawn = runs[str(run["event"])]
        assert drawn.tip.startswith(f"pid {run['pid']} executes {run['end'] - run['start']} instruction")
        assert drawn.middle[1] == pytest.approx(lanes[f"U {run['pid']}"].middle[1] - 3.24, abs=1)
    events = trace[np.isin(trace["kind"], DRAWN)]
    assert (
        sum(run["end"] - run["start"] for run in picture.data["runs"])
        == events["time"][-1] - events["time"][0]
    )


def test_traps_to_the_kernel_are_in_the_lane_of_s_mode_and_machine_interrupts_in_that_of_m_mode() -> None:
    _, trace = traced()
    events = trace[np.isin(trace["kind"], DRAWN)].copy()
    events["kind"][1] = "interrupt"
    events["code"][1] = 1 << 63 | 7
    picture = hl.pictures.timeline(events)
    lanes, signs = starting(picture, "lane"), starting(picture, "event")
    assert lanes["M"].middle[1] > lanes["S"].middle[1] > max(lanes[f"U {pid}"].middle[1] for pid in (2, 3))
    near = {
        number: min("SM", key=lambda lane: abs(lanes[lane].middle[1] - sign.middle[1]))
        for number, sign in signs.items()
    }
    assert [number for number, lane in near.items() if lane == "M"] == ["1"]


def test_many_events_are_counted_in_columns() -> None:
    rng = np.random.default_rng(1)
    _, trace = traced()
    events = np.resize(trace[np.isin(trace["kind"], DRAWN)], 100_000)
    events["time"] = np.sort(rng.integers(0, 1_000_000, len(events)))
    picture = hl.pictures.timeline(events)
    sums = starting(picture, "sum")
    for kind, name in (("syscall", "system call"), ("context_switch", "switch"), ("fault", "fault")):
        assert sums[f"S {name}"].words.startswith(f"{(events['kind'] == kind).sum():,}, at most ")
    columns = pixels(picture, "row S system call")[0, :, 3]
    counts, _ = np.histogram(
        events["time"][events["kind"] == "syscall"], bins=320, range=(events["time"][0], events["time"][-1])
    )
    assert np.corrcoef(columns, counts)[0, 1] > 0.99


def test_a_timeline_of_nothing_says_so() -> None:
    picture = hl.pictures.timeline(traced()[1][:0])
    assert "no events" in words(picture)
    assert picture.alt == "A timeline without events."
    with pytest.raises(TypeError, match=r"trace=3 must have a method trace\(\)"):
        hl.pictures.timeline(3)


# -- the fork tree -----------------------------------------------------------------------------------


def test_each_child_is_drawn_below_its_parent() -> None:
    kernel = hl.Kernel()
    top = kernel.spawn(code=hl.asm("here: j here"), name="top")
    middle = top.fork()
    leaves = [middle.fork(), middle.fork(), top.fork()]
    picture = hl.pictures.fork_tree(kernel)
    boxes = starting(picture, "process")
    table = kernel.processes()
    assert {int(pid) for pid in boxes} == set(table["pid"].tolist())
    assert set(starting(picture, "fork")) == {
        f"{row['parent']} {row['pid']}" for row in table if row["parent"] > 0
    }
    for row in table[table["parent"] > 0]:
        assert boxes[str(row["pid"])].box[1] > boxes[str(row["parent"])].box[3]
    lefts = [boxes[str(child.pid)].box[0] for child in leaves]
    assert lefts == sorted(lefts)
    states = starting(picture, "state")
    assert {int(pid): mark.words.upper() for pid, mark in states.items()} == dict(
        zip(table["pid"].tolist(), table["state"].tolist(), strict=True)
    )


def test_a_trace_has_the_processes_that_are_gone() -> None:
    kernel, trace = traced()
    picture = hl.pictures.fork_tree(trace)
    assert "fork 2 3" in marks(picture)
    exits = trace[trace["kind"] == "process_exit"]
    drawn = starting(picture, "process")
    for event in exits:
        assert f"exit {np.int64(event['value'])}" in drawn[str(event["pid"])].tip
        assert drawn[str(event["pid"])].dashed
    assert set(hl.pictures.fork_tree(kernel).data["processes"]["pid"].tolist()) == {1, 2, 3}


def test_a_kernel_has_the_processes_that_are_gone_with_their_names() -> None:
    kernel = hl.Kernel()
    kernel.run()
    parent = kernel.spawn(code=hl.asm("li a7, 1\necall\nli a0, 5\nli a7, 2\necall"), name="brief")
    kernel.run()
    exits = kernel.exits()
    assert exits["name"].tolist() == ["brief", "brief"]
    for state in (kernel, kernel.snapshot()):
        picture = hl.pictures.fork_tree(state)
        drawn = starting(picture, "process")
        assert all(drawn[str(pid)].tip == f"pid {pid} brief, exit 5" for pid in exits["pid"])
        assert f"fork 1 {parent.pid}" in marks(picture), "init is the parent of what was spawned"


def test_parents_in_a_circle_are_drawn_without_one() -> None:
    table = family()[1].processes()
    table["parent"] = table["pid"][::-1]
    picture = hl.pictures.fork_tree(table)
    assert set(starting(picture, "process")) == {"1", "2", "3"}


# -- the TLB -----------------------------------------------------------------------------------


def busy(**geometry: object) -> hl.Kernel:
    kernel = hl.Kernel(tlb=geometry, asid="on")
    process = kernel.spawn(
        code=hl.asm("li t1, 0x3000\nhere: sd zero, 0(t1)\nli t2, 4096\nadd t1, t1, t2\nj here")
    )
    process.sbrk(60 * hl.PGSIZE)
    kernel.run(max_instructions=200)
    return kernel


def test_each_way_shows_the_page_that_it_holds() -> None:
    kernel = busy(sets=8, ways=2)
    entries = kernel.hart.tlb()
    assert len(entries) > 8
    ways = starting(hl.pictures.tlb(kernel), "way")
    assert len(ways) == 16
    for entry in entries:
        drawn = ways.pop(f"{entry['set']} {entry['way']}")
        assert drawn.tip.startswith(f"{int(entry['va']):#x} to {int(entry['pa']):#x}, ")
        assert drawn.fill == palette.SKY
    assert {drawn.fill for drawn in ways.values()} <= {None}


def test_the_younger_an_entry_the_stronger_it_is() -> None:
    kernel = busy(sets=8, ways=2)
    picture = hl.pictures.tlb(kernel)
    entries = kernel.hart.tlb()
    ages = picture.data["ages"][entries["set"], entries["way"]]
    assert np.argsort(ages).tolist() == np.argsort(entries["stamp"]).tolist()
    svg = picture.svg()
    youngest = entries[np.argmax(entries["stamp"])]
    part = svg[svg.index(f'data-mark="way {youngest["set"]} {youngest["way"]}"') :].partition("</g>")[0]
    assert "fill-opacity" not in part


def test_hits_and_misses_are_bars_of_their_length() -> None:
    kernel = busy(sets=8, ways=2)
    drawn, counts = marks(hl.pictures.tlb(kernel)), kernel.hart.tlb.counts
    scale = drawn["hits fetch"].width / counts.hits["fetch"]
    for kind in ("fetch", "load", "store"):
        assert f"{counts.hits[kind]:,} hits" in drawn[f"counts {kind}"].words
        assert f"{counts.misses[kind]:,} miss" in drawn[f"counts {kind}"].words
        assert drawn[f"hits {kind}"].width == pytest.approx(counts.hits[kind] * scale, abs=0.1)
        if counts.misses[kind] * scale > 3:
            assert drawn[f"misses {kind}"].width == pytest.approx(counts.misses[kind] * scale, abs=0.1)


def test_a_large_tlb_is_a_map_of_squares() -> None:
    kernel = busy(sets=256, ways=4)
    entries = kernel.hart.tlb()
    assert len(np.unique(entries["set"])) > 40
    alpha = pixels(hl.pictures.tlb(kernel), "map")[..., 3]
    for entry in entries:
        row = entry["set"] // 64 * 5 + entry["way"]
        assert alpha[row, entry["set"] % 64] > 0.15
    assert (alpha > 0.15).sum() == len(entries)


def test_the_misses_of_each_set_are_counted_from_a_trace() -> None:
    kernel = hl.Kernel(tlb={"sets": 8, "ways": 2}, asid="on")
    process = kernel.spawn(
        code=hl.asm("li t1, 0x3000\nhere: sd zero, 0(t1)\nli t2, 4096\nadd t1, t1, t2\nj here")
    )
    process.sbrk(60 * hl.PGSIZE)
    with kernel.tracing() as tracing:
        kernel.run(max_instructions=200)
    fills = tracing.table()
    fills = fills[fills["kind"] == "tlb_fill"]
    expected = [int((fills["va"] // hl.PGSIZE % 8 == number).sum()) for number in range(8)]
    assert len(set(expected)) > 1
    for picture in (hl.pictures.tlb(kernel), hl.pictures.tlb(kernel.hart, tracing)):
        said, bars = starting(picture, "misses of set"), starting(picture, "missed")
        assert [int(said[str(number)].words) for number in range(8)] == expected
        widths = [bars[str(number)].width for number in range(8)]
        assert np.allclose(np.array(widths) / max(widths), np.array(expected) / max(expected), atol=0.01)
    large = hl.pictures.tlb(busy(sets=256, ways=4), fills)
    line = pixels(large, "map")[4, :, 3]
    counts = np.bincount(fills["va"].astype(int) // hl.PGSIZE % 256, minlength=256)
    assert np.allclose(line, counts[:64] / counts.max(), atol=0.01)


def test_a_stale_entry_is_hatched() -> None:
    kernel = busy(sets=8, ways=2)
    entries = kernel.hart.tlb()
    entries["stale"][0] = True
    ways = starting(hl.pictures.tlb(entries), "way")
    assert {name for name, mark in ways.items() if mark.hatched} == {
        f"{entries['set'][0]} {entries['way'][0]}"
    }


@pytest.mark.parametrize("kind", ["hart", "tlb", "machine", "snapshot"])
def test_whatever_has_a_tlb_can_be_drawn(kind: str) -> None:
    kernel = busy(sets=8, ways=2)
    x = {
        "hart": kernel.hart,
        "tlb": kernel.hart.tlb,
        "machine": hl.Machine(memory="1MiB"),
        "snapshot": kernel.snapshot(),
    }
    picture = hl.pictures.tlb(x[kind])
    assert (len(picture.data["counts"]) == 0) == (kind == "snapshot")
    with pytest.raises(TypeError, match="x=3 has no TLB"):
        hl.pictures.tlb(3)


# -- curves -----------------------------------------------------------------------------------


def test_a_curve_goes_through_the_points_of_its_column() -> None:
    table = {"ways": [1, 2, 4, 8], "miss_rate": [0.5, 0.25, 0.2, 0.1], "name": ["a", "b", "c", "d"]}
    other = table | {"miss_rate": [0.6, 0.3, 0.3, 0.3]}
    picture = hl.pictures.curves(table, other, labels=["lru", "fifo"])
    (_, axes) = picture.figure().axes
    lines = {line.get_gid(): line for line in axes.lines}
    for number, each in enumerate((table, other)):
        line = lines[f"mark:curve miss_rate {number}"]
        assert line.get_xdata().tolist() == each["ways"]
        assert line.get_ydata().tolist() == each["miss_rate"]
    first, second = (lines[f"mark:curve miss_rate {number}"] for number in (0, 1))
    assert (first.get_linestyle(), first.get_marker()) != (second.get_linestyle(), second.get_marker())
    assert {"lru", "fifo"} <= set(words(picture))


def test_the_working_set_is_drawn_with_misses_and_faults() -> None:
    kernel = hl.Kernel()
    use = hl.working_set(kernel.spawn(code=hl.asm("here: j here")), window=50, max_instructions=200)
    picture = hl.pictures.curves(use)
    assert list(picture.data) == ["pages", "miss_rate", "fault_rate"]
    assert len(picture.figure().axes) == 1 + 3
    assert picture.data["pages"]["pages"].tolist() == use["pages"].tolist()


@pytest.mark.parametrize(
    ("tables", "options", "error", "message"),
    [
        ((), {}, TypeError, "needs a table"),
        ((5,), {}, TypeError, "table 0=5 must be a table with columns"),
        (({"a": [1], "b": [2, 3]},), {}, ValueError, "'b' has 2 values and 'a' has 1"),
        (({"a": [1], "b": ["x"]},), {"y": ["b"]}, ValueError, "'b' is no column of numbers"),
        (({"a": [1], "b": [2]},), {"y": ["c"]}, ValueError, "no column 'c'; there are a and b"),
        (({"a": [1], "b": [2]},), {"labels": ["x", "y"]}, ValueError, "labels has 2 names for 1 table"),
    ],
)
def test_curves_of_what_is_no_table_are_refused(
    tables: tuple[object, ...], options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hl.pictures.curves(*tables, **options)
