"""Functions, files, lines and inlining of addresses, against binutils and against Cython's sources.

The room ``src/symbols`` answers through ``examples/symbols.rs``.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.oracle

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "symbols"
ADDRESSES = 400


def _tool(name: str, package: str) -> str:
    """A program of the path."""
    if shutil.which(name) is None:
        pytest.fail(f"{name} is missing: apt-get install {package}")
    return name


def _run(*command: str | Path, stdin: str | None = None, folder: Path | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Frame:
    """One function at an address."""

    function: str
    file: str
    line: int


@pytest.fixture(scope="module")
def program() -> Path:
    """The compiled example."""
    cargo = _tool("cargo", "cargo (or rustup)")
    command = [cargo, "build", "-j1", "--no-default-features", "--example", "symbols"]
    messages = _run(*command, "--message-format=json", folder=ROOT)
    artifacts = [json.loads(line) for line in messages.splitlines()]
    paths = [
        item["executable"] for item in artifacts if item.get("target", {}).get("name") == "symbols"
    ]
    assert paths, "cargo named no program"
    return Path(paths[-1])


def answers(program: Path, library: Path, addresses: list[int]) -> list[list[dict[str, object]]]:
    """The frames of each address, from the Rust side."""
    lines = "\n".join([str(library), *(f"{address:#x}" for address in addresses)])
    *frames, summary = map(json.loads, _run(program, stdin=lines).splitlines())
    assert summary["lookups"] == len(addresses) == len(frames)
    assert [int(frame["address"], 16) for frame in frames] == addresses
    return [frame["frames"] for frame in frames]


def expected(library: Path, addresses: list[int]) -> list[list[Frame]]:
    """The frames of each address, from binutils."""
    tool = _tool("addr2line", "binutils")
    lines = "\n".join(f"{address:#x}" for address in addresses)
    text = _run(tool, "-a", "-f", "-i", "-C", "-e", library, stdin=lines)
    found: list[list[Frame]] = []
    rows = iter(text.splitlines())
    for row in rows:
        if re.fullmatch(r"0x[0-9a-f]{16}", row):
            found.append([])
            continue
        file, _, line = next(rows).partition(" (discriminator")[0].rpartition(":")
        found[-1].append(Frame(row, file, int(line) if line.isdigit() else 0))
    return found


def text_section(library: Path) -> tuple[int, int]:
    """Address and size of ``.text``."""
    rows = _run(_tool("readelf", "binutils"), "-SW", library).replace("[ ", "[").splitlines()
    (row,) = (row.split() for row in rows if re.match(r"\s*\[\d+\] \.text\s", row))
    return int(row[3], 16), int(row[5], 16)


def base_name(function: str) -> str:
    """Without arguments, parameters of templates and result: demanglers spell those differently."""
    name = function.partition(" [clone")[0].replace("(anonymous namespace)", "{anonymous}")
    name = re.sub(r"operator(<<|>>|->|<=>|<=|>=|<|>|\(\))", "operator", name)
    depth, kept = 0, []
    for character in name.replace("->", ""):
        depth -= character in ">)"
        if not depth and character not in ">)":
            kept.append(" " if character in "<(" else character)
        depth += character in "<("
    # What stood before the name, such as a result, ends with a space at depth 0.
    words = [word for word in "".join(kept).split(" ") if word.strip("&*")]
    words = [word for word in words if word not in {"const", "&&"}]
    return words[-1] if words else ""


def compile_c(folder: Path) -> Path:
    library = folder / "libc_fixture.so"
    source = shutil.copy(HERE / "nested.c", folder)
    flags = ["-O2", "-g", "-fPIC", "-shared"]
    _run(_tool("gcc", "gcc libc6-dev"), *flags, source, "-o", library, folder=folder)
    return library


def compile_cpp(folder: Path) -> Path:
    library = folder / "libcpp_fixture.so"
    source = shutil.copy(HERE / "templates.cpp", folder)
    flags = ["-std=c++17", "-O2", "-g", "-fPIC", "-shared"]
    _run(_tool("g++", "g++"), *flags, source, "-o", library, folder=folder)
    return library


def compile_rust(folder: Path) -> Path:
    library = folder / "librust_fixture.so"
    source = shutil.copy(HERE / "generics.rs", folder)
    flags = ["--edition=2021", "--crate-type=cdylib", "-O", "-g"]
    _run(_tool("rustc", "rustc (or rustup)"), *flags, source, "-o", library, folder=folder)
    return library


@pytest.mark.parametrize(
    ("compiled", "least_inlined"),
    [(compile_c, 30), (compile_cpp, 100), (compile_rust, 100)],
    ids=["c", "c++", "rust"],
)
def test_frames_are_those_of_binutils(
    compiled: object, least_inlined: int, program: Path, tmp_path: Path
) -> None:
    assert callable(compiled)
    library = compiled(tmp_path)
    start, size = text_section(library)
    chosen = random.Random(3).sample(range(start, start + size), min(ADDRESSES, size))
    mine, theirs = answers(program, library, chosen), expected(library, chosen)
    wrong, inlined = [], 0
    for address, frames, reference in zip(chosen, mine, theirs, strict=True):
        inlined += len(frames) > 1
        flags = [frame["inlined"] for frame in frames]
        problem = difference(frames, reference)
        if problem or flags != [True] * (len(frames) - 1) + [False]:
            wrong.append(f"{address:#x}: {problem}\n  {frames}\n  {reference}")
    assert inlined >= least_inlined, "the fixture has too few inlined functions to say anything"
    assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n".join(wrong[:5])


def difference(frames: list[dict[str, object]], reference: list[Frame]) -> str:
    """What two answers for an address differ in; nothing where binutils does not know."""
    if len(frames) != len(reference):
        return f"{len(frames)} frames, binutils has {len(reference)}"
    for frame, other in zip(frames, reference, strict=True):
        if other.line and (
            os.path.normpath(str(frame["file"])) != os.path.normpath(other.file)
            or frame["line"] != other.line
        ):
            return f"{frame['file']}:{frame['line']} is not {other.file}:{other.line}"
        if other.function == "??" or frame["guess"]:
            # binutils takes the nearest symbol for the function and does not say so.
            continue
        name, other_name = base_name(str(frame["function"])), base_name(other.function)
        if frame["inlined"] and other_name == base_name(str(frames[-1]["function"])):
            # binutils gives the symbol's name to the innermost one, if that has no linkage name,
            continue
        if not frame["inlined"] and name.endswith("::" + other_name):
            # and the plain name to the outermost, where the symbol says more.
            continue
        if name != other_name:
            return f"{frame['function']} is not {other.function}"
    return ""


@pytest.fixture(scope="module")
def cython_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module of a package, generated and compiled in the folder of its project."""
    if subprocess.run([sys.executable, "-c", "import Cython"], check=False).returncode:
        pytest.fail("Cython is missing: python -m pip install cython")
    project = tmp_path_factory.mktemp("project")
    package = project / "pack_1" / "sub"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    shutil.copy(HERE / "places.pyx", package)
    (project / "build").mkdir()
    generated, library = project / "build" / "places.c", project / "places.so"
    source = "pack_1/sub/places.pyx"
    _run(sys.executable, "-m", "cython", "-3", source, "-o", generated, folder=project)
    flags = ["-O1", "-g", "-fPIC", "-shared", "-fno-inline", f"-I{sysconfig.get_path('include')}"]
    gcc = _tool("gcc", "gcc libc6-dev")
    _run(gcc, *flags, "build/places.c", "-o", library, folder=project)
    return library


def functions(library: Path) -> dict[str, range]:
    """Addresses of every function, by its C name."""
    rows = _run(_tool("nm", "binutils"), "-S", library).splitlines()
    symbols = [row.split() for row in rows if len(row.split()) == 4]
    code = [(name, int(at, 16), int(size, 16)) for at, size, kind, name in symbols if kind in "tT"]
    return {name: range(at, at + size) for name, at, size in code}


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def cython_definitions(source: Path) -> dict[str, range]:
    """Lines of each function of the fixture, which says their names in comments."""
    lines = source.read_text().splitlines()
    found = {}
    for number, line in enumerate(lines, 1):
        if "# NAME " in line:
            # The line after may be the `def` below a decorator.
            after = enumerate(lines[number + 1 :], number + 2)
            ends = (end for end, text in after if text and indent(text) <= indent(line))
            found[line.partition("# NAME ")[2]] = range(number, next(ends, len(lines) + 1))
    return found


def statements(source: Path, definitions: dict[str, range]) -> dict[int, str]:
    """The innermost function of each line that must be reached."""
    lines = enumerate(source.read_text().splitlines(), 1)
    marked = [number for number, line in lines if "# STATEMENT" in line]
    # A nested function has the shorter range.
    by_length = sorted(definitions, key=lambda name: len(definitions[name]))
    return {line: next(name for name in by_length if line in definitions[name]) for line in marked}


def test_cython_code_has_places_in_the_pyx(program: Path, cython_library: Path) -> None:
    source = cython_library.parent / "pack_1" / "sub" / "places.pyx"
    definitions = cython_definitions(source)
    seen: dict[str, set[int]] = {name: set() for name in definitions}
    for c_name, addresses in functions(cython_library).items():
        if not re.match(r"__pyx_(pf|pw|f|gb)_", c_name) or "cython__" in c_name:
            continue
        for frames in answers(program, cython_library, list(addresses)):
            frame = frames[-1]
            name = str(frame["function"]).removeprefix("pack_1.sub.places.")
            assert name in definitions, f"{c_name}: {frame}"
            assert frame["file"] == str(source), f"{c_name}: {frame}"
            assert frame["line"] in definitions[name], f"{c_name}: {frame}"
            seen[name].add(int(str(frame["line"])))
    wanted = statements(source, definitions)
    assert len(wanted) > 10
    missing = {line: name for line, name in wanted.items() if line not in seen[name]}
    assert not missing, f"no address is on {missing}"


def test_slots_of_a_cython_class_are_on_its_line(program: Path, cython_library: Path) -> None:
    source = cython_library.parent / "pack_1" / "sub" / "places.pyx"
    lines = source.read_text().splitlines()
    (line,) = (number for number, text in enumerate(lines, 1) if text.startswith("cdef class"))
    for slot, method in (("tp_new", "__new__"), ("tp_dealloc", "__dealloc__")):
        name = f"__pyx_{slot}_6pack_1_3sub_6places_Holder"
        for (frame,) in answers(program, cython_library, list(functions(cython_library)[name])):
            assert frame["function"] == f"pack_1.sub.places.Holder.{method}"
            assert (frame["file"], frame["line"]) == (str(source), line)


def test_without_the_generated_file_its_own_line_stays(
    program: Path, cython_library: Path, tmp_path: Path
) -> None:
    generated = cython_library.parent / "build" / "places.c"
    name = "__pyx_f_6pack_1_3sub_6places_fast"
    addresses = list(functions(cython_library)[name])
    away = generated.rename(tmp_path / "places.c")
    try:
        found = answers(program, cython_library, addresses)
    finally:
        away.rename(generated)
    for (frame,) in found:
        assert frame["function"] == "pack_1.sub.places.fast"
        assert frame["file"] == str(generated)
        assert int(str(frame["line"])) > 100


VARIABLES_C = """
struct pair { long first; void *second; };
static void *hidden[7];
static struct pair pairs[3];
struct pair exported;
void **touch(int at) {
  static void *last;
  static long count;
  pairs[at].second = hidden[at] = last;
  count++;
  return &last;
}
long *counted(void) { static long count; exported.first++; return &count; }
"""

VARIABLES_CPP = """
#include <string>
#include <vector>
namespace cache { static std::vector<int> numbers; std::string words; }
struct Holder { static Holder *only; int value; };
Holder *Holder::only;
template <typename T> T &slot() { static T one{}; return one; }
int *touch(int at) { cache::numbers.push_back(at); cache::words += "x"; return &slot<int>(); }
long *other() { static Holder mine; Holder::only = &mine; return &slot<long>(); }
"""


@dataclass(frozen=True)
class Datum:
    """One variable as ``nm`` lists it."""

    name: str
    start: int
    size: int
    file: str
    line: int


def listed_variables(library: Path) -> list[Datum]:
    """Data symbols with a size and with the place of a declaration, from binutils."""
    found = []
    for row in _run(_tool("nm", "binutils"), "-lSC", library).splitlines():
        fields, _, place = row.partition("\t")
        words = fields.split(maxsplit=3)
        if len(words) == 4 and words[2] in "bBdDuV" and place:
            file, _, line = place.rpartition(":")
            found.append(Datum(words[3], int(words[0], 16), int(words[1], 16), file, int(line)))
    return found


@pytest.mark.parametrize(
    ("suffix", "source", "least"),
    [("c", VARIABLES_C, 6), ("cpp", VARIABLES_CPP, 4)],
    ids=["c", "c++"],
)
def test_variables_are_those_of_nm(
    suffix: str, source: str, least: int, program: Path, tmp_path: Path
) -> None:
    file, library = tmp_path / f"variables.{suffix}", tmp_path / "libvariables.so"
    file.write_text(source)
    compiler = _tool("gcc", "gcc libc6-dev") if suffix == "c" else _tool("g++", "g++")
    _run(compiler, "-O1", "-g", "-fPIC", "-shared", file, "-o", library, folder=tmp_path)
    listed = listed_variables(library)
    assert len(listed) >= least
    asked = [(datum, inside) for datum in listed for inside in range(0, datum.size, 4)]
    lines = "\n".join(
        [str(library), *(f"data {datum.start + inside:#x}" for datum, inside in asked)]
    )
    *answered, _ = map(json.loads, _run(program, stdin=lines).splitlines())
    assert len(answered) == len(asked)
    for (datum, inside), answer in zip(asked, answered, strict=True):
        found = answer["variable"]
        assert found, f"{datum} has no answer"
        assert (found["file"], found["line"], found["guess"]) == (datum.file, datum.line, False)
        # Statics of functions have a number in the table of symbols, and none in the source.
        name = re.sub(r"\.\d+$", "", datum.name).removesuffix("[abi:cxx11]")
        assert re.match(rf"{re.escape(name)}(\[abi:cxx11\])?($|[.\[])", found["name"]), (
            found,
            datum,
        )
        if found["name"] == name:
            assert found["offset"] == inside
