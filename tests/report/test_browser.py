"""A real browser shows the page, asks the network for nothing and has nothing to complain of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from refaudit import Report
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


@contextmanager
def serve(folder: Path, policy: str) -> Iterator[str]:
    """The folder on a port of this machine, with a content policy as strict servers send it."""

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def visit(folder: Path, html: str, *options: str) -> Visit:
    page, log = folder / "page.html", folder / "net.json"
    page.write_text(html, "utf-8")
    done = run(folder, page, *options, f"--log-net-log={log}", "--dump-dom")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Visit(done.stdout, console, asked_by_page(log))


def drive(folder: Path, html: str, script: str, *options: str) -> Any:
    """What a script of ours answers about a page: it calls `answer` once the page has loaded.

    It stands before the page's own policy, which would forbid it. Time runs as fast as it can.
    """
    page = folder / "driven.html"
    tell = "const answer = (said) => document.documentElement.setAttribute('data-said', JSON.stringify(said));"
    assert html.count("<head>") == 1
    page.write_text(html.replace("<head>", f"<head><script>{tell}\n{script}</script>"), "utf-8")
    done = run(folder, page, *options, "--virtual-time-budget=30000", "--dump-dom")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert console == []
    said = re.search(r'<html[^>]*data-said="([^"]*)"', done.stdout)
    assert said, "the script did not answer"
    return json.loads(unescape(said[1]))


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
        (
            "sample",
            "1 over-released reference, 3 leaks and 1 possible leak in 4 of 42 tests, besides 3 that the baseline knows.",
        ),
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
    assert 'class="js"' in seen.dom and 'id="keys-title"' in seen.dom
    assert seen.console == []
    assert seen.requests == []


def test_page_with_scripts_blocked(tmp_path: Path, sample: dict[str, Any]) -> None:
    html = render(json.dumps(sample), "html")
    # As a server that allows none; a browser without scripts could not tell its document.
    blocked = "<head><meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">"
    seen = visit(tmp_path, html.replace("<head>", blocked))
    assert 'class="js"' not in seen.dom
    # Nothing that would do nothing is shown: no button, no empty field.
    assert "<button" not in seen.dom and "<input" not in seen.dom
    assert seen.dom.count("<article") == len(sample["findings"])
    assert len(seen.console) == 1 and "script-src 'none'" in seen.console[0]
    assert seen.requests == []


def test_page_runs_no_script_but_its_own(tmp_path: Path, sample: dict[str, Any]) -> None:
    html = render(json.dumps(sample), "html")
    seen = visit(
        tmp_path, html.replace("</main>", "<script>document.title='owned'</script></main>")
    )
    assert "<title>owned" not in seen.dom
    assert len(seen.console) == 1 and "Content Security Policy" in seen.console[0]


def test_page_from_a_folder_obeys_a_strict_policy(tmp_path: Path, sample: dict[str, Any]) -> None:
    folder = tmp_path / "report"
    Report(sample).write_dir(folder)
    page = folder / "index.html"
    policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'"
    assert policy in unescape(page.read_text("utf-8"))
    with serve(folder, policy) as address:
        # Everything else stays out of reach.
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        flags = [flag for flag in FLAGS if "resolver" not in flag]
        command = [browser(), *flags, alone, f"--user-data-dir={tmp_path / 'profile'}"]
        command += ["--dump-dom", f"{address}/index.html"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert [line for line in console if "favicon" not in line] == []
    assert 'class="js"' in done.stdout and "<button" in done.stdout


def test_folder_opens_from_disk(tmp_path: Path, sample: dict[str, Any]) -> None:
    folder = tmp_path / "report"
    Report(sample).write_dir(folder)
    done = run(tmp_path, folder / "index.html", "--dump-dom")
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert 'class="js"' in done.stdout


KEYS = """
addEventListener("load", () => {
  const press = (key, from) => (from || document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const here = () => document.activeElement.id;
  const said = { articles: Array.from(document.querySelectorAll("article[id]"), (one) => one.id) };
  press("j"); said.first = here();
  press("j"); said.second = here();
  press("k"); said.back = here();
  press("/"); said.filter = here();
  press("j", document.activeElement); said.typed = here();
  document.activeElement.blur();
  press("?"); said.help = document.querySelector("dialog").open;
  press("?"); said.closed = !document.querySelector("dialog").open;
  const box = document.querySelector("#keys-on");
  box.click(); press("/"); said.off = here();
  box.click(); press("/"); said.on = here();
  answer(said);
});
"""


def test_keys(tmp_path: Path, sample: dict[str, Any]) -> None:
    said = drive(tmp_path, render(json.dumps(sample), "html"), KEYS)
    articles = said["articles"]
    assert len(articles) == len(sample["findings"])
    assert (said["first"], said["second"], said["back"]) == (articles[0], articles[1], articles[0])
    assert said["filter"] == said["typed"] == said["on"] == "filter"
    assert said["help"] and said["closed"]
    assert said["off"] != "filter"


SORT_AND_FILTER = """
addEventListener("load", () => {
  const table = document.querySelector("table.findings");
  const bytes = () => Array.from(table.tBodies[0].rows, (row) => Number(row.cells[5].dataset.v));
  const heading = table.tHead.rows[0].cells[5];
  const said = { before: bytes() };
  heading.querySelector("button").click();
  said.down = bytes(); said.aria = heading.getAttribute("aria-sort");
  heading.querySelector("button").click();
  said.up = bytes();
  const input = document.querySelector("#filter");
  const type = (text) => { input.value = text; input.dispatchEvent(new Event("input")); };
  const shown = (all) => Array.from(document.querySelectorAll(all)).filter((one) => !one.hidden).length;
  type("RA201");
  said.rows = shown("table.findings tbody tr"); said.articles = shown("article"); said.groups = shown(".group");
  said.status = document.querySelector(".tools [role=status]").textContent;
  type("nowhere-in-this-page"); said.none = shown("article");
  type(""); said.all = shown("article");
  answer(said);
});
"""


def test_sorting_and_filtering(tmp_path: Path, sample: dict[str, Any]) -> None:
    said = drive(tmp_path, render(json.dumps(sample), "html"), SORT_AND_FILTER)
    assert said["down"] == sorted(said["before"], reverse=True) != said["before"]
    assert said["up"] == said["down"][::-1]
    assert said["aria"] == "descending"
    wanted = sum(finding["rule"] == "RA201" for finding in sample["findings"])
    assert said["rows"] == said["articles"] == said["groups"] == wanted == 1
    assert said["status"].startswith("1 of 8 findings")
    assert (said["none"], said["all"]) == (0, len(sample["findings"]))


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
