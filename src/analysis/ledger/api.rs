//! What a change inside a function of the C API was, from the function's name and its effect on references.

use super::step::Action;
use crate::heap::effects::{Returned, effect};

/// Functions that count for their caller and do nothing else.
const COUNTING: [&str; 8] =
    ["Py_IncRef", "_Py_IncRef", "Py_DecRef", "_Py_DecRef", "Py_NewRef", "_Py_NewRef", "Py_XNewRef", "_Py_XNewRef"];
/// Beginnings of names of functions that keep what they are given, or what stands in it, where documentation speaks
/// of their result only.
const KEEPING: [&str; 34] = [
    "PyList_Append",
    "PyList_Insert",
    "PyList_SetSlice",
    "_PyList_Append",
    "PyDict_Set",
    "_PyDict_Set",
    "PyDict_Merge",
    "PyDict_Update",
    "PySet_Add",
    "PyTuple_Pack",
    "_PyTuple_FromArray",
    "Py_BuildValue",
    "_Py_BuildValue",
    "Py_VaBuildValue",
    "PyObject_SetAttr",
    "PyObject_SetItem",
    "PyObject_GenericSetAttr",
    "PySequence_SetItem",
    "PyMapping_SetItemString",
    "PyModule_Add",
    "PyErr_SetObject",
    "PyCell_",
    "PyObject_GetIter",
    "PySeqIter_New",
    "PySequence_List",
    "PySequence_Tuple",
    "PySequence_Fast",
    "PySequence_Concat",
    "PyList_AsTuple",
    "PyList_GetSlice",
    "PyTuple_GetSlice",
    "PyDict_Copy",
    "PyDict_Values",
    "PySet_New",
];
/// Beginnings of names of functions that give their caller a reference inside a structure, as a `Py_buffer`.
const FILLING: [&str; 3] = ["PyObject_GetBuffer", "PyArg_Parse", "_PyArg_Parse"];
/// Functions inside CPython that put something into a container, whatever was called from outside.
const INSIDE: [&str; 12] = [
    "insertdict",
    "insert_to_emptydict",
    "setitem_take2",
    "app1",
    "list_extend",
    "list_append",
    "ins1",
    "set_add_entry",
    "set_add_key",
    "PyMember_SetOne",
    "_PyObjectDict_SetItem",
    "deque_append",
];

/// Whether a function is `Py_INCREF` or `Py_DECREF` by another name.
#[must_use]
pub fn counts_for_caller(function: &str) -> bool {
    COUNTING.contains(&function)
}

/// What a change inside a call of a function of the C API was. `container`: a function that takes containers apart,
/// or puts something in, stands between the two.
#[must_use]
pub fn action_inside(function: &str, change: i64, container: bool) -> Action {
    let function = function.split(['@', '.']).next().unwrap_or(function);
    if counts_for_caller(function) {
        return Action::Inlined;
    }
    if change < 0 {
        return if container || function == "_Py_Dealloc" { Action::Deallocated } else { Action::Released };
    }
    let starts = |names: &[&str]| names.iter().any(|start| function.starts_with(start));
    if starts(&FILLING) {
        return Action::NewReference;
    }
    let keeps = container
        || starts(&KEEPING)
        // What neither keeps nor returns an object stores what it takes somewhere, or gives it back at once.
        || effect(function).is_some_and(|effect| effect.keeps() || (effect.result != Returned::New && !fills(&effect)));
    if keeps { Action::Stored } else { Action::NewReference }
}

/// Whether a function of the interpreter puts something into a container.
#[must_use]
pub fn puts_in(function: &str) -> bool {
    INSIDE.iter().any(|part| function.starts_with(part))
}

fn fills(effect: &crate::heap::effects::Effect) -> bool {
    use crate::heap::effects::Passed;
    effect.arguments.iter().any(|passed| matches!(passed, Passed::FilledNew | Passed::Replaced))
}

/// Whether a function of the interpreter takes a container apart. Frames of Python code are no containers: what they
/// give back is Python code's own.
#[must_use]
pub fn takes_apart(function: &str) -> bool {
    let name = function.to_ascii_lowercase();
    let wanted = ["dealloc", "free_keys", "_clear", "clear_"].iter().any(|part| name.contains(part));
    wanted && !name.contains("frame") && !name.contains("pyerr_clear")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_every_kind() {
        for (function, change, container, expected) in [
            ("Py_IncRef", 1, false, Action::Inlined),
            ("_Py_DecRef", -1, false, Action::Inlined),
            ("PyList_Append", 1, false, Action::Stored),
            ("PyTuple_Pack", 1, false, Action::Stored),
            ("_Py_BuildValue_SizeT", 1, false, Action::Stored),
            ("PyDict_SetItemString", 1, false, Action::Stored),
            ("PyObject_GetAttrString", 1, false, Action::NewReference),
            ("PySequence_GetItem", 1, false, Action::NewReference),
            ("PyIter_Next", 1, false, Action::NewReference),
            ("PyObject_CallOneArg", 1, true, Action::Stored),
            ("PyObject_GetBuffer", 1, false, Action::NewReference),
            ("something_unheard_of", 1, false, Action::NewReference),
            ("_Py_Dealloc", -1, false, Action::Deallocated),
            ("PyDict_Clear", -1, true, Action::Deallocated),
            ("PyList_SetItem", -1, false, Action::Released),
        ] {
            assert_eq!(action_inside(function, change, container), expected, "{function}");
        }
    }

    #[test]
    fn frames_are_no_containers() {
        assert!(["list_dealloc", "_Py_Dealloc", "subtype_clear", "free_keys_object"].into_iter().all(takes_apart));
        assert!(!["_PyFrame_Clear", "clear_thread_frame", "PyErr_Clear", "list_append"].into_iter().any(takes_apart));
    }
}
