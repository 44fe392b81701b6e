"""What was known before an audit: the baseline, the suppressions, and the interpreter's own caches.

`Knowledge` (in `knowledge`) is what others use. `baseline` reads and writes `refaudit.baseline.json`,
`suppression` matches one suppression, `pattern` its stack, `pattern_file` reads a file of them, and
`caches` the data files ``cpython-3.XX.json``. Nothing here is imported before an audit is.
"""
