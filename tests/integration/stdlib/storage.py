"""Samples of the modules that read and write: files, databases, logs and XML."""

from __future__ import annotations

import contextlib
import glob
import io
import logging
import os
import pathlib
import shutil
import sqlite3
import tempfile
import xml.dom.minidom
import xml.etree.ElementTree
import xml.parsers.expat
import xml.sax


def sample_logging() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("refaudit.sample")
    logger.propagate = False
    logger.addHandler(handler)
    logger.warning("value %d %s", 1, {"a": 2})
    try:
        int("x")
    except ValueError:
        logger.exception("failed")
    logger.removeHandler(handler)
    handler.close()


def sample_sqlite3() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.create_function("double", 1, lambda value: value * 2)
        connection.execute("create table t (a integer, b text, c blob)")
        connection.executemany("insert into t values (?, ?, ?)", [(1, "x", b"y"), (2, None, b"")])
        [dict(row) for row in connection.execute("select double(a) as d, b from t order by a")]
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("select nothing")
        with contextlib.suppress(sqlite3.IntegrityError), connection:
            connection.execute("create unique index i on t (b)")


def sample_elementtree() -> None:
    root = xml.etree.ElementTree.fromstring("<r><a x='1'>one</a><a x='2'/><b>t</b></r>")
    root.find("a[@x='2']"), [element.tag for element in root.iter()]
    xml.etree.ElementTree.SubElement(root, "c").text = "new"
    xml.etree.ElementTree.tostring(root), list(xml.etree.ElementTree.iterparse(io.BytesIO(b"<r/>")))
    with contextlib.suppress(xml.etree.ElementTree.ParseError):
        xml.etree.ElementTree.fromstring("<r>")


def sample_minidom() -> None:
    document = xml.dom.minidom.parseString("<r><a x='1'>one</a><!-- c --></r>")
    document.getElementsByTagName("a")[0].getAttribute("x"), document.toprettyxml()
    document.documentElement.appendChild(document.createElement("b"))


def sample_expat() -> None:
    parser = xml.parsers.expat.ParserCreate()
    seen: list[object] = []
    parser.StartElementHandler = lambda name, attributes: seen.append((name, attributes))
    parser.CharacterDataHandler = seen.append
    parser.Parse("<r a='1'>text</r>", True)
    xml.sax.parseString(b"<r><a/></r>", xml.sax.ContentHandler())
    with contextlib.suppress(xml.parsers.expat.ExpatError):
        xml.parsers.expat.ParserCreate().Parse("<r", True)


def sample_pathlib() -> None:
    path = pathlib.Path("/a/b/../c.tar.gz")
    path.parts, path.suffixes, path.with_name("d").relative_to("/a"), path.match("*.gz")
    sorted(pathlib.Path(__file__).parent.glob("*.py")), path.exists(), os.fspath(path)


def sample_tempfile() -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, "a.txt")
        target.write_text("text\n", encoding="utf-8")
        shutil.copy(target, pathlib.Path(folder, "b.txt")), glob.glob(f"{folder}/*.txt")
        with tempfile.NamedTemporaryFile(dir=folder) as stream, target.open("rb") as source:
            shutil.copyfileobj(source, stream), os.stat(target).st_size, list(os.scandir(folder))
    with contextlib.suppress(FileNotFoundError):
        target.read_bytes()
