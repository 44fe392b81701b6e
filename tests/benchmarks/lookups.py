"""1,000 distinct look-ups in a library of 100 MB, against addr2line of binutils."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from environment import HERE, Bench, ChildFailed
from native import tool
from rounds import Figures, interleaved
from table import goal, heading, table

LOOKUPS = 1_000
LIBRARY = 100_000_000
SECONDS, MEGABYTES = 1.0, 150.0
#: A line number, in JSON or behind the name of a file.
LINE = re.compile(r'(?::|"line": ?)[1-9]\d*')
GCC = "apt-get install gcc g++ binutils"


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Each tool opens the library anew; peaks are those of its process."""
    heading(f"{LOOKUPS:,} distinct look-ups in a library of 100 MB with DWARF")
    library = _library(bench.folder / "native")
    addresses = _addresses(library)
    example = _example()

    def measure(name: str) -> Figures:
        if name == "refaudit":
            text = "\n".join([str(library), *map(hex, addresses)])
            return _timed([example], text)
        lines = "\n".join(map(hex, addresses))
        return _timed(["addr2line", "-f", "-i", "-C", "-e", str(library)], lines)

    best = interleaved(["refaudit", "addr2line"], min(options.rounds, 3), measure, {"addr2line"})
    table(
        ["tool", "wall s", "CPU s", "peak resident MB", "of these the file, MB"],
        [
            [name, f["wall"], f["cpu"], f["peak"] / 1e6, f["file"] / 1e6 if "file" in f else ""]
            for name, f in best.items()
        ],
    )
    print(f"The library has {library.stat().st_size / 1e6:.0f} MB.\n")
    ours = best.get("refaudit")
    goal("CPU time of the process", ours["cpu"] if ours else None, SECONDS, " s")
    goal("peak of the process", ours["peak"] / 1e6 if ours else None, MEGABYTES, " MB")


def _library(folder: Path) -> Path:
    """One compiled part, linked as often as it takes, each time under other symbol names."""
    source, library = HERE / "children" / "large.cpp", folder / "large.so"
    if library.exists() and library.stat().st_mtime > source.stat().st_mtime:
        return library
    folder.mkdir(exist_ok=True)
    compiler = os.environ.get("CXX", "c++")
    part, linked = folder / "part.o", folder / "half.so"
    tool([compiler, "-std=c++17", "-O1", "-g", "-fPIC", "-c", source, "-o", part], GCC)
    parts: list[Path] = []
    wanted, size = 8, 0
    while size < LIBRARY:
        for number in range(len(parts), wanted):
            parts.append(folder / f"part{number}.o")
            tool(["objcopy", f"--prefix-symbols=copy{number}_", part, parts[-1]], GCC)
        # It is only read: names that the copies do not define may stay open.
        tool([compiler, "-shared", "-nostartfiles", *parts, "-o", linked], GCC)
        # The linker keeps equal strings once, so it takes more parts than their sizes say.
        size = linked.stat().st_size
        wanted = max(len(parts) + 1, len(parts) * LIBRARY // size + 1)
    linked.replace(library)
    for path in [part, *parts]:
        path.unlink()
    return library


def _addresses(library: Path) -> list[int]:
    """The middle of functions from everywhere in the library; what is left is taken from starts."""
    found = set()
    for line in tool(["nm", "-S", "--defined-only", library], GCC).splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tTwW":
            start, size = int(fields[0], 16), int(fields[1], 16)
            found |= {start, start + size // 2}
    if len(found) < LOOKUPS:
        raise ChildFailed(f"{library.name} has only {len(found)} addresses to look up")
    every = len(found) // LOOKUPS
    return sorted(found)[::every][:LOOKUPS]


def _example() -> str:
    """The program that looks up with refaudit's own reader."""
    command = ["cargo", "build", "--release", "--no-default-features", "--example", "symbols"]
    said = tool(
        [*command, "--quiet", "--message-format=json"], "install Rust with rustup", HERE.parents[1]
    )
    made = [json.loads(line) for line in said.splitlines()]
    return next(str(message["executable"]) for message in made if message.get("executable"))


def _timed(command: list[str], text: str) -> Figures:
    """Seconds and peak of a process with `text` as its input; answers without lines are an error."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(text.encode())
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=said)
        # The only wait that tells the peak of this process alone.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().decode().splitlines()
    known = sum(LINE.search(line) is not None for line in lines)
    if process.returncode or known < LOOKUPS * 0.9:
        name = Path(command[0]).name
        raise ChildFailed(f"{name} ended with {process.returncode}, and gave {known} lines")
    figures = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024.0}
    summary = json.loads(lines[-1]) if lines[-1].startswith("{") else {}
    if "read_kb" in summary:
        figures["file"] = summary["read_kb"] * 1024.0
    return figures
