"""Runs import sequences on a real interpreter; a program of its own, which knows nothing of refaudit.

Reads one request a line from standard input, runs it in a fork, and answers with one line:

    {"path": [folders], "name": module, "library": file or null, "steps": [[action, interpreter]…],
     "exit": whether to let the interpreter finalize, "attributes": names}

Each step is observed: `error`, `local` (ids of the module and its attributes), `alive` (weak references
to all that was met in the main interpreter, in order) and `counts` (init, exec, m_free). The answer has
`freed_at_exit`, when asked for: the m_free calls of the process to its very end.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import shutil
import sys
import tempfile
import weakref

_INSIDE = """
import sys
sys.path[:0] = {path!r}
import gc, importlib, json, os
gc.disable()
def look(error=None):
    local = globals().get("local")
    found = None
    if local is not None:
        names = [name for name in {attributes!r} if getattr(local, name, None) is not None]
        found = {{"module": id(local), **{{name: id(getattr(local, name)) for name in names}}}}
    del local
    os.write({pipe}, json.dumps({{"error": error, "local": found}}).encode())
"""

_ACTIONS = {
    "import": "local = importlib.import_module({name!r})",
    "drop": "globals().pop('local', None)",
    "delete": "sys.modules.pop({name!r}, None)",
    "collect": "gc.collect()",
}


class Interpreters:
    """Sub-interpreters, whatever this version calls them."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 13):
            import _interpreters as api
        else:
            import _xxsubinterpreters as api
        self._api = api

    def open(self, isolated: bool) -> object:
        """Its id; before 3.13 an object, which the interpreter ends with."""
        if sys.version_info >= (3, 13):
            return self._api.create("isolated" if isolated else "legacy")
        # Before 3.12 this is about threads and forks, and every interpreter shares the GIL.
        return self._api.create(isolated=isolated)

    def run(self, number: object, code: str) -> None:
        """An exception in there becomes one out here."""
        failed = self._api.run_string(number, code)
        if failed is not None:
            raise RuntimeError(str(failed))

    def end(self, number: object) -> None:
        self._api.destroy(number)


class Run:
    """One request."""

    def __init__(self, request: dict) -> None:
        self.request = request
        self.local = None
        self.met: list[weakref.ref] = []
        self.kept: list[object] = []
        self.guests: list[object] = []
        self.interpreters: Interpreters | None = None
        sys.path[:0] = request["path"]
        library = request["library"]
        self.counters = []
        if library:
            loaded = ctypes.CDLL(library)
            names = ("init_calls", "exec_calls", "free_calls")
            self.counters = [ctypes.c_int.in_dll(loaded, name) for name in names]

    def step(self, action: str, interpreter: int) -> dict:
        if interpreter:
            seen = self.elsewhere(action, interpreter)
        elif action.startswith("open"):
            self.interpreters = self.interpreters or Interpreters()
            self.guests.append(self.interpreters.open(action == "open-isolated"))
            seen = {"error": None, "local": None}
        else:
            seen = self.here(action)
        seen["alive"] = [reference() is not None for reference in self.met]
        seen["counts"] = [counter.value for counter in self.counters]
        return seen

    def here(self, action: str) -> dict:
        error = None
        if action == "import":
            try:
                self.local = importlib.import_module(self.request["name"])
            except ImportError as caught:
                error = str(caught)
        elif action == "drop":
            self.local = None
        elif action == "delete":
            sys.modules.pop(self.request["name"], None)
        else:
            gc.collect()
        return {"error": error, "local": self.look()}

    def look(self) -> dict | None:
        """Ids of what the variable leads to; a cleared module has None for each name. A list has no weak references: it is kept, which
        keeps nothing else, so that its id stays its own."""
        if self.local is None:
            return None
        found = {"module": self.local}
        for name in self.request["attributes"]:
            if getattr(self.local, name, None) is not None:
                found[name] = getattr(self.local, name)
        for value in found.values():
            if isinstance(value, list):
                self.kept.append(value)
            elif not any(reference() is value for reference in self.met):
                self.met.append(weakref.ref(value))
        return {name: id(value) for name, value in found.items()}

    def elsewhere(self, action: str, interpreter: int) -> dict:
        guest = self.guests[interpreter - 1]
        if action == "end":
            self.interpreters.end(guest)
            return {"error": None, "local": None}
        reader, writer = os.pipe()
        request = {**self.request, "pipe": writer}
        lines = _INSIDE.format(**request) + "error = None\ntry:\n    "
        lines += _ACTIONS[action].format(**request)
        lines += "\nexcept ImportError as caught:\n    error = str(caught)\nlook(error)\n"
        self.interpreters.run(guest, lines)
        os.close(writer)
        with os.fdopen(reader) as answer:
            return json.load(answer)


def answer(request: dict) -> tuple[bool, dict]:
    """Whether this is the fork that is to finalize, and the observations."""
    reader, writer = os.pipe()
    folder = tempfile.mkdtemp()
    log = os.path.join(folder, "calls")
    child = os.fork()
    if not child:
        os.environ["SAMPLE_LOG"] = log
        run = Run(request)
        os.write(writer, json.dumps([run.step(*step) for step in request["steps"]]).encode())
        if not request["exit"]:
            os._exit(0)
        gc.unfreeze()
        globals()["program"] = run.local
        return True, {}
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    freed = 0
    if os.path.exists(log):
        with open(log) as lines:
            freed = sum(line.endswith("free\n") for line in lines)
    shutil.rmtree(folder)
    seen = json.loads(text) if text else []
    return False, {"status": status, "seen": seen, "freed_at_exit": freed}


def main() -> None:
    """Answers go to what was standard output: a module may print."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    gc.disable()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        finalize, result = answer(json.loads(line))
        if finalize:
            return
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
