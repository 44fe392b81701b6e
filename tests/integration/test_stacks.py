"""Where a leak was born: stripped and split modules, every way of linking, recycled memory, layers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import variants
from support.building import BuildFailure, build
from support.catalogue import RUNS, Case, everything, load, of_module
from support.child import measure
from support.sites import is_function, site_line, site_source

CASES = everything()
NATIVES = [case for case in of_module(CASES, "natives") if not case.clean]
TWINS = [case for case in of_module(CASES, "natives") if case.clean]


def _audited(cases: list[Case], path: Path) -> list[dict]:
    """The documents of some cases of one module."""
    results = measure("audit", path, cases)
    for case, result in zip(cases, results, strict=True):
        assert "error" not in result, f"{case.id}: {result['error']}"
    return [result["document"] for result in results]


def _shipped(make: Callable[..., object], *arguments: str) -> object:
    """A variant of a module, or a failure that names what is missing."""
    try:
        return make(*arguments)
    except BuildFailure as failure:
        pytest.fail(str(failure), pytrace=False)


def _finding(document: dict) -> dict:
    findings = document["findings"]
    assert len(findings) == 1, findings
    return findings[0]


def _module_frames(finding: dict, path: Path) -> list[dict]:
    frames = [frame for trace in finding["traces"] for frame in trace["frames"]]
    return [frame for frame in frames if frame["module"] == path.name]


@pytest.mark.parametrize("how", sorted(variants.LINKED))
def test_every_way_of_linking_is_seen(how: str) -> None:
    """Each route's slot in the table is of another kind, and read-only in some."""
    path = _shipped(variants.linked, "natives", how)
    for case, document in zip(NATIVES, _audited(NATIVES, path), strict=True):
        finding = _finding(document)
        told = (finding["rule"], finding["type_name"], finding["per_run"])
        assert told == ("RA106", case.type, [case.per_run] * RUNS), case.id
        frame = finding["site"]["frame"]
        assert is_function(frame["function"], case.site)
        assert frame["line"] == site_line(case)
    for case, document in zip(TWINS, _audited(TWINS, path), strict=True):
        assert not document["findings"], case.id


def test_debug_information_in_a_file_of_its_own() -> None:
    """Named by the link in the module, found beside it, and as good as within."""
    shipped = _shipped(variants.split, "natives")
    assert variants.build_id(shipped.module) == variants.build_id(shipped.debug)
    for case, document in zip(NATIVES, _audited(NATIVES, shipped.module), strict=True):
        frame = _finding(document)["site"]["frame"]
        assert is_function(frame["function"], case.site)
        assert Path(frame["file"]).name == site_source(case).name
        assert frame["line"] == site_line(case)
        assert not frame["guess"]


def test_stripped_module_is_named_with_an_offset() -> None:
    """No line, no file; a function only as the nearest exported one, and marked as a guess."""
    shipped = _shipped(variants.stripped, "natives")
    for document in _audited(NATIVES, shipped.module):
        finding = _finding(document)
        assert finding["rule"] == "RA106"
        assert finding["per_run"] == [1] * RUNS
        frame = finding["site"]["frame"]
        assert frame["module"] == shipped.module.name
        assert int(frame["offset"], 16) > 0
        assert (frame["file"], frame["line"]) == ("", 0)
        assert frame["function"] == "" or frame["guess"]
        assert finding["site"]["source"] == []
        assert any(frame["origin"] == "python" for frame in finding["traces"][0]["frames"])


def test_offset_of_a_stripped_module_is_that_of_the_whole_one() -> None:
    """Whoever has the debug information can still look the line up."""
    case = next(case for case in NATIVES if case.function == "leaky_malloc")
    shipped = _shipped(variants.stripped, "natives")
    whole = _finding(_audited([case], build("natives"))[0])
    bare = _finding(_audited([case], shipped.module)[0])
    offsets = [
        {frame["offset"] for frame in _module_frames(finding, shipped.module)}
        for finding in (whole, bare)
    ]
    assert offsets[0] == offsets[1] != set()


def test_inlined_functions_are_frames_of_their_own() -> None:
    """The helper is a part of its caller: marked so, and innermost."""
    case = next(case for case in NATIVES if case.function == "leaky_posix_memalign")
    finding = _finding(_audited([case], build("natives"))[0])
    frames = _module_frames(finding, build("natives"))
    names = [frame["function"] for frame in frames]
    assert names[:2] == ["aligned_to_64", "leaky_posix_memalign"]
    assert [frame["inlined"] for frame in frames[:2]] == [True, False]
    assert frames[0]["offset"] == frames[1]["offset"]


def test_compiled_python_is_named_as_its_author_wrote_it() -> None:
    """Cython's function and its line of the .pyx file, not those of the C file that it made."""
    cases = [c for c in of_module(CASES, "cyleaks") if c.expected == "RA106"]
    for case, document in zip(cases, _audited(cases, build("cyleaks")), strict=True):
        frame = _finding(document)["site"]["frame"]
        assert not frame["function"].startswith("__pyx_")
        assert Path(frame["file"]).name == "cyleaks.pyx"
        assert frame["line"] == site_line(case)


@pytest.mark.parametrize("module", ["cppleaks", "pbleaks", "nbleaks", "pyo3leaks"])
def test_names_are_demangled(module: str) -> None:
    """As C++ and Rust write them, not as the linker does."""
    cases = [c for c in of_module(CASES, module) if c.expected == "RA106"]
    for document in _audited(cases, build(module)):
        for finding in document["findings"]:
            for frame in (f for trace in finding["traces"] for f in trace["frames"]):
                if frame["origin"] != "python":
                    assert not frame["function"].startswith(("_Z", "_R")), frame


def test_recycled_memory_never_lies() -> None:
    """The memory was first taken by a decoy. A stack either says that it may be of an earlier
    object, as before 3.13, or is that of the object."""
    cases = [case for case in of_module(CASES, "recycled") if not case.clean]
    for case, document in zip(cases, _audited(cases, build("recycled")), strict=True):
        for trace in _finding(document)["traces"]:
            names = [frame["function"] for frame in trace["frames"]]
            decoy = any("decoy" in name for name in names)
            assert trace["stale"] or not decoy, (case.id, names)
            if sys.version_info >= (3, 13):
                assert not trace["stale"]
                assert any(is_function(name, case.site) for name in names), (case.id, names)


def test_layers_show_where_it_grew() -> None:
    """A native leak is in the native layer and in the C library's count, an object in its own."""
    large = next(case for case in NATIVES if case.function == "leaky_large")
    native = _audited([large], build("natives"))[0]["layers"]
    assert native["native"] >= large.bytes * RUNS
    assert native["heap_in_use"] >= large.bytes * RUNS
    assert native["objects"] < large.bytes
    assert native["blocks"] < large.bytes
    string = next(case for case in CASES if case.id == "atoms.leaky_str")
    layers = _audited([string], build("atoms"))[0]["layers"]
    assert layers["objects"] > 0
    assert layers["native"] == 0


def test_an_allocator_of_its_own_is_named() -> None:
    """What is linked into a module passes no import table: the audit says that it did not look."""
    case = replace(load()[0], module="ownalloc", function="hidden", call="m.hidden()", setup="")
    document = _audited([case], build("ownalloc"))[0]
    assert document["findings"] == []
    unseen = [text for text in document["trust"]["unseen"] if "jemalloc" in text]
    assert len(unseen) == 1, document["trust"]["unseen"]
    assert "ownalloc" in unseen[0]


def test_finding_is_grouped_by_site() -> None:
    """Two places that leak the same are two findings, each with its own line."""
    both = replace(
        next(case for case in NATIVES if case.function == "leaky_malloc"),
        call="m.leaky_malloc(); m.leaky_large()",
    )
    document = _audited([both], build("natives"))[0]
    sites = {finding["site"]["frame"]["function"]: finding for finding in document["findings"]}
    assert sorted(sites) == ["leaky_large", "leaky_malloc"]
    assert all(finding["per_run"] == [1] * RUNS for finding in sites.values())
    prints = {finding["fingerprint"] for finding in sites.values()}
    assert len(prints) == 2


_LATE = """
import importlib.util, sys
def late():
    if "natives" not in sys.modules:
        spec = importlib.util.spec_from_file_location("natives", {path!r})
        sys.modules["natives"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["natives"])
    return sys.modules["natives"]
"""


@pytest.mark.parametrize("twin", [False, True], ids=["leaky", "clean"])
def test_module_imported_in_the_audit_is_seen(twin: bool) -> None:
    """From its first call on."""
    native = next(case for case in NATIVES if case.function == "leaky_malloc")
    late = replace(
        native,
        module="lender",
        call=f"late().{native.twin if twin else native.function}()",
        setup=_LATE.format(path=str(build("natives"))),
        warmup=0,
    )
    findings = _audited([late], build("lender"))[0]["findings"]
    assert [(f["rule"], f["per_run"]) for f in findings] == (
        [] if twin else [("RA106", [1] * RUNS)]
    )
