"""Published wheels with every object of 48 to 512 bytes in guarded memory: the same results as without.

``python tests/stress/guarded_wheels.py [WHEEL...]`` with a Python that has refaudit. Needs the package index, once: the
wheels go to an environment of their own under ``build/stress/``. Exit code 1 when a result differs, or when an
instruction was not understood.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import refaudit
from processes import LEAST, MOST, both, counts, is_whole

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1] / "build" / "stress"

#: Each makes `result`, which says all that came out; `round` is its number.
ROUND_TRIPS = {
    "lxml": """
from lxml import etree
def trip(round):
    root = etree.Element("records", number=str(round))
    for number in range(60):
        record = etree.SubElement(root, "record", id=str(number), kind=("odd", "even")[number % 2])
        record.text = f"text {number} é"
        etree.SubElement(record, "price").text = str(number / 3)
    again = etree.fromstring(etree.tostring(root))
    found = again.xpath("//record[@kind='odd']/price/text()")
    again.remove(again[3])
    return [etree.tostring(again, pretty_print=True).decode(), found, [e.tag for e in again.iter()]]
""",
    "numpy": """
import io
import numpy
def trip(round):
    numbers = numpy.arange(240, dtype="f8").reshape(12, 20) * (round + 1)
    objects = numpy.array([str(n) for n in range(60)] + [None, 1.5, (1, 2)], dtype=object)
    table = numpy.array([(n, n / 7, f"n{n}") for n in range(40)], dtype="i4,f8,U8")
    file = io.BytesIO()
    numpy.save(file, table)
    file.seek(0)
    back = numpy.load(file)
    return [(numbers @ numbers.T).tolist(), objects[::-1].tolist(), back.tolist(), repr(numbers[:2]),
            numpy.sort(numbers.ravel())[::-7].tolist(), numpy.unique(back["f0"] % 5).tolist()]
""",
    "orjson": """
import orjson, datetime, uuid
def trip(round):
    document = {"round": round, "rows": [{"id": n, "name": f"näme {n}", "part": [n, n / 3, None, n % 2 == 0]}
        for n in range(80)], "at": datetime.datetime(2020, 1, 2, 3, 4, 5), "key": uuid.UUID(int=round + 5)}
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    try:
        orjson.loads(text[:-5])
    except orjson.JSONDecodeError as error:
        failure = str(error)
    return [text.decode(), orjson.loads(text), failure]
""",
    "pydantic-core": """
from pydantic_core import SchemaSerializer, SchemaValidator, ValidationError, core_schema as c
fields = {"id": c.int_schema(gt=0), "name": c.str_schema(max_length=9), "tags": c.list_schema(c.str_schema()),
    "more": c.dict_schema(c.str_schema(), c.float_schema())}
schema = c.typed_dict_schema({name: c.typed_dict_field(one) for name, one in fields.items()})
validator, serializer = SchemaValidator(schema), SchemaSerializer(schema)
def trip(round):
    results = []
    for number in range(1, 40):
        row = {"id": str(number), "name": f"n{number}", "tags": ["a"] * (number % 5), "more": {"x": number / 3}}
        value = validator.validate_python(row)
        text = serializer.to_json(value)
        results += [value, text.decode(), validator.validate_json(text), serializer.to_python(value)]
        try:
            validator.validate_python({**row, "id": -number, "name": "x" * 20})
        except ValidationError as error:
            results.append(str(error))
    return results
""",
    "msgpack": """
import datetime
import msgpack
def trip(round):
    document = {"round": round, "rows": [[n, n / 3, f"näme {n}", b"bytes" * n, None, True] for n in range(60)],
        "ext": msgpack.ExtType(5, b"xyz" * 20), "at": msgpack.Timestamp(round, 7)}
    packed = msgpack.packb(document)
    unpacker = msgpack.Unpacker(max_buffer_size=1 << 20)
    unpacker.feed(packed * 3)
    try:
        msgpack.unpackb(packed[:-3])
    except ValueError as error:
        failure = str(error)
    return [packed.hex(), repr(msgpack.unpackb(packed)), repr(list(unpacker)), failure]
""",
    "cryptography": """
import base64
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
def trip(round):
    results = []
    for number in range(20):
        text = f"secret {round} {number}".encode() * 9
        box, nonce = AESGCM(bytes([number] * 32)), bytes([round] * 12)
        sealed = box.encrypt(nonce, text, b"more")
        results += [sealed.hex(), box.decrypt(nonce, sealed, b"more") == text]
        try:
            box.decrypt(nonce, sealed[:-1] + b"x", b"more")
        except InvalidTag as error:
            results.append(repr(error))
        key = Ed25519PrivateKey.from_private_bytes(bytes([number + 1] * 32))
        results.append(key.sign(text).hex())
        results.append(key.public_key().public_bytes(serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo).decode())
        code = hmac.HMAC(b"key", hashes.SHA256())
        code.update(text)
        results.append(code.finalize().hex())
        fernet = Fernet(base64.urlsafe_b64encode(bytes([number] * 32)))
        token = fernet.encrypt_at_time(text, 1_000_000)
        results.append(fernet.decrypt_at_time(token, 10, 1_000_001) == text)
    results.append(PBKDF2HMAC(hashes.SHA256(), 32, b"salt", 50).derive(b"word").hex())
    return results
""",
}

#: The first round is outside: what a library makes once is made there.
TEXT = """
import hashlib
trip(0)
guarded()
answer = [hashlib.sha256(repr(trip(round)).encode()).hexdigest() for round in range(1, 21)]
say(answer)
"""


def environment() -> tuple[str, str]:
    """An interpreter with the wheels, and the folder by which it finds refaudit and nothing else of ours."""
    folder = ROOT / sysconfig.get_python_version()
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    install = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*install, "-r", HERE / "requirements.txt"], check=True)
    path = folder / "refaudit-only"
    path.mkdir(exist_ok=True)
    link = path / "refaudit"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(refaudit.__file__).resolve().parent, target_is_directory=True)
    return str(python), str(path)


def judge(wheel: str, python: str, path: str) -> bool:
    """One wheel both ways, and a line about it. Whether nothing differs."""
    plain, guarded = both(ROUND_TRIPS[wheel] + TEXT, python=python, path=path)
    for said in (plain, guarded):
        if "died" in said:
            print(f"{wheel}: {said['died']}", flush=True)
            return False
    same = plain["answer"] == guarded["answer"]
    print(
        f"{wheel}: {'same results' if same else 'DIFFERENT RESULTS'}; {counts(guarded)}", flush=True
    )
    for note in guarded["notes"]:
        print(f"  {note}")
    return same and bool(plain["answer"]) and is_whole(guarded)


def main() -> None:
    """Judge the named wheels, or all."""
    parser = argparse.ArgumentParser(
        prog="python tests/stress/guarded_wheels.py", description=__doc__
    )
    parser.add_argument("wheels", nargs="*", metavar="WHEEL", help=f"of {', '.join(ROUND_TRIPS)}")
    options = parser.parse_args()
    if unknown := set(options.wheels) - set(ROUND_TRIPS):
        parser.error(f"no such wheel: {', '.join(sorted(unknown))}")
    python, path = environment()
    print(f"CPython {platform.python_version()}, objects of {LEAST} to {MOST} bytes", flush=True)
    results = [judge(wheel, python, path) for wheel in options.wheels or ROUND_TRIPS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
