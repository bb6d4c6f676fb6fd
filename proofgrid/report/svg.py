"""A matplotlib Figure as SVG that may stand inside a page with a strict Content-Security-Policy.

Such a page allows no style attributes and no style elements in its markup, so every style property becomes the
presentation attribute of the same name; ids get the figure's prefix, so that two figures do not share clip paths; and
text stays text, so that it can be read aloud, searched and set in the page's own font.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib
from matplotlib.figure import Figure

from proofgrid.report.text import visible

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_KEPT = {
    "clip-path", "clip-rule", "color", "fill", "fill-opacity", "fill-rule", "font-family", "font-size", "font-style",
    "font-weight", "opacity", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "transform-origin",
}  # fmt: skip
_FONT = re.compile(
    r"(?:(?P<style>italic|oblique)\s+)?(?:(?P<weight>bold|[1-9]00)\s+)?(?P<size>[\d.]+)px\s+(?P<family>.+)"
)
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def inline_svg(figure: Figure, prefix: str, title: str, description: str) -> str:
    """SVG markup for the page: an image with a name and a description; ``prefix`` makes its ids its own."""
    from proofgrid.report.drawing import STYLE

    buffer = BytesIO()
    with matplotlib.rc_context({k: STYLE[k] for k in ("svg.fonttype", "svg.hashsalt")}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    root = ET.fromstring(buffer.getvalue())
    for parent in root.iter():
        for child in list(parent):
            if child.tag.split("}")[-1] in ("style", "metadata"):
                parent.remove(child)
    for defs in [e for e in root.iter(f"{{{SVG}}}defs") if len(e) == 0]:
        _remove(root, defs)
    for element in root.iter():
        _attributes(element, prefix)
        if element.text:
            element.text = visible(element.text)
    width, height = root.get("viewBox", "0 0 400 300").split()[2:]
    width, height = (f"{float(points) * 96 / 72:.1f}" for points in (width, height))
    root.attrib.update({"width": width, "height": height, "role": "img", "aria-labelledby": f"{prefix}-t {prefix}-d"})
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt"})
    for tag, text, place in (("title", title, 0), ("desc", description, 1)):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag[0]}"})
        element.text = visible(text)
        root.insert(place, element)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def _remove(root: ET.Element, doomed: ET.Element) -> None:
    for parent in root.iter():
        if doomed in list(parent):
            parent.remove(doomed)
            return


def _attributes(element: ET.Element, prefix: str) -> None:
    """Style to presentation attributes, prefixed ids and references, shorter numbers."""
    style = element.attrib.pop("style", "")
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if name == "font":
            found = _FONT.match(value)
            if found:
                element.set("font-size", found["size"])
                if found["weight"]:
                    element.set("font-weight", found["weight"])
                if found["style"]:
                    element.set("font-style", found["style"])
        elif name in _KEPT and name != "font-family":
            element.set(name, value)
    is_shape = element.tag.split("}")[-1] in ("g", "path", "use", "text", "svg")
    if not is_shape and "id" in element.attrib and element.tag.split("}")[-1] not in ("clipPath", "defs", "pattern"):
        del element.attrib["id"]
    for name, value in list(element.attrib.items()):
        local: Any = name.split("}")[-1]
        if local == "id":
            if element.tag.endswith("}g"):
                del element.attrib[name]
            else:
                element.set(name, f"{prefix}-{value}")
        elif local == "href":
            element.set(name, value.replace("#", f"#{prefix}-", 1))
        elif "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{prefix}-"))
        elif local in ("d", "x", "y", "transform", "points", "width", "height"):
            element.set(name, _NUMBER.sub(lambda m: f"{float(m.group()):.2f}".rstrip("0").rstrip("."), value))
