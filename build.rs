//! Turns the interpreter that is built for into `Py_3_x` cfgs.

fn main() {
    if std::env::var_os("CARGO_FEATURE_PYTHON").is_some() {
        pyo3_build_config::use_pyo3_cfgs();
    }
}
