"""What refaudit raises. Each error names the page of the documentation that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refaudit._modules.module_audit import ModuleAudit
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
    """Something leaks, or leaves cycles. ``report`` has what was found; the message names it."""

    slug = "leak"

    def __init__(self, report: Report, message: str | None = None) -> None:
        super().__init__(str(report) if message is None else message)
        self.report = report


class ModuleKept(AssertionError):
    """A module does not unload. ``audit`` tells everything; the message is its sentence and holders."""

    slug = "module-kept"

    def __init__(self, audit: ModuleAudit) -> None:
        holders = [f"  {number}. {holder}" for number, holder in enumerate(audit.holders, 1)]
        super().__init__("\n".join([audit.sentence, *holders]))
        self.audit = audit
