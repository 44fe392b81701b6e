# cython: language_level=3
"""Every definition says its dotted name; lines marked STATEMENT must be reached by some address."""


cdef class Holder:
    cdef object kept

    def __cinit__(self, kept):  # NAME Holder.__cinit__
        self.kept = [kept]  # STATEMENT

    def method(self, other):  # NAME Holder.method
        first = [other]  # STATEMENT
        # A line without code.
        second = [self.kept]  # STATEMENT
        return first + second  # STATEMENT

    @property  # NAME Holder.value.__get__
    def value(self):
        return [self.kept]  # STATEMENT

    def generates(self):  # NAME Holder.generates
        yield [self.kept]  # STATEMENT
        yield {}  # STATEMENT


cdef list fast(int number):  # NAME fast
    return [number]  # STATEMENT


def outer_fun(one):  # NAME outer_fun
    one = [one]  # STATEMENT

    def inner(two):  # NAME outer_fun.inner
        return [one, two]  # STATEMENT

    return inner, fast(3)


async def waits(awaited):  # NAME waits
    return [await awaited]  # STATEMENT
