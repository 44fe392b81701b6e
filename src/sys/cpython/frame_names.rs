//! What a thread or a frame refers to, by name: locals of functions, fields of the thread's state.

use super::compat::{THREAD_FIELDS, code};
use super::frames::innermost;
use super::object::{Object, read};
use super::text::{dict_item, string};

/// Names of [`THREAD_FIELDS`], in their order.
const THREAD_NAMES: &[&str] = if cfg!(Py_3_12) {
    &[
        "thread-local storage",
        "the profile function",
        "the trace function",
        "a pending asynchronous exception",
        "the handled exception",
        "the first-iteration hook of asynchronous generators",
        "the finalizer of asynchronous generators",
        "the context",
        "the exception being raised",
        "the key of thread-local storage",
        "the sentinel of thread-local storage",
        "asyncio's running loop",
        "asyncio's running task",
    ]
} else if cfg!(Py_3_11) {
    &[
        "thread-local storage",
        "the profile function",
        "the trace function",
        "a pending asynchronous exception",
        "the handled exception",
        "the first-iteration hook of asynchronous generators",
        "the finalizer of asynchronous generators",
        "the context",
        "the type of the exception being raised",
        "the exception being raised",
        "the traceback of the exception being raised",
    ]
} else {
    &[
        "thread-local storage",
        "the profile function",
        "the trace function",
        "a pending asynchronous exception",
        "the type of the handled exception",
        "the handled exception",
        "the traceback of the handled exception",
        "the first-iteration hook of asynchronous generators",
        "the finalizer of asynchronous generators",
        "the context",
        "the type of the exception being raised",
        "the exception being raised",
        "the traceback of the exception being raised",
    ]
};

/// One way in which a thread refers to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sys) struct ThreadReference {
    /// `local 'x' of f`, `thread-local storage`.
    pub(in crate::sys) words: String,
    /// It is an exception that is handled or raised.
    pub(in crate::sys) exception: bool,
    /// The frame belongs to refaudit.
    pub(in crate::sys) own: bool,
}

/// How a thread refers to the object at `to`; one that is not refaudit's own if there is any.
pub(in crate::sys) fn thread_reference(state: u64, to: u64) -> Option<ThreadReference> {
    // SAFETY: a pointer field of a live thread state.
    let field =
        THREAD_FIELDS.iter().zip(THREAD_NAMES).find(|(offset, _)| unsafe { read::<u64>(state, **offset) } == to);
    if let Some((_, name)) = field {
        return Some(ThreadReference { words: (*name).into(), exception: name.contains("exception"), own: false });
    }
    let found = frames(state).into_iter().filter_map(|frame| {
        let words = frame.refers(to)?;
        Some(ThreadReference { words, exception: false, own: frame.is_own() })
    });
    found.min_by_key(|reference| reference.own)
}

/// `local 'x'` of a frame object; `None` for another object.
pub(super) fn local(object: Object, to: u64) -> Option<String> {
    if object.kind().address() != &raw const pyo3::ffi::PyFrame_Type as u64 {
        return None;
    }
    #[cfg(Py_3_11)]
    let frame = Frame(object.word(super::compat::frame_object::F_BACK + 8));
    #[cfg(not(Py_3_11))]
    let frame = Frame(object.address());
    frame.slot(to)
}

/// A live frame: the interpreter's own from 3.11 on, the object before.
struct Frame(u64);

fn frames(state: u64) -> Vec<Frame> {
    let mut found = Vec::new();
    let mut at = innermost(state);
    while at != 0 {
        if super::frames::fields::is_python(at) {
            found.push(Frame(at));
        }
        at = super::frames::fields::previous(at);
    }
    found
}

impl Frame {
    fn code(&self) -> Object {
        // SAFETY: the code object of a live Python frame; 3.14 tags the word.
        unsafe { Object::new(super::frames::fields::code(self.0) & !3) }
    }

    fn function(&self) -> String {
        #[cfg(Py_3_11)]
        let name = code::CO_QUALNAME;
        #[cfg(not(Py_3_11))]
        let name = code::CO_NAME;
        string(self.code().word(name)).unwrap_or_else(|| "?".into())
    }

    /// How the frame refers to an object; `None` when it does not.
    fn refers(&self, to: u64) -> Option<String> {
        if cfg!(not(Py_3_11)) && self.0 == to {
            return Some(format!("the frame of {}", self.function()));
        }
        let function = self.function();
        match self.slot(to) {
            Some(words) => Some(format!("{words} of {function}")),
            None => self.fields().contains(&to).then(|| format!("the frame of {function}")),
        }
    }

    /// `local 'x'`, or that it is on the stack of values.
    fn slot(&self, to: u64) -> Option<String> {
        let (names, first, count) = self.slots();
        // SAFETY: slots of a live frame.
        let number = (0..count).find(|number| unsafe { read::<u64>(self.0, first + number * 8) } & !3 == to)?;
        match names.get(number) {
            Some(name) => Some(format!("local '{}'", string(*name).unwrap_or_default())),
            None => Some("a value in use".into()),
        }
    }

    /// Addresses of the names of locals, offset of the first slot, and number of slots.
    #[cfg(Py_3_11)]
    fn slots(&self) -> (Vec<u64>, usize, usize) {
        use super::compat::frame;
        let names = tuple(self.code().word(code::CO_LOCALSPLUSNAMES));
        let count = super::frames::used_slots(self.0).max(names.len());
        (names, frame::LOCALSPLUS, count)
    }
    #[cfg(not(Py_3_11))]
    fn slots(&self) -> (Vec<u64>, usize, usize) {
        /// `f_localsplus`
        const LOCALS: usize = 352;
        let fields = [code::CO_VARNAMES, code::CO_CELLVARS, code::CO_FREEVARS];
        let names: Vec<u64> = fields.into_iter().flat_map(|field| tuple(self.code().word(field))).collect();
        let count = names.len();
        (names, LOCALS, count)
    }

    /// What a frame holds beside its slots.
    #[cfg(Py_3_11)]
    fn fields(&self) -> Vec<u64> {
        use super::compat::frame;
        let offsets = [FUNCTION, frame::F_LOCALS, frame::FRAME_OBJ];
        // SAFETY: fields of a live frame; 3.14 tags the function.
        let mut words: Vec<u64> = offsets.iter().map(|&offset| unsafe { read::<u64>(self.0, offset) } & !3).collect();
        words.push(self.code().address());
        words
    }
    #[cfg(not(Py_3_11))]
    fn fields(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Whether the function that runs in it is one of refaudit.
    fn is_own(&self) -> bool {
        #[cfg(Py_3_11)]
        // SAFETY: the function of a live frame, and its globals.
        let globals = unsafe {
            let function = read::<u64>(self.0, FUNCTION) & !3;
            if function == 0 { 0 } else { read::<u64>(function, 16) }
        };
        #[cfg(not(Py_3_11))]
        // SAFETY: `f_globals` of a live frame object.
        let globals = unsafe { read::<u64>(self.0, 48) };
        dict_item(globals, c"__name__").and_then(string).is_some_and(|name| is_own_name(&name))
    }
}

/// Whether a module is part of refaudit.
pub(in crate::sys) fn is_own_name(name: &str) -> bool {
    name == "refaudit" || name.starts_with("refaudit.")
}

#[cfg(all(Py_3_11, not(Py_3_12)))]
const FUNCTION: usize = super::compat::frame::F_FUNC;
#[cfg(Py_3_12)]
const FUNCTION: usize = super::compat::frame::F_FUNCOBJ;

fn tuple(address: u64) -> Vec<u64> {
    if address == 0 {
        return Vec::new();
    }
    // SAFETY: a tuple of a live code object.
    unsafe {
        let tuple = Object::new(address);
        let count = tuple.word(super::compat::object::OB_SIZE) as usize;
        (0..count).map(|number| read(address, super::compat::tuple::OB_ITEM + number * 8)).collect()
    }
}
