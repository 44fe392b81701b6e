//! Texts in pieces, so that the template can mark names and let long ones break.

use super::visible::visible;

/// A sentence in pieces; those marked are names.
pub(super) type Prose = Vec<(bool, String)>;

/// A sentence in pieces: what stands between backticks is a name, shown as code.
pub(super) fn prose(sentence: &str, limit: usize) -> Prose {
    let shown = visible(sentence, limit);
    if shown.matches('`').count() % 2 == 1 {
        return vec![(false, shown)];
    }
    let pieces = shown.split('`').enumerate();
    pieces.map(|(index, piece)| (index % 2 == 1, piece.to_owned())).collect()
}

/// A long name in pieces between which a line may break.
pub(super) fn breakable(name: &str) -> Vec<String> {
    name.split_inclusive(['/', '.', ':', '[']).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backticks_are_marked() {
        let marked = |text| prose(text, 80).into_iter().filter(|(is_name, _)| *is_name).count();
        assert_eq!(marked("the static `cache` takes `bytes`"), 2);
        assert_eq!(marked("one ` alone marks nothing"), 0);
    }

    #[test]
    fn pieces_add_up_to_the_name() {
        let name = "tests/test_a.py::TestB::test_c[d-e]";
        assert_eq!(breakable(name).concat(), name);
        assert!(breakable(name).len() > 4);
    }
}
