"""An audit that could not look says so, and names who was in the way."""

from __future__ import annotations

import sys

from integration.fresh import answer

HAS_TRACER = sys.version_info >= (3, 13)


def _states(trust: dict) -> dict[str, str]:
    return {hook["name"]: hook["state"] for hook in trust["hooks"]}


def test_the_canary_is_found_and_every_hook_is_active() -> None:
    said = answer("import refaudit\nsay(**told(refaudit.check(len, [])))")
    trust = said["trust"]
    assert said["outcome"] == "clean"
    assert (trust["valid"], trust["canary"], trust["reason"]) == (True, "found", "")
    states = _states(trust)
    assert [states[name] for name in ("raw", "mem", "object")] == ["active"] * 3
    assert trust["dropped"] == 0
    assert trust["unseen"]


_STOPPED = """
import tracemalloc
tracemalloc.start()
import refaudit
from refaudit import _audit
class Thing: pass
thing = Thing()
before = told(refaudit.check(_audit.core()._leak_reference, thing))
tracemalloc.stop()
report = refaudit.check(len, [])
try:
    refaudit.assert_no_leaks(len, []); raised = ""
except refaudit.InvalidAudit as error:
    raised = str(error)
again = told(refaudit.check(_audit.core()._leak_reference, thing))
say(before=before, ok=report.ok, raised=raised, again=again, text=str(report), **told(report))
"""


def test_hooks_that_tracemalloc_removes_make_that_audit_invalid() -> None:
    said = answer(_STOPPED)
    assert said["before"]["outcome"] == "leak"
    assert said["outcome"] == "invalid"
    assert not said["ok"]
    assert "tracemalloc" in said["trust"]["reason"]
    assert "tracemalloc" in said["text"]
    assert "lost" in _states(said["trust"]).values()
    # The hooks were put back: what comes after is seen again.
    assert said["raised"] == ""
    assert (said["again"]["outcome"], said["again"]["trust"]["valid"]) == ("leak", True)


_STOP_IN_BODY = """
import tracemalloc
tracemalloc.start()
import refaudit
report = refaudit.check(tracemalloc.stop, warmup=0, runs=1)
say(**told(report))
"""


def test_tracemalloc_stopped_by_the_body_is_invalid() -> None:
    said = answer(_STOP_IN_BODY)
    assert said["outcome"] == "invalid"
    assert "tracemalloc" in said["trust"]["reason"]


_AFTER_US = """
import tracemalloc, refaudit
from refaudit import _audit
class Thing: pass
thing = Thing()
leak = _audit.core()._leak_reference
refaudit.check(len, [])
tracemalloc.start()
during = told(refaudit.check(leak, thing))
kept = bytearray(5000)
traces = [t.size for t in tracemalloc.take_snapshot().traces if t.size >= 5000]
tracemalloc.stop()
after = told(refaudit.check(leak, thing))
say(during=during, traces=traces, after=after)
"""


def test_tracemalloc_after_us_works_and_so_do_we() -> None:
    said = answer(_AFTER_US)
    for part in ("during", "after"):
        assert said[part]["outcome"] == "leak"
        assert [f[:4] for f in said[part]["findings"]] == [
            ["RA101", "leak", "__main__.Thing", [1, 1, 1]]
        ]
        assert said[part]["trust"]["valid"]
    assert said["traces"]
    others = " ".join(said["during"]["trust"]["others"])
    assert "tracemalloc is tracing" in others
    assert ("reference tracer belongs to somebody else" in others) == HAS_TRACER


_CANARY = """
import refaudit
from refaudit import _audit
core = _audit.core()
class Broken:
    def __getattr__(self, name): return getattr(core, name)
    def canary(self): return "nothing was found"
_audit._core = Broken()
try:
    refaudit.check(len, []); raised = None
except refaudit.InvalidAudit as error:
    raised = str(error)
say(raised=raised)
"""


def test_a_canary_that_is_not_found_stops_the_audit() -> None:
    assert "nothing was found" in answer(_CANARY)["raised"]


_COLLECTOR = """
import refaudit
states = []
for enabled in (True, False):
    gc.enable() if enabled else gc.disable()
    gc.set_threshold(123, 4, 5)
    refaudit.check(lambda: [[]])
    states.append([gc.isenabled(), list(gc.get_threshold())])
gc.enable()
disabled = told(refaudit.check(gc.disable))
left = gc.isenabled()
gc.enable()
frozen = told(refaudit.check(gc.freeze))
gc.unfreeze()
say(states=states, disabled=disabled, left=left, frozen=frozen)
"""


def test_the_collector_is_left_as_it_was_found() -> None:
    said = answer(_COLLECTOR)
    assert [state[0] for state in said["states"]] == [True, False]
    assert [state[1][:2] for state in said["states"]] == [[123, 4]] * 2


def test_a_body_that_disables_or_freezes_the_collector_is_noted() -> None:
    said = answer(_COLLECTOR)
    assert said["left"] is False
    assert any("collector" in note for note in said["disabled"]["trust"]["notes"])
    assert any("gc.freeze" in other for other in said["frozen"]["trust"]["others"])


_THREADS = """
import threading, refaudit
stop, threads = threading.Event(), []
def body():
    threads.append(threading.Thread(target=stop.wait)); threads[-1].start()
report = told(refaudit.check(body, warmup=0, runs=1))
stop.set()
for thread in threads: thread.join()
say(**report)
"""


def test_threads_left_running_are_noted() -> None:
    assert any("threads" in note for note in answer(_THREADS)["trust"]["notes"])


def test_notes_belong_to_their_own_report() -> None:
    said = answer(
        "import refaudit\nfirst = told(refaudit.check(gc.disable))\ngc.enable()\n"
        "say(first=first, second=told(refaudit.check(len, [])))"
    )
    assert said["first"]["trust"]["notes"]
    assert said["second"]["trust"]["notes"] == []
