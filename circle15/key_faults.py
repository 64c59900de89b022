"""What is wrong with the project file, key by key, in the planner's words and with the range that each key allows."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from gis.errors import Finding
from gis.secrets import redacted
from gis.words import catalogue

Schema = Mapping[str, Any]
KINDS = {
    "int": "whole",
    "float": "number",
    "finite": "number",
    "bool": "yes_no",
    "string": "text",
    "date": "date",
    "tuple": "list",
    "list": "list",
    "dict": "table",
    "mapping": "table",
    "model": "table",
}
"""What a key asks for, by the first word of pydantic's name of the fault."""
SCHEMA_KINDS = {"integer": "whole", "number": "number", "string": "text", "array": "list", "object": "table"}
BOUNDS = {"exclusiveMinimum": "> {}", "minimum": "≥ {}", "exclusiveMaximum": "< {}", "maximum": "≤ {}"}
LENGTHS = {"minItems": "≥ {}", "minLength": "≥ {}"}
WRITTEN = {"budget_by_year_wan": "budget_wan"}
"""What stands in the file for a key that is read from it."""
SHOWN = 80
_LINE = re.compile(r"at line (\d+)")


def syntax_fault(file: str, text: str, error: tomllib.TOMLDecodeError) -> Finding:
    """Return the line at which a file is no TOML, and whether a key, a year or a part stands twice there."""
    twice = any(sign in str(error) for sign in ("twice", "Duplicate", "overwrite"))
    lines = text.splitlines() or [""]
    numbered = _LINE.search(str(error))
    line = min(int(numbered[1]), len(lines)) if numbered else len(lines)  # "at end of document"
    while line > 1 and not lines[line - 1].strip():
        line -= 1
    code = "PROJECT_TWICE" if twice else "PROJECT_SYNTAX"
    return Finding(code, "reject", f"{file}:{line}", lines[line - 1].strip()[:SHOWN])


def wrong_kinds(file: str, said: Mapping[str, Any], model: type[BaseModel]) -> list[Finding]:
    """Return the keys that want a number and hold a text or true or false, which would be read as one unseen."""
    schema = _schema(model)
    found = []
    for where, value in _leaves(said, ()):
        kind = SCHEMA_KINDS.get(str(_at(schema, where, schema).get("type")), "")
        if kind in ("whole", "number") and isinstance(value, (bool, str)):
            kind, allowed = _allowed({"type": ""}, _at(schema, where, schema))
            shown = redacted(repr(value))[:SHOWN]
            found.append(
                Finding("PARAM_RANGE", "reject", f"{file}:{'.'.join(where)}", shown, allowed=allowed, kind=kind)
            )
    return found


@cache
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _leaves(said: object, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield every value that holds no others, with the keys that lead to it."""
    if isinstance(said, Mapping):
        inner: Iterable[tuple[object, object]] = said.items()
    elif isinstance(said, (list, tuple)):
        inner = enumerate(said)
    else:
        yield where, said
        return
    for key, value in inner:
        yield from _leaves(value, (*where, str(key)))


def key_faults(file: str, faults: Sequence[Mapping[str, Any]], model: type[BaseModel]) -> list[Finding]:
    """Return the faults that pydantic found in the values of a model, each at its own key."""
    schema = _schema(model)
    inner = [f for f in faults if not any(g is not f and g["loc"][: len(f["loc"])] == f["loc"] for g in faults)]
    return [_fault(file, fault, schema) for fault in inner]


def _fault(file: str, fault: Mapping[str, Any], schema: Schema) -> Finding:
    where = [str(part) for part in fault["loc"]]
    place = f"{file}:{'.'.join(WRITTEN.get(key, key) for key in where)}"
    # an address may hold a key; redacted whole, since half an address hides no password
    found = "" if "tiles" in where else redacted(repr(fault["input"]))[:SHOWN]
    if fault["type"] == "missing":
        return Finding("PARAM_MISSING", "reject", place)
    if fault["type"] == "extra_forbidden":
        every = _at(schema, where[:-1], schema).get("properties", {})
        keys = [key for key in every if key not in ("folder", "passwords")]
        near = difflib.get_close_matches(where[-1], keys, n=1)
        return Finding("PARAM_UNKNOWN", "reject", place, where[-1], allowed=near[0] if near else ", ".join(keys))
    said = str(fault["msg"]).removeprefix("Value error, ")
    if f"fault.{said}" in catalogue():
        return Finding(said, "reject", place, found)
    kind, allowed = _allowed(fault, _at(schema, where, schema))
    kind = "source" if (kind, where[0]) == ("table", "inputs") else kind
    return Finding("PARAM_RANGE", "reject", place, found, allowed=allowed, kind=kind)


def _allowed(fault: Mapping[str, Any], here: Schema) -> tuple[str, str]:
    """Return of which kind a value must be (a key of the room `allowed` of the catalogue), and in which range."""
    name, context = str(fault["type"]), fault.get("ctx", {})
    if name == "value_error":
        said = str(fault["msg"]).removeprefix("Value error, ")
        return (said, "") if f"allowed.{said}" in catalogue() else ("", said)
    if name in ("literal_error", "enum"):
        return "", str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    if name in ("too_short", "string_too_short"):
        kind = "list" if name == "too_short" else "text"
        return f"long_{kind}", f"≥ {context['min_length']}"
    if name == "string_pattern_mismatch":
        return "pattern", str(context.get("pattern", ""))
    bounds = ", ".join(form.format(f"{here[key]:g}") for key, form in BOUNDS.items() if key in here)
    if not bounds:
        symbols = {"gt": "> {}", "ge": "≥ {}", "lt": "< {}", "le": "≤ {}"}
        bounds = ", ".join(symbols[key].format(limit) for key, limit in context.items() if key in symbols)
    kind = SCHEMA_KINDS.get(str(here.get("type")), "")
    if kind not in ("whole", "number"):
        otherwise = "whole" if bounds else kind  # of a key of a table: those with bounds are years and minutes
        kind = KINDS.get(name.partition("_")[0], otherwise)
    return (kind, bounds) if f"allowed.{kind}" in catalogue() else ("", bounds or str(fault["msg"]))


def _at(here: Schema, where: Sequence[str], root: Schema) -> Schema:
    """Return the part of a schema that speaks of a key; an empty one where none does."""
    for part in where:
        here = _plain(here, root)
        if part.isdecimal() and "items" in here:
            here = here["items"]
        elif part == "[key]":
            here = here.get("propertyNames", {})
        else:
            open_: object = here.get("additionalProperties") or next(
                iter(here.get("patternProperties", {}).values()), {}
            )
            here = here.get("properties", {}).get(part) or (open_ if isinstance(open_, Mapping) else {})
    return _plain(here, root)


def _plain(here: Schema, root: Schema) -> Schema:
    """Follow references, and choose what is not nothing where nothing is allowed as well."""
    while True:
        if "$ref" in here:
            here = root["$defs"][str(here["$ref"]).rpartition("/")[2]]
        elif "anyOf" in here:
            here = next((each for each in here["anyOf"] if each.get("type") != "null"), {})
        elif "allOf" in here:
            here = here["allOf"][0]
        else:
            return here
