"""Where reports go: files are whole or as they were, pipes close, disks fill, terminals lack characters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from refaudit import _output
from refaudit._report import Report

SAMPLE = Path(__file__).parents[1] / "report" / "sample.json"
FULL = Path("/dev/full")


def _command(
    *arguments: str | Path, env: dict[str, str] | None = None, stdout: object = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "refaudit", *arguments],
        stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False, env={**os.environ, **(env or {})},
    )  # fmt: skip


def _quiet(done: subprocess.CompletedProcess[bytes]) -> None:
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr, done.stderr


def test_a_full_disk_is_said_and_is_2() -> None:
    with FULL.open("wb") as full:
        done = _command("report", SAMPLE, stdout=full)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    _quiet(done)


def test_a_report_that_finds_no_room_names_its_file() -> None:
    done = _command("report", SAMPLE, "-f", "html", "-o", FULL)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr and b"/dev/full" in done.stderr
    _quiet(done)


@pytest.mark.parametrize("form", ["text", "html", "sarif"])
def test_a_closed_pipe_is_no_error(form: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = _command("report", SAMPLE, "-f", form, stdout=writer)
    finally:
        os.close(writer)
    assert done.returncode == 1  # the verdict: who read has seen enough
    assert done.stderr == b""


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit"])
def test_a_terminal_without_utf8_gets_escapes(
    env: dict[str, str], form: str, tmp_path: Path
) -> None:
    document = json.loads(SAMPLE.read_text("utf-8"))
    document["findings"][0]["type_name"] = "módulo.名前"
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = _command("report", path, "-f", form, env=env)
    assert done.returncode == 1
    assert done.stdout.isascii() and done.stdout
    _quiet(done)


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leaks.html"
    path.write_text("old", encoding="utf-8")

    def full(number: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_output.os, "write", full)
    with pytest.raises(OSError, match="No space left") as caught:
        Report.from_json(SAMPLE.read_text("utf-8")).write(path)
    monkeypatch.undo()
    assert caught.value.filename == str(path)
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "leaks.txt", tmp_path / "latest.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    _output.write(link, "new")
    assert path.read_text("utf-8") == "new" and link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        _output.write(tmp_path / "leaks.txt", "x")
    finally:
        os.umask(mask)
    assert (tmp_path / "leaks.txt").stat().st_mode & 0o777 == 0o640


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "leaks.json"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text("utf-8")))
    reader.start()
    done = _command("report", SAMPLE, "-o", pipe)
    reader.join(60)
    assert done.returncode == 1 and pipe.is_fifo()
    assert json.loads(got[0])["format"] == "refaudit-audit"


def test_standard_output_by_its_name_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as log:
        log.write(b"before\n")
        log.flush()
        done = _command("report", SAMPLE, "-f", "json", "-o", "/dev/stdout", stdout=log)
    assert done.returncode == 1, done.stderr
    text = path.read_text("utf-8")
    assert text.startswith("before\n{") and text.endswith("}\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an audit document"),
        (b"[]", "not an audit document"),
        (b"null", "not an audit document"),
        (SAMPLE.read_bytes()[:20_000], "not an audit document"),
        (SAMPLE.read_bytes().replace(b'"version": 1', b'"version": 99', 1), "upgrade refaudit"),
        (b"[" * 1_000_000, "not an audit document"),
        (b'{"format": "refaudit-audit", "version": 1}', "missing field"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"\x00" * 4096, "not an audit document"),
    ],
    ids=["empty", "list", "null", "truncated", "newer", "deep", "hollow", "utf16", "zeros"],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(content)
    output = tmp_path / "leaks.html"
    output.write_text("old", encoding="utf-8")
    done = _command("report", path, "-o", output)
    assert done.returncode == 2
    assert words.encode() in done.stderr and b"audit.json" in done.stderr
    assert len(done.stderr) < 2_000
    assert output.read_text("utf-8") == "old"
    _quiet(done)


def test_an_enormous_document_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # sparse: it takes no room
    done = _command("report", path)
    assert done.returncode == 2
    assert b"too large" in done.stderr
    _quiet(done)


def test_github_gets_annotations_and_a_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# of another command\n", encoding="utf-8")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = _command("report", SAMPLE, "-o", "github", env=env)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(b"::error ")
    text = summary.read_text("utf-8")
    assert text.startswith("# of another command\n## refaudit: ")
    summary.write_text("x" * 1024 * 1024, encoding="utf-8")
    assert _command("report", SAMPLE, "-o", "github", env=env).returncode == 1
    assert summary.stat().st_size <= 1024 * 1024
