"""Verdicts as a table for the annex and the map, and how many there are of each answer."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import pandas as pd

from gis.tables import FACILITY_KINDS, OPERATOR_TYPES, STATUSES, TABLES
from gis.words import Language, catalogue, say
from policy.phrases import name_list, unit_word
from policy.sync_words import area_text
from policy.verdict import Status, Verdict

COLUMNS = (
    "rule",
    "title",
    "document",
    "clause",
    "level",
    "unit_id",
    "unit",
    "reading",
    "decides",
    "measured",
    "demanded",
    "verdict",
    "shortfall",
    "score",
    "missing",
    "choices",
    "note",
    "responsible",
)


def verdict_table(verdicts: Iterable[Verdict], *, language: Language = "zh") -> pd.DataFrame:
    """Return verdicts as text, one row each in their order, under headings in the language asked for.

    Every cell is text; names from tables stand in it unchanged: whatever writes the table must treat it as data.
    """
    at = 0 if language == "zh" else 1
    rows = [
        {
            "rule": v.rule_id,
            "title": v.title[at],
            "document": v.document,
            "clause": v.clause,
            "level": say(f"policy.level_{v.level}", language),
            "unit_id": v.unit_id,
            "unit": say("policy.level_city", language) if v.unit_name == say("policy.level_city") else v.unit_name,
            "reading": word("reading", v.reading, language),
            "decides": say("policy.yes" if v.decides else "policy.no", language),
            "measured": v.measured[at],
            "demanded": v.demanded[at],
            "verdict": say(f"status.{v.status}", language),
            "shortfall": shortfall_text(v, language=language),
            "score": " / ".join(map(str, v.scores)),
            "missing": name_list([missing_text(m, language) for m in v.missing], language),
            "choices": choices_text(v.choices, language),
            "note": v.note[at],
            "responsible": "、".join(v.responsible),
        }
        for v in verdicts
    ]
    return headed(rows, COLUMNS, language)


def headed(rows: Sequence[Mapping[str, str]], columns: Sequence[str], language: Language) -> pd.DataFrame:
    """Return rows of text as a table with the headings of the catalogue."""
    table = pd.DataFrame(rows, columns=list(columns), dtype="object")
    return table.rename(columns={c: say(f"policy.column_{c}", language) for c in columns})


def verdict_counts(verdicts: Iterable[Verdict]) -> dict[Status, int]:
    """Return how many deciding verdicts there are of each answer, every answer listed; readings beside are not counted.

    >>> verdict_counts([])[Status.PASS]
    0
    """
    deciding = [v.status for v in verdicts if v.decides]
    return {status: deciding.count(status) for status in Status}


def shortfall_text(verdict: Verdict, *, language: Language) -> str:
    """Return what is missing by number and name, empty where nothing is."""
    short = verdict.shortfall
    if short is None:
        return ""
    unit = unit_word(short.unit, language)
    key = "shortfall_named" if short.names else "shortfall"
    number, names = area_text(Fraction(short.number)), name_list(short.names, language)
    return say(f"policy.{key}", language, number=number, unit=unit, names=names)


def word(room: str, name: str, language: Language) -> str:
    """Return the catalogue's word; a name that only a bureau's own pack knows stands for itself."""
    key = f"policy.{room}_{name}"
    return say(key, language) if key in catalogue() else name


def choices_text(choices: Iterable[str], language: Language) -> str:
    """Return the choices a verdict rests on as one text that says they are the profile's, not the document's."""
    named = []
    for choice in choices:
        name, _, value = choice.partition(" = ")
        values = [_value(one, language) for one in value.split(", ")]
        named.append(f"{word('choice', name, language)} = {', '.join(values)}")
    return f"{say('policy.not_in_document', language)}: {'; '.join(named)}" if named else ""


def _value(name: str, language: Language) -> str:
    for vocabulary in (FACILITY_KINDS, STATUSES, OPERATOR_TYPES):
        if name in vocabulary:
            return vocabulary[name][0] if language == "zh" else name.replace("_", " ")
    reading = word("reading", name, language)
    return reading if reading != name else word("value", name, language)


def missing_text(token: str, language: Language) -> str:
    """Return what is missing in words: `facilities.opened: name` as the name and the heading of the column."""
    if token in TABLES:
        return word("missing", token, language)
    place, _, name = token.partition(": ")
    table, _, column = place.partition(".")
    key = next((c for c in ("elders_covered", "elders_unknown") if column.startswith(c)), column)
    if table == "communities" and key == "level":
        key = "urban"
    said = word("missing", key, language)
    if said == key:
        headers = {c.name: c.synonyms[0] for c in TABLES[table].columns} if table in TABLES else {}
        said = headers.get(key, said) if language == "zh" else said.replace("_", " ")
    return f"{name}：{said}" if language == "zh" else f"{name}: {said}"
