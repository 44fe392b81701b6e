"""What refaudit raises. Each error names the page of the documentation that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refaudit._report import Report


class RefauditError(Exception):
    """Base of all errors of refaudit."""

    #: Section of ``docs/reference/errors.md``.
    slug = "error"


class UnsupportedInterpreter(RefauditError):
    """This interpreter cannot be audited: another implementation, version or build."""

    slug = "unsupported-interpreter"


class InvalidAudit(RefauditError):
    """The audit ran, but its verdict cannot be trusted."""

    slug = "invalid-audit"


class NestedAudit(RefauditError):
    """An audit was started while another one is running."""

    slug = "nested-audit"


class DocumentError(RefauditError, ValueError):
    """A text is no audit document, or one of a newer refaudit."""

    slug = "document"


class LeakError(AssertionError):
    """Something leaks. ``report`` has the findings; the message names them."""

    slug = "leak"

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report
