"""Shows model versions on the command line, and what the gate said."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape


def show(models: Iterable[Mapping[str, Any]]) -> None:
    """A line for each, and what the gate had against it last."""
    console = Console(highlight=False, soft_wrap=True)
    for one in models:
        sign = "*" if one["is_active"] else " "
        facts = [one["architecture"] or "", f"of {one['created_at'][:10]}"]
        if one["promoted_at"]:
            facts.append(f"promoted {one['promoted_at'][:10]} by {one['promoted_by'] or 'itself'}")
        if one["is_active"] and one["replaced_version"]:
            facts.append(f"in place of {one['replaced_version']}")
        console.print(f"{sign} {escape(one['version'])}: {escape(', '.join(filter(None, facts)))}")
        for reason in (one["gate"] or {}).get("reasons", []):
            console.print(f"    {escape(reason)}")


def show_promoted(model: Mapping[str, Any]) -> None:
    """That a version screens now, and on what figures the gate let it."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{escape(model['version'])} screens from now on.")
    gate = model["gate"]
    if gate is None:
        return
    for where, words in (("holdout", "the holdout"), ("reviews", "the newest reviews")):
        if compared := gate["figures"].get(where):
            console.print(
                f"  balanced accuracy on {words}: {compared['candidate']:.3f}, before "
                f"{compared['active']:.3f} ({compared['crops']} crops)"
            )
    if gate["forced"]:
        console.print("  Forced, against:")
        for reason in gate["reasons"]:
            console.print(f"  - {escape(reason)}")


def show_refusal(version: str, reasons: Iterable[str]) -> None:
    """Why a version does not come into service; on the standard error."""
    console = Console(highlight=False, soft_wrap=True, stderr=True)
    console.print(f"{escape(version)} is not promoted:")
    for reason in reasons:
        console.print(f"- {escape(reason)}")
