//! Each name once: types, labels and references of a heap repeat the same few.

use rustc_hash::FxHashMap;

/// Number of a name; 0 is the empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Name(pub(super) u32);

#[derive(Debug, Clone)]
pub(super) struct Names {
    numbers: FxHashMap<String, Name>,
    texts: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        Self { numbers: std::iter::once((String::new(), Name(0))).collect(), texts: vec![String::new()] }
    }
}

impl Names {
    pub(super) fn add(&mut self, text: &str) -> Name {
        if let Some(&name) = self.numbers.get(text) {
            return name;
        }
        let name = Name(self.texts.len() as u32);
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), name);
        name
    }

    pub(super) fn get(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    pub(super) fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }
}
