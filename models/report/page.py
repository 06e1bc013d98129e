"""HTML pages in one file: no script, no address outside, pictures inside."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isnan

from models.evaluate import Figure

STYLE = """\
body { font: 17px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 1240px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 2rem; } h2 { font-size: 1.45rem; margin-top: 2.4rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid #d0d0d0; text-align: right; }
th { background: #f3f3f3; vertical-align: bottom; } th:first-child, td:first-child
  { text-align: left; } td { white-space: nowrap; } td small { color: #555; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1rem; }
.pictures svg { width: 100%; height: auto; }
.gallery { display: flex; flex-wrap: wrap; gap: .8rem; }
.gallery figure { margin: 0; width: 132px; font-size: 13px; line-height: 1.25;
  overflow-wrap: anywhere; }
.gallery img { width: 132px; height: 132px; object-fit: contain; background: #eee;
  image-rendering: pixelated; }
.note { color: #444; max-width: 60rem; }
"""


def page(title: str, sections: Iterable[str]) -> str:
    """Write a whole page; sections are HTML, the title is text."""
    name = escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>\n{STYLE}</style></head>\n<body>\n<h1>{name}</h1>\n"
        + "\n".join(sections)
        + "\n</body></html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """Write a heading (text) and what stands below it (HTML)."""
    return f"<h2>{escape(heading)}</h2>\n" + "\n".join(parts)


def note(text: str) -> str:
    """Write a paragraph of text."""
    return f'<p class="note">{escape(text)}</p>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; the head is text, cells are HTML."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def pictures(svgs: Iterable[str]) -> str:
    """Pictures side by side."""
    return '<div class="pictures">' + "".join(f"<div>{svg}</div>" for svg in svgs) + "</div>"


def gallery(items: Iterable[tuple[str, str]]) -> str:
    """Small pictures (data address, caption as text); a sentence where there is none."""
    figures = [
        f'<figure><img alt="" src="{address}"><figcaption>{escape(caption)}</figcaption></figure>'
        for address, caption in items
    ]
    return f'<div class="gallery">{"".join(figures)}</div>' if figures else "<p>None.</p>"


def cell(figure: Figure) -> str:
    """Write a figure with its intervals: over crops, then over groups."""
    if isnan(figure.value):
        return "-"
    text = f"{figure.value:.3f}<br><small>{figure.low:.3f}-{figure.high:.3f}"
    if not isnan(figure.group_low):
        text += f"<br>{figure.group_low:.3f}-{figure.group_high:.3f} groups"
    return text + "</small>"
