"""Audits of the collector's protocol of every type that a package's extension modules define.

`audit` starts child processes and has the result judged; `scope`, `specimen`, `ledger` and `watch`
work in the child, where a ``tp_traverse`` may crash, loop or call Python: the type that is being
asked is told to the parent before.
"""
