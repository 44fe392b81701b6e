"""Workloads of published extension modules, timed under one configuration.

``python extensions.py CONFIGURATION PACKAGE...``; prints the least CPU seconds of each as JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import refaudits

CALLS = 5
ROWS = [
    {"id": n, "name": f"user {n}", "tags": [f"t{k}" for k in range(5)], "at": {"x": n / 2}}
    for n in range(4_000)
]
TEXT = json.dumps(ROWS)
XML = "<rows>" + "".join(
    f'<row id="{n}"><name>user {n}</name><at x="{n / 2}"/></row>' for n in range(6_000)
) + "</rows>"  # fmt: skip


def _lxml() -> Callable[[], Any]:
    from lxml import etree

    def parse_and_serialise() -> None:
        tree = etree.fromstring(XML)
        for element in tree.iter("name"):
            element.text = element.text.upper()
        etree.tostring(tree)

    return parse_and_serialise


def _numpy() -> Callable[[], Any]:
    import numpy

    def many_small_arrays() -> None:
        total = 0.0
        for number in range(6_000):
            row = numpy.arange(100.0) + number
            total += float((row * row)[::2].sum())
        numpy.sort(numpy.random.default_rng(7).random(100_000)).cumsum()

    return many_small_arrays


def _pydantic_core() -> Callable[[], Any]:
    from pydantic_core import SchemaValidator, core_schema

    def field(schema: Any) -> Any:
        return core_schema.typed_dict_field(schema)

    row = core_schema.typed_dict_schema(
        {
            "id": field(core_schema.int_schema()),
            "name": field(core_schema.str_schema()),
            "tags": field(core_schema.list_schema(core_schema.str_schema())),
            "at": field(core_schema.typed_dict_schema({"x": field(core_schema.float_schema())})),
        }
    )
    validator = SchemaValidator(core_schema.list_schema(row))

    def validate() -> None:
        validator.validate_json(TEXT)
        validator.validate_python(ROWS)

    return validate


def _orjson() -> Callable[[], Any]:
    import orjson

    return lambda: [orjson.dumps(orjson.loads(TEXT)) for _ in range(3)]


def _ujson() -> Callable[[], Any]:
    import ujson

    return lambda: [ujson.dumps(ujson.loads(TEXT)) for _ in range(3)]


def _cryptography() -> Callable[[], Any]:
    from cryptography.fernet import Fernet

    fernet = Fernet(b"A" * 43 + b"=")
    return lambda: [fernet.decrypt(fernet.encrypt(b"message" * 20)) for _ in range(400)]


WORKLOADS = {
    "lxml": _lxml,
    "numpy": _numpy,
    "pydantic-core": _pydantic_core,
    "orjson": _orjson,
    "ujson": _ujson,
    "cryptography": _cryptography,
}

CONFIGURATIONS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "nobody": contextlib.nullcontext,
    "asleep": refaudits.asleep,
    "import tables, no window": refaudits.native,
    "an audited run, no stacks": lambda: refaudits.stacks(0, 0),
    "an audited run": lambda: refaudits.stacks(25, 64),
}


def main() -> None:
    """Measure and print."""
    # Imported first: hooks are put on what is loaded.
    workloads = {name: WORKLOADS[name]() for name in sys.argv[2:]}
    figures = {}
    with CONFIGURATIONS[sys.argv[1]]():
        for name, workload in workloads.items():
            workload()
            taken = []
            for _ in range(CALLS):
                began = time.process_time()
                workload()
                taken.append(time.process_time() - began)
            figures[name] = min(taken)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
