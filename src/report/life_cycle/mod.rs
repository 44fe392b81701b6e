//! Reports of module audits: a life cycle as text, and as one self-contained HTML page.

mod chain;
mod html;
mod member;
mod page;
#[cfg(test)]
mod sample;
mod text;
mod text_member;
mod whole;
mod words;

pub(super) use html::render as html;
pub(super) use text::render as text;
