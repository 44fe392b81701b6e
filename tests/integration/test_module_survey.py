"""What a name turns out to be, and what importing it loads. Outside witness: `importlib` here."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import EXTENSION_SUFFIXES

import pytest
from refaudit._modules import process
from support import modules


def survey(name: str) -> dict:
    ended = process.run("survey", {"name": name, "package": name.partition(".")[0]}, 20)
    assert ended.outcome == "ok", ended.step
    return ended.data


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("sys", "builtin"),
        ("gc", "builtin"),
        ("_io", "builtin"),
        ("zipimport", "frozen"),
        ("json", "python"),
        ("xml.dom", "python"),
        ("_testcapi", "extension"),
    ],
)
def test_modules_of_the_interpreter(name, subject):
    if name == "_testcapi" and importlib.util.find_spec(name) is None:
        name = "_ctypes"
    found = survey(name)
    assert found["subject"] == subject
    spec = importlib.util.find_spec(name)
    expected = spec.origin if spec.has_location else ""
    assert found["file"] == expected or subject == "frozen"
    has_members = subject in ("builtin", "extension")
    assert [member["name"] for member in found["members"]] == ([name] if has_members else [])
    assert found["present"] == (name in ("sys", "gc", "_io", "zipimport") and name in _at_start())


def _at_start() -> set[str]:
    import subprocess

    code = "import sys; print(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with two extension modules, one that imports another package, and an alias."""
    import shutil

    folder = tmp_path / "parcel"
    folder.mkdir()
    for sample in ("multi_plain", "single_basic"):
        library = modules.library(sample)
        shutil.copy(library, folder / library.name)
    (folder / "__init__.py").write_text(
        "import neighbour, sys\nfrom parcel import multi_plain\n"
        "sys.modules['parcel.alias'] = multi_plain\n"
    )
    (folder / "more.py").write_text("from parcel import single_basic\n")
    (tmp_path / "neighbour.py").write_text("import second\n")
    (tmp_path / "second.py").write_text("")
    (tmp_path / "hollow").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_a_package_has_the_members_that_it_loads(package):
    found = survey("parcel")
    assert found["subject"] == "package"
    assert found["members"] == [
        {"name": "parcel.multi_plain", "file": str(package / modules.library("multi_plain").name)}
    ]
    assert found["members"][0]["file"].endswith(tuple(EXTENSION_SUFFIXES))
    assert found["dependencies"] == ["second", "neighbour"]


def test_a_python_module_of_a_package_and_all_it_loads(package):
    found = survey("parcel.more")
    assert found["subject"] == "package"
    assert [m["name"] for m in found["members"]] == ["parcel.multi_plain", "parcel.single_basic"]


def test_one_extension_module_of_a_package(package):
    found = survey("parcel.single_basic")
    assert found["subject"] == "extension"
    assert [member["name"] for member in found["members"]] == ["parcel.single_basic"]


def test_a_namespace_package(package):
    found = survey("hollow")
    assert (found["subject"], found["members"]) == ("namespace-package", [])


def test_an_object_that_is_no_module(package):
    (package.parent / "thing.py").write_text("import sys\nsys.modules[__name__] = object()\n")
    found = survey("thing")
    assert found["subject"] == "not-a-module"
    assert found["notes"] == ["importing thing leaves an object of type object in sys.modules"]


def test_extension_modules_of_other_packages_are_pointed_out(package):
    (package.parent / "wrapper.py").write_text("import parcel\n")
    found = survey("wrapper")
    assert (found["subject"], found["members"]) == ("python", [])
    assert "parcel.multi_plain" in found["notes"][0]
