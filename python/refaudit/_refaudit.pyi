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

    def drawing(self, /) -> str:
        """What keeps what, from the roots down, as a tree of text; empty when nothing does."""

    def counts(self, /) -> tuple[int, int, int]:
        """Calls of the init function, of exec, and of m_free."""

    def stays(self, /) -> dict[str, bool]:
        """Which objects of the module are alive, by sort."""

@final
class CycleWindow:
    """A window in which the caller keeps the collector off, and the cycles at its end."""

    def __new__(cls, scope: list[str] = ...) -> CycleWindow: ...
    def open(self, /) -> None:
        """Settle, and open the window."""

    def close(self, /) -> None:
        """Close the window."""

    def cycles(self, /, subject: str) -> str:
        """The cycles that were made or let go of in the window; a list as JSON. Nothing may have run since."""

@final
class Layers:
    """A reading of every layer of memory, taken when it is made; collects once before."""

    def __new__(cls) -> Layers: ...
    def growth(self, /) -> str:
        """By how much each layer grew since, in bytes, as JSON."""

@final
class RefTrace:
    """A watch on one object, by its address: it keeps nothing alive."""

    def __new__(cls, address: int) -> RefTrace: ...
    def finish(self, /, scope: list[str] = ...) -> str:
        """End the watch; the ledger of what was seen, as JSON. Raises RuntimeError the second time."""

@final
class Measurement:
    """A baseline, runs, and what each of them did not give back; its state lives in Rust."""

    #: Collect only once before a snapshot: a screening, which what it suspects is repeated after.
    quick: bool
    def __new__(cls, scope: list[str] = ...) -> Measurement: ...
    def single(self, /) -> None:
        """There will be one run only, which must make do with less evidence. Said before the baseline."""

    def adopt(self, /, other: Measurement) -> None:
        """Start anew from the last snapshot of another measurement."""

    def watch(self, /, found: Measurement, wide: bool) -> None:
        """Watch the objects of another measurement's first findings, or with `wide` all that are as large."""

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

@final
class ModelHeap:
    """The heap behind `refaudit.ModelHeap`, whose docstrings hold here too; an object is a number."""

    def __new__(cls, minor: int) -> ModelHeap: ...
    @staticmethod
    def capture() -> ModelHeap:
        """A copy of this process: an object for each object, all in the oldest generation."""

    def alloc(
        self,
        /,
        type_name: str,
        label: str,
        size: int,
        gc: bool,
        immortal: bool,
        finalizer: str | None,
        legacy_del: bool,
        free_list: str,
        clear: bool,
        slots: list[str],
    ) -> int: ...
    def weakref(self, /, referent: int, callback: bool) -> int: ...
    def link(self, /, from_: int, to: int, name: str, hidden: bool) -> None: ...
    def unlink(self, /, from_: int, name: str) -> list[tuple[str, int, int | None]]: ...
    def unlink_target(self, /, from_: int, to: int) -> list[tuple[str, int, int | None]]: ...
    def incref(self, /, id: int) -> None: ...
    def decref(self, /, id: int) -> list[tuple[str, int, int | None]]: ...
    def collect(self, /, generation: int) -> list[tuple[str, int, int | None]]: ...
    def clear_garbage(self, /) -> list[tuple[str, int, int | None]]: ...
    def event_count(self, /) -> int: ...
    def events_since(self, /, first: int) -> list[tuple[str, int, int | None]]: ...
    def without(
        self, /, kind: str, id: int, name: str, to: int
    ) -> tuple[list[int], list[int], list[int]]:
        """Freed at once, freed by a collection, lost."""

    def by_type(self, /, ids: list[int]) -> dict[str, tuple[int, int]]:
        """Objects and bytes by type."""

    def live_objects(self, /, type_name: str | None) -> list[int]: ...
    def find(self, /, address: int) -> int | None: ...
    def is_alive(self, /, id: int) -> bool: ...
    def refcount(self, /, id: int) -> int | None: ...
    def unexplained(self, /, id: int) -> int: ...
    def total_refcount(self, /) -> int: ...
    def edges(self, /, id: int) -> list[tuple[str, int, bool]]: ...
    def referrers(self, /, id: int) -> list[int]: ...
    def weakrefs(self, /, id: int) -> list[int]: ...
    def referent(self, /, id: int) -> int | None: ...
    def type_name(self, /, id: int) -> str: ...
    def own_label(self, /, id: int) -> str: ...
    def size(self, /, id: int) -> int: ...
    def address(self, /, id: int) -> int: ...
    def generation(self, /, id: int) -> int | None: ...
    def garbage(self, /) -> list[int]: ...
    def set_free_list(self, /, name: str, capacity: int) -> None: ...
    def free_list(self, /, name: str) -> list[int]: ...
    def set_threshold(self, /, first: int, second: int, third: int) -> None: ...
    def get_threshold(self, /) -> tuple[int, int, int]: ...
    def get_count(self, /) -> tuple[int, int, int]: ...
    def enable(self, /) -> None: ...
    def disable(self, /) -> None: ...
    def isenabled(self, /) -> bool: ...

def total_refcount() -> int:
    """The sum of all reference counts of this process, as far as the model sees."""

def live_objects(
    type_address: int | None, type_name: str | None
) -> list[tuple[int, str, str, int | None, int]]:
    """(address, type name, label, reference count or None, bytes) of all objects, or of one type."""

def describe(objects: list[tuple[int, str]]) -> list[str | None]:
    """Labels of objects, each (address, type name), that are still there."""

def describe_reference(from_: tuple[int, str], to: tuple[int, str]) -> str | None:
    """How one object refers to another, if both are still there."""

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

def trust(found: bool) -> str:
    """The trust block of an audit document with or without findings, as JSON."""

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

def render(document: str, format: str, root: str = "") -> str:
    """An audit document (JSON text) in a format of reports, paths from `root` on; ValueError for any other text."""

def render_folder(document: str) -> list[tuple[str, str]]:
    """The page of an audit document (JSON text) as files of a folder: their names and their texts."""

def judge_module(observed: str, tool: str, interpreter: str) -> str:
    """The module document (JSON text) of an observation; ValueError for any other text."""

def render_module(document: str, format: str, root: str = "") -> str:
    """A module document (JSON text) in a format of reports; ValueError for any other text or format."""

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

def type_facts(kind: object, sample: type) -> str:
    """What a type says of itself, as JSON; `sample` is any class made by a `class` statement."""

def visits(object: object) -> tuple[list[tuple[int, int]], int] | None:
    """Call `tp_traverse`: how often each address was visited, and the blocks born meanwhile."""

def body_words(object: object) -> list[tuple[int, int]]:
    """Offset and address of each word of an instance's body that points to a live object."""

def known_object(address: int) -> tuple[str, str, bool] | None:
    """Type name, label, and whether it takes part in collection, of the live object at an address."""

def reference_counts(addresses: list[int]) -> list[int | None]:
    """Counts of references by address; None for an immortal object, and where no object lives."""

def objects_at(addresses: list[int]) -> list[Any]:
    """The live objects at some addresses."""

def instances_of(kind: object, most: int) -> list[Any]:
    """At most `most` live instances of exactly this type."""

def parked(address: int, is_gc: bool) -> bool | None:
    """Whether the collector still tracks a dead instance whose block was not given back."""

def judge_types(observed: str, tool: str, interpreter: str) -> str:
    """Judge an observation of types: the types document, as JSON."""

def render_types(document: str, format: str) -> str:
    """Render a types document (JSON text) in a format of reports. ValueError for another text or format."""

def set_memory_budget(bytes: int) -> None:
    """Set how many bytes the model heap may take; 0 for half of what the system has to spare."""

def set_stack_depth(python: int, native: int) -> None:
    """Set how many Python and native frames of a stack are recorded at most; 0 for none."""

def render_history(ledger: str) -> str:
    """The history of a watch, a ledger as JSON, as text. Raises ValueError for anything else."""

# Support for tests and benchmarks; what each does stands at its Rust function in src/python.
def _benchmark_snapshot() -> dict[str, float]: ...
def _benchmark_dominators(tree: bool) -> None: ...
def _leak_reference(object: object) -> None: ...
def _over_release(object: object) -> None: ...
def _leak_block(size: int) -> None: ...
def _benchmark_holders(addresses: list[int]) -> tuple[float, int]: ...
def _benchmark_unwind(iterations: int) -> dict[str, float]: ...
def _unwinding_agrees() -> str | None: ...
def _limit_stack_table(frames: int) -> None: ...
def _native_sync(scope: list[str]) -> list[str]: ...
def _native_awake(awake: bool) -> None: ...
def _watch_counts(objects: list[object], route: str = "") -> None: ...
def _guard_all(least: int, most: int) -> None: ...
def _guard_births(size: int, before: int, most: int) -> None: ...
def _guard_block() -> int: ...
def _guard_next_run() -> None: ...
def _guard_end() -> list[str]: ...
def _guard_watches(object: int) -> bool: ...
def _guard_statistics() -> dict[str, int]: ...
def _watch_events() -> list[tuple[int, int, int, int, int]]: ...
def _watch_forget() -> None: ...

#: Object, count before and after, thread, mechanism, and frames as function, file and line.
_CountEvent = tuple[int, int, int, int, str, list[tuple[str, str, int]]]

def _watched_counts() -> tuple[list[_CountEvent], list[str]]: ...
def _imported_counts(addresses: list[int]) -> list[_CountEvent]: ...
def _imported_dropped() -> int: ...
def _effect(name: str) -> tuple[str, list[str]] | None: ...
def _effect_names() -> list[str]: ...
def _native_blocks() -> list[tuple[int, int, str]]: ...
def _garbage() -> list[tuple[int, str, bool]]: ...
def _watch_calls(watch: bool) -> None: ...
def _called_functions() -> list[str]: ...
