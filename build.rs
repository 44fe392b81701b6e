//! Turns the interpreter that is built for into `Py_3_x` cfgs.

fn main() {
    if std::env::var_os("CARGO_FEATURE_PYTHON").is_some() {
        let of_target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
        let (system, processor) = (of_target("OS"), of_target("ARCH"));
        if (system.as_str(), processor.as_str()) != ("linux", "x86_64") {
            // Before the first file that would not compile, in words.
            println!("cargo::error=refaudit runs on Linux with an x86-64 processor; this is {system} on {processor}");
            return;
        }
        pyo3_build_config::use_pyo3_cfgs();
    }
}
