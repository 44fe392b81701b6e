"""Options and ini keys of the plugin, and the `Config` that they make."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from refaudit.config import Config, ConfigError, read_table

if TYPE_CHECKING:
    from pathlib import Path

#: Where the settings of a pytest session are kept.
SETTINGS = pytest.StashKey[Config]()

_INI = {
    "refaudit": ("enabled", "bool", "audit every test for leaks"),
    "refaudit_explain": ("explain", "bool", "tell which line took each leaked reference"),
    "refaudit_report": ("report", "linelist", "reports to write, format by ending"),
    "refaudit_html_dir": ("html_dir", "string", "folder for the page, for strict content policies"),
    "refaudit_repeat": ("repeat", "string", "W:N, warm-ups and counted runs of a confirmation"),
    "refaudit_batch": ("batch", "string", "number of tests that share a snapshot"),
    "refaudit_stack": ("stack", "string", "P:N, Python and native frames of a stack at most"),
    "refaudit_scope": ("scope", "args", "modules or distributions to blame (default: all)"),
    "refaudit_modules": ("modules", "args", "modules or packages that are to unload, a test each"),
    "refaudit_ignore": ("ignore", "args", "rules, type names or fingerprints to leave out"),
    "refaudit_baseline": ("baseline", "string", "file of the findings that are known"),
    "refaudit_suppressions": ("suppressions", "linelist", "files of suppressions"),
}


def declare(parser: pytest.Parser) -> None:
    """Declare every option and ini key."""
    group = parser.getgroup("refaudit", "leak audit of extension modules")
    group.addoption(
        "--refaudit",
        action="store_true",
        default=None,
        help="audit every test: name the references, objects and memory it does not give back",
    )
    group.addoption(
        "--refaudit-report",
        action="append",
        metavar="PATH",
        help="write a report; the ending says the format: .html, .json, .txt, .md, .sarif, .xml (JUnit),"
        " .gitlab.json, .dot, .speedscope.json or .collapsed; `github` prints annotations and appends"
        " to the job's summary; may be given several times",
    )
    group.addoption(
        "--refaudit-html-dir",
        metavar="DIR",
        help="write the page as a folder, with style and script as files of their own, for servers"
        " with a strict content policy",
    )
    group.addoption(
        "--refaudit-explain",
        action="store_true",
        default=None,
        help="run leaking tests once more with a watch on the leaked objects, and tell which line"
        " took each reference",
    )
    group.addoption(
        "--refaudit-repeat",
        metavar="W:N",
        help="how a suspicion is confirmed: W warm-ups, N counted runs (default 1:3)",
    )
    group.addoption(
        "--refaudit-modules",
        metavar="NAME[,NAME...]",
        help="add a test for each of these modules or packages: does it unload?"
        " Needs no --refaudit; runs in child processes",
    )
    group.addoption(
        "--refaudit-baseline",
        metavar="PATH",
        help="fail only for what is not in this file of known findings, or worse",
    )
    group.addoption(
        "--refaudit-update-baseline",
        action="store_true",
        help="take what is found into the baseline (default: refaudit.baseline.json), and what is"
        " gone out of it; then nothing that was found fails",
    )
    group.addoption(
        "--refaudit-suppressions",
        action="append",
        metavar="PATH",
        help="leave out what this file of suppressions names; may be given several times",
    )
    for name, (_key, kind, text) in _INI.items():
        parser.addini(name, text, type=kind, default=None)  # type: ignore[arg-type]


def read(config: pytest.Config) -> Config:
    """Put defaults, `[tool.refaudit]`, ini keys and command line together."""
    option = config.option
    root = config.rootpath
    try:
        settings = _rooted(
            Config().updated(read_table(root), f"{root / 'pyproject.toml'} [tool.refaudit]"), root
        )
        ini = {key: config.getini(name) for name, (key, _kind, _text) in _INI.items()}
        settings = _rooted(settings.updated(_given(ini), str(config.inipath)), root)
        settings = settings.updated(environment(), "environment")
        line = {
            "enabled": option.refaudit,
            "explain": option.refaudit_explain,
            "report": option.refaudit_report,
            "html_dir": option.refaudit_html_dir,
            "repeat": option.refaudit_repeat,
            "modules": option.refaudit_modules,
            "baseline": option.refaudit_baseline,
            "suppressions": option.refaudit_suppressions,
        }
        settings = settings.updated(line, "command line")
        if option.refaudit_update_baseline:
            settings = replace(settings, update_baseline=True)
    except ConfigError as error:
        raise pytest.UsageError(f"refaudit: {error}") from None
    return _rooted(settings, config.invocation_params.dir)


def environment() -> dict[str, object]:
    """What `REFAUDIT` and `REFAUDIT_REPORT` ask for in a process that nobody started by an option."""
    if "REFAUDIT" not in os.environ:
        return {}
    from refaudit import _children

    # This process is pytest's: its tests are audited, and not the whole of it.
    _children.stand_down()
    scope = _children.scope()
    if scope is None:
        return {}
    values: dict[str, object] = {"scope": scope or None}
    if _children.PATTERN in os.environ:
        values["report"] = str(_children.report_path())
    # Unless pytest itself runs within an audit, as by `refaudit run -m pytest`.
    audit = sys.modules.get("refaudit._audit")
    return values if audit and audit.is_running() else {**values, "enabled": True}


def _given(values: dict[str, object]) -> dict[str, object]:
    """Only what the file says: an absent key must not hide `[tool.refaudit]`."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _rooted(settings: Config, directory: Path) -> Config:
    """Paths made absolute, so that a test that changes directory does no harm."""

    def rooted(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(directory / path) for path in paths)

    return replace(
        settings,
        report=rooted(settings.report),
        suppressions=rooted(settings.suppressions),
        html_dir=settings.html_dir and str(directory / settings.html_dir),
        baseline=settings.baseline and str(directory / settings.baseline),
    )
