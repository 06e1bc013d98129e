"""The comparison as one HTML page, one Markdown file and one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from pathlib import Path

from models import plots
from models.compare.judged import NetworkFigures, judge_network, judged_rows
from models.compare.run import Compared
from models.compare.seed_study import REMARK, SOURCE
from models.compare.tables import TextTable, how, ranked, tables
from models.report.page import note, page, pictures, section, table

TITLE = "Networks compared"


def write_comparison(compared: Compared, folder: Path) -> list[TextTable]:
    """Write compare.html, compare.md and compare.json to a folder; the tables in them."""
    judged = {name: judge_network(compared, name) for name in compared.results}
    found = tables(compared, judged)
    (folder / "compare.html").write_text(_html(compared, judged, found), encoding="utf-8")
    (folder / "compare.md").write_text(_markdown(compared, found), encoding="utf-8")
    (folder / "compare.json").write_text(_json(compared, judged), encoding="utf-8")
    return found


def markdown_table(found: TextTable) -> str:
    """Format a table with its heading as Markdown."""
    lines = [f"## {found.heading}\n", _row(found.head), _row(["---"] * len(found.head))]
    return "\n".join([*lines, *(_row(row) for row in found.rows)]) + "\n"


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(compared: Compared, found: list[TextTable]) -> str:
    parts = [f"# {TITLE}\n", how(compared) + "\n", *(markdown_table(one) for one in found)]
    return "\n".join([*parts, f"{SOURCE}. {REMARK}\n"])


def _html(compared: Compared, judged: Mapping[str, NetworkFigures], found: list[TextTable]) -> str:
    label = compared.examples.label[judged_rows(compared.examples)]
    curves = {name: (label, judged[name].p_graphene) for name in ranked(judged)}
    drawn = [plots.roc(curves), plots.precision_recall(curves), plots.calibration(curves)]
    sections = [note(how(compared))]
    for number, one in enumerate(found):
        rows = [[escape(cell) for cell in row] for row in one.rows]
        sections.append(section(one.heading, table(one.head, rows)))
        if number == 0:
            sections.append(pictures(drawn))
    return page(TITLE, [*sections, note(f"{SOURCE}. {REMARK}")])


def _json(compared: Compared, judged: Mapping[str, NetworkFigures]) -> str:
    """Everything but single predictions; what is not defined is null."""
    content = {
        "config": asdict(compared.config),
        "networks": {
            name: {
                "parameters": compared.results[name][0].parameters,
                "training_s": [result.seconds for result in compared.results[name]],
                "losses": [list(result.losses) for result in compared.results[name]],
                "speed": asdict(compared.speeds[name]),
                "sets": {key: asdict(figures) for key, figures in judged[name].sets.items()},
                "groups": {key: asdict(figures) for key, figures in judged[name].groups.items()},
            }
            for name in ranked(judged)
        },
    }
    text = json.dumps(content)
    return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)
