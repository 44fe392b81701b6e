//! At start: are our stacks the ones that others see?

use pyo3::ffi;

use super::cpython::{LINE_FORMAT, Object, code_facts, is_code};
use super::{libraries, stack};
use crate::symbols::{LineTable, python_line};

/// Compares the Python frames of this thread with what the interpreter's own functions say of them,
/// and native ones with the `backtrace` crate's. Wrong Python frames are an error; without the native
/// ones stacks go on as Python stacks, and the trust block says so.
pub(crate) fn check_stacks() -> Result<(), String> {
    libraries::refresh();
    check_python()?;
    if let Err(reason) = stack::agrees() {
        stack::without_native(reason);
    }
    Ok(())
}

/// Frames that are compared at most.
const FRAMES: usize = 16;

fn check_python() -> Result<(), String> {
    let expected = expected();
    // Frames of C code that calls Python count as well, and are left out.
    let found: Vec<(String, u32)> = stack::current_python(2 * FRAMES as u32 + 1)
        .into_iter()
        .take(FRAMES)
        .map(|(code, instruction)| {
            let table = LineTable { bytes: code.lines, first_line: code.first_line, format: LINE_FORMAT };
            (code.file, python_line(&table, instruction).unwrap_or(0))
        })
        .collect();
    let differs = |number: &usize| expected.get(*number) != found.get(*number);
    match (0..expected.len().max(found.len())).find(differs) {
        None => Ok(()),
        Some(number) => Err(format!(
            "layout of frames: frame {number} is {:?} for sys._getframe() and {:?} for us",
            expected.get(number),
            found.get(number)
        )),
    }
}

/// File and line of each frame of this thread, innermost first, by the interpreter's own functions.
fn expected() -> Vec<(String, u32)> {
    let mut found = Vec::new();
    // SAFETY: the GIL is held; the first frame is borrowed, all others are given back.
    unsafe {
        let mut frame = ffi::PyEval_GetFrame();
        ffi::Py_XINCREF(frame.cast());
        while !frame.is_null() && found.len() < FRAMES {
            let code = ffi::PyFrame_GetCode(frame);
            let line = ffi::PyFrame_GetLineNumber(frame);
            if is_code(code as u64) {
                found.push((code_facts(Object::new(code as u64)).0().file, line.max(0) as u32));
            }
            ffi::Py_DECREF(code.cast());
            let back = ffi::PyFrame_GetBack(frame);
            ffi::Py_DECREF(frame.cast());
            frame = back;
        }
        ffi::Py_XDECREF(frame.cast());
    }
    found
}
