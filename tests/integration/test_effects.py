"""The table of effects on references against what CPython's functions do: each called with fresh objects."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from integration.effect_calls import CALLS
from refaudit import _refaudit as core

TESTS = Path(__file__).parents[1]

#: Why functions of the table cannot be called with fresh arguments alone; a pattern for each reason.
NOT_CALLED = {
    "takes a format, a list of arguments, or a vector of them": r"PyArg_|_PyArg_|.*Format|.*BuildValue|PyObject_Call|"
    r"_PyObject_Call|PyObject_Vectorcall|PyVectorcall|PySys_Write|PySlice_|PyEval_EvalCodeEx",
    "fills or takes a structure or memory of the caller's": r"PyBuffer_|PyCapsule_|PyMember_|PyMemoryView_From|"
    r"PyObject_GetBuffer|PyObject_(As|Check)(Char|Read|Write)?Buffer|PyDict_Next|PyContextVar_Get|PyIter_Send|"
    r"PyUnicode_(As|Decode|From|FS|Copy|Fill|Write|Intern|Append|GetSize|Translate)|PyBytes_(As|Concat)|"
    r"PyDict_(GetItemRef|GetItemStringRef|Pop)|PyMapping_GetOptional|PyObject_GetOptional|PyWeakref_GetRef|"
    r"PyIter_NextItem|PyUnicode_(DATA|KIND)|"
    r"_PyBytes_Resize|_PyTuple_Resize|PyLong_As.*Overflow|PyMarshal_Read|PyErr_(Fetch|Get|Normalize|SetExcInfo)",
    "is a macro before 3.13": r"PyObject_DelAttr",
    "wakes somebody up": r"PySignal_",
    "takes or returns floating point or a C structure by value": r"Py(Complex|Float|Long)_|_Py_c_",
    "makes or changes a type, a module or a descriptor from a C definition": r"PyModule|PyType_|PyDescr_|PyWrapper|"
    r"PyStructSequence_|PyState_|PyCode_|PyObject_(Init|GC_|CallFinalizer)|_PyObject_|Py_AtExit",
    "needs a thread, an interpreter, a frame, or a state of errors": r"PyEval_|PyInterpreterState_|PyThread|PyFrame_|"
    r"PyGen_|PyCoro_|PyErr_|PyOS_|PyTraceMalloc|PyContext|PyException_|PyUnicodeDecodeError_|PyCodec_|"
    r"PyObject_HashNotImplemented|Py_Repr",
    "runs, imports, prints or ends something": r"PyRun_|PyImport_|PySys_|PyObject_Print|Py_(Compile|End|Exit|Fatal|"
    r"Fd|Finalize|Get|Initialize|Is|New|Set)",
    "counts by itself, as the tests of imported references show": r"_Py_(IncRef|DecRef|Dealloc)",
    "stores conditionally, or has a twin that is called": r"PyDict_SetDefault|PySequence_I|PyNumber_InPlaceM|"
    r"PyFunction_SetClosure|PyInstanceMethod_F|PyMemoryView_GetC|PyObject_Generic|PyObject_GetAIter",
}


@cache
def said() -> dict[str, Any]:
    """What the process said that called them all."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "integration.effect_child"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
        },
    )
    assert done.returncode == 0, f"the last function called crashed:\n{done.stderr[-2000:]}"
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_table_tells_what_functions_do() -> None:
    assert said()["wrong"] == []
    assert said()["untold"] == []


def test_enough_was_compared() -> None:
    assert len(said()["called"]) >= 330
    assert said()["results"] >= 190
    assert said()["passed"] >= 340


def test_functions_of_newer_pythons_are_all_that_is_missing() -> None:
    newer = {
        "PyModule_Add",
        "PyErr_SetRaisedException",
        "PyList_GetItemRef",
        "PyImport_AddModuleRef",
    }
    newer |= {f"PyEval_GetFrame{what}" for what in ("Locals", "Globals", "Builtins")}
    newer |= {"PyType_GetFullyQualifiedName", "PyType_GetModuleName", "Py_GetConstant"}
    newer |= {"Py_GetConstantBorrowed"}
    if sys.version_info < (3, 11):
        newer |= {f"PyCode_Get{what}" for what in ("Code", "Varnames", "Cellvars", "Freevars")}
        newer |= {"PyType_GetName", "PyType_GetQualName", "PyObject_CallOneArg"}
    older = {"PyImport_ImportModuleNoBlock", "PyWeakref_GetObject", "PyUnicode_Format"}
    assert set(said()["missing"]) <= newer | older | {"PyThreadState_GetDict", "PySys_GetXOptions"}
    assert sys.version_info < (3, 13) or not set(said()["missing"]) & newer


def test_every_function_is_called_or_there_is_a_reason() -> None:
    called = {line.split()[0] for line in CALLS.strip().splitlines()}
    exported = {name for name in core._effect_names() if hasattr(ctypes.pythonapi, name)}
    checks = {name for name in exported if re.search(r"_Check(Exact)?$", name)}
    left = exported - called - checks
    reasons = [re.compile(pattern) for pattern in NOT_CALLED.values()]
    without = sorted(name for name in left if not any(reason.match(name) for reason in reasons))
    assert without == []
    assert len(left) <= 355
