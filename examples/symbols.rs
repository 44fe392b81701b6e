//! Functions, files and lines of addresses, as JSON lines, with what it took.
//!
//! Standard input: the path of a library, then one hexadecimal address a line, each used as it is.
//! A line `data ADDRESS` asks for the variable there.
//! Standard output: for each address `{"address", "frames": [{"function", "file", "line", "inlined",
//! "guess"}]}`, for each in data `{"address", "variable": {"name", "offset", "file", "line", "guess"}}` with
//! null for none, then one line `{"lookups", "seconds", "cpu_seconds", "read_kb", "anonymous_kb", "peak_rss_kb"}`.
//! The seconds include opening the library. This program may not map files, so it reads them:
//! `anonymous_kb` includes `read_kb`.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use refaudit::symbols::{Bytes, Files, Located, Symbolizer, Variable};
use serde_json::{Value, json};

/// Files of this machine; counts the bytes that it read.
struct Disk {
    read: Arc<AtomicUsize>,
}

impl Files for Disk {
    fn open(&self, path: &Path) -> Option<Bytes> {
        if !std::fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        self.read.fetch_add(bytes.len(), Relaxed);
        Some(Arc::new(bytes))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let input = std::io::read_to_string(std::io::stdin())?;
    let mut lines = input.lines();
    let library = lines.next().ok_or("the first line is the path of a library")?;
    let (data, code): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("data "));
    let addresses = code.into_iter().map(address).collect::<Result<Vec<u64>, _>>()?;
    let data = data.iter().map(|line| address(&line["data ".len()..])).collect::<Result<Vec<u64>, _>>()?;

    let read = Arc::new(AtomicUsize::new(0));
    let cpu = cpu_seconds().unwrap_or_default();
    let start = Instant::now();
    let mut symbolizer = Symbolizer::new(Box::new(Disk { read: read.clone() }));
    let answers: Vec<Vec<Located>> = addresses.iter().map(|&address| symbolizer.locate(library, address)).collect();
    let variables: Vec<Option<Variable>> =
        data.iter().map(|&address| symbolizer.variable(library, &[], address)).collect();
    let cpu = cpu_seconds().unwrap_or_default() - cpu;
    let seconds = start.elapsed().as_secs_f64();
    let memory = |field| status(field).unwrap_or_default();
    let summary = json!({
        "lookups": addresses.len(), "seconds": seconds, "cpu_seconds": cpu, "read_kb": read.load(Relaxed) / 1024,
        "anonymous_kb": memory("RssAnon:"), "peak_rss_kb": memory("VmHWM:"),
    });

    let mut output = BufWriter::new(std::io::stdout().lock());
    for (address, frames) in addresses.iter().zip(&answers) {
        let frames: Vec<Value> = frames.iter().map(frame).collect();
        writeln!(output, "{}", json!({ "address": format!("{address:#x}"), "frames": frames }))?;
    }
    for (address, found) in data.iter().zip(&variables) {
        let variable = found.as_ref().map(variable);
        writeln!(output, "{}", json!({ "address": format!("{address:#x}"), "variable": variable }))?;
    }
    writeln!(output, "{summary}")?;
    Ok(())
}

fn address(line: &str) -> Result<u64, std::num::ParseIntError> {
    u64::from_str_radix(line.trim().trim_start_matches("0x"), 16)
}

fn frame(located: &Located) -> Value {
    json!({
        "function": located.function, "file": located.file, "line": located.line,
        "inlined": located.inlined, "guess": located.guess,
    })
}

fn variable(found: &Variable) -> Value {
    json!({
        "name": found.name, "offset": found.offset, "file": found.file, "line": found.line, "guess": found.guess,
    })
}

/// Time that the kernel has given this thread, the only one.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}

/// A number of kilobytes that the kernel counts for this process.
fn status(field: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}
