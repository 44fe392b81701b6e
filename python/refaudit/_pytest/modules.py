"""One test item for each module of ``--refaudit-modules``: it unloads, or the test fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from refaudit._modules.module_audit import ModuleAudit


class ModuleItem(pytest.Item):
    """The test that a module unloads."""

    def __init__(self, *, module: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.audited = module
        self._audit: ModuleAudit | None = None
        # Its child processes are no business of an audit of this one.
        self.add_marker(pytest.mark.no_refaudit("audits a module in child processes"))

    def setup(self) -> None:
        """Audit. An audit that could not be done is an error, not a failure of the module."""
        from refaudit._modules.audit import audit_module

        try:
            self._audit = audit_module(self.audited)
        except Exception as error:
            pytest.fail(f"refaudit could not audit {self.audited}: {error}", pytrace=False)
        if not self._audit.audited:
            pytest.fail(f"refaudit could not audit: {self._audit.complaint}", pytrace=False)

    def runtest(self) -> None:
        """Fail with the sentence and the holders unless the module unloads."""
        from refaudit.errors import ModuleKept

        assert self._audit is not None
        if not self._audit.ok:
            pytest.fail(str(ModuleKept(self._audit)), pytrace=False)

    def teardown(self) -> None:
        """Keep nothing."""
        self._audit = None

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it stands: in no file."""
        return self.path, None, self.name


def items(session: pytest.Session, modules: tuple[str, ...]) -> list[pytest.Item]:
    """The test items of these modules, each once."""
    return [
        ModuleItem.from_parent(session, name=name, nodeid=name, module=module)
        for module in dict.fromkeys(modules)
        for name in [f"refaudit-module[{module}]"]
    ]
