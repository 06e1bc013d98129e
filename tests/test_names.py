"""What linters do not see: a constant that another of the same name below it replaces."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path for top in ("service", "models", "flakescope") for path in (ROOT / top).rglob("*.py")
)


def names_of(module: ast.Module) -> Iterator[str]:
    """Names that the module itself gives, each as often as it does; overloads do not count."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if not any(ast.unparse(one) == "overload" for one in node.decorator_list):
                yield node.name
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from (one.id for one in parts if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


@pytest.mark.parametrize("top", ["service", "models", "flakescope"])
def test_a_module_gives_each_name_once(top: str):
    paths = [path for path in MODULES if path.is_relative_to(ROOT / top)]
    assert paths
    twice = {
        str(path.relative_to(ROOT)): [name for name, count in names.items() if count > 1]
        for path in paths
        if (names := Counter(names_of(ast.parse(path.read_text("utf-8"))))).most_common(1)
        and names.most_common(1)[0][1] > 1
    }
    assert twice == {}
