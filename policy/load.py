"""Reading a pack: bundled or the bureau's own file, with every fault named by file, rule and key."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from gis.errors import Finding, InputError, refuse
from policy.asked import MeasureText
from policy.choices import STANDARD, Open, Value, checked, near
from policy.indicators import ARGUMENTS
from policy.pack import Choice, Document, Gap, PointBand, Policy, Rule, ScoreTable
from policy.written import Record, Words, is_choice

_KINDS_OF_CHOICE: Mapping[str, str] = {
    "kinds": "kinds",
    "statuses": "statuses",
    "operator_types": "operator_types",
    "reached": "share",
    "minutes": "whole",
}


class _File(Record):
    """The pack as it is written."""

    document: Document
    rule: tuple[Rule, ...]
    choices: Mapping[str, Choice] = Field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    score_table: ScoreTable | None = None


_KEYS = sorted(
    {
        key
        for model in (_File, Document, Rule, Choice, ScoreTable, MeasureText, Gap, PointBand, Words)
        for key in model.model_fields
    }
)


def packs() -> list[str]:
    """Return the names of the packs that come with the install.

    >>> "hebi_2020" in packs()
    True
    """
    return sorted(
        p.name.removesuffix(".toml") for p in files("policy").joinpath("packs").iterdir() if p.name.endswith(".toml")
    )


def load_pack(name_or_path: str | Path) -> Policy:
    """Read a pack by its bundled name (`hebi_2020`) or from a `.toml` file of the bureau.

    Raises InputError with every fault of the file (PACK_MISSING, PACK_TOML, PACK_KEY, PACK_VALUE, ...), each naming the
    file, the rule and the key.

    >>> load_pack("hebi_2020").document.number
    '鹤政〔2020〕8号'
    """
    name, source, text = _text(name_or_path)
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        raise InputError([Finding("PACK_TOML", "reject", source, str(wrong))]) from None
    try:
        written = _File.model_validate(raw)
    except ValidationError as wrong:
        raise InputError(_findings(wrong, raw, source)) from None
    offered, faults = _choices(written.choices, source)
    policy = Policy(
        name=name,
        document=written.document,
        rules=written.rule,
        choices=offered,
        names=written.names,
        score_table=written.score_table,
    )
    refuse([*faults, *_faults(policy, source)])
    return policy


def _text(name_or_path: str | Path) -> tuple[str, str, str]:
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and path.suffix != ".toml" and path.name == name_or_path:
        if name_or_path not in packs():
            raise InputError([Finding("PACK_MISSING", "reject", name_or_path, near(name_or_path, packs()))])
        inside = files("policy").joinpath("packs", f"{name_or_path}.toml")
        return name_or_path, f"{name_or_path}.toml", inside.read_text(encoding="utf-8")
    try:
        return path.stem, path.name, path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise InputError([Finding("PACK_TOML", "reject", path.name, f"UTF-8: {wrong.reason}")]) from None
    except OSError:
        raise InputError([Finding("PACK_MISSING", "reject", str(path))]) from None


def _findings(wrong: ValidationError, raw: Mapping[str, Any], source: str) -> list[Finding]:
    found = []
    for error in wrong.errors():
        place = _place(error["loc"], raw, source)
        match error["type"]:
            case "PACK":
                code, value = error["ctx"]["code"], error["ctx"]["found"]
            case "extra_forbidden":
                code, value = "PACK_KEY", near(error["loc"][-1], _KEYS)
            case "missing":
                code, value = "PACK_REQUIRED", str(error["loc"][-1])
            case _:
                code, value = "PACK_VALUE", f"{error['input']} ({error['msg']})"
        allowed = ", ".join(ARGUMENTS) if code == "PACK_INDICATOR" else ""
        found.append(Finding(code, "reject", place, value, allowed=allowed))
    return found


def _place(loc: tuple[int | str, ...], raw: Mapping[str, Any], source: str) -> str:
    path = list(loc)
    head = source
    if path and path[0] == "rule" and len(path) > 1 and isinstance(path[1], int):
        rule = raw["rule"][path[1]]
        head = f"{source}:rule {rule.get('id', path[1] + 1) if isinstance(rule, dict) else path[1] + 1}"
        path = path[2:]
    keys = ".".join(str(key + 1) if isinstance(key, int) else key for key in path)
    return f"{head}/{keys}" if keys else head


def _choices(written: Mapping[str, Choice], source: str) -> tuple[dict[str, Open], list[Finding]]:
    offered = dict(STANDARD)
    faults: list[Finding] = []
    for name, choice in written.items():
        place = f"{source}/choices.{name}"
        standard = STANDARD.get(name)
        content = choice.content or (standard.content if standard else None)
        if content is None:
            faults.append(Finding("PACK_REQUIRED", "reject", place, "content"))
            continue
        open_choice = Open(content, "", choice.allowed or (standard.allowed if standard else ()))
        try:
            offered[name] = Open(content, checked(open_choice, choice.default), open_choice.allowed)
        except (ValueError, TypeError) as wrong:
            faults.append(Finding("PACK_VALUE", "reject", f"{place}.default", f"{choice.default} ({wrong})"))
    return offered, faults


def _faults(policy: Policy, source: str) -> list[Finding]:
    """Return what is wrong between the parts of a pack that are each well formed."""
    faults: list[Finding] = []
    ids = [rule.id for rule in policy.rules]
    plain = {rule.id for rule in policy.rules if not rule.same_as}
    if not ids:
        faults.append(Finding("PACK_REQUIRED", "reject", source, "rule"))
    for number, rule in enumerate(policy.rules):
        place = f"{source}:rule {rule.id}"
        if rule.id in ids[:number]:
            faults.append(Finding("PACK_RULE_TWICE", "reject", place))
        faults += [Finding("PACK_REFERENCE", "reject", f"{place}/same_as", i) for i in rule.same_as if i not in plain]
        faults += _open_references(rule, policy.choices, place)
    if not faults:
        defaults = {name: choice.default for name, choice in policy.choices.items()}
        faults += [f for rule in policy.rules if not rule.same_as for f in _test_faults(rule, defaults, source)]
    table = policy.score_table
    if table is not None and sum(table.items) != table.total:
        faults.append(Finding("PACK_TOTAL", "reject", f"{source}/score_table", f"{sum(table.items)} / {table.total}"))
    return faults


def _open_references(rule: Rule, offered: Mapping[str, Open], place: str) -> list[Finding]:
    asked: list[tuple[str, object, str]] = []
    for measure in rule.measures().values() if not rule.same_as else ():
        asked += [(key, getattr(measure, key), content) for key, content in _KINDS_OF_CHOICE.items()]
    for limits in (rule.test, *rule.bands, *rule.gaps):
        asked += [(key, value, "share whole") for key, value in (limits or ()) if key not in {"points", "reason"}]
    faults = [
        Finding("PACK_REFERENCE", "reject", f"{place}/{key}", near(value, [f"${name}" for name in offered]))
        for key, value, content in asked
        if is_choice(value) and (str(value)[1:] not in offered or offered[str(value)[1:]].content not in content)
    ]
    if rule.decided_by is not None:
        decided = offered.get(rule.decided_by)
        if decided is None or set(decided.allowed) != set(rule.readings):
            faults.append(Finding("PACK_REFERENCE", "reject", f"{place}/decided_by", rule.decided_by))
    return faults


def _test_faults(rule: Rule, values: Mapping[str, Value], source: str) -> list[Finding]:
    try:
        rule.scale(values)
    except ValueError as wrong:
        return [Finding("PACK_BANDS", "reject", f"{source}:rule {rule.id}", str(wrong))]
    return []
