"""Instructions that write to memory, executed by the processor on plain and on guarded memory."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Where the memory operand is: 8 bytes into a scaled index behind the base.
OPERAND = "[rbx + rcx*4 + 8]"
_A = {1: "al", 2: "ax", 4: "eax", 8: "rax"}
_D = {1: "dl", 2: "dx", 4: "edx", 8: "rdx"}
_WORDS = {1: "byte", 2: "word", 4: "dword", 8: "qword", 16: "xmmword", 32: "ymmword", 64: "zmmword"}

_GENERAL = [
    "rax",
    "rcx",
    "rdx",
    "rbx",
    "rsp",
    "rbp",
    "rsi",
    "rdi",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
]
FLAGS, VECTOR, SIZE = 128, 136, 136 + 64


@dataclass(frozen=True)
class Form:
    """One instruction; what the processor must be able to do for it; whether it is executed and not performed."""

    text: str
    needs: str = "sse2"
    stepped: bool = False
    #: Writes where rdi points.
    string: bool = False


def forms() -> Iterator[Form]:
    """Every form that is understood, and some that are stepped."""
    for width in (1, 2, 4, 8):
        place = f"{_WORDS[width]} ptr {OPERAND}"
        for name in ("add", "adc", "sub", "sbb", "and", "or", "xor"):
            yield Form(f"{name} {place}, {_D[width]}")
            yield Form(f"lock {name} {place}, {_D[width]}")
            yield Form(f"{name} {place}, -3")
        for name in ("inc", "dec", "neg", "not"):
            yield Form(f"{name} {place}")
            yield Form(f"lock {name} {place}")
        yield Form(f"mov {place}, {_D[width]}")
        yield Form(f"mov {place}, 77")
        yield Form(f"xchg {place}, {_D[width]}")
        yield Form(f"lock xadd {place}, {_D[width]}")
        yield Form(f"xadd {place}, {_A[width]}")
        yield Form(f"lock cmpxchg {place}, {_D[width]}")
        yield Form(f"mov {_A[width]}, {place}; cmpxchg {place}, {_D[width]}")
        if width > 1:
            for name in ("bts", "btr", "btc"):
                yield Form(f"{name} {place}, 5")
        yield Form(f"shl {place}, 3", stepped=True)
        yield Form(f"sar {place}, cl", stepped=True)
    yield Form(f"mov byte ptr {OPERAND}, dh")
    yield Form(f"add byte ptr {OPERAND}, ah")
    yield Form(f"xchg byte ptr {OPERAND}, dh")
    yield Form(f"movnti {OPERAND}, rdx")
    yield Form(f"setc byte ptr {OPERAND}", stepped=True)
    yield from _vectors()
    for text in ("stosb", "stosd", "stosq", "rep stosb", "rep stosq"):
        yield Form(text, stepped=True, string=True)
    for text in ("movsb", "movsq", "rep movsb", "rep movsd"):
        yield Form(f"lea rsi, [rdi - 16]; {text}", stepped=True, string=True)


def _vectors() -> Iterator[Form]:
    for name in ("movups", "movupd", "movdqu"):
        yield Form(f"{name} xmmword ptr {OPERAND}, xmm1")
        yield Form(f"v{name} xmmword ptr {OPERAND}, xmm1", "avx")
        yield Form(f"v{name} ymmword ptr {OPERAND}, ymm1", "avx")
    for name, width in (
        ("movq", 8),
        ("movd", 4),
        ("movss", 4),
        ("movsd", 8),
        ("movlps", 8),
        ("movhps", 8),
    ):
        yield Form(f"{name} {_WORDS[width]} ptr {OPERAND}, xmm1")
        yield Form(f"v{name} {_WORDS[width]} ptr {OPERAND}, xmm1", "avx")
    for register, width in (("xmm17", 16), ("ymm17", 32), ("zmm17", 64), ("zmm1", 64)):
        yield Form(f"vmovdqu64 {_WORDS[width]} ptr {OPERAND}, {register}", "avx512vl")
    yield Form(f"vextracti128 xmmword ptr {OPERAND}, ymm1, 1", "avx2", stepped=True)


def _function(number: int, form: Form, wide: bool) -> str:
    """Loads all registers from what rdi points to, executes, stores them."""
    load = [
        f"mov {name}, [rdi + {8 * place}]"
        for place, name in enumerate(_GENERAL)
        if place not in (4, 7)
    ]
    keep = [
        f"mov [rdi + {8 * place}], {name}"
        for place, name in enumerate(_GENERAL)
        if place not in (4, 7)
    ]
    saved = ["rbx", "rbp", "r12", "r13", "r14", "r15"]
    lines = [
        f".globl form_{number}",
        f"form_{number}:",
        *(f"push {name}" for name in saved),
        "push rdi",
        *([f"vmovups zmm1, [rdi + {VECTOR}]", f"vmovups zmm17, [rdi + {VECTOR}]"] if wide else []),
        *([] if wide else [f"movups xmm1, [rdi + {VECTOR}]"]),
        f"push qword ptr [rdi + {FLAGS}]",
        "popfq",
        *load,
        "mov rdi, [rdi + 56]",
        form.text,
        "xchg [rsp], rdi",
        *keep,
        "pushfq",
        "pop rax",
        f"mov [rdi + {FLAGS}], rax",
        "pop rax",
        "mov [rdi + 56], rax",
        *(f"pop {name}" for name in reversed(saved)),
        "ret",
    ]
    return "\n".join(lines)


def can() -> set[str]:
    """What this processor can do."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("flags"):
            return set(line.split(":")[1].split())
    return set()


def library(folder: Path, wanted: list[Form]) -> Path:
    """A library with a function `form_N` for each form."""
    if shutil.which("cc") is None:
        pytest.fail("cc is missing; install it with: apt-get install gcc")
    wide = "avx512vl" in can()
    text = [".intel_syntax noprefix", ".text", '.section .note.GNU-stack,"",@progbits', ".text"]
    text += [_function(number, form, wide) for number, form in enumerate(wanted)]
    source, output = folder / "forms.s", folder / "forms.so"
    source.write_text("\n".join(text) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["cc", "-shared", "-nostdlib", str(source), "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"assembling failed:\n{done.stderr[-3000:]}")
    return output
