//! From interned stacks to frames with names, and to the frame that is blamed.

use std::sync::Mutex;

use rustc_hash::FxHashMap;

use crate::event::{Origin, StackId};
use crate::findings::{Frame, Site, SourceLine, Trace, is_borrowed};
use crate::symbols::{LineTable, Located, Symbolizer, Variable, python_line};
use crate::sys::{self, RawFrame};

/// Lines of source shown before and after the one that is blamed.
const AROUND: u32 = 3;

/// Names found so far; opening the debug information of a large library again would take seconds.
static NAMES: Mutex<Option<Names>> = Mutex::new(None);

struct Names {
    symbols: Symbolizer,
    frames: FxHashMap<StackId, Named>,
    /// Frames change their blame with the scope, not their names.
    scope: Vec<String>,
}

impl Names {
    fn new() -> Self {
        Self { symbols: Symbolizer::new(Box::new(sys::MappedFiles)), frames: FxHashMap::default(), scope: Vec::new() }
    }
}

/// A stack with names.
#[derive(Debug, Clone)]
struct Named {
    frames: Vec<Frame>,
    /// Which of them are code of an extension in scope.
    audited: Vec<bool>,
    /// Which of them is blamed.
    site: Option<usize>,
    cut: bool,
}

/// How much of a suspect was born at one stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) stack: StackId,
    pub(super) blocks: u64,
    pub(super) bytes: u64,
    pub(super) stale: bool,
}

fn with_names<T>(scope: &[String], look: impl FnOnce(&mut Names) -> T) -> T {
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let names = names.get_or_insert_with(Names::new);
    if names.scope != scope {
        names.frames.clear();
        names.scope = scope.to_vec();
    }
    look(names)
}

/// The frame of a stack that is blamed: the innermost one of an extension in scope. `None` when
/// there is none, as where Python code allocates.
pub(super) fn site(stack: StackId, scope: &[String]) -> Option<Frame> {
    with_names(scope, |names| {
        let named = names.named(stack);
        named.site.map(|site| named.frames[site].clone())
    })
}

/// The frames of a stack, innermost first, and for each whether it is code of an extension in scope.
pub(super) fn audited(stack: StackId, scope: &[String]) -> (Vec<Frame>, Vec<bool>) {
    with_names(scope, |names| {
        let named = names.named(stack);
        (named.frames.clone(), named.audited.clone())
    })
}

/// The innermost frame of a stack that is neither the interpreter's nor the system's.
pub(super) fn innermost(stack: StackId, scope: &[String]) -> Option<Frame> {
    let is_foreign = |frame: &&Frame| matches!(frame.origin, Origin::Extension | Origin::Python);
    with_names(scope, |names| names.named(stack).frames.iter().find(is_foreign).cloned())
}

/// The outermost frame of one return address, when it is an extension's.
pub(super) fn extension_frame(library: u32, address: u64) -> Option<Frame> {
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let names = names.get_or_insert_with(Names::new);
    let mut named = Named { frames: Vec::new(), audited: Vec::new(), site: None, cut: false };
    names.native(&mut named, library, address);
    named.frames.pop().filter(|frame| frame.origin == Origin::Extension)
}

/// The blamed frame with the source around it.
pub(super) fn with_source(frame: Frame, scope: &[String]) -> Site {
    Site { source: source(&frame.file, frame.line, scope), frame }
}

/// The lines of source around one; empty when the file is not there.
pub(super) fn source(file: &str, line: u32, scope: &[String]) -> Vec<SourceLine> {
    let source = with_names(scope, |names| names.symbols.excerpt(file, line, AROUND));
    source.into_iter().map(|(number, text)| SourceLine { number, text }).collect()
}

/// The static variable at an address of a library, counted as its file does.
pub(super) fn variable(library: &str, build_id: &[u8], offset: u64) -> Option<Variable> {
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let names = names.get_or_insert_with(Names::new);
    names.symbols.variable(library, build_id, offset)
}

/// Shares summed by stack, the most costly first. What has no stack is left out.
pub(super) fn summed(shares: Vec<Share>) -> Vec<Share> {
    let mut sums: Vec<Share> = Vec::new();
    let mut places: FxHashMap<StackId, usize> = FxHashMap::default();
    for share in shares.into_iter().filter(|share| share.stack != StackId::NONE) {
        let place = *places.entry(share.stack).or_insert(sums.len());
        match sums.get_mut(place) {
            Some(sum) => {
                sum.blocks += share.blocks;
                sum.bytes += share.bytes;
                sum.stale |= share.stale;
            }
            None => sums.push(share),
        }
    }
    sums.sort_by_key(|sum| core::cmp::Reverse((sum.bytes, sum.blocks)));
    sums
}

/// One stack by name, with its share.
pub(super) fn trace(share: Share, scope: &[String]) -> Trace {
    let named = with_names(scope, |names| names.named(share.stack).clone());
    Trace { frames: named.frames, blocks: share.blocks, bytes: share.bytes, stale: share.stale, truncated: named.cut }
}

/// The frames of a stack by name, innermost first.
pub(crate) fn frames_of(stack: StackId, scope: &[String]) -> Vec<Frame> {
    with_names(scope, |names| names.named(stack).frames.clone())
}

impl Named {
    /// Blames one of the frames from a number on, which belong to one call, unless a frame that the
    /// extension's author wrote is blamed already. Of functions inlined into each other it is the
    /// outermost: rather the place that needed a helper than the helper.
    fn blame(&mut self, from: usize) {
        if self.site.is_some_and(|site| !is_borrowed(&self.frames[site])) {
            return;
        }
        let outermost = self.frames.len() - 1;
        let own = (from..=outermost).rev().find(|&number| !is_borrowed(&self.frames[number]));
        self.site = own.map(|own| self.without_wrapper(own, from)).or(self.site).or(Some(outermost));
    }

    /// The function itself, where the outermost is Cython's own: a wrapper that parses its arguments, or
    /// the constructor that calls `__cinit__`.
    fn without_wrapper(&self, number: usize, from: usize) -> usize {
        let Frame { file, function, .. } = &self.frames[number];
        let is_meant = |frame: &Frame| frame.function == *function || (file.ends_with(".pyx") && frame.file == *file);
        (from..number).find(|&inner| is_meant(&self.frames[inner])).unwrap_or(number)
    }
}

impl Names {
    fn named(&mut self, stack: StackId) -> &Named {
        if !self.frames.contains_key(&stack) {
            let named = self.name(stack);
            self.frames.insert(stack, named);
        }
        &self.frames[&stack]
    }

    fn name(&mut self, stack: StackId) -> Named {
        let mut named = Named { frames: Vec::new(), audited: Vec::new(), site: None, cut: false };
        for raw in sys::frames(stack) {
            match raw {
                RawFrame::Python { code, instruction } => named.frames.extend(python_frame(code, instruction)),
                RawFrame::Native { library, address } => self.native(&mut named, library, address),
                RawFrame::Nowhere { address } => named.frames.push(nowhere(address)),
                RawFrame::Cut => named.cut = true,
            }
        }
        named.audited.resize(named.frames.len(), false);
        named
    }

    /// Adds the frames of one return address, which are several where functions were inlined.
    fn native(&mut self, named: &mut Named, number: u32, address: u64) {
        let Some(library) = sys::library(number) else { return };
        if library.own {
            return;
        }
        let module = library.path.rsplit('/').next().unwrap_or_default();
        let located = self.symbols.locate_build(&library.path, &library.build_id, address);
        let first = named.frames.len();
        named.frames.extend(located.into_iter().map(|place| native_frame(place, library.origin, module, address)));
        if library.origin == Origin::Extension && sys::covers(&self.scope, &library.path) {
            named.audited.resize(first, false);
            named.audited.resize(named.frames.len(), true);
            named.blame(first);
        }
    }
}

fn native_frame(place: Located, origin: Origin, module: &str, address: u64) -> Frame {
    Frame {
        origin,
        function: place.function,
        file: place.file,
        line: place.line,
        module: module.into(),
        offset: format!("{address:#x}"),
        inlined: place.inlined,
        guess: place.guess,
    }
}

/// A return address in no library: code that was made at run time.
fn nowhere(address: u64) -> Frame {
    Frame {
        origin: Origin::System,
        function: String::new(),
        file: String::new(),
        line: 0,
        module: "no library".into(),
        offset: format!("{address:#x}"),
        inlined: false,
        guess: false,
    }
}

/// `None` for our own functions, which call what is audited.
fn python_frame(number: u32, instruction: u32) -> Option<Frame> {
    let code = sys::code(number).filter(|code| !sys::is_own_file(&code.file))?;
    let table = LineTable { bytes: code.lines, first_line: code.first_line, format: sys::LINE_FORMAT };
    Some(Frame {
        origin: Origin::Python,
        function: code.name,
        file: code.file,
        line: python_line(&table, instruction).unwrap_or(code.first_line),
        module: String::new(),
        offset: String::new(),
        inlined: false,
        guess: false,
    })
}
