//! Places in files as programs want them: paths from the root of the sources, or URIs.

use crate::document::Frame;

/// A line of a file, or the file alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::report) struct Place {
    /// From the root of the sources on; absolute for what lies elsewhere, or when no root was told.
    pub(in crate::report) path: String,
    /// From 1; 0 for the file as a whole.
    pub(in crate::report) line: u32,
}

impl Place {
    /// The place of a source file as it was recorded; `None` for what is no file, such as `<string>`.
    pub(in crate::report) fn of(file: &str, line: u32, root: &str) -> Option<Self> {
        if file.is_empty() || file.starts_with('<') {
            return None;
        }
        let path = normal(file)?;
        let root = normal(root).unwrap_or_default();
        let inside = path.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let path = if root.is_empty() { path } else { inside.map(str::to_owned).unwrap_or(path) };
        Some(Self { path, line })
    }

    /// The place of a frame's line of source.
    pub(in crate::report) fn of_frame(frame: &Frame, root: &str) -> Option<Self> {
        if frame.line == 0 { None } else { Self::of(&frame.file, frame.line, root) }
    }

    /// The file of a pytest node id.
    pub(in crate::report) fn of_test(id: &str) -> Option<Self> {
        let (file, _) = id.split_once("::")?;
        if file.ends_with(".py") { Self::of(file, 0, "") } else { None }
    }

    /// Whether it can be shown beside the sources: it lies below their root, or nobody said where that is.
    pub(in crate::report) fn is_inside(&self, root: &str) -> bool {
        root.is_empty() || !self.path.starts_with('/')
    }

    /// A URI, relative where the path is: every byte that is not plain is percent-encoded (RFC 3986).
    pub(in crate::report) fn uri(&self) -> String {
        let mut uri = String::from(if self.path.starts_with('/') { "file://" } else { "" });
        for byte in self.path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        uri
    }
}

/// A path without `.`, `..` and doubled slashes. `None` for one that leaves the folder it starts in, whose place
/// nobody knows, and for an empty one.
fn normal(path: &str) -> Option<String> {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() && !absolute => return None,
            ".." => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if joined.is_empty() { None } else { Some(if absolute { format!("/{joined}") } else { joined }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(file: &str, root: &str) -> Option<String> {
        Place::of(file, 1, root).map(|place| place.path)
    }

    #[test]
    fn paths_begin_at_the_root_of_the_sources() {
        for (file, root, shown) in [
            ("/srv/pkg/src/a.c", "/srv/pkg", Some("src/a.c")),
            ("/srv/pkg/src/a.c", "/srv/pkg/", Some("src/a.c")),
            ("/srv/pkg/build/../src//./a.c", "/srv/pkg", Some("src/a.c")),
            ("/srv/pkgs/a.c", "/srv/pkg", Some("/srv/pkgs/a.c")),
            ("/srv/pkg/a.c", "", Some("/srv/pkg/a.c")),
            ("src/a.c", "/srv/pkg", Some("src/a.c")),
            ("../a.c", "/srv/pkg", None),
            ("<string>", "", None),
            ("", "", None),
            ("/", "", None),
        ] {
            assert_eq!(path(file, root).as_deref(), shown, "{file} {root}");
        }
        assert!(!Place::of("/else/a.c", 1, "/srv").unwrap().is_inside("/srv"));
        assert!(Place::of("a.c", 1, "/srv").unwrap().is_inside("/srv"));
    }

    #[test]
    fn a_uri_has_nothing_that_means_something_to_it() {
        let uri = |path: &str| Place { path: path.into(), line: 0 }.uri();
        assert_eq!(uri("src/a b.c"), "src/a%20b.c");
        assert_eq!(uri("/a?b#c%d:é"), "file:///a%3Fb%23c%25d%3A%C3%A9");
        assert_eq!(uri("x\n\"<>.c"), "x%0A%22%3C%3E.c");
    }

    #[test]
    fn a_test_has_a_file() {
        assert_eq!(Place::of_test("tests/test_a.py::test_b[x::y]").unwrap().path, "tests/test_a.py");
        assert_eq!(Place::of_test("check(mod.func)"), None);
    }
}
