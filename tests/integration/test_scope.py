"""What a scope lets through: leaks of its modules, whatever the type of the object that is leaked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from integration.fresh import answer

_LEAKS = """
import array, importlib.util, refaudit
def load(path):
    spec = importlib.util.spec_from_file_location("references", path)
    module = sys.modules["references"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
m = load(sys.argv[1])
class Thing: pass
bodies = {
    "an older instance": lambda thing=Thing(): m.FUNCTION(thing),
    "a fresh instance": lambda: m.FUNCTION(Thing()),
    "a string": lambda: m.FUNCTION("text " * 3 + str(id(m))),
    "another extension's": lambda thing=array.array("b"): m.FUNCTION(thing),
}
say(**{
    name: [f.rule for f in refaudit.check(body, scope=[sys.argv[2]]).findings]
    for name, body in bodies.items()
})
"""


def _found(extension: Callable[[str], Path], function: str, scope: str) -> dict[str, list[str]]:
    return answer(_LEAKS.replace("FUNCTION", function), str(extension("references")), scope)


def test_objects_of_python_classes_are_leaked_by_the_scope(
    extension: Callable[[str], Path],
) -> None:
    found = _found(extension, "leaky_argument", "references")
    # An instance of what another extension makes is more likely that one's doing.
    assert found.pop("another extension's") == []
    assert found == {
        "an older instance": ["RA101"],
        "a fresh instance": ["RA103"],
        "a string": ["RA103"],
    }


@pytest.mark.parametrize(
    ("function", "scope"), [("clean_argument", "references"), ("leaky_argument", "elsewhere")]
)
def test_what_is_clean_or_out_of_scope_is_not_told(
    extension: Callable[[str], Path], function: str, scope: str
) -> None:
    found = _found(extension, function, scope)
    # Anybody may have leaked a string.
    found.pop("a string")
    assert not any(found.values()), found
