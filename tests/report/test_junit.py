"""JUnit XML: well-formed, of the shape of `junit-10.xsd`, and read by a consumer."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as xml

import junitparser
import pytest
from hostile import NAMES, hostile, level
from junitparser.xunit2 import JUnitXml
from refaudit._refaudit import render

Document = dict[str, Any]

#: Elements, the attributes they must and may have, and their children: the schema `junit-10.xsd` of Jenkins' xUnit
#: plugin in short, by hand.
_SHAPE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def checked(element: xml.Element) -> None:
    required, allowed, children = _SHAPE[element.tag]
    assert required <= set(element.attrib) <= required | allowed, (element.tag, element.attrib)
    for child in element:
        assert child.tag in children, (element.tag, child.tag)
        checked(child)


def junit(document: Document) -> xml.Element:
    tree = xml.fromstring(render(json.dumps(document), "junit").encode())
    checked(tree)
    for element in tree.iter("testsuite"):
        cases = element.findall("testcase")
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            number = sum(case.find(tag) is not None for case in cases)
            assert int(element.attrib[name]) == number, name
        assert int(element.attrib["tests"]) == len(cases)
    return tree


def test_one_case_for_each_test_and_a_failure_for_each_certain_finding(sample: Document) -> None:
    tree = junit(sample)
    cases = list(tree.iter("testcase"))
    assert len(cases) == len(sample["tests"])
    certain = [f for f in sample["findings"] if level(f) == "error"]
    assert len(list(tree.iter("failure"))) == len(certain)
    for case, test in zip(cases, sample["tests"], strict=True):
        path, _, rest = test["id"].partition(".py::")
        assert f"{case.attrib['classname']}.{case.attrib['name']}" == (
            f"{path}.{rest}".replace("/", ".").replace("::", ".")
        )


def test_a_finding_that_is_not_certain_or_known_fails_nothing(sample: Document) -> None:
    for finding in sample["findings"]:
        finding["known"] = {"state": "unchanged", "first_seen": "2026-01-02"}
    sample["outcome"] = "known"
    for test in sample["tests"]:
        test["outcome"] = "known" if test["findings"] else "clean"
    tree = junit(sample)
    assert not list(tree.iter("failure"))
    assert sum((case.find("system-out") is not None) for case in tree.iter("testcase")) == len(
        {f["subject"] for f in sample["findings"]}
    )


def test_an_invalid_audit_is_an_error_and_no_test_passes(invalid: Document) -> None:
    tree = junit(invalid)
    (error,) = tree.iter("error")
    assert error.attrib["message"] == invalid["trust"]["reason"]
    passed = [case for case in tree.iter("testcase") if not len(case)]
    assert not passed


def test_a_consumer_reads_it(sample: Document) -> None:
    read = JUnitXml.fromstring(render(json.dumps(sample), "junit").encode())
    (suite,) = read
    failed = [
        case for case in suite if any(isinstance(r, junitparser.Failure) for r in case.result)
    ]
    assert len(failed) == suite.failures > 0
    assert suite.tests == len(list(suite)) == len(sample["tests"])


def test_hostile_names_are_text(sample: Document) -> None:
    tree = junit(hostile(sample))
    text = xml.tostring(tree, encoding="unicode", method="text")
    assert "]]></failure><script>" in text  # as data
    assert not [e for e in tree.iter() if e.tag == "script"]
    names = [(case.attrib["classname"], case.attrib["name"]) for case in tree.iter("testcase")]
    assert len(names) == len(set(names)) >= len(NAMES)


@pytest.mark.parametrize("count", [1, 300])
def test_many_findings_of_one_test_are_summed_up(sample: Document, count: int) -> None:
    finding = next(f for f in sample["findings"] if level(f) == "error")
    sample["findings"] = [{**finding, "fingerprint": f"{n:016x}"} for n in range(count)]
    case = max(junit(sample).iter("testcase"), key=lambda case: len(case.findall("failure")))
    failures = case.findall("failure")
    assert len(failures) == min(count, 21)
    if count > 20:
        assert failures[0].attrib["message"].startswith(f"(1 of {count}) ")
        assert failures[-1].attrib["message"] == f"and {count - 20} more findings in this test"
