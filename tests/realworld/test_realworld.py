"""Real leaks of published wheels are found, named, and gone in the fixed version; modules unload or not.

Run with ``pytest -m realworld``; needs the package index and wheels of refaudit in
``build/wheels`` (``make test-realworld`` does both).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .command import CACHE, WHEELS
from .judge import Judgement
from .module_table import Subject, load_modules
from .modules import ModuleSession
from .session import Row, Session
from .table import Case, CleanUse, load_cases, load_clean
from .type_session import TypeSession
from .type_table import Types, load_types

pytestmark = pytest.mark.realworld

_REQUIRED = [case for case in load_cases() if case.required]
_LATER = [case for case in load_cases() if not case.required]


@pytest.fixture(scope="session")
def session() -> Session:
    """Environments are kept between runs; two variables say where, for a machine with its own."""
    cache = Path(os.environ.get("REALWORLD_CACHE", CACHE))
    wheels = Path(os.environ.get("REALWORLD_WHEELS", WHEELS))
    return Session(cache.resolve(), wheels.resolve())


@pytest.fixture(scope="session")
def module_session(session: Session) -> ModuleSession:
    """The same folders."""
    return ModuleSession(session.cache, session.wheels)


def _explain(row: Row) -> str:
    judgements: tuple[tuple[str, Judgement | None], ...] = (("bad", row.bad), ("fixed", row.fixed))
    lines = [f"{name}: {j.verdict}: {j.detail}" for name, j in judgements if j and not j.right]
    return f"{row.id} on {row.python}: " + "; ".join(lines)


@pytest.mark.parametrize("case", _REQUIRED, ids=lambda case: case.id)
def test_leak_is_named_and_its_fix_is_silent(session: Session, case: Case) -> None:
    """The bad version is flagged with the right name, the fixed one is not."""
    for row in session.rows(case):
        assert row.right, _explain(row)


@pytest.mark.parametrize("case", _LATER, ids=lambda case: case.id)
def test_fix_of_a_leak_for_later_is_silent(session: Session, case: Case) -> None:
    """What another part has to find must raise no alarm where it is fixed."""
    for row in session.rows(case):
        assert row.fixed.right, _explain(row)


@pytest.mark.parametrize("use", load_clean(), ids=lambda use: use.id)
def test_clean_use_is_silent(session: Session, use: CleanUse) -> None:
    """Typical use of a current wheel raises no alarm that plain Python does not confirm."""
    for row in session.rows(use):
        assert row.right, _explain(row)


@pytest.mark.parametrize("subject", load_modules(), ids=lambda subject: subject.id)
def test_module_is_kept_by_what_plain_python_proves(
    module_session: ModuleSession, subject: Subject
) -> None:
    """The audit says of every extension module of a package what weakref and gc prove."""
    for row in module_session.rows(subject):
        wrong = [f"{line.module}: {line.fault}" for line in row.lines if not line.right]
        assert not wrong, f"{row.id} on {row.python}: {'; '.join(wrong)}"


@pytest.mark.parametrize("subject", load_types(), ids=lambda subject: subject.id)
def test_types_are_judged_as_plain_python_sees_them(session: Session, subject: Types) -> None:
    """Of each type that the table makes, the audit says what ``sys.getrefcount`` and ``gc`` prove."""
    for row in TypeSession(session.cache, session.wheels).rows(subject):
        wrong = [f"{line.name}: {line.fault}" for line in row.lines if not line.right]
        assert row.right, f"{row.id} on {row.python}: {'; '.join(wrong)}"
