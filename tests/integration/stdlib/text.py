"""Samples of the modules that work on text."""

from __future__ import annotations

import argparse
import configparser
import contextlib
import csv
import difflib
import email
import email.message
import email.policy
import html
import html.parser
import io
import json
import re
import shlex
import string
import textwrap
import unicodedata
import urllib.parse


def sample_re() -> None:
    pattern = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>[^;]*)")
    [match.groupdict() for match in pattern.finditer("a = 1; b=2")]
    re.sub(r"\d+", lambda match: match[0] * 2, "a1b22"), re.split("[,;]", "a,b;c")
    re.escape("a.b"), pattern.fullmatch("nothing"), re.Scanner([(r"\d+", None)]).scan("12")
    try:
        re.compile("(")
    except re.error as error:
        str(error)


def sample_json() -> None:
    value = {"a": [1, 2.5, None, True, "\u20ac"], "b": {"c": {}}}
    json.loads(json.dumps(value, indent=2, sort_keys=True), object_hook=dict)
    json.dumps({"x": {1, 2}}, default=sorted), list(json.JSONEncoder().iterencode(value))
    for wrong in ("{", "[1,]", '"\\u12"'):
        try:
            json.loads(wrong)
        except json.JSONDecodeError as error:
            str(error)


def sample_csv() -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, ["a", "b"], quoting=csv.QUOTE_MINIMAL)
    writer.writeheader(), writer.writerow({"a": "x,y", "b": 'q"'})
    stream.seek(0)
    list(csv.DictReader(stream)), csv.Sniffer().sniff("a;b\n1;2\n")


def sample_email() -> None:
    message = email.message.EmailMessage(policy=email.policy.default)
    message["Subject"], message["To"] = "gr\u00fc\u00dfe", "a@example.org"
    message.set_content("text")
    message.add_alternative("<p>text</p>", subtype="html")
    # A boundary made by chance becomes another entry of the cache of regular expressions.
    message.set_boundary("boundary")
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    [part.get_content_type() for part in parsed.walk()], parsed["to"].addresses


def sample_html() -> None:
    class Collector(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.last = (tag, dict(attrs))

    collector = Collector()
    collector.feed("<p class='x'>a &amp; b<br></p>")
    collector.close()
    html.escape("<&>"), html.unescape("&eacute;&#8364;")


def sample_urllib_parse() -> None:
    parts = urllib.parse.urlsplit("https://user@example.org:80/a/b?x=1&y=2#f")
    parts.port, urllib.parse.parse_qs(parts.query), urllib.parse.urljoin(parts.geturl(), "../c")
    urllib.parse.quote("a b\u20ac"), urllib.parse.urlencode({"q": ["1", "2"]}, doseq=True)


def sample_configparser() -> None:
    parser = configparser.ConfigParser()
    parser.read_string("[a]\nx = 1\ny = %(x)s2\n")
    parser.getint("a", "y"), parser.items("a"), parser.has_section("b")
    with contextlib.suppress(configparser.NoOptionError):
        parser.get("a", "z")


def sample_argparse() -> None:
    parser = argparse.ArgumentParser(prog="p", exit_on_error=False)
    parser.add_argument("-n", type=int, default=3, choices=[1, 2, 3])
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("go").add_argument("where", nargs="*")
    parser.parse_args(["-n", "2", "go", "a", "b"]), parser.format_help()
    with contextlib.suppress(argparse.ArgumentError):
        parser.parse_args(["-n", "x"])


def sample_unicodedata() -> None:
    unicodedata.normalize("NFKD", "\ufb01\u00e9"), unicodedata.name("\u20ac")
    unicodedata.lookup("EURO SIGN"), unicodedata.category("a")
    unicodedata.ucd_3_2_0.bidirectional("a")


def sample_string() -> None:
    string.Template("$a ${b}").substitute(a=1, b=2), "{0:>{1}}|{x!r}".format("a", 5, x="y")
    textwrap.fill("word " * 30, 20), shlex.split("a 'b c' d"), string.capwords("a b")
    list(difflib.unified_diff(["a", "b"], ["a", "c"]))
