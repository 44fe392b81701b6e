"""The call that is audited: made in a window, with nothing of it kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from refaudit.errors import RefauditError

if TYPE_CHECKING:
    from refaudit._audit import Measurement


class Body:
    """Calls the function in a window. Keeps neither its result nor its exception."""

    def __init__(self, func: Callable[..., Any], args: Any, kwargs: Any, raises: Any) -> None:
        self.func, self.args, self.kwargs, self.raises = func, args, kwargs, raises

    def __call__(self) -> None:
        if self.raises is None:
            self.func(*self.args, **self.kwargs)
            return
        try:
            self.func(*self.args, **self.kwargs)
        except self.raises:
            return
        names = getattr(self.raises, "__name__", str(self.raises))
        raise RefauditError(f"raises={names}: the function did not raise it")


def warm_up(body: Body, times: int) -> Exception | None:
    """Call the function uncounted; its exception ends that, for the counted runs to meet it again."""
    for _ in range(times):
        try:
            body()
        except Exception as error:
            return error
    return None


def windowed(measurement: Measurement, body: Body) -> BaseException | None:
    """Call the function in the window of a counted run; its exception, if any."""
    measurement.open()
    try:
        body()
    except BaseException as error:
        return error
    finally:
        measurement.close()
    return None


def name_of(func: Callable[..., Any]) -> str:
    """``module.qualname`` of a callable."""
    name = getattr(func, "__qualname__", type(func).__qualname__)
    module = getattr(func, "__module__", None)
    return f"{module}.{name}" if module else name
