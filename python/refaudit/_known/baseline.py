"""The baseline: the findings that a project knows of and lives with, in a file of its own."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import Any

from refaudit.config import ConfigError

#: What the file calls itself, and the version of its layout.
FORMAT, VERSION = "refaudit-baseline", 1
#: Name of the file where nobody says another.
DEFAULT_NAME = "refaudit.baseline.json"
#: Bytes a run may grow by this part before it is told: objects differ between versions of Python.
SLACK = 0.25

Entry = dict[str, Any]
#: Another one in each run, and of no use in a file.
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_TEXTS = ("fingerprint", "rule", "type", "subject", "site", "message", "first_seen")


class Baseline:
    """Entries by fingerprint, and the name of their file."""

    def __init__(self, path: str = DEFAULT_NAME, entries: dict[str, Entry] | None = None) -> None:
        self.path = path
        self.entries = entries or {}

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return Path(self.path).name

    @classmethod
    def read(cls, path: str, missing_ok: bool = False) -> Baseline:
        """Read a baseline; with ``missing_ok`` one that is not there is empty. Raises `ConfigError`."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            if missing_ok:
                return cls(path)
            raise ConfigError(
                f"baseline {path}: no such file; --refaudit-update-baseline makes it"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"baseline {path}: cannot be read: {error}") from None
        return cls(path, _entries(path, text))

    def known(self, finding: dict[str, Any]) -> dict[str, str]:
        """What the baseline says of a finding, as `Finding.known` of the audit document."""
        entry = self.entries.get(finding["fingerprint"])
        if entry is None:
            return {"state": "new", "first_seen": ""}
        state = "grown" if _is_grown(entry, finding) else "unchanged"
        return {"state": state, "first_seen": entry["first_seen"]}

    def compared(self, ran: set[str], found: set[str]) -> dict[str, Any]:
        """`Document.baseline`: what is gone, when the tests ``ran`` and the fingerprints were ``found``."""
        lost = [e for e in self._sorted() if e["subject"] in ran and e["fingerprint"] not in found]
        keys = ("fingerprint", "rule", "subject", "message")
        not_run = [
            e
            for e in self.entries.values()
            if e["subject"] not in ran and e["fingerprint"] not in found
        ]
        return {
            "name": self.name,
            "gone": [{key: entry[key] for key in keys} for entry in lost],
            "not_run": len(not_run),
        }

    def updated(self, findings: list[dict[str, Any]], ran: set[str], today: str) -> Baseline:
        """What it is after a session: gone entries left out, those of tests that did not run kept.

        An entry that says the same as before is taken over to the letter.
        """
        entries = {key: e for key, e in self.entries.items() if e["subject"] not in ran}
        for finding in findings:
            key = finding["fingerprint"]
            old = self.entries.get(key)
            entry = _entry(finding, old["first_seen"] if old else today)
            same = old is not None and all(
                entry[part] == old[part] for part in ("per_run", "bytes")
            )
            entries[key] = old if same and old else entry
        return Baseline(self.path, entries)

    def to_json(self) -> str:
        """The file's text: entries in order of test, rule and fingerprint, so that differences are small."""
        document = {"format": FORMAT, "version": VERSION, "findings": self._sorted()}
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    def write(self) -> None:
        """Write the file, whole or not at all. Raises `OSError`."""
        replace(self.path, self.to_json())

    def _sorted(self) -> list[Entry]:
        return sorted(
            self.entries.values(), key=lambda e: (e["subject"], e["rule"], e["fingerprint"])
        )


def replace(path: str, text: str) -> None:
    """Write a text aside, then rename it to ``path``. Raises `OSError`, and leaves nothing behind."""
    target = os.path.realpath(path)
    number, aside = tempfile.mkstemp(prefix=".refaudit-", dir=os.path.dirname(target))
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, _mode(target))
        os.replace(aside, target)
    except BaseException:
        os.unlink(aside)
        raise


def _mode(path: str) -> int:
    """The permissions that a file has or would get: `mkstemp` makes it private."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _entry(finding: dict[str, Any], first_seen: str) -> Entry:
    frame = (finding.get("site") or {}).get("frame") or {}
    return {
        "fingerprint": finding["fingerprint"],
        "rule": finding["rule"],
        "type": finding["type_name"],
        "subject": finding["subject"],
        "site": frame.get("function", ""),
        "per_run": _most(finding["per_run"]),
        "bytes": _most(finding["bytes_per_run"]),
        "first_seen": first_seen,
        "message": _ADDRESS.sub("0x", finding["message"]),
    }


def _most(per_run: list[int]) -> int:
    return max(map(abs, per_run), default=0)


def _usual(per_run: list[int]) -> int:
    """The lower median: one run that happens to be large does not make a leak worse."""
    return sorted(map(abs, per_run))[(len(per_run) - 1) // 2] if per_run else 0


def _is_grown(entry: Entry, finding: dict[str, Any]) -> bool:
    if _usual(finding["per_run"]) > int(entry["per_run"]):
        return True
    return _usual(finding["bytes_per_run"]) > int(entry["bytes"]) * (1 + SLACK)


def _entries(path: str, text: str) -> dict[str, Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"baseline {path}: not a baseline: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"baseline {path}: not a baseline: its `format` is not `{FORMAT}`")
    version = document.get("version")
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        advice = "upgrade refaudit" if newer else "make it anew with --refaudit-update-baseline"
        raise ConfigError(
            f"baseline {path}: has version {version!r}, this refaudit reads {VERSION}; {advice}"
        )
    findings = document.get("findings")
    if not isinstance(findings, list) or not all(map(_is_entry, findings)):
        raise ConfigError(f"baseline {path}: an entry of `findings` is not as expected")
    entries = {entry["fingerprint"]: entry for entry in findings}
    if len(entries) != len(findings):
        raise ConfigError(f"baseline {path}: two entries have the same fingerprint")
    return entries


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    if not all(isinstance(entry.get(key), str) for key in _TEXTS):
        return False
    numbers = (entry.get(key) for key in ("per_run", "bytes"))
    return all(isinstance(n, int) and n is not True and n >= 0 for n in numbers)
