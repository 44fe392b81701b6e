//! Plain records that the hooks emit, and the newtypes that name things without pointing at them.

/// CPython's allocator layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Domain {
    /// `PyMem_RawMalloc`: may be called without the GIL.
    Raw = 0,
    /// `PyMem_Malloc`: buffers of Python objects.
    Mem = 1,
    /// `PyObject_Malloc`: the objects themselves.
    Object = 2,
}

impl Domain {
    /// Every domain, in the order of CPython's `PyMemAllocatorDomain`.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Mem, Self::Object];

    /// The name used in documents: `raw`, `mem` or `object`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mem => "mem",
            Self::Object => "object",
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
    /// Interned stack of birth; 0 = none recorded.
    pub stack: u32,
}
