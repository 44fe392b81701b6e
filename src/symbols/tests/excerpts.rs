//! Lines around a line, and files that have none to show.

use super::compiled::Folder;

fn numbers(lines: &[(u32, String)]) -> Vec<u32> {
    lines.iter().map(|&(number, _)| number).collect()
}

#[test]
fn lines_around_a_line() {
    let folder = Folder::new();
    let path = folder.path("source.c");
    std::fs::write(&path, "one\r\ntwo\nthree\n\nfive\n").expect("written");
    let (path, symbolizer) = (path.to_str().expect("ASCII"), folder.symbolizer());
    let text = |lines: Vec<(u32, String)>| lines.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(text(symbolizer.excerpt(path, 2, 1)), ["one", "two", "three"]);
    assert_eq!(numbers(&symbolizer.excerpt(path, 5, 2)), [3, 4, 5]);
    assert_eq!(numbers(&symbolizer.excerpt(path, 1, u32::MAX)), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&symbolizer.excerpt(path, 4, 0)), [4]);
    for outside in [0, 6, u32::MAX] {
        assert_eq!(symbolizer.excerpt(path, outside, 3), [], "{outside}");
    }
}

#[test]
fn long_lines_are_cut() {
    let folder = Folder::new();
    let path = folder.path("source.c");
    std::fs::write(&path, "ä".repeat(5000)).expect("written");
    let lines = folder.symbolizer().excerpt(path.to_str().expect("ASCII"), 1, 0);
    assert_eq!(lines[0].1.chars().count(), 241);
    assert!(lines[0].1.ends_with('…'));
}

#[test]
fn files_without_an_excerpt() {
    let folder = Folder::new();
    let (large, binary) = (folder.path("large.c"), folder.path("binary.c"));
    std::fs::write(&large, "x\n".repeat((4 << 20) / 2 + 1)).expect("written");
    std::fs::write(&binary, b"\x7fELF\0\n").expect("written");
    let own = folder.0.to_str().expect("ASCII").to_owned();
    let [large, binary] = [large, binary].map(|path| path.to_str().expect("ASCII").to_owned());
    for path in [large, binary, own, "/dev/zero".into(), "relative/none.c".into(), "/none.c".into(), String::new()] {
        assert_eq!(folder.symbolizer().excerpt(&path, 1, 2), [], "{path}");
    }
}
