"""Names as audited code may choose them: each means something to one of the formats."""

from __future__ import annotations

from typing import Any

#: One of each, by the format that it would break.
NAMES = [
    "]]></failure><script>alert(1)</script>",
    "</failure></testcase>&amp;&#0;",
    "%0A::error file=x::pwned%25",
    "\n::stop-commands::x\r\n::error::pwned",
    "##[error]pwned",
    "a,line=1,title=b::c",
    "`code` ``two`` **bold** [link](javascript:x) ![i](http://x/y.png) <img src=x onerror=y>",
    "| cell | \\| cell\n| --- |\n# heading\n- item\n    code\n```\nfence",
    "http://example.org www.example.org @everyone #1 !2 ~3",
    '"; node [shape=box]; x -> y; "\\',
    "\\N \\G \\l \\\\",
    "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x85\ufffe\uffff",
    "\u202eevil\u2066\u200b\ufeff",
    "\\udc80 a lone surrogate, as its writer escapes it",
    "x" * 10_000,
]


def hostile(document: dict[str, Any]) -> dict[str, Any]:
    """Put the names wherever audited code has a say, in turn; each finding gets all of them."""
    everything = " ".join(NAMES[:-1])
    for number, finding in enumerate(document["findings"]):
        name = NAMES[number % len(NAMES)]
        for key in ("type_name", "object_label", "message"):
            finding[key] = f"{name} {everything}"[:3_000] if key == "message" else name
        finding["subject"] = f"tests/test_{number}.py::test[{everything}]"
        if finding["holder"]:
            finding["holder"]["text"] = name
        for trace in finding["traces"]:
            for frame in trace["frames"]:
                frame.update(function=name, file=name, module=name)
        if finding["site"]:
            finding["site"]["frame"].update(function=name, file=f"src/{name}", line=3)
        for chain in finding["paths"]:
            chain.update(held=name, place=name, file=name)
            for link in chain["links"]:
                link.update(what=name, by=name)
        steps = finding["cycle"]["steps"] if finding["cycle"] else []
        for step in steps:
            step.update(what=name, by=name)
    for number, test in enumerate(document["tests"]):
        test["id"] = f"tests/t.py::test_{number}[{NAMES[number % len(NAMES)]}]"
    for cycle in document["cycles"]:
        cycle["message"] = NAMES[9]
        for step, name in zip(cycle["steps"], NAMES, strict=False):
            step.update(what=name, by=name)
    document["subject"] = NAMES[3]
    document["trust"]["notes"] = list(NAMES)
    return document


def level(finding: dict[str, Any]) -> str:
    """How grave a finding is in the formats for other programs."""
    if finding["known"] and finding["known"]["state"] == "unchanged":
        return "note"
    return "warning" if finding["verdict"] == "maybe" else "error"
