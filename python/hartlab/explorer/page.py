"""The explorer's view as HTML: for the widget, where things can be clicked, and as a still picture."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from .. import words

STYLE = (Path(__file__).parent / "explorer.css").read_text(encoding="utf-8")
_CHANGED = '<span class="changed" title="changed at this event">●</span>'


def still(view: dict[str, Any]) -> str:
    """A page that needs nothing but a browser: nothing in it can be clicked."""
    return f'<style>{STYLE}</style><div class="hartlab-explorer">{Page(view, live=False).html()}</div>'


class Page:
    """One view as HTML. What can be clicked is a button with the selection in its data attributes."""

    def __init__(self, view: dict[str, Any], live: bool) -> None:
        self._view = view
        self._live = live

    def html(self) -> str:
        """All of it."""
        columns = (self._events() + self._what_happened(), self._memory(), self._code())
        joined = "".join(f"<div>{each}</div>" for each in columns)
        return f'{self._headline()}<div class="columns">{joined}</div>'

    def _pick(self, text: str, title: str = "", **data: Any) -> str:
        """Something to select; `text` is HTML already."""
        if not self._live:
            return text
        attributes = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
        named = f' title="{escape(title)}"' if title else ""
        return f'<button type="button" class="pick"{named}{attributes}>{text}</button>'

    def _number(self, number: int) -> str:
        return self._pick(f"{number:,}", "show this event", go=number)

    def _whom(self, pid: int) -> str:
        return self._pick(f"pid {pid}", "show its memory", pid=pid) if pid else "the kernel"

    # -- what happened ---------------------------------------------------------------------------------------

    def _headline(self) -> str:
        view, event = self._view, self._view["event"]
        if event is None:
            what, where = "The present", f"after {words.plural(view['last'], 'event')}"
        else:
            who = f"pid {event['pid']}: " if event["pid"] else ""
            what = escape(who + event["text"])
            where = f"event {event['number']:,} of {view['last']:,}, {escape(event['kind'])}"
        if event and event["table_of"] is not None:
            where += f"; in the page table of {self._whom(event['table_of'])}"
        if event and event["result"]:
            where += f"; {escape(event['result'])}"
        if event and event["made_by"]:
            where += f"; during a call from Python, <code>{escape(event['made_by'])}</code>"
        mode = {"U": "user mode", "S": "in the kernel", "M": "machine mode"}[view["mode"]]
        free = words.plural(view["free_pages"], "free page")
        facts = f"{words.plural(view['time'], 'instruction')}, {mode}, {free}"
        return (
            f'<p class="headline" aria-live="polite"><strong>{what}</strong><br>'
            f'<span class="quiet">{where} · {facts}</span></p>'
        )

    def _what_happened(self) -> str:
        changes = self._view["changes"]
        if not changes:
            return ""
        listed = "".join(f"<li>{escape(line)}</li>" for line in changes)
        return f'<section class="changes"><h4>What this event changed</h4><ul>{listed}</ul></section>'

    def _events(self) -> str:
        watches = self._view["watches"]
        heads = "".join(f"<th>{escape(each['name'])}</th>" for each in watches)
        rows = []
        for each in self._view["events"]:
            number = self._number(each["number"])
            values = "".join(f"<td><code>{escape(value)}</code></td>" for value in each["values"])
            here = ' class="here" aria-current="true"' if each["here"] else ""
            text = f'<td title="{escape(each["text"])}">{escape(each["text"])}</td>'
            who = each["pid"] or ""
            rows.append(f"<tr{here}><td>{number}</td><td>{who}</td>{text}{values}</tr>")
        if self._view["position"] == self._view["last"]:
            rows.append(
                '<tr class="here" aria-current="true"><td></td><td></td><td>the present</td>'
                + "".join(f"<td><code>{escape(each['value'])}</code></td>" for each in watches)
                + "</tr>"
            )
        if not self._view["last"]:
            rows = ['<tr><td colspan="3" class="quiet">nothing has been run or called yet</td></tr>']
        return (
            '<section class="events"><h4>Events</h4><table><thead><tr><th>event</th><th>pid</th>'
            f"<th>what</th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
        )

    # -- memory ----------------------------------------------------------------------------------------------

    def _memory(self) -> str:
        return self._processes() + self._watches() + self._areas() + self._frame()

    def _processes(self) -> str:
        rows = []
        for each in self._view["processes"]:
            shown = each["pid"] == self._view["pid"]
            pid = self._pick(str(each["pid"]), f"show pid {each['pid']}", pid=each["pid"])
            hart = '<span title="on the hart">▶</span>' if each["current"] else ""
            rows.append(
                f"<tr{' class=here' if shown else ''}><td>{pid}{hart}</td><td>{escape(each['name'])}</td>"
                f"<td>{escape(each['state'])}</td><td>{each['size']}</td></tr>"
            )
        follow = self._pick("follow the hart", "show whichever process is on the hart", pid=0)
        aside = "" if self._view["follows"] or not self._live else f" · {follow}"
        return (
            f"<section><h4>Processes{aside}</h4><table><thead><tr><th>pid</th><th>name</th><th>state</th><th>size</th></tr>"
            f"</thead><tbody>{''.join(rows)}</tbody></table></section>"
        )

    def _watches(self) -> str:
        if not self._view["watches"]:
            return ""
        rows = []
        for each in self._view["watches"]:
            was = f'<span class="quiet">was {escape(each["before"])}</span>' if each["changed"] else ""
            ways = ("◀", "last", -1), ("▶", "next", 1)
            buttons = [
                self._pick(sign, f"the {which} change of {each['name']}", change=each["name"], way=way)
                for sign, which, way in ways
            ]
            buttons.append(self._pick("✕", f"watch {each['name']} no longer", unwatch=each["name"]))
            tools = " ".join(buttons) if self._live else ""
            rows.append(
                f"<tr><td>{_CHANGED if each['changed'] else ''}</td>"
                f'<td title="{escape(each["place"])}"><code>{escape(each["name"])}</code></td>'
                f"<td><code>{escape(each['value'])}</code> {was}</td><td>{tools}</td></tr>"
            )
        table = f"<table><tbody>{''.join(rows)}</tbody></table>"
        return f'<section class="watches"><h4>Watched</h4>{table}</section>'

    def _areas(self) -> str:
        rows = []
        for area in self._view["areas"]:
            absent = f", {words.plural(area['absent'], 'page')} absent" if area["absent"] else ""
            extent = f"{area['start']} – {area['end']}" if len(area["pages"]) != 1 or absent else ""
            rows.append(
                f'<tr class="area"><th colspan="2" scope="rowgroup">{escape(area["kind"])}</th>'
                f'<td colspan="3" class="quiet">{extent}{absent}</td></tr>'
            )
            rows += [_more(area["before"])] if area["before"] else []
            rows += [self._page_row(each) for each in area["pages"]]
            rows += [_more(area["after"])] if area["after"] else []
        if not rows:
            return ""
        return (
            f'<section class="areas"><h4>Memory of pid {self._view["pid"]}</h4>'
            '<div class="scrolls" data-keep="areas">'
            "<table><thead><tr><th></th><th>page</th><th>frame</th><th>flags</th><th>mapped</th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div></section>"
        )

    def _page_row(self, each: dict[str, Any]) -> str:
        va = self._pick(f"<code>{each['va']}</code>", f"show the frame behind {each['va']}", va=each["va"])
        shared = f"×{each['mappings']}" if each["mappings"] > 1 else ""
        classes = ' class="here" aria-current="true"' if each["selected"] else ""
        return (
            f"<tr{classes}><td>{_CHANGED if each['changed'] else ''}</td><td>{va}</td>"
            f"<td><code>{each['pa']}</code></td><td><code>{escape(each['flags'])}</code></td><td>{shared}</td></tr>"
        )

    def _frame(self) -> str:
        frame = self._view["frame"]
        if frame is None:
            return ""
        head = f'<section class="frame"><h4>Page {frame["va"]} of pid {frame["pid"]}</h4>'
        walk = "".join(
            f"<tr><td>{each['level']}</td><td>{each['index']}</td><td><code>{each['table']}</code></td>"
            f"<td><code>{each['pte']}</code></td><td><code>{escape(each['flags'])}</code></td></tr>"
            for each in frame["walk"]
        )
        steps = (
            "<h5>How the MMU gets there</h5><table><thead><tr><th>level</th><th>index</th><th>table</th>"
            f"<th>PTE</th><th>flags</th></tr></thead><tbody>{walk}</tbody></table>"
            f'<p class="quiet">{escape(frame["end"])}</p>'
        )
        if frame["pa"] is None:
            return f"{head}<p>Nothing is mapped here.</p>{steps}</section>"
        count = frame["references"]
        facts = escape(frame["owner"]) + (f", reference count {count}" if count else "")
        return (
            f"{head}<p>Frame <code>{frame['pa']}</code>: {facts}</p>{self._mapped_by(frame)}"
            f"{self._life(frame)}{steps}"
            f"<h5>Its first bytes</h5><pre>{escape(chr(10).join(frame['bytes']))}</pre></section>"
        )

    def _mapped_by(self, frame: dict[str, Any]) -> str:
        rows = "".join(
            f"<tr><td>{self._pick(str(each['pid']), 'show it there', pid=each['pid'], va=each['va'])}</td>"
            f"<td>{escape(each['name'])}</td><td><code>{each['va']}</code></td>"
            f"<td><code>{escape(each['flags'])}</code></td></tr>"
            for each in frame["mapped_by"]
        )
        return (
            '<h5>Who maps it</h5><table class="mapped-by"><thead><tr><th>pid</th><th>name</th><th>at</th>'
            f"<th>flags</th></tr></thead><tbody>{rows}</tbody></table>"
        )

    def _life(self, frame: dict[str, Any]) -> str:
        rows = "".join(
            f"<tr{' class=here' if each['here'] else ''}>"
            f"<td>{self._number(each['number'])}</td>"
            f"<td>{each['pid'] or ''}</td><td>{escape(each['text'])}</td></tr>"
            for each in frame["life"]
        )
        more = f'<p class="quiet">and {frame["more"]:,} more</p>' if frame["more"] else ""
        return (
            '<h5>Its life</h5><table class="life"><thead><tr><th>event</th><th>pid</th><th>what</th></tr>'
            f"</thead><tbody>{rows}</tbody></table>{more}"
        )

    # -- code ------------------------------------------------------------------------------------------------

    def _code(self) -> str:
        return self._source() + self._instructions() + self._instruction() + self._registers()

    def _instructions(self) -> str:
        rows = []
        for each in self._view["code"]:
            pc = self._pick(f"<code>{each['pc']}</code>", "show this instruction", pc=each["pc"])
            classes = "here" if each["here"] else "selected" if each["selected"] else ""
            next_ = '<span title="executed next">▶</span>' if each["here"] else ""
            line = f"line {each['line']}" if each["line"] else ""
            if each["symbol"] and "+" not in each["symbol"]:
                rows.append(
                    f'<tr class="area"><th colspan="4" scope="rowgroup">{escape(each["symbol"])}</th></tr>'
                )
            rows.append(
                f"<tr{f' class={classes}' if classes else ''}><td>{next_}</td><td>{pc}</td>"
                f'<td><code>{escape(each["text"])}</code></td><td class="quiet">{line}</td></tr>'
            )
        if not rows:
            return ""
        where = f" in <code>{escape(self._view['symbol'])}</code>" if self._view["symbol"] else ""
        return (
            f'<section class="code"><h4>Instructions{where}</h4><table><thead><tr><th></th><th>pc</th>'
            "<th>instruction</th><th>source</th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></section>"
        )

    def _instruction(self) -> str:
        each = self._view["instruction"]
        if each is None:
            return ""
        place = f" in <code>{escape(each['symbol'])}</code>" if each["symbol"] else ""
        return (
            f'<section class="instruction"><h4>Instruction at {each["pc"]}</h4>'
            f"<p><code>{escape(each['text'])}</code>{place}; {words.plural(len(each['bits']) // 2, 'byte')}, "
            f"<code>0x{each['bits']}</code></p></section>"
        )

    def _source(self) -> str:
        source = self._view["source"]
        if source is None:
            return ""
        lines = "\n".join(
            f'<span{" class=here" if each["here"] else ""}><span class="quiet">{each["number"]:>4}</span>  '
            f"{escape(each['text'])}</span>"
            for each in source["lines"]
        )
        text = f"<pre>{lines}</pre>" if lines else '<p class="quiet">its text is not known here</p>'
        head = f"{escape(source['file'])}, line {source['line']}"
        if source["called"]:
            head += f", which called <code>{escape(source['called'])}</code>"
        return f'<section class="source"><h4>{head}</h4>{text}</section>'

    def _registers(self) -> str:
        cells = "".join(
            f'<span{" class=moved" if each["changed"] else ""} title="{each["signed"]}"><b>{each["name"]}</b>'
            f" <code>{each['value']}</code>{_CHANGED if each['changed'] else ''}</span>"
            for each in self._view["registers"]
            if each["name"] != "zero"
        )
        return f'<section><h4>Registers</h4><div class="registers">{cells}</div></section>' if cells else ""


def _more(count: int) -> str:
    return f'<tr><td></td><td colspan="4" class="quiet">{words.plural(count, "page")} not listed</td></tr>'
