//! Plain records that the hooks emit, and the newtypes that name things without pointing at them.

use serde::{Deserialize, Serialize};

/// Whose allocator a block comes from: one of CPython's layers, or the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Domain {
    /// `PyMem_RawMalloc`: may be called without the GIL.
    Raw = 0,
    /// `PyMem_Malloc`: buffers of Python objects.
    Mem = 1,
    /// `PyObject_Malloc`: the objects themselves.
    Object = 2,
    /// No layer of CPython's: memory that an extension takes from the system itself.
    Native = 3,
}

impl Domain {
    /// CPython's own domains, in the order of its `PyMemAllocatorDomain`.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Mem, Self::Object];

    /// The name used in documents: `raw`, `mem`, `object` or `native`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mem => "mem",
            Self::Object => "object",
            Self::Native => "native",
        }
    }
}

/// The audited run in which something was born; [`RunId::NOBODY`] outside of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u32);

impl RunId {
    /// Allocated outside of any audited run.
    pub const NOBODY: Self = Self(0);
}

/// Order of births: a re-used address carries a later serial than the object it held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(pub u64);

impl Serial {
    /// Born before the hooks were installed, or outside the hooked allocators.
    pub const UNKNOWN: Self = Self(0);
}

/// By which function a native block was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Route {
    /// Through one of CPython's domains.
    Python = 0,
    /// `malloc`.
    Malloc = 1,
    /// `calloc`.
    Calloc = 2,
    /// `realloc` or `reallocarray` of nothing.
    Realloc = 3,
    /// `posix_memalign`, `aligned_alloc`, `memalign`.
    Aligned = 4,
    /// `strdup`, `strndup`.
    Strdup = 5,
    /// `operator new` in any form.
    New = 6,
    /// `operator new[]` in any form.
    NewArray = 7,
    /// `mmap`.
    Mmap = 8,
}

impl Route {
    const ALL: [Self; 9] = [
        Self::Python,
        Self::Malloc,
        Self::Calloc,
        Self::Realloc,
        Self::Aligned,
        Self::Strdup,
        Self::New,
        Self::NewArray,
        Self::Mmap,
    ];

    /// The route with a number; unknown numbers are [`Route::Python`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Python)
    }

    /// The function's name, as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "PyMem",
            Self::Malloc => "malloc",
            Self::Calloc => "calloc",
            Self::Realloc => "realloc",
            Self::Aligned => "aligned_alloc",
            Self::Strdup => "strdup",
            Self::New => "operator new",
            Self::NewArray => "operator new[]",
            Self::Mmap => "mmap",
        }
    }
}

/// An interned hybrid stack; [`StackId::NONE`] when none was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackId(pub u32);

impl StackId {
    /// No stack was recorded.
    pub const NONE: Self = Self(0);
}

/// What is known of one live block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Address of the block as its user sees it.
    pub address: u64,
    /// Size that was asked for, in bytes.
    pub size: u64,
    /// Order of birth.
    pub serial: Serial,
    /// Run of birth.
    pub run: RunId,
    /// Allocator layer.
    pub domain: Domain,
    /// By which function it was taken.
    pub route: Route,
    /// Stack of birth.
    pub stack: StackId,
}

/// Whose code a frame runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Python code.
    Python,
    /// Native code of an extension outside CPython and its standard library, or of a library that
    /// such an extension brings.
    Extension,
    /// Native code of the interpreter or of its standard library's extensions.
    Interpreter,
    /// Native code of the system: the C and C++ libraries, the loader.
    System,
}

/// How a change of a reference count was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Mechanism {
    /// The object's count stands on a read-only page; each write to it was performed for the writer.
    GuardPage,
    /// A hardware breakpoint on the count.
    Breakpoint,
    /// A function of the C API that the extension imports, and that stands in its import table.
    ImportTable,
    /// A function of the C API that the extension imports, and whose effect on the extension's references is known from
    /// documentation. No count was seen.
    CallEffect,
}

impl Mechanism {
    /// Whether it saw a write to the count itself, and so every write as long as it watched.
    #[must_use]
    pub fn sees_counts(self) -> bool {
        matches!(self, Self::GuardPage | Self::Breakpoint)
    }
}

/// One change of a reference count, as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefEvent {
    /// Address of the object.
    pub object: u64,
    /// The count before and after. Where only the operation is known, `before` is 0 and `after` is the change; at a
    /// death they are 1 and 0.
    pub before: i64,
    /// See `before`.
    pub after: i64,
    /// The thread that did it, as the kernel numbers it; 0 when unknown.
    pub thread: u32,
    /// The run in which it happened; [`RunId::NOBODY`] outside of any.
    pub run: RunId,
    /// Where; the innermost frame is the instruction itself.
    pub stack: StackId,
    /// How it was seen.
    pub mechanism: Mechanism,
}

impl RefEvent {
    /// References more (or fewer).
    #[must_use]
    pub fn change(&self) -> i64 {
        self.after - self.before
    }

    /// An object comes into being: its count is set, not counted up.
    #[must_use]
    pub fn is_birth(&self) -> bool {
        self.mechanism != Mechanism::ImportTable && self.before == 0 && self.after > 0
    }

    /// The last reference goes.
    #[must_use]
    pub fn is_death(&self) -> bool {
        self.before > 0 && self.after == 0
    }
}
