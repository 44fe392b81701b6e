//! Debug information that was split off into a file of its own.
//!
//! Source of the places looked at: the manual of gdb, "Debugging Information in Separate Files".

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use object::Object;

use super::elf::{self, Elf};
use super::{Bytes, Files};

/// Where distributions put debug files.
const ROOT: &str = "/usr/lib/debug";

/// The debug file of a library and its path: by build-id first, then by `.gnu_debuglink`.
pub(super) fn find(files: &dyn Files, library: &Path, elf: &Elf<'_>) -> Option<(PathBuf, Bytes)> {
    by_build_id(files, elf).or_else(|| by_link(files, library, elf))
}

/// The file that `dwz` moved common entries to; `name` is absolute or relative to the debug file.
pub(super) fn supplementary(files: &dyn Files, debug_file: &Path, name: &[u8], id: &[u8]) -> Option<Bytes> {
    let named = debug_file.parent()?.join(OsStr::from_bytes(name));
    let candidates = [Some(named), build_id_path(id)];
    candidates.into_iter().flatten().find_map(|path| {
        let file = files.open(&path)?;
        let same = elf::build_id(&elf::parse((*file).as_ref())?) == Some(id);
        same.then_some(file)
    })
}

/// `.build-id/ab/cdef.debug` under the root.
fn build_id_path(id: &[u8]) -> Option<PathBuf> {
    let (first, rest) = id.split_first()?;
    let mut path = format!("{ROOT}/.build-id/{first:02x}/");
    for byte in rest {
        write!(path, "{byte:02x}").ok()?;
    }
    Some(PathBuf::from(path + ".debug"))
}

fn by_build_id(files: &dyn Files, elf: &Elf<'_>) -> Option<(PathBuf, Bytes)> {
    let id = elf::build_id(elf)?;
    let path = build_id_path(id)?;
    let file = files.open(&path)?;
    let debug = elf::parse((*file).as_ref())?;
    let fits = elf::build_id(&debug) == Some(id) && elf::has_dwarf(&debug);
    fits.then_some((path, file))
}

fn by_link(files: &dyn Files, library: &Path, elf: &Elf<'_>) -> Option<(PathBuf, Bytes)> {
    let (name, checksum) = elf.gnu_debuglink().ok().flatten()?;
    let name = OsStr::from_bytes(name);
    let folder = library.parent()?;
    let below_root = Path::new(ROOT).join(folder.strip_prefix("/").unwrap_or(folder)).join(name);
    let candidates = [folder.join(name), folder.join(".debug").join(name), below_root];
    candidates.into_iter().filter(|path| path != library).find_map(|path| {
        let file = files.open(&path)?;
        let bytes: &[u8] = (*file).as_ref();
        let debug = elf::parse(bytes)?;
        // Equal ids say as much as equal checksums, and need no pass over the whole file.
        let same = match (elf::build_id(elf), elf::build_id(&debug)) {
            (Some(of_library), Some(of_debug)) => of_library == of_debug,
            _ => crc32(bytes) == checksum,
        };
        (same && elf::has_dwarf(&debug)).then_some((path, file))
    })
}

/// The checksum of `.gnu_debuglink`: CRC-32 of the whole file, polynomial 0xedb88320 reflected.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (value, entry) in (0_u32..).zip(&mut table) {
        *entry = (0..8).fold(value, |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)));
    }
    !bytes.iter().fold(!0, |crc, byte| (crc >> 8) ^ table[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_the_check_string() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn path_of_a_build_id() {
        let path = build_id_path(&[0xab, 0xcd, 0x0f]).expect("not empty");
        assert_eq!(path, Path::new("/usr/lib/debug/.build-id/ab/cd0f.debug"));
        assert_eq!(build_id_path(&[]), None);
    }
}
