//! Names as people wrote them: C++ and Rust.

use std::borrow::Cow;
use std::fmt;

/// A demangled name is not longer than this: substitutions let a short name stand for one of any
/// length, and a corrupt one may.
const LONGEST: usize = 64 << 10;
/// Beginnings of a name that are tried when the whole cannot be demangled.
const MOST_CUTS: usize = 64;

/// The name as in the source, Rust ones without their hash; anything else is given back unchanged.
pub(super) fn demangle(name: &str) -> Cow<'_, str> {
    let demangled = if is_rust(name) { rust(name) } else { cpp(name) };
    demangled.map_or(Cow::Borrowed(name), Cow::Owned)
}

/// Whether a compiler has put more than the plain name into this one.
pub(super) fn is_mangled(name: &str) -> bool {
    name.starts_with("_Z") || name.starts_with("_R")
}

/// `_R…`, or `_ZN…17h<16 hex digits>E`, which a C++ compiler would hardly make.
fn is_rust(name: &str) -> bool {
    name.starts_with("_R") || name.starts_with("_ZN") && name.rfind("17h").is_some_and(|at| is_hash(&name[at + 3..]))
}

/// 16 digits and the end of the name, perhaps with what LLVM appends.
fn is_hash(end: &str) -> bool {
    let (digits, rest) = end.split_at_checked(16).unwrap_or_default();
    !digits.is_empty()
        && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        && (rest == "E" || rest.starts_with("E."))
}

fn rust(name: &str) -> Option<String> {
    let demangled = rustc_demangle::try_demangle(name).ok()?;
    let mut text = Bounded(String::new());
    fmt::write(&mut text, format_args!("{demangled:#}")).ok()?;
    Some(text.0)
}

fn cpp(name: &str) -> Option<String> {
    if !name.starts_with("_Z") {
        return None;
    }
    whole_cpp(name).or_else(|| {
        // An expression in the return type or in an argument, as `std::swap` has one, may be beyond the
        // demangler. The name before it ends with an `E` where it is nested or a template.
        let ends = name.match_indices('E').map(|(index, _)| index + 1);
        ends.take(MOST_CUTS).find_map(|end| whole_cpp(&name[..end]))
    })
}

fn whole_cpp(name: &str) -> Option<String> {
    let symbol = cpp_demangle::Symbol::new(name).ok()?;
    let mut text = Bounded(String::new());
    symbol.structured_demangle(&mut text, &cpp_demangle::DemangleOptions::new()).ok()?;
    Some(text.0)
}

/// Refuses to grow for ever.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_three_languages() {
        for (mangled, expected) in [
            ("malloc", "malloc"),
            ("", ""),
            ("_Z", "_Z"),
            ("_Z4growRSt6vectorIiSaIiEE", "grow(std::vector<int, std::allocator<int> >&)"),
            ("_ZN12_GLOBAL__N_13barE", "(anonymous namespace)::bar"),
            ("_ZN5alloc7raw_vec11finish_grow17h0123456789abcdefE", "alloc::raw_vec::finish_grow"),
            ("_ZN5alloc7raw_vec11finish_grow17h0123456789abcdefE.llvm.42", "alloc::raw_vec::finish_grow"),
            (
                "_ZN4core3ptr49drop_in_place$LT$alloc..vec..Vec$LT$u8$GT$..x$GT$17h0123456789abcdefE",
                "core::ptr::drop_in_place<alloc::vec::Vec<u8>::x>",
            ),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("__pyx_pw_4more_1f", "__pyx_pw_4more_1f"),
            // GCC's mangling of `std::swap<int>`: the demangler does not know the `sr` in it.
            (
                "_ZSt4swapIiENSt9enable_ifIXsrSt6__and_IJSt6__not_ISt15__is_tuple_likeIT_EEEE5valueEvE4typeERS4_S7_",
                "std::swap<int>",
            ),
        ] {
            assert_eq!(demangle(mangled), expected);
        }
    }

    #[test]
    fn a_name_that_stands_for_a_huge_one_stays_as_it_is() {
        // A template of itself, twice: each substitution doubles the length.
        let mut name = String::from("_Z1fI1aE1bIS0_S0_E");
        let digits: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
        for digit in &digits {
            name += &format!("1bIS{digit}_S{digit}_E");
        }
        assert!(demangle(&name).len() <= LONGEST);
    }
}
