"""Settings of an audit: one `Config`, whoever reads it.

The command line goes before pytest's ini keys, these go before `[tool.refaudit]` in
`pyproject.toml`, and that goes before the defaults written here. The heavier modules are imported
where they are needed: this file is imported in every pytest process that has refaudit installed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: File endings of the report formats that can be written.
#: The longest that fits goes first.
REPORT_SUFFIXES = {
    ".speedscope.json": "speedscope",
    ".gitlab.json": "gitlab",
    ".sarif.json": "sarif",
    ".github.txt": "github",
    ".sarif": "sarif",
    ".collapsed": "collapsed",
    ".folded": "collapsed",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".txt": "text",
    ".md": "markdown",
    ".xml": "junit",
    ".dot": "dot",
    ".gv": "dot",
}


class ConfigError(ValueError):
    """A setting that cannot be understood; the message says where it stands and what is expected."""


@dataclass(frozen=True)
class Config:
    """Every setting of an audit, with its default.

    `warmup` runs are not counted, `runs` are; both happen only when a suspicion is to be confirmed.
    """

    enabled: bool = False
    report: tuple[str, ...] = ()
    #: Folder for the page with style and script as files of their own; empty for none.
    html_dir: str = ""
    warmup: int = 1
    runs: int = 3
    batch: int = 256
    scope: tuple[str, ...] = ()
    #: Each with where it is written: rules, types or fingerprints as text, or tables.
    ignore: tuple[tuple[str, Any], ...] = ()
    #: File of the findings that are known; empty for none.
    baseline: str = ""
    #: Take what is found into that file.
    update_baseline: bool = False
    #: Files of suppressions.
    suppressions: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    #: Watch the reference counts of what is found: which line took the reference.
    explain: bool = False
    python_frames: int = 25
    native_frames: int = 64
    #: Megabytes that the model heap may take; 0 for half of what the system has to spare.
    memory: int = 0

    def updated(self, values: Mapping[str, Any], source: str) -> Config:
        """This configuration with `values` (keys of `[tool.refaudit]`) put over it."""
        changes: dict[str, Any] = {}
        for key, value in values.items():
            if value is None:
                continue
            if key == "repeat":
                changes["warmup"], changes["runs"] = parse_repeat(value, source)
            elif key == "stack":
                changes["python_frames"], changes["native_frames"] = _depths(value, source)
            elif key in _READERS and key not in _OF_THE_COMMAND_LINE:
                changes[key] = _READERS[key](key, value, source)
            else:
                known = ", ".join(sorted({*_READERS, "repeat", "stack"} - _OF_THE_COMMAND_LINE))
                raise ConfigError(f"{source}: unknown key `{key}`; known keys are {known}")
        return replace(self, **changes)


def parse_repeat(value: Any, source: str) -> tuple[int, int]:
    """Read `W:N`, or `N` alone for the default warm-up."""
    parts = str(value).split(":")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        numbers.insert(0, Config.warmup)
    if len(numbers) != 2 or numbers[0] < 0 or numbers[1] < 1:
        raise ConfigError(
            f"{source}: repeat is `{value}`, expected `W:N`: W warm-ups (0 or more), "
            "then N counted runs (1 or more), for example `1:3`"
        )
    return numbers[0], numbers[1]


def _depths(value: Any, source: str) -> tuple[int, int]:
    """Read `P:N`: so many Python and so many native frames."""
    parts = str(value).split(":")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ConfigError(
            f"{source}: stack is `{value}`, expected `P:N`: P Python frames, then N native frames "
            "that are recorded at most (0 for none), for example `25:64`"
        )
    return int(parts[0]), int(parts[1])


def report_format(path: str, source: str) -> str:
    """The format that the ending of `path` asks for; `github` alone is the report for GitHub Actions."""
    name = path.rpartition("/")[2].lower()
    if name == "github":
        return name
    for suffix, name_of_format in REPORT_SUFFIXES.items():
        if name.endswith(suffix):
            return name_of_format
    raise ConfigError(
        f"{source}: cannot tell the report format of `{path}`; "
        f"use an ending out of {', '.join(REPORT_SUFFIXES)}, or `github` alone on GitHub Actions"
    )


def format_among(path: Path, what: str, without: tuple[str, ...]) -> str:
    """The format that the ending of `path` asks for, of a document that lacks some.

    Raises `ValueError`, which says what `what` can be written as.
    """
    name = path.name.lower()
    form = next((form for end, form in REPORT_SUFFIXES.items() if name.endswith(end)), "")
    if not form or form in without:
        endings = sorted(end for end, form in REPORT_SUFFIXES.items() if form not in without)
        raise ValueError(f"{path.name}: {what} is written as {', '.join(endings)}")
    return form


def _flag(key: str, value: Any, source: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{source}: {key} is `{value}`, expected true or false")
    return value


def _count(key: str, value: Any, source: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1 or isinstance(value, bool):
        raise ConfigError(f"{source}: {key} is `{value}`, expected a number from 1 on")
    return number


def _frames(key: str, value: Any, source: str) -> int:
    return 0 if value in (0, "0") and value is not False else _count(key, value, source)


def _names(key: str, value: Any, source: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ConfigError(f"{source}: {key} is `{value}`, expected a list of strings")
    return tuple(value)


def _ignored(key: str, value: Any, source: str) -> tuple[tuple[str, Any], ...]:
    """Texts and tables; what is in the tables is read when an audit begins."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, (str, dict)) for v in value):
        raise ConfigError(f"{source}: {key} is `{value}`, expected a list of strings and tables")
    return tuple((source, one) for one in value)


def _path(key: str, value: Any, source: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{source}: {key} is `{value}`, expected the path of a file")
    return value


def _paths(key: str, value: Any, source: str) -> tuple[str, ...]:
    paths = (value,) if isinstance(value, str) else value
    if not isinstance(paths, (list, tuple)):
        raise ConfigError(f"{source}: {key} is `{value}`, expected a list of paths")
    return tuple(_path(key, path, source) for path in paths)


def _modules(key: str, value: Any, source: str) -> tuple[str, ...]:
    names = _names(key, value, source)
    names = tuple(name for text in names for name in text.replace(",", " ").split())
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ConfigError(f"{source}: {key}: `{name}` is no name of a module")
    return names


def _reports(key: str, value: Any, source: str) -> tuple[str, ...]:
    paths = (value,) if isinstance(value, str) else _names(key, value, source)
    for path in paths:
        report_format(path, source)
    return paths


_READERS = {
    "enabled": _flag,
    "explain": _flag,
    "report": _reports,
    "html_dir": _path,
    "batch": _count,
    "scope": _names,
    "ignore": _ignored,
    "baseline": _path,
    "update_baseline": _flag,
    "suppressions": _paths,
    "modules": _modules,
    "warmup": lambda key, value, source: parse_repeat(f"{value}:1", source)[0],
    "runs": _count,
    "python_frames": _frames,
    "native_frames": _frames,
    "memory": _count,
}
#: What no file may say: it would be done in every session.
_OF_THE_COMMAND_LINE = {"update_baseline"}
assert {field.name for field in fields(Config)} == set(_READERS)


def read_table(directory: Path) -> dict[str, Any]:
    """The `[tool.refaudit]` table of the `pyproject.toml` in `directory`, or an empty one.

    Python 3.10 has no `tomllib`; there the table is read when `tomli` is importable, which it is
    wherever pytest is.
    """
    path = directory / "pyproject.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    if "tool.refaudit" not in text:
        return {}
    try:
        toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    except ImportError:
        return {}
    try:
        table = toml.loads(text).get("tool", {}).get("refaudit", {})
    except toml.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.refaudit` is no table")
    return table
