"""The Python package imports the standard library and itself, and pytest in the plugin alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tracked import read, under

PACKAGE = Path("python/refaudit")
PLUGIN = (PACKAGE / "pytest_plugin.py", PACKAGE / "_pytest")
# tomllib came with 3.11; on 3.10 pytest brings tomli, which may be tried.
STANDARD = sys.stdlib_module_names | {"tomllib", "refaudit"}
PYTEST = {"pytest", "_pytest", "pluggy"}
MAY_BE_TRIED = {"tomli"}


def top_names(node: ast.AST) -> list[str]:
    """Top-level packages that an import statement names; none for a relative one."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def tried(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node inside a `try`, its handlers included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            yield from ast.walk(node)


def strangers(path: Path, source: str) -> list[str]:
    """Imports that the package must not make."""
    tree = ast.parse(source)
    in_try = {id(node) for node in tried(tree)}
    in_plugin = any(path == room or path.is_relative_to(room) for room in PLUGIN)
    found = []
    for node in ast.walk(tree):
        allowed = STANDARD | (PYTEST if in_plugin else set())
        allowed |= MAY_BE_TRIED if id(node) in in_try else set()
        found += [
            f"{path}:{node.lineno}: imports {name}"
            for name in top_names(node)
            if name not in allowed
        ]
    return found


def test_the_package_has_no_third_party_import() -> None:
    found = [line for path in under(str(PACKAGE), ".py") for line in strangers(path, read(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("cli.py", "import rich.console", 1),
        ("cli.py", "def f():\n    from jinja2 import Template", 1),
        ("cli.py", "import pytest", 1),
        ("pytest_plugin.py", "import pytest\nfrom _pytest.nodes import Item", 0),
        ("_pytest/terminal.py", "import pytest", 0),
        ("_pytest/terminal.py", "import xdist", 1),
        ("config.py", "import tomli", 1),
        ("config.py", "try:\n    import tomllib\nexcept ImportError:\n    import tomli", 0),
        ("cli.py", "from . import _refaudit\nfrom refaudit.errors import E\nimport json", 0),
    ],
)
def test_the_check_itself(path: str, source: str, expected: int) -> None:
    assert len(strangers(PACKAGE / path, source)) == expected
