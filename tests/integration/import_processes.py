"""A real interpreter and the model side by side: what each says of a sequence of imports."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refaudit._refaudit import ImportModel
from support.modules import Sample, library

MINOR = sys.version_info.minor
ATTRIBUTES = ["Thing", "items", "ping"]
Step = tuple[str, int]


class Interpreter:
    """A child that runs sequences, each in a fork of its own."""

    def __init__(self, program: list[str], environment: dict[str, str] | None = None) -> None:
        driver = Path(__file__).with_name("import_driver.py")
        self._process = subprocess.Popen(
            [*program, "-S", "-W", "error", str(driver)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(
        self, name: str, path: list[str], library: Path | None, steps: list[Step], **more: Any
    ) -> Any:
        """Observations of each step, and how the fork ended."""
        request = {"name": name, "path": path, "library": library and str(library), "steps": steps}
        request |= {"exit": False, "attributes": ATTRIBUTES, **more}
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        assert len(answer["seen"]) == len(steps), f"died: status {answer['status']}"
        return answer

    def close(self) -> None:
        """End the child."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


def model_of(sample: Sample, origin: str = "library") -> ImportModel:
    """The model of a sample, as its macros make it."""
    state = "STATE" in sample.defines or sample.file == "export.c"
    interpreters = "supported"
    if state and sample.file != "single.c":
        interpreters = "per-interpreter-gil"
    elif sample.kind == "multi-phase-cached":
        interpreters = "not-supported"
    reference = "REFERENCE" in sample.defines
    return ImportModel(
        MINOR,
        sample.kind,
        state=state,
        reference=reference,
        interpreters=interpreters,
        origin=origin,
    )


def counters_of(sample: Sample) -> Path:
    """The library that counts."""
    return library(sample.name)


@dataclass
class Match:
    """Which number of the model is which object of the interpreter, by id while it lives."""

    model: ImportModel
    attributes: list[str]
    ids: dict[int, int] = field(default_factory=dict)
    met: list[int] = field(default_factory=list)

    def step(self, action: str, interpreter: int) -> str | None:
        """Do the same on the model; the reason of an ImportError."""
        if action.startswith("open"):
            self.model.open(action == "open-isolated")
            return None
        if action != "import":
            getattr(self.model, action)(interpreter)
            return None
        try:
            self.model.import_(interpreter)
        except ImportError as refused:
            return str(refused)
        return None

    def expect(self, seen: dict[str, Any], interpreter: int, ended: bool, where: str) -> None:
        """Everything that was observed is what the model says."""
        for number in [number for number in self.ids if not self.model.is_alive(number)]:
            del self.ids[number]
        if not ended:
            self._same_objects(seen["local"], interpreter, where)
        alive = [self.model.is_alive(number) for number in self.met]
        assert seen["alive"] == alive, f"{where}: alive {seen['alive']}, model {alive}"
        if seen["counts"]:
            assert tuple(seen["counts"]) == self.model.counts(), f"{where}: init, exec, m_free"

    def _same_objects(self, local: dict[str, int] | None, interpreter: int, where: str) -> None:
        module = self.model.local(interpreter)
        assert (local is None) == (module is None), f"{where}: variable"
        if local is None or module is None:
            return
        expected = {name: self.model.attribute(module, name) for name in self.attributes}
        expected = {
            "module": module,
            **{name: at for name, at in expected.items() if at is not None},
        }
        assert expected.keys() == local.keys(), (
            f"{where}: attributes {[*local]}, model {[*expected]}"
        )
        for name, address in local.items():
            number = expected[name]
            known = {known for known, at in self.ids.items() if at == address}
            assert known <= {number}, f"{where}: {name} is the same object as {known}"
            assert self.ids.setdefault(number, address) == address, (
                f"{where}: {name} is another object"
            )
            if interpreter == 0 and name != "items" and number not in self.met:
                self.met.append(number)


def compare(
    model: ImportModel, steps: list[Step], answer: Any, attributes: list[str] = ATTRIBUTES
) -> None:
    """The model and the interpreter agree after each step, and on m_free at exit when that was asked for."""
    match = Match(model, attributes)
    for position, ((action, interpreter), seen) in enumerate(
        zip(steps, answer["seen"], strict=True)
    ):
        where = f"step {position} ({action} in {interpreter}) of {steps}"
        refused = match.step(action, interpreter)
        assert (seen["error"] is None) == (refused is None), (
            f"{where}: {seen['error']!r}, model {refused!r}"
        )
        if refused is not None:
            assert refused in seen["error"]
        guest = 0 if action.startswith("open") else interpreter
        match.expect(seen, guest, action == "end" or action.startswith("open"), where)
