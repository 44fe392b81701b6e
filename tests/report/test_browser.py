"""A real browser shows the page, asks the network for nothing and has nothing to complain of."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from refaudit._refaudit import render

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--v=0",
]


@dataclass
class Visit:
    """What one visit of a page left behind."""

    dom: str
    console: list[str]
    requests: list[str]


def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail("no Chromium found; install one: apt-get install chromium")


def run(folder: Path, page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def asked_by_page(log: Path) -> list[str]:
    """Addresses that the page asked for; a browser's own errands have no origin."""
    events = json.loads(log.read_text("utf-8"))["events"]
    asked = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return [params["url"] for params in asked if params["initiator"] != "not an origin"]


def visit(folder: Path, html: str) -> Visit:
    page, log = folder / "page.html", folder / "net.json"
    page.write_text(html, "utf-8")
    done = run(folder, page, f"--log-net-log={log}", "--dump-dom")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Visit(done.stdout, console, asked_by_page(log))


def test_the_witness_sees_requests_and_messages(tmp_path: Path) -> None:
    seen = visit(
        tmp_path,
        "<!doctype html><img src='http://one.invalid/a.png'><script>console.log('hello')</script>",
    )
    assert seen.requests == ["http://one.invalid/a.png"]
    assert any("hello" in line for line in seen.console)


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("sample", "1 over-released reference, 6 leaks and 1 possible leak in 6 of 42 tests."),
        ("clean", "Nothing leaks in 36 tests, as far as could be seen."),
        ("invalid", "No verdict: this audit cannot be trusted."),
    ],
)
def test_page_in_a_browser(
    name: str, sentence: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    document: dict[str, Any] = request.getfixturevalue(name)
    seen = visit(tmp_path, render(json.dumps(document), "html"))
    assert f"<h1>{sentence}</h1>" in seen.dom
    assert seen.dom.count("<article") == len(document["findings"])
    assert seen.console == []
    assert seen.requests == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [420, 1280])
def test_page_can_be_looked_at(
    scheme: str, width: int, tmp_path: Path, sample: dict[str, Any]
) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(render(json.dumps(sample), "html"), "utf-8")
    run(
        tmp_path,
        page,
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--window-size={width},900",
        f"--screenshot={picture}",
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    # An empty page of this size takes a tenth of that.
    assert picture.stat().st_size > 20_000
