"""What matplotlib writes, made fit for a page: ink that follows the page, and words for what is shown."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree

from . import palette

_SVG = "http://www.w3.org/2000/svg"
_FONTS = {
    "sans-serif": "'DejaVu Sans', Verdana, sans-serif",
    "monospace": "'DejaVu Sans Mono', Menlo, monospace",
}

# A file stands on a page of which it knows nothing but the reader's preference.
_ADAPTIVE = (
    f"svg{{color:{palette.LIGHT.ink}}}"
    f"@media (prefers-color-scheme:dark){{svg{{color:{palette.DARK.ink}}}}}"
    f"@media print{{svg{{color:#000}}}}"
)

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def polished(source: str, title: str, alt: str, tips: dict[str, str], *, adaptive: bool, inline: bool) -> str:
    """Give an SVG of matplotlib its title, description, marks and theme.

    Parameters
    ----------
    source : str
        As matplotlib wrote it, in the ink of the light theme if it is to be adaptive.
    title, alt : str
        What it is, and what is to be seen.
    tips : dict
        A text for each mark.
    adaptive : bool
        Whether the ink is to be that of the page.
    inline : bool
        Whether it becomes part of an HTML page, whose colour it then takes; otherwise it is a file.

    Returns
    -------
    str
        The SVG.
    """
    source = re.sub(r"font: (?:(\w+) )?([\d.]+px) '(DejaVu Sans(?: Mono)?)'[^;]*;?", _font, source)
    if adaptive:
        source = source.replace(palette.LIGHT.ink, "currentColor")
    root = ElementTree.fromstring(source)
    number = hashlib.sha1((title + alt + source).encode("utf-8", "replace")).hexdigest()[:10]
    for group in root.iter(f"{{{_SVG}}}g"):
        _mark(group, tips)
    for image in root.iter(f"{{{_SVG}}}image"):
        _mark(image, tips)
        image.set("style", "image-rendering:pixelated")
    for part in (*root.findall(f"{{{_SVG}}}metadata"), *root.findall(f"{{{_SVG}}}defs/{{{_SVG}}}style/..")):
        root.remove(part)  # dates; and a style that would hold for the whole of the page
    titles = (
        ElementTree.Element("title", {"id": f"title-{number}"}),
        ElementTree.Element("desc", {"id": f"desc-{number}"}),
    )
    titles[0].text, titles[1].text = title, alt
    root[:0] = titles
    root.set("role", "img")
    root.set("stroke-linejoin", "round")
    root.set("aria-labelledby", f"title-{number} desc-{number}")
    root.set("class", "hartlab-picture")
    if inline:
        root.set("style", "max-width:100%;height:auto")
    elif adaptive:
        style = ElementTree.Element("style")
        style.text = _ADAPTIVE
        root.insert(2, style)
    return ElementTree.tostring(root, encoding="unicode")


def _font(match: re.Match[str]) -> str:
    family = _FONTS["monospace" if match[3].endswith("Mono") else "sans-serif"]
    return f"font: {f'{match[1]} ' if match[1] else ''}{match[2]} {family};"


def _mark(group: ElementTree.Element, tips: dict[str, str]) -> None:
    """Name what a part stands for; matplotlib's own numbers say nothing, and would meet others on a page."""
    name = group.attrib.pop("id", "")
    if not name.startswith("mark:"):
        return
    name = name.removeprefix("mark:")
    group.set("data-mark", name)
    if name in tips:
        title = ElementTree.Element("title")
        title.text = tips[name]
        group.insert(0, title)
