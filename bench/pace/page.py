"""Page: the same tables as Markdown and as one HTML file with plots."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bench.pace.plots import plots_of
from bench.pace.tables import ABOUT, TITLES, rows_of
from bench.pace.verdicts import judge

_WORDS = {True: "met", False: "missed", None: "open"}
GPU = (
    "CUDA was not measured: onnxruntime has no CUDA here. On a machine with an NVIDIA GPU: "
    "`.venv/bin/uv pip uninstall --python .venv/bin/python onnxruntime`, "
    "`.venv/bin/uv pip install --python .venv/bin/python '.[gpu]'`, "
    '`make bench BENCH="--only networks,throughput"`: it adds the networks on CUDA, and images a '
    "second with the share of time that the GPU waits."
)
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1b1f24; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; border-top: 1px solid #d9dde2; padding-top: 1rem; }
p { color: #57606a; margin: .2rem 0 .8rem; }
table { border-collapse: collapse; font-size: .87rem; margin: .6rem 0; }
th, td { padding: .22rem .7rem; text-align: right; border-bottom: 1px solid #e6e9ed; }
th { font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.word, .asked td, .asked th { text-align: left; }
.met { color: #00734f; } .missed { color: #b04a00; font-weight: 600; } .open { color: #57606a; }
svg { max-width: 100%; height: auto; display: block; margin: .6rem 0; }
code { font-size: .85em; }
"""


def write_pages(report: Mapping[str, Any], out: Path) -> None:
    """Write bench.md and bench.html."""
    (out / "bench.md").write_text(markdown_of(report), encoding="utf-8")
    (out / "bench.html").write_text(html_of(report), encoding="utf-8")


def markdown_of(report: Mapping[str, Any]) -> str:
    """Everything as text."""
    parts = ["# How fast it is", _machine(report), _table(_asked(report))]
    for name, section in report["sections"].items():
        parts += [f"## {TITLES[name]}", ABOUT[name], _load(section)]
        figures = section.get("figures")
        parts.append(_table(rows_of(name, figures)) if figures else section["skipped"])
        if _lacks_gpu(name, figures):
            parts.append(GPU)
    return "\n\n".join(parts) + "\n"


def html_of(report: Mapping[str, Any]) -> str:
    """Everything as one file that needs no other."""
    plots = plots_of(report["sections"])
    parts = [f"<h1>How fast it is</h1><p>{escape(_machine(report))}</p>"]
    parts.append(_html_table(_asked(report), "asked"))
    for name, section in report["sections"].items():
        figures = section.get("figures")
        parts.append(f"<h2>{escape(TITLES[name])}</h2>{_said(ABOUT[name])}")
        parts.append(plots.get(name, ""))
        parts.append(_html_table(rows_of(name, figures)) if figures else _said(section["skipped"]))
        parts.append(f"<p>{escape(_load(section))}</p>")
        if _lacks_gpu(name, figures):
            parts.append(_said(GPU))
    head = f'<meta charset="utf-8"><title>How fast it is</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _machine(report: Mapping[str, Any]) -> str:
    plan = report["plan"]["name"]
    return (
        f"{report['began']}, {report['cores']} cores, Python {report['python']}, the {plan} plan. "
        "Load is how many processes wanted a core in the last minute, before and after a section: "
        "above the number of cores, times are longer than on an idle machine."
    )


def _load(section: Mapping[str, Any]) -> str:
    before, after = section["load"]
    return f"Load {before} to {after}; measured in {section['took_s']:.0f} s."


def _lacks_gpu(name: str, figures: Mapping[str, Any] | None) -> bool:
    if name != "networks" or figures is None:
        return False
    return not any("cuda" in row for row in figures["rows"].values())


def _asked(report: Mapping[str, Any]) -> list[list[Any]]:
    verdicts = judge(report["sections"])
    head = ["asked", "measured", ""]
    return [head] + [[one.asked, one.measured, _WORDS[one.met]] for one in verdicts]


def _table(rows: Sequence[Sequence[Any]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _html_table(rows: Sequence[Sequence[Any]], kind: str = "") -> str:
    head, *body = rows
    # Columns of words are read from the left, of numbers compared from the right.
    words = [str(cell)[:1].isalpha() for cell in body[0]]
    lines = [
        "".join(_cell(tag, cell, is_word) for cell, is_word in zip(line, words, strict=True))
        for tag, line in (("th", head), *(("td", line) for line in body))
    ]
    return f'<table class="{kind}">{"".join(f"<tr>{line}</tr>" for line in lines)}</table>'


def _cell(tag: str, cell: object, is_word: bool) -> str:
    marks = [str(cell)] if cell in _WORDS.values() else []
    marks += ["word"] if is_word else []
    mark = f' class="{" ".join(marks)}"' if marks else ""
    return f"<{tag}{mark}>{escape(str(cell))}</{tag}>"


def _said(text: str) -> str:
    """A paragraph; what stands between backticks is code."""
    pieces = escape(text, quote=False).split("`")
    marked = [f"<code>{one}</code>" if n % 2 else one for n, one in enumerate(pieces)]
    return f"<p>{''.join(marked)}</p>"
