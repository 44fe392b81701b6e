"""Audits of a module's life cycle, each step of which runs in a child process.

`process` runs a step, `__main__` is what the child executes, `steps` are what it can do. `audit`
puts the parts together and has them judged; nothing of the audited module is ever imported here.
"""
