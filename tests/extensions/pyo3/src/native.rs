//! Memory of Rust's own that safe code can leak; each function has a clean twin.
//!
//! What takes the memory stays a function of its own, so that a stack can name it: inlined into the
//! wrapper that `#[pyfunction]` writes, it would be a part of that.

use std::cell::RefCell;
use std::ffi::CString;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;

#[inline(never)]
fn boxed() -> Box<[u8; 150]> {
    black_box(Box::new([1; 150])) // SITE boxed
}

#[pyfunction]
pub fn leaky_box() -> u8 {
    Box::leak(boxed())[0] // LEAK: RA106
}

#[pyfunction]
pub fn clean_box() -> u8 {
    boxed()[0]
}

#[inline(never)]
fn numbers() -> Vec<u64> {
    let mut numbers = Vec::with_capacity(40); // SITE numbers
    numbers.extend(0..black_box(40));
    numbers
}

#[pyfunction]
pub fn leaky_vec() -> u64 {
    let numbers = numbers();
    let sum = numbers.iter().sum();
    std::mem::forget(numbers); // LEAK: RA106
    sum
}

#[pyfunction]
pub fn clean_vec() -> u64 {
    numbers().iter().sum()
}

#[inline(never)]
fn zeroed() -> Vec<u8> {
    black_box(vec![0; 270]) // SITE zeroed
}

#[pyfunction]
pub fn leaky_zeroed() -> u8 {
    zeroed().leak()[0] // LEAK: RA106
}

#[pyfunction]
pub fn clean_zeroed() -> u8 {
    zeroed()[0]
}

#[inline(never)]
fn c_string() -> CString {
    let text = black_box("a text that C will read as its own");
    CString::new(text).expect("no zero in it") // SITE c_string
}

#[pyfunction]
pub fn leaky_c_string() -> bool {
    let raw = c_string().into_raw(); // LEAK: RA106
    black_box(raw).is_null()
}

#[pyfunction]
pub fn clean_c_string() -> bool {
    c_string().is_empty()
}

struct Single {
    next: RefCell<Option<Rc<Self>>>,
    bytes: [u8; 90],
}

#[inline(never)]
fn single() -> Rc<Single> {
    Rc::new(Single { next: RefCell::new(None), bytes: [1; 90] }) // SITE single
}

#[pyfunction]
pub fn leaky_rc() -> u8 {
    let node = single();
    *node.next.borrow_mut() = Some(Rc::clone(&node)); // LEAK: RA106
    node.bytes[0]
}

#[pyfunction]
pub fn clean_rc() -> u8 {
    let node = single();
    *node.next.borrow_mut() = None;
    node.bytes[0]
}

struct Shared {
    next: Mutex<Option<Arc<Self>>>,
    bytes: [u8; 190],
}

#[inline(never)]
fn shared() -> Arc<Shared> {
    Arc::new(Shared { next: Mutex::new(None), bytes: [1; 190] }) // SITE shared
}

#[pyfunction]
pub fn leaky_arc() -> u8 {
    let node = shared();
    *node.next.lock().expect("nobody else has it") = Some(Arc::clone(&node)); // LEAK: RA106
    node.bytes[0]
}

#[pyfunction]
pub fn clean_arc() -> u8 {
    let node = shared();
    *node.next.lock().expect("nobody else has it") = None;
    node.bytes[0]
}
