"""Reading a pack: bundled or the bureau's own file, with every fault named by file, line, rule and key."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from pydantic import Field, ValidationError

from gis.errors import Finding, InputError, refuse
from policy.asked import Concerned, MeasureText
from policy.choices import STANDARD, Open, checked, near
from policy.crosscheck import pack_faults
from policy.four_sync_text import SYNC_CHOICES, FourSync, SyncFinding
from policy.indicators import ARGUMENTS
from policy.limits import Gap, PointBand
from policy.pack import Choice, Document, Policy, ScoreTable
from policy.places import Places, places
from policy.rule import Rule, ScoreItem
from policy.terms import Benefit, Condition, Group, RoomClass, Term
from policy.written import Record, Words


class _File(Record):
    """The pack as it is written."""

    document: Document
    rule: tuple[Rule, ...] = ()
    choices: Mapping[str, Choice] = Field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    zones: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    score_table: ScoreTable | None = None
    term: tuple[Term, ...] = ()
    room_class: tuple[RoomClass, ...] = ()
    benefit: tuple[Benefit, ...] = ()
    group: tuple[Group, ...] = ()
    four_sync: FourSync | None = None


_MODELS: tuple[type[Record], ...] = (_File, Document, Rule, Choice, ScoreTable, ScoreItem, MeasureText, Gap, PointBand)
_MODELS += (Concerned, Words, Term, RoomClass, Benefit, Group, Condition, FourSync, SyncFinding)
_KEYS = sorted({key for model in _MODELS for key in model.model_fields})


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
    file, the line, the rule and the key.

    >>> load_pack("hebi_2020").document.number
    '鹤政〔2020〕8号'
    """
    name, source, text = _text(name_or_path)
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        raise InputError([Finding("PACK_TOML", "reject", source, str(wrong))]) from None
    where = places(source, text, raw)
    try:
        written = _File.model_validate(raw)
    except ValidationError as wrong:
        raise InputError(_findings(wrong, where)) from None
    offered, faults = _choices(written, where)
    policy = Policy(
        name=name,
        document=written.document,
        rules=written.rule,
        choices=offered,
        names=written.names,
        zones=written.zones,
        score_table=written.score_table,
        terms=written.term,
        room_classes=written.room_class,
        benefits=written.benefit,
        groups=written.group,
        four_sync=written.four_sync,
    )
    refuse([*faults, *pack_faults(policy, where)])
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


def _findings(wrong: ValidationError, where: Places) -> list[Finding]:
    found = []
    for error in wrong.errors():
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
        found.append(where.fault(code, *error["loc"], found=value, allowed=allowed))
    return found


def _choices(written: _File, where: Places) -> tuple[dict[str, Open], list[Finding]]:
    standards = {**STANDARD, **(SYNC_CHOICES if written.four_sync else {})}
    offered = dict(standards)
    faults: list[Finding] = []
    for name, choice in written.choices.items():
        standard = standards.get(name)
        content = choice.content or (standard.content if standard else None)
        if content is None:
            faults.append(where.fault("PACK_REQUIRED", "choices", name, found="content"))
            continue
        open_choice = Open(content, "", choice.allowed or (standard.allowed if standard else ()))
        try:
            offered[name] = Open(content, checked(open_choice, choice.default), open_choice.allowed)
        except (ValueError, TypeError) as wrong:
            found = f"{choice.default} ({wrong})"
            faults.append(where.fault("PACK_VALUE", "choices", name, "default", found=found))
    return offered, faults
