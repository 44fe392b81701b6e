"""Together with other plugins, and without some of pytest's own."""

from __future__ import annotations

import pytest

MIXED = """
def test_clean():
    pass

def test_leaks():
    _leak_block(64)

def test_gains():
    _leak_reference(OLD)
"""
VERDICTS = {"test_clean": "clean", "test_leaks": "leak", "test_gains": "leak"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=sys"],
        ["-p", "no:logging", "-p", "no:warnings", "-p", "no:terminal", "-p", "no:capture"],
        ["--timeout=20", "--cov=.", "--cov-report="],
        ["-o", "faulthandler_timeout=20", "--maxfail=3", "-q"],
    ],
    ids=["without-caches", "without-most", "timeout-cov", "faulthandler"],
)
def test_other_plugins(inner, arguments):
    inner.write(test_mixed=MIXED)
    assert inner.run(*arguments).ret == 1
    assert inner.verdicts == VERDICTS


def test_judging_is_outside_of_the_timeout(inner):
    """Five seconds of repetition in sum, with two for each test."""
    inner.write(
        test_slow="""
import time

def test_slow():
    time.sleep(1)
    _leak_block(64)
"""
    )
    result = inner.run("--timeout=2")
    assert inner.verdicts == {"test_slow": "leak"}
    assert result.parseoutcomes() == {"passed": 1, "leaked": 1}


def test_random_order(inner):
    inner.write(test_a=MIXED, test_b="def test_other(): _leak_block(64)\n")
    result = inner.pytester.runpytest_subprocess(
        "--refaudit", "--refaudit-report=out.json", "-p", "randomly", "-p", "no:cacheprovider"
    )
    assert inner.verdicts == {**VERDICTS, "test_other": "leak"}
    assert result.ret == 1


def test_xdist_merges_what_the_workers_find(inner):
    clean = "".join(f"def test_{n}(): pass\n" for n in range(6))
    inner.write(test_a=MIXED + clean, test_b=clean.replace("test_", "test_b"))
    result = inner.run("-n2", "--junitxml=junit.xml")
    assert result.ret == 1
    assert result.parseoutcomes() == {"passed": 15, "leaked": 2}
    assert len(inner.verdicts) == 15
    assert {name: inner.verdicts[name] for name in VERDICTS} == VERDICTS
    assert inner.document["trust"]["valid"] is True
    result.stdout.fnmatch_lines(["refaudit: 15 tests audited, 2 with findings*"])
    xml = (inner.pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert xml.count('value="leak"') == 2
    # One table of both workers' survivors, in which every row is below one that comes before it.
    rows = inner.document["dominators"]
    assert "block of the mem domain" in [row["type_name"] for row in rows]
    assert all(row["parent"] is None or row["parent"] < place for place, row in enumerate(rows))
    top = [row["retained"]["bytes"] for row in rows if row["parent"] is None]
    assert top == sorted(top, reverse=True)


@pytest.mark.parametrize("plugin", ["asyncio", "anyio"])
def test_async_tests(inner, plugin):
    inner.write(
        test_async=f"""
import asyncio

pytestmark = pytest.mark.{plugin}

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_clean():
    await asyncio.sleep(0)

async def test_leaks():
    await asyncio.sleep(0)
    _leak_block(64)

async def test_gains():
    _leak_reference(OLD)
"""
    )
    assert inner.run().ret == 1
    assert inner.verdicts == VERDICTS
