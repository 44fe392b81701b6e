"""Python text whose functions leak one block each, from every kind of frame."""

from __future__ import annotations

#: Each function leaks one block by `leak()`, whose first call asks the interpreter where it is.
BODIES = """
import functools
from contexts import leak, nest

def plain(): leak(SIZE)

def several_lines():
    leak(
        SIZE
    )
    return [
        1,
        2,
    ]

def in_arguments():
    dict(
        one=1,
        two=max(
            1,
            leak(SIZE) or 2,
        ),
    )

def nested():
    def inner():
        def innermost():
            x = 1
            leak(SIZE)
            x = 2
        innermost()
    inner()

def comprehension():
    [
        leak(SIZE)
        for _ in range(1)
    ]

def set_in_dict_comprehension():
    {k: {leak(SIZE) for _ in range(1)} for k in range(1)}

def in_lambda():
    (lambda:
        leak(SIZE))()

def class_body():
    class Local:
        x = 1
        leak(SIZE)

def executed():
    exec("def made():\\n\\n    leak(SIZE)\\n\\nmade()", {"leak": leak, "SIZE": SIZE})

def evaluated():
    eval("(\\nleak(SIZE)\\n)", {"leak": leak, "SIZE": SIZE})

def counting(n):
    for i in range(n):
        yield i
    leak(SIZE)
    yield n

def delegating():
    got = yield from counting(2)

def generator():
    for _ in delegating():
        pass

def expression():
    list(leak(SIZE) for _ in range(1))

class Later:
    def __await__(self):
        yield 1
        leak(SIZE)

async def awaiting():
    await Later()

async def outer():
    async def inner():
        await awaiting()
    await inner()

def coroutine():
    running = outer()
    running.send(None)
    try:
        running.send(None)
    except StopIteration:
        pass

def decorator(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

class Class:
    @decorator
    @decorator
    def method(self):
        leak(SIZE)
    @classmethod
    def of_class(cls):
        leak(SIZE)
    @property
    def value(self):
        return leak(SIZE)
    def __getattr__(self, name):
        leak(SIZE)
        return name
    def __lt__(self, other):
        leak(SIZE)
        return True
    def __enter__(self):
        return self
    def __exit__(self, *_):
        leak(SIZE)

THING = Class()

def method(): THING.method()
def of_class(): Class.of_class()
def value(): THING.value
def attribute(): THING.missing
def compared(): sorted([THING, THING])
def managed():
    with THING:
        x = 1

def key():
    sorted([1], key=lambda _: leak(SIZE) or 0)

def mapped():
    list(map(
        leak,
        [SIZE],
    ))

def reduced():
    functools.reduce(lambda a, b: leak(SIZE), [1, 2])

def below_c():
    nest(5, lambda: nest(5, plain))

def handled():
    try:
        raise ValueError
    except ValueError:
        leak(SIZE)
    finally:
        x = 1

def branches():
    for n in range(3):
        if n == 2:
            leak(SIZE)
        elif n == 1:
            x = 2

def deep(n=200):
    return deep(n - 1) if n else leak(SIZE)

def far_line():
FILLING
    leak(SIZE)

NAMES = [name for name, thing in list(globals().items()) if type(thing) is type(plain) and name not in (
    "counting", "delegating", "awaiting", "outer", "decorator")]
"""
