"""Compiled core of refaudit. Use the names of the package `refaudit` instead."""

from typing import Any, final

@final
class ImportModel:
    """One process that imports one module, in the model of CPython's import caches.

    Objects are numbers; interpreter 0 is the main one. IndexError for an interpreter that is not open.
    """

    def __new__(
        cls,
        minor: int,
        kind: str,
        *,
        state: bool = False,
        reference: bool = False,
        interpreters: str = "supported",
        origin: str = "library",
    ) -> ImportModel: ...
    @staticmethod
    def predict(kind: str, minor: int) -> dict[str, Any]:
        """What stays of a module of this kind that was imported and dropped on Python 3.minor, and why."""

    def open(self, /, isolated: bool = False) -> int:
        """Open a sub-interpreter; its number."""

    def end(self, /, interpreter: int) -> None:
        """End an interpreter; of the main one, finalize the process."""

    def import_(self, /, interpreter: int = 0) -> int:
        """`local = import_module(name)`; the module object. ImportError where CPython refuses."""

    def drop(self, /, interpreter: int = 0) -> None:
        """`del local`."""

    def delete(self, /, interpreter: int = 0) -> None:
        """`sys.modules.pop(name, None)`."""

    def collect(self, /, interpreter: int = 0) -> None:
        """`gc.collect()`."""

    def local(self, /, interpreter: int = 0) -> int | None:
        """What the program's variable refers to."""

    def attribute(self, /, module: int, name: str) -> int | None:
        """An attribute of a living module: `Thing`, `items`, `ping` or `__dict__`."""

    def is_alive(self, /, number: int) -> bool:
        """Whether an object is alive."""

    def why(self, /, number: int) -> list[str]:
        """The chain that keeps an object, root first; empty for a dead one."""

    def counts(self, /) -> tuple[int, int, int]:
        """Calls of the init function, of exec, and of m_free."""

    def stays(self, /) -> dict[str, bool]:
        """Which objects of the module are alive, by sort."""

@final
class Layers:
    """A reading of every layer of memory, taken when it is made; collects once before."""

    def __new__(cls) -> Layers: ...
    def growth(self, /) -> str:
        """By how much each layer grew since, in bytes, as JSON."""

@final
class Measurement:
    """A baseline, runs, and what each of them did not give back; its state lives in Rust."""

    def __new__(cls, scope: list[str] = ...) -> Measurement: ...
    def adopt(self, /, other: Measurement) -> None:
        """Start anew from the last snapshot of another measurement."""

    def snapshot(self, /) -> None:
        """Settle and take a snapshot: the baseline, then one after each run."""

    def open(self, /) -> int:
        """Open the window of the next run; return its number, from 0."""

    def close(self, /) -> None:
        """Close the window."""

    def pause(self, /) -> None:
        """Make the window blind until `resume`."""

    def resume(self, /) -> None:
        """End a pause."""

    def survivor_runs(self, /) -> list[int]:
        """Numbers of the runs that have survivors."""

    def gained(self, /) -> bool:
        """Whether an object that was there before gained or lost unexplained references."""

    def findings(self, /, subject: str) -> str:
        """Look for holders and judge; findings as JSON."""

    def dominators(self, /) -> str:
        """What the survivors retained at the last findings: rows of a table, a list as JSON."""

    def residues(self, /) -> str:
        """What is alive of each run that the last snapshot saw, leak or not; a list as JSON."""

    def alive(self, /, type_name: str) -> list[int]:
        """How many objects or blocks of a type were alive at the last findings, by run of birth."""

def self_check() -> None:
    """Compare private layouts with known objects; RuntimeError when they do not fit."""

def install() -> None:
    """Wrap the three allocator domains and the arena allocator. Idempotent; MemoryError without address space."""

def canary() -> str | None:
    """Leak on purpose and look whether that is found; the complaint, or None."""

def check_hooks(tracemalloc_is_tracing: bool, frozen: int, notes: list[str]) -> None:
    """Look at every hook, and put lost ones back."""

def set_tracer(active: bool) -> None:
    """Take or give back the reference tracer (3.13+); nothing on older versions."""

def trust() -> str:
    """The trust block of an audit document, as JSON."""

def settle() -> int:
    """Collect until nothing is left, empty free lists and type cache; what was collected."""

def statistics() -> list[tuple[str, int, int, int]]:
    """(type name, objects, unexplained references, bytes) for every type, after settling."""

def diagnose(settle: bool = True) -> dict[str, Any]:
    """How well the model explains this process."""

def examine(
    targets: list[tuple[str, int]], defs: list[int], package: str, files: list[str], most: int
) -> str:
    """Chains to objects, each (label, address), and what holds them without the import caches; as JSON."""

def retained(addresses: list[int]) -> tuple[int, int]:
    """Objects and bytes that live through the objects at these addresses alone, these included."""

def layouts() -> dict[str, int]:
    """Private offsets of this build by name, for the comparison with CPython's headers."""

def render(document: str, format: str) -> str:
    """An audit document (JSON text) as `text`, `json` or `html`; ValueError for any other text."""

def judge_module(observed: str, tool: str, interpreter: str) -> str:
    """The module document (JSON text) of an observation; ValueError for any other text."""

def render_module(document: str, format: str) -> str:
    """A module document (JSON text) as `text`, `json` or `html`; ValueError for any other text."""

def watch_inits() -> None:
    """Record from now on which module definitions extensions hand to CPython. Idempotent; no way back."""

def inits() -> str:
    """What was recorded, as JSON: library, api, def, name, m_size, calls, frees."""

def module_def(module: object) -> int:
    """Address of the definition that a module was made from; 0 when it has none, or no longer knows it."""

def module_facts(module: object, def_: int = 0) -> str:
    """What a module's definition and library say, as JSON; definition 0 is looked for."""

def import_caches(defs: list[int]) -> str:
    """CPython's import caches and what they have of some definitions, as JSON of addresses."""

def forget_import(name: str, file: str, def_: int) -> str:
    """Clear what the caches have of a module; what was cleared, in words. Destructive; RuntimeError."""

def identify(object: object) -> tuple[int, int]:
    """Address and serial of birth; 0 for an object whose birth was not seen."""

def is_alive(address: int, serial: int) -> bool:
    """Whether the object of `identify` is still there, after settling; ValueError for serial 0."""

def _benchmark_snapshot() -> dict[str, float]:
    """Seconds for the parts of one snapshot, and its size."""

def _benchmark_dominators(tree: bool) -> None:
    """Take a snapshot, and with `tree` make its dominator tree with all retained sizes."""

def _leak_reference(object: object) -> None:
    """Test support: take a reference and never give it back."""

def _over_release(object: object) -> None:
    """Test support: give back a reference that was never taken."""

def _leak_block(size: int) -> None:
    """Test support: allocate a PyMem block and forget it."""

def set_stack_depth(python: int, native: int) -> None:
    """Set how many Python and native frames of a stack are recorded at most; 0 for none."""

def _benchmark_unwind(iterations: int) -> dict[str, float]:
    """Nanoseconds to unwind the caller's native stack, and how many frames it has."""

def _unwinding_agrees() -> str | None:
    """Test support: compare the native stack here with that of another unwinder; the complaint, or None."""

def _limit_stack_table(frames: int) -> None:
    """Test support: room for so many frames in the table of stacks."""

def _native_sync(scope: list[str]) -> list[str]:
    """Test support: redirect the import tables of loaded libraries; what is not seen."""

def _native_awake(awake: bool) -> None:
    """Test support: whether the birth of native blocks is recorded."""

def _native_blocks() -> list[tuple[int, int, str]]:
    """Test support: (address, size, route) of the live native blocks."""
