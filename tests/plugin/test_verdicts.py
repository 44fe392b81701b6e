"""Which tests are blamed, and which are not."""

from __future__ import annotations


def test_every_kind_of_outcome_is_audited(inner):
    inner.write(
        test_kinds="""
import unittest

def test_clean():
    [object() for _ in range(100)]

def test_block():
    _leak_block(64)

def test_object():
    _leak_reference(Thing())

def test_reference():
    _leak_reference(OLD)

@pytest.mark.parametrize("leaks", [False, True])
def test_parameter(leaks):
    if leaks:
        _leak_block(64)

def test_fails():
    _leak_block(64)
    assert KEPT == [1], "own failure"

def test_fails_without_leaking():
    local = Thing()
    assert local is None

@pytest.mark.xfail
def test_expected_failure():
    _leak_block(64)
    assert 0

def test_skipped():
    _leak_block(64)
    pytest.skip("not today")

class TestMethods:
    def test_leaks_in_method(self):
        self.kept = [Thing()]
        _leak_block(64)

    def test_keeps_on_self(self):
        self.kept = [Thing()]

class TestOld(unittest.TestCase):
    def setUp(self):
        _leak_block(64)

    def test_leaks_in_set_up(self):
        pass

    def test_leaks_too(self):
        pass
"""
    )
    result = inner.run("-v")
    assert inner.verdicts == {
        "test_clean": "clean",
        "test_block": "leak",
        "test_object": "leak",
        "test_reference": "leak",
        "test_parameter[False]": "clean",
        "test_parameter[True]": "leak",
        "test_fails": "leak",
        "test_fails_without_leaking": "clean",
        "test_expected_failure": "leak",
        "test_leaks_in_method": "leak",
        "test_keeps_on_self": "clean",
        "test_leaks_in_set_up": "leak",
        "test_leaks_too": "leak",
    }
    assert result.ret == 1
    outcomes = result.parseoutcomes()
    assert outcomes["leaked"] == 9
    assert outcomes["failed"] == 2  # the failures of their own, and no others
    assert outcomes["skipped"] == 1 and outcomes["xfailed"] == 1
    result.stdout.fnmatch_lines(["test_kinds.py::test_block LEAKED*", "*own failure*"])


def test_a_cache_and_a_last_value_are_no_leaks(inner):
    inner.write(
        test_caches="""
import functools

@functools.lru_cache
def slow(number):
    return Thing()

def test_fills_a_cache():
    slow(1)

def test_imports_a_module():
    import xml.dom.minidom

def test_keeps_the_last_value():
    KEPT[:] = [Thing()]
"""
    )
    result = inner.run()
    assert set(inner.verdicts.values()) == {"clean"}
    assert result.ret == 0
    result.stdout.fnmatch_lines(["refaudit: 3 tests audited, nothing leaks*"])


def test_what_a_wider_fixture_takes_is_not_the_tests(inner):
    inner.write(
        test_wide="""
@pytest.fixture(scope="session")
def everywhere():
    _leak_block(64)
    print("session up")
    yield
    print("session down")

@pytest.fixture(scope="module")
def wide(everywhere):
    _leak_block(64)
    yield [Thing()]
    _leak_block(64)

@pytest.fixture
def narrow(wide):
    yield wide

@pytest.fixture
def leaking_teardown():
    yield
    _leak_block(64)

def test_uses_it(narrow):
    pass

def test_asks_for_it_late(request):
    request.getfixturevalue("narrow")

def test_leaks_beside_it(narrow):
    _leak_block(64)

def test_leaks_in_its_own_teardown(leaking_teardown):
    pass
""",
        test_wider="def test_after(): pass",
    )
    result = inner.run("-s")
    assert inner.verdicts == {
        "test_uses_it": "clean",
        "test_asks_for_it_late": "clean",
        "test_leaks_beside_it": "leak",
        "test_leaks_in_its_own_teardown": "leak",
        "test_after": "clean",
    }
    # The session's fixtures stay up while suspects are repeated.
    assert result.stdout.str().count("session up") == 1
    assert result.stdout.str().count("session down") == 1


def test_a_fixture_that_is_asked_for_late_is_let_go(inner):
    """pytest's own list of finalizers grows; nothing else in the file would shorten it."""
    inner.write(
        test_late="""
@pytest.fixture(scope="module")
def wide():
    yield [Thing()]

@pytest.fixture
def narrow(wide):
    yield wide

def test_asks_for_it_late(request):
    request.getfixturevalue("narrow")
"""
    )
    inner.run()
    assert inner.verdicts == {"test_asks_for_it_late": "clean"}


def test_a_wider_fixture_that_fails_in_teardown_is_still_reported(inner):
    inner.write(
        test_wide="""
@pytest.fixture(scope="module")
def wide():
    yield
    raise RuntimeError("wide teardown")

def test_first(wide):
    pass

def test_last(wide):
    _leak_block(64)
"""
    )
    result = inner.run()
    assert inner.verdicts == {"test_first": "clean", "test_last": "leak"}
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_last*", "*wide teardown*"])


def test_batches_cross_files_and_do_not_mix_them_up(inner):
    leaks = "def test_leaks():\n    _leak_reference(OLD)\n"
    clean = "".join(f"def test_{n}(): pass\n" for n in range(5))
    inner.write(test_a=clean + leaks, test_b=clean, test_c=clean + leaks)
    inner.pytester.makeini("[pytest]\nrefaudit_batch = 4\n")
    result = inner.run()
    leaking = [test["id"] for test in inner.document["tests"] if test["outcome"] != "clean"]
    assert leaking == ["test_a.py::test_leaks", "test_c.py::test_leaks"]
    assert len(inner.document["tests"]) == 17
    assert result.parseoutcomes() == {"passed": 17, "leaked": 2}


def test_one_that_cannot_be_repeated_is_maybe(inner):
    inner.write(
        test_once="""
def test_other():
    pass

@pytest.mark.refaudit(repeat=False)
def test_once():
    _leak_block(64)

SECOND = []

def test_between():
    pass

def test_fails_the_second_time():
    SECOND.append(1)
    _leak_block(64)
    assert len(SECOND) == 1
"""
    )
    result = inner.run()
    assert inner.verdicts == {
        "test_other": "clean",
        "test_once": "maybe",
        "test_between": "clean",
        "test_fails_the_second_time": "maybe",
    }
    assert result.ret == 0
    assert result.parseoutcomes() == {"passed": 4}
    result.stdout.fnmatch_lines(["*test_once*must not be repeated*"])
    reasons = {
        finding["subject"].rpartition("::")[2]: finding["message"]
        for finding in inner.document["findings"]
        if finding["rule"] == "RA105"
    }
    assert "must not be repeated" in reasons["test_once"]
    assert "did not all end the same way" in reasons["test_fails_the_second_time"]
