"""The offsets that the Rust side reads are those of the running interpreter's own headers.

``layouts.c`` is compiled against the headers of the interpreter that runs this test, and what it
prints is compared with ``refaudit._refaudit.layouts()``. The few numbers that no header declares
are checked on live objects instead.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.oracle

HERE = Path(__file__).parent


def _compiler() -> list[str]:
    """The C compiler: ``$CC``, else ``cc``."""
    command = shlex.split(os.environ.get("CC", "cc"))
    if shutil.which(command[0]) is None:
        pytest.fail(f"no C compiler ({command[0]}): apt-get install gcc libc6-dev")
    return command


def _include_folders() -> list[Path]:
    """Where the headers are; the internal ones include each other without their folder."""
    folders = [Path(sysconfig.get_path(name)) for name in ("include", "platinclude")]
    internal = [folder / "internal" for folder in folders]
    if not any((folder / "pycore_frame.h").exists() for folder in internal) and not any(
        (folder / "pycore_interp.h").exists() for folder in internal
    ):
        minor = "{}.{}".format(*sys.version_info[:2])
        pytest.fail(f"no internal headers in {folders[0]}: apt-get install python{minor}-dev")
    return list(dict.fromkeys(folders + internal))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """What the compiler says, by name."""
    program = tmp_path_factory.mktemp("layouts") / "layouts"
    sources = [str(HERE / name) for name in ("layouts.c", "layouts_execution.c")]
    # CPython's own inline functions are full of warnings that are no concern of this test.
    flags = ["-w", *(f"-I{folder}" for folder in _include_folders())]
    built = subprocess.run(
        [*_compiler(), *flags, "-o", str(program), *sources],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {name: int(value) for name, value in map(str.split, printed.splitlines())}


@pytest.fixture(scope="module")
def rust() -> dict[str, int]:
    """What the Rust side reads with, by name."""
    from refaudit._refaudit import layouts

    return dict(layouts())


def _word(address: int) -> int:
    return int(ctypes.c_uint64.from_address(address).value)


def _byte(address: int) -> int:
    return int(ctypes.c_uint8.from_address(address).value)


def test_headers_are_those_of_this_interpreter(compiled: dict[str, int]) -> None:
    assert compiled["version"] == sys.hexversion


def test_every_name_of_the_rust_side_is_checked(
    compiled: dict[str, int], rust: dict[str, int]
) -> None:
    assert rust, "layouts() is empty: nothing would be compared"
    unknown = sorted(set(rust) - set(compiled))
    assert not unknown, f"not in layouts.c, add them there: {unknown}"


def test_every_offset_agrees(compiled: dict[str, int], rust: dict[str, int]) -> None:
    common = rust.keys() & compiled.keys()
    wrong = {name: (rust[name], compiled[name]) for name in common if rust[name] != compiled[name]}
    assert common
    assert not wrong, f"name: (Rust, C): {wrong}"


def test_keys_of_a_live_dict(compiled: dict[str, int]) -> None:
    """3.10 declares its dict keys in no installed header; the others are read the same way."""
    subject = {1: "one", 2: "two", 3: "three"}
    keys = _word(id(subject) + compiled["dict.ma_keys"])
    indices = keys + compiled["keys.dk_indices"]
    if sys.version_info < (3, 11):
        assert _word(keys + compiled["keys.dk_size"]) == 8
        entries = indices + 8  # one byte for each index of a table this small
    else:
        entries = indices + (1 << _byte(keys + compiled["keys.dk_log2_index_bytes"]))
    assert _word(keys + compiled["keys.dk_nentries"]) == 3
    for number, (key, value) in enumerate(subject.items()):
        entry = entries + number * compiled["entry.sizeof"]
        assert _word(entry + compiled["entry.me_key"]) == id(key)
        assert _word(entry + compiled["entry.me_value"]) == id(value)


@pytest.mark.skipif(
    not (3, 11) <= sys.version_info[:2] <= (3, 12),
    reason="only 3.11 and 3.12 keep bytes before the values that no struct declares",
)
def test_bytes_before_the_values_of_a_live_instance(compiled: dict[str, int]) -> None:
    class Point:
        def __init__(self) -> None:
            self.x = 1
            self.y = 2

    subject = Point()
    if sys.version_info < (3, 12):
        values = _word(id(subject) + compiled["managed.dict_offset"] - 8)
    else:
        tagged = _word(id(subject) + compiled["managed.dict_offset"])
        assert tagged & 1, "the instance has made its dict already"
        values = tagged + 1
    assert _byte(values + compiled["values.size"]) == 2
    assert _byte(values + compiled["values.prefix_size"]) > 2
    assert _word(values + compiled["values.values"]) == id(subject.x)
