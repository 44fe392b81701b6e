"""The command: what it prints, and its exit codes 0 clean, 1 findings, 2 usage, 3 no audit, 4 internal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import refaudit
from integration.fresh import run

SAMPLE = Path(__file__).parents[1] / "report" / "sample.json"


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "refaudit", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _document(folder: Path, **fields: object) -> str:
    path = folder / "audit.json"
    path.write_text(json.dumps({**json.loads(SAMPLE.read_text()), **fields}), encoding="utf-8")
    return str(path)


def test_version_and_help() -> None:
    assert _command("--version").stdout == f"refaudit {refaudit.__version__}\n"
    assert "doctor" in _command("--help").stdout


def test_the_installed_command_is_the_same() -> None:
    script = Path(sys.executable).with_name("refaudit")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"refaudit {refaudit.__version__}\n")


def test_doctor_lists_what_remains_with_its_likely_holder() -> None:
    done = _command("doctor", "--import", "asyncio", "--import", "decimal")
    assert done.returncode == 0, done.stderr
    assert "can be audited" in done.stdout
    assert "garbage in the model: 0" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith("   ")]
    assert rows
    assert all(line.split(": ", 1)[1].strip() for line in rows)
    everything = _command("doctor", "--all").stdout
    assert len(everything.splitlines()) > len(_command("doctor").stdout.splitlines())


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_report_renders_a_document(form: str) -> None:
    done = _command("report", str(SAMPLE), "-f", form)
    assert done.returncode == 1
    loaded = refaudit.Report.from_json(SAMPLE.read_text(encoding="utf-8"))
    assert done.stdout == loaded.render(form)


def test_report_writes_a_file(tmp_path: Path) -> None:
    output = tmp_path / "leaks.html"
    assert _command("report", str(SAMPLE), "-o", str(output)).returncode == 1
    assert output.stat().st_size > 1000


@pytest.mark.parametrize(
    ("outcome", "code"), [("clean", 0), ("leak", 1), ("maybe", 1), ("invalid", 3)]
)
def test_the_exit_code_follows_the_outcome(tmp_path: Path, outcome: str, code: int) -> None:
    findings = {} if outcome in ("leak", "maybe") else {"findings": []}
    path = _document(tmp_path, outcome=outcome, **findings)
    assert _command("report", path).returncode == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["report", "--nonsense"], "required"),
        (["report", "missing.json"], "missing.json"),
        (["report", "{corrupt}"], "not an audit document"),
        (["report", "{latin}"], "not an audit document"),
        (["report", "{newer}"], "upgrade refaudit"),
        (["report", str(SAMPLE), "-o", "leaks.pdf"], "leaks.pdf"),
        (["report", str(SAMPLE), "-o", "nowhere/leaks.html"], "nowhere"),
        (["doctor", "--import", "no_such_module"], "no_such_module"),
    ],
    ids=lambda value: " ".join(Path(v).name for v in value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "corrupt").write_text("{", encoding="utf-8")
    (tmp_path / "latin").write_bytes(b'{"format": "\xe9"}')
    files = {"corrupt": tmp_path / "corrupt", "latin": tmp_path / "latin"}
    done = _command(*(a.format(newer=_document(tmp_path, version=2), **files) for a in arguments))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


_MAIN = "from refaudit.cli import main\nsys.exit(main(['doctor']))\n"


def test_no_audit_is_3() -> None:
    done = run("sys.version_info = (3, 99, 0)\n" + _MAIN)
    assert done.returncode == 3
    assert "3.99 is not known" in done.stderr


def test_internal_error_is_4() -> None:
    broken = "from refaudit import _interpreter\n_interpreter.describe = lambda: 1 / 0\n"
    done = run(broken + _MAIN)
    assert done.returncode == 4
    assert "internal error" in done.stderr
