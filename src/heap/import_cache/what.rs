//! The sorts of objects that an import is about.

/// What an object is. The roots come first: they live as long as their interpreter or the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// `sys.modules` of an interpreter.
    SysModules,
    /// `modules_by_index` of an interpreter.
    ByIndex,
    /// The dict of an interpreter (`PyInterpreterState_GetDict`), where frameworks keep their caches.
    InterpreterDict,
    /// A variable of the program.
    Local,
    /// `PyModuleDef`, with `m_base.m_copy`.
    Definition,
    /// The entry of the `extensions` cache.
    CacheEntry,
    /// A C static of the module.
    Static,
    /// The interpreter that made an object, and ended before it.
    Ended,
    /// The module object.
    Module,
    /// The module's dict.
    Dict,
    /// The backup copy of a module's dict.
    Copy,
    /// A heap type of the module.
    Type,
    /// A function of the module.
    Function,
    /// A list of the module.
    Items,
}

impl What {
    /// A root needs nobody to keep it.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.holder() != "" && !matches!(self, Self::Copy)
    }

    /// Belongs to CPython's import caches.
    #[must_use]
    pub fn is_import_cache(self) -> bool {
        matches!(self, Self::ByIndex | Self::Definition | Self::CacheEntry)
    }

    /// Name of a thing that keeps others, in plain words; empty for contents of a module.
    fn holder(self) -> &'static str {
        match self {
            Self::SysModules => "sys.modules",
            Self::ByIndex => "modules_by_index",
            Self::InterpreterDict => "the interpreter's dict",
            Self::Local => "a local variable",
            Self::Definition => "the module's definition",
            Self::CacheEntry => "the extensions cache",
            Self::Static => "a C static",
            Self::Ended => "an interpreter that ended",
            Self::Copy => "the backup copy (m_copy)",
            _ => "",
        }
    }

    /// In plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Module => "the module object",
            Self::Dict => "the module's dict",
            Self::Type => "its type",
            Self::Function => "its function",
            Self::Items => "its list",
            _ => self.holder(),
        }
    }
}
