"""Samples of the modules that hold, pack and compute data."""

from __future__ import annotations

import array
import base64
import bisect
import collections
import contextlib
import copy
import ctypes
import datetime
import decimal
import fractions
import hashlib
import heapq
import hmac
import itertools
import math
import operator
import pickle
import random
import statistics
import struct
import uuid
import zlib
import zoneinfo


def sample_datetime() -> None:
    now = datetime.datetime(2020, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)
    later = now + datetime.timedelta(days=1, hours=2)
    later.isoformat(), later.strftime("%A %d %B %Y"), (later - now).total_seconds()
    datetime.datetime.fromisoformat("2020-01-02T03:04:05+01:00").astimezone()
    datetime.datetime.strptime("2020-01-02", "%Y-%m-%d"), now.replace(tzinfo=None).timetuple()
    with contextlib.suppress(ValueError):
        datetime.date(2021, 2, 29)


def sample_decimal() -> None:
    with decimal.localcontext() as context:
        context.prec = 30
        total = sum((decimal.Decimal(n) / 3 for n in range(5)), decimal.Decimal())
    total.quantize(decimal.Decimal("0.01")), f"{total:.3f}", total.sqrt(), total.as_tuple()
    with contextlib.suppress(decimal.InvalidOperation):
        decimal.Decimal("x")
    fractions.Fraction("3/7") + fractions.Fraction(total)


def sample_collections() -> None:
    collections.Counter("abracadabra").most_common(2), collections.OrderedDict(a=1, b=2).popitem()
    queue = collections.deque(range(5), maxlen=3)
    queue.rotate(), queue.append(9)
    groups = collections.defaultdict(list)
    groups["a"].append(1)
    collections.ChainMap({}, groups)["a"], collections.UserDict(a=1).copy()


def sample_namedtuple() -> None:
    Point = collections.namedtuple("Point", "x y", defaults=[0])
    Point(1)._replace(y=2)._asdict(), repr(Point(3))


def sample_itertools() -> None:
    first, second = itertools.tee(itertools.chain([1, 2], (3,), "x"))
    list(first), next(second), list(itertools.permutations("abc", 2))
    [(key, list(group)) for key, group in itertools.groupby("aabbc")]
    list(itertools.islice(itertools.cycle("ab"), 5)), list(itertools.zip_longest("ab", "c"))
    list(itertools.accumulate([1, 2, 3], operator.mul)), list(itertools.pairwise("abc"))


def sample_struct() -> None:
    packed = struct.pack("<IhQ3sd", 1, 2, 2**60, b"abc", 1.5)
    struct.unpack("<IhQ3sd", packed), list(struct.iter_unpack("<b", b"ab")), struct.calcsize("!H")
    with contextlib.suppress(struct.error):
        struct.pack("b", 1000)


def sample_hashlib() -> None:
    digest = hashlib.sha256(b"a")
    digest.copy().update(b"b"), digest.hexdigest(), hashlib.new("md5", b"x").digest()
    hashlib.blake2b(b"x", key=b"k", digest_size=16).hexdigest()
    hmac.new(b"key", b"text", "sha1").digest(), hashlib.pbkdf2_hmac("sha256", b"p", b"s", 2)
    with contextlib.suppress(ValueError):
        hashlib.new("nothing")


def sample_zlib() -> None:
    packed = zlib.compress(b"text" * 100, 9)
    machine = zlib.decompressobj()
    machine.decompress(packed, 10), machine.flush(), zlib.crc32(packed), base64.b85encode(packed)
    with contextlib.suppress(zlib.error):
        zlib.decompress(b"wrong")


def sample_pickle() -> None:
    shared = [1]
    value = {"a": shared, "b": (shared, 2**70, b"x", {1}, datetime.date(2020, 1, 2)), "c": len}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        pickle.loads(pickle.dumps(value, protocol))
    with contextlib.suppress(pickle.PicklingError, AttributeError):
        pickle.dumps(lambda: None)


def sample_copy() -> None:
    loop: list[object] = [1, {"a": (2, [3])}]
    loop.append(loop)
    copy.deepcopy(loop), copy.copy(loop), copy.deepcopy(collections.OrderedDict(a=[1]))


def sample_heapq() -> None:
    heap = [3, 1, 2]
    heapq.heapify(heap), heapq.heappush(heap, 0), heapq.heappop(heap)
    heapq.nlargest(2, heap, key=abs)
    list(heapq.merge([1, 4], [2, 3])), bisect.insort(heap, 2)


def sample_random() -> None:
    generator = random.Random(5)
    generator.sample(range(100), 5), generator.gauss(0, 1), generator.choices("abc", [1, 2, 3], k=4)
    generator.setstate(generator.getstate()), random.SystemRandom().randrange(10), uuid.uuid4()
    statistics.fmean([1, 2, 3]), math.comb(5, 2), math.prod([1.5, 2])


def sample_zoneinfo() -> None:
    for name in ("Europe/Zurich", "America/New_York"):
        zone = zoneinfo.ZoneInfo.no_cache(name)
        moment = datetime.datetime(2020, 7, 1, tzinfo=zone)
        moment.utcoffset(), moment.tzname(), zoneinfo.ZoneInfo(name).key


def sample_array() -> None:
    numbers = array.array("d", [1.0, 2.5])
    numbers.extend([3.0]), numbers.byteswap(), numbers.tobytes()
    memoryview(numbers).cast("B").tolist()
    array.array("i", range(5))[1:3]


def sample_ctypes() -> None:
    buffer = ctypes.create_string_buffer(b"abc", 10)
    pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char))
    pointer[0], (ctypes.c_int * 3)(1, 2, 3)[1], ctypes.byref(buffer)
    ctypes.pythonapi.Py_GetVersion, ctypes.sizeof(ctypes.c_long), bytes(buffer)
