"""Samples of the modules that work on the language itself."""

from __future__ import annotations

import abc
import ast
import contextlib
import contextvars
import dataclasses
import dis
import enum
import functools
import inspect
import io
import operator
import tokenize
import traceback
import types
import typing
import warnings
import weakref


def sample_classes() -> None:
    class Base(abc.ABC):
        @abc.abstractmethod
        def run(self) -> int: ...

        @property
        def name(self) -> str:
            return type(self).__name__

    class Child(Base):
        __slots__ = ("value",)

        def run(self) -> int:
            return 1

    child = Child()
    child.value = child
    child.run(), child.name, isinstance(child, Base), weakref.ref(child)()


def sample_dataclasses() -> None:
    @dataclasses.dataclass(order=True, frozen=True)
    class Point:
        x: int
        y: list[int] = dataclasses.field(default_factory=list, compare=False)

    point = Point(1, [2])
    dataclasses.asdict(point), dataclasses.replace(point, x=2) > point, repr(point), hash(point)


def sample_enum() -> None:
    class Colour(enum.Enum):
        RED = 1
        BLUE = enum.auto()

    class Bits(enum.Flag):
        A = 1
        B = 2

    Colour["RED"], Colour(2), list(Colour), Bits.A | Bits.B, repr(~Bits.A)


#: Not in the sample: typing caches what it makes of every new variable.
T = typing.TypeVar("T")


def sample_typing() -> None:
    class Box(typing.Generic[T]):
        pass

    # The forms of typing itself are the point here.
    list(map(typing.get_args, (typing.Dict[str, int], typing.Optional[int])))  # noqa: UP006, UP045
    typing.cast("int", 1), list[int].__origin__, Box.__parameters__


def sample_type_hints() -> None:
    def annotated(a: int, b: str | None = None) -> list[int]:
        return [a]

    typing.get_type_hints(annotated), inspect.signature(annotated).bind(1).arguments


def sample_functools() -> None:
    @functools.lru_cache(maxsize=4)
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    @functools.singledispatch
    def show(value: object) -> str:
        return "object"

    show.register(int, lambda value: "int")
    fibonacci(10), fibonacci.cache_info(), show(1), show("x")
    functools.partial(print, end="").keywords, functools.reduce(operator.add, [1, 2, 3])
    sorted([2, 1], key=functools.cmp_to_key(operator.sub))


def sample_generators() -> None:
    def count() -> typing.Generator[int, str, None]:
        try:
            while True:
                yield 1
        finally:
            pass

    generator = count()
    next(generator), generator.send("x"), generator.close()
    half_way = count()
    next(half_way)
    [x for x in (y * 2 for y in range(5))]


def sample_exceptions() -> None:
    try:
        try:
            {}["nothing"]
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        traceback.format_exception(type(error), error, error.__traceback__)
    with contextlib.suppress(ValueError), contextlib.ExitStack() as stack:
        stack.callback(list)
        int("x")
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)


def sample_ast() -> None:
    tree = ast.parse("def f(a, *b):\n    return [x for x in b if x > a]\n")
    ast.unparse(tree), ast.dump(tree), ast.literal_eval("{'a': [1, -2.5]}")
    namespace: dict[str, typing.Any] = {}
    exec(compile(tree, "<ast>", "exec"), namespace)
    namespace["f"](1, 2, 3)
    with contextlib.suppress(SyntaxError):
        ast.parse("def")


def sample_inspect() -> None:
    str(inspect.signature(inspect.getmembers)), inspect.getdoc(list), inspect.isclass(int)
    frame = inspect.currentframe()
    inspect.getmodule(frame), inspect.isframe(frame)
    del frame
    dis.Bytecode(sample_ast).dis(), list(tokenize.generate_tokens(io.StringIO("a = 1\n").readline))


def sample_contextvars() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)
    token = variable.set(5)
    context = contextvars.copy_context()
    context.run(variable.set, 6), context[variable], variable.reset(token)


def sample_weakref() -> None:
    class Node:
        pass

    seen: list[str] = []
    node = Node()
    weakref.finalize(node, seen.append, "gone")
    table = weakref.WeakValueDictionary({"a": node})
    weakref.WeakKeyDictionary({node: 1}), weakref.proxy(node).__class__, weakref.WeakSet([node])
    del node
    table.get("a"), types.SimpleNamespace(a=1)
