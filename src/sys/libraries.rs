//! The libraries that are loaded now, as their program headers describe them.

use core::ffi::{CStr, c_int, c_void};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};

use object::Endianness;
use object::elf::{FileHeader64, NT_GNU_BUILD_ID};
use object::read::elf::NoteIterator;

use crate::event::Origin;

/// One loaded ELF object. Addresses are those of this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Library {
    /// Path as the loader knows it; the executable's own for the main program.
    pub(crate) path: String,
    /// What is added to the addresses of the file.
    pub(crate) base: u64,
    /// From the first to the end of the last loaded segment.
    pub(crate) span: Range<u64>,
    /// Writable segments.
    pub(crate) writable: Vec<Range<u64>>,
    /// Executable segments.
    pub(crate) code: Vec<Range<u64>>,
    /// The dynamic table.
    pub(crate) dynamic: Option<Range<u64>>,
    /// What the loader made read-only after relocation.
    pub(crate) relro: Option<Range<u64>>,
    /// The index of the unwind tables.
    pub(crate) unwind_index: Option<Range<u64>>,
    /// The id that the linker gave this build; empty when it gave none.
    pub(crate) build_id: Vec<u8>,
    /// Whose code it is.
    pub(crate) origin: Origin,
    /// It is refaudit itself.
    pub(crate) own: bool,
}

/// Every library that was ever seen loaded, by number. One that is gone keeps its number, so that old
/// stacks keep their names.
static KNOWN: RwLock<Vec<Known>> = RwLock::new(Vec::new());
/// How often libraries had been loaded and unloaded at the last look.
static SEEN: [AtomicU64; 2] = [const { AtomicU64::new(u64::MAX) }; 2];

struct Known {
    library: Arc<Library>,
    loaded: bool,
}

impl Library {
    /// Whether the addresses of both count alike: it was loaded again, perhaps elsewhere.
    fn is_same_build(&self, other: &Self) -> bool {
        !self.build_id.is_empty() && (&self.path, &self.build_id) == (&other.path, &other.build_id)
    }
}

/// Looks what is loaded now; whether anything changed since the last look. Not for hooks.
pub(crate) fn refresh() -> bool {
    let (adds, subs) = generation();
    if SEEN[0].swap(adds, Relaxed) == adds && SEEN[1].swap(subs, Relaxed) == subs {
        return false;
    }
    let now = libraries();
    let mut known = KNOWN.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    for entry in known.iter_mut() {
        entry.loaded = entry.loaded && now.contains(&entry.library);
    }
    for library in now {
        if known.iter().any(|entry| entry.loaded && *entry.library == library) {
            continue;
        }
        let library = Arc::new(library);
        match known.iter_mut().find(|entry| !entry.loaded && entry.library.is_same_build(&library)) {
            Some(entry) => *entry = Known { library, loaded: true },
            None => known.push(Known { library, loaded: true }),
        }
    }
    true
}

/// Number of the loaded library that an address is in, and the address as its file counts it.
pub(crate) fn number_of(address: u64) -> Option<(u32, u64)> {
    let known = KNOWN.try_read().ok()?;
    let number = known.iter().position(|entry| entry.loaded && entry.library.span.contains(&address))?;
    Some((number as u32, address - known[number].library.base))
}

/// The same for an address in its code.
pub(crate) fn code_at(address: u64) -> Option<(u32, u64)> {
    let (number, offset) = number_of(address)?;
    let library = library(number)?;
    library.code.iter().any(|part| part.contains(&address)).then_some((number, offset))
}

/// The library with a number, loaded or gone.
pub(crate) fn library(number: u32) -> Option<Arc<Library>> {
    let known = KNOWN.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.get(number as usize).map(|entry| Arc::clone(&entry.library))
}

/// Every library that is loaded now. Not for hooks.
pub(crate) fn loaded() -> Vec<Arc<Library>> {
    refresh();
    let known = KNOWN.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.iter().filter(|entry| entry.loaded).map(|entry| Arc::clone(&entry.library)).collect()
}

/// Whether a source file belongs to refaudit: it stands in the folder of our own library, or below.
pub(crate) fn is_own_file(file: &str) -> bool {
    let known = KNOWN.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let own = known.iter().find(|entry| entry.library.own).and_then(|entry| entry.library.path.rsplit_once('/'));
    own.is_some_and(|(folder, _)| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Every loaded library.
pub(crate) fn libraries() -> Vec<Library> {
    let mut found: Vec<Library> = Vec::new();
    // SAFETY: `describe` fits the expected type and does not unwind; the vector outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(describe), (&raw mut found).cast()) };
    let interpreter = found.iter().find(|library| library.span.contains(&interpreter_address()));
    let home = interpreter.map(|library| (library.base, home_of(&library.path)));
    for library in &mut found {
        library.own = library.span.contains(&(describe as *const () as u64));
        library.origin = origin(library, home.as_ref());
    }
    found
}

/// How often libraries were loaded and unloaded so far: a cheap look whether anything changed.
pub(crate) fn generation() -> (u64, u64) {
    /// # Safety
    /// For `dl_iterate_phdr` only, with a `(u64, u64)` as its argument.
    unsafe extern "C" fn first(info: *mut libc::dl_phdr_info, _: usize, argument: *mut c_void) -> c_int {
        // SAFETY: the loader passes a valid description, and `argument` is the pair below.
        unsafe { *argument.cast::<(u64, u64)>() = ((*info).dlpi_adds, (*info).dlpi_subs) };
        1
    }
    let mut counts = (0u64, 0u64);
    // SAFETY: as in `libraries`.
    unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut counts).cast()) };
    counts
}

/// # Safety
/// For `dl_iterate_phdr` only, with a `Vec<Library>` as its argument.
unsafe extern "C" fn describe(info: *mut libc::dl_phdr_info, _: usize, argument: *mut c_void) -> c_int {
    // SAFETY: the loader passes a valid description, and `argument` is the vector of `libraries`.
    let (info, found) = unsafe { (&*info, &mut *argument.cast::<Vec<Library>>()) };
    // SAFETY: `dlpi_phnum` headers stand there.
    let headers = unsafe { core::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let range = |header: &libc::Elf64_Phdr| {
        let start = info.dlpi_addr.wrapping_add(header.p_vaddr);
        start..start.wrapping_add(header.p_memsz)
    };
    let only = |kind: u32| headers.iter().find(|header| header.p_type == kind).map(range);
    let loaded = || headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
    let with = |flag: u32| loaded().filter(|header| header.p_flags & flag != 0).map(range).collect();
    let start = loaded().map(|header| range(header).start).min().unwrap_or(0);
    let end = loaded().map(|header| range(header).end).max().unwrap_or(0);
    found.push(Library {
        path: path(info),
        base: info.dlpi_addr,
        span: start..end,
        writable: with(libc::PF_W),
        code: with(libc::PF_X),
        dynamic: only(libc::PT_DYNAMIC),
        relro: only(libc::PT_GNU_RELRO),
        unwind_index: only(libc::PT_GNU_EH_FRAME),
        build_id: headers
            .iter()
            .filter_map(|header| build_id(header, info.dlpi_addr, headers))
            .next()
            .unwrap_or_default(),
        origin: Origin::System,
        own: false,
    });
    0
}

/// The build id among the notes that a header describes, when they are a part of what is loaded.
fn build_id(notes: &libc::Elf64_Phdr, base: u64, headers: &[libc::Elf64_Phdr]) -> Option<Vec<u8>> {
    let end = notes.p_vaddr.checked_add(notes.p_memsz)?;
    let around = |header: &libc::Elf64_Phdr| {
        let loaded = header.p_vaddr..=header.p_vaddr.saturating_add(header.p_filesz);
        header.p_type == libc::PT_LOAD
            && header.p_flags & libc::PF_R != 0
            && loaded.contains(&notes.p_vaddr)
            && loaded.contains(&end)
    };
    if notes.p_type != libc::PT_NOTE || !headers.iter().any(around) {
        return None;
    }
    let start = base.wrapping_add(notes.p_vaddr) as *const u8;
    // SAFETY: within a readable segment, and the loader unmaps nothing while it tells of it.
    let bytes = unsafe { core::slice::from_raw_parts(start, notes.p_memsz as usize) };
    let mut notes = NoteIterator::<FileHeader64<Endianness>>::new(Endianness::Little, notes.p_align, bytes).ok()?;
    while let Some(note) = notes.next().ok()? {
        if note.name() == b"GNU" && note.n_type(Endianness::Little) == NT_GNU_BUILD_ID {
            return Some(note.desc()).filter(|id| id.len() > 1).map(<[u8]>::to_vec);
        }
    }
    None
}

fn path(info: &libc::dl_phdr_info) -> String {
    // SAFETY: a NUL-terminated path owned by the loader, or null.
    let path = if info.dlpi_name.is_null() { c"" } else { unsafe { CStr::from_ptr(info.dlpi_name) } };
    if !path.is_empty() {
        return path.to_string_lossy().into_owned();
    }
    std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// An address in the library that the interpreter lives in.
fn interpreter_address() -> u64 {
    pyo3::ffi::PyMem_Malloc as *const () as u64
}

/// The installation that the interpreter belongs to: its library stands in `lib` or `bin` there.
fn home_of(interpreter: &str) -> String {
    let real = std::fs::canonicalize(interpreter).map(|path| path.to_string_lossy().into_owned());
    let real = real.unwrap_or_else(|_| interpreter.to_owned());
    let mut parents = real.rsplitn(3, '/');
    parents.nth(2).unwrap_or("").to_owned()
}

fn origin(library: &Library, interpreter: Option<&(u64, String)>) -> Origin {
    let path = library.path.as_str();
    let (base, home) = interpreter.map_or((0, ""), |(base, home)| (*base, home.as_str()));
    let packaged = path.contains("-packages/");
    let under = |folder: &str| !folder.is_empty() && path.starts_with(folder) && path[folder.len()..].starts_with('/');
    if (interpreter.is_some() && library.base == base) || library.own || path.contains("/lib-dynload/") {
        Origin::Interpreter
    } else if !path.starts_with('/')
        || (!packaged && (["/lib", "/lib64", "/usr"].into_iter().any(under) || under(home)))
    {
        Origin::System
    } else {
        Origin::Extension
    }
}
