"""The page of the Python API has every public name, every member, and the signatures as they are."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest
import refaudit
from pages import DOCS, Block, blocks

API = DOCS / "reference/python-api.md"
ERRORS = DOCS / "reference/errors.md"
TEXT = API.read_text(encoding="utf-8")
SIGNATURES = [block for block in blocks(API) if block.mark == "signature"]

PUBLIC = [name for name in refaudit.__all__ if name != "__version__"]
CLASSES = [name for name in PUBLIC if inspect.isclass(getattr(refaudit, name))]
EXCEPTIONS = [name for name in CLASSES if issubclass(getattr(refaudit, name), BaseException)]
#: Plain data: its fields are those of the document that the page links.
DESCRIBED_ELSEWHERE = {"Cycle"}


def said(text: str) -> set[str]:
    """Every name between backticks, and each part of a dotted one; calls without arguments."""
    found = set()
    for code in re.findall(r"`([^`\n]+)`", text) + re.findall(r"refaudit\.\w+", text):
        found.update(re.findall(r"\w+", code))
    return found


def members(name: str) -> set[str]:
    """Public attributes, methods and fields of a class."""
    kind = getattr(refaudit, name)
    ours = [base for base in kind.__mro__ if base.__module__.startswith("refaudit")]
    own = {member for base in ours for member in vars(base)}
    fields = {f.name for f in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
    return {member for member in own | fields if not member.startswith("_")}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_described(name: str) -> None:
    text = TEXT + (ERRORS.read_text(encoding="utf-8") if name in EXCEPTIONS else "")
    assert name in said(text) or re.search(rf"^#+ {name}$", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(EXCEPTIONS) - DESCRIBED_ELSEWHERE))
def test_every_member_is_described(name: str) -> None:
    assert members(name) - said(TEXT) == set()


@pytest.mark.parametrize("block", SIGNATURES, ids=lambda block: block.text.split("(")[0])
def test_a_signature_is_the_real_one(block: Block) -> None:
    match = re.fullmatch(r"refaudit\.(\w+)\((.*)\) -> (.+)\n", block.text, re.DOTALL)
    assert match, block.id
    name, parameters, returned = match.groups()
    space: dict[str, object] = {}
    exec(f"from __future__ import annotations\ndef written({parameters}): ...", space)
    written = inspect.signature(space["written"])  # type: ignore[arg-type]
    real = inspect.signature(getattr(refaudit, name))
    assert [_shape(p) for p in written.parameters.values()] == [
        _shape(p) for p in real.parameters.values()
    ]
    assert returned == real.return_annotation


def _shape(parameter: inspect.Parameter) -> tuple[object, ...]:
    """Name, kind and default: what a caller has to know."""
    return parameter.name, parameter.kind, parameter.default


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_error_has_its_section(name: str) -> None:
    slug = getattr(refaudit, name).slug
    text = ERRORS.read_text(encoding="utf-8")
    assert slug == "error" or f"\n({slug})=\n" in text


def test_every_public_function_has_its_signature() -> None:
    shown = {re.match(r"refaudit\.(\w+)", block.text)[1] for block in SIGNATURES}  # type: ignore[index]
    functions = {name for name in PUBLIC if inspect.isfunction(getattr(refaudit, name))}
    assert functions == shown
