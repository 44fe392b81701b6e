//! At start: are the layouts that this build believes in those of the running interpreter?

use crate::sys;

/// Reads known objects through the layouts and compares with what they are known to hold.
///
/// # Errors
/// The first thing that does not fit, in words.
pub(crate) fn self_check(minor: u8) -> Result<(), String> {
    if !(sys::OLDEST_MINOR..=sys::NEWEST_MINOR).contains(&minor) {
        return Err(format!(
            "CPython 3.{minor} is not known to this refaudit (it knows 3.{} to 3.{})",
            sys::OLDEST_MINOR,
            sys::NEWEST_MINOR
        ));
    }
    sys::check_layouts(super::landmarks())?;
    sys::check_stacks()
}
