//! What the whole room answers, on files that the tests compile.

mod bad_input;
mod compiled;
mod debug_files;
mod excerpts;
mod line_tables;
mod native;
mod variables;
