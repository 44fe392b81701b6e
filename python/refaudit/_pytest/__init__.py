"""What the pytest plugin does once it audits.

`start` registers `hooks`, which run tests through `protocol` and give them to the one `session`.
Tests run in batches (`batch`) while a `window` says which allocations belong to which test; what a
batch leaves behind is looked into by `confirm`, which runs tests again (`rerun`). `record` makes
the audit document, `terminal` prints, `xdist` merges.
"""
