"""What a verdict says in words, each in both languages and put together when it is read."""

from collections.abc import Hashable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from gis.words import catalogue, say
from policy.bands import Exact
from policy.choices import percent_text
from policy.judge import Case, Judged
from policy.limits import Limits
from policy.measure import ENDLESS, Measured
from policy.verdict import Pair, Said, Status
from policy.written import fill

SHOWN_NAMES = 20
_HUNDREDTHS = 100


@cache
def phrase(key: str, **fields: Hashable) -> Pair:
    """Return a phrase of the catalogue in both languages; the same phrase is one and the same text."""
    return Said(lambda language: say(f"policy.{key}", language, **fields))


def unit_word(unit: str, language: str) -> str:
    """Return the word for what is counted; one only a pack or a table knows stands for itself."""
    key = f"policy.unit_{unit}"
    return say(key, language) if key in catalogue() else unit


def measured_words(measured: Measured) -> Pair:
    """Return what was measured: a count, a size, a share, a rate or a rank, or the range that the data allow."""
    return Said(lambda language: _measured(measured, language))


def _measured(measured: Measured, language: str) -> str:
    if measured.void is not None:
        key = "measured_unknown" if measured.void is Status.UNKNOWN else "measured_nothing"
        return say(f"policy.{key}", language)
    low, high = Fraction(measured.low), Fraction(measured.high)
    kind: str = measured.kind
    if kind == "count" and measured.whole is not None:
        # A summary counts units; its share is of all of them.
        kind = "share"
        low, high = (n / (measured.whole or 1) for n in (low, high))
    text = percent_text if kind == "share" else number_text
    fields: dict[str, Any] = {
        "part": number_text(measured.part),
        "most": number_text(measured.most),
        "whole": "" if measured.whole is None else number_text(measured.whole),
        "unit": unit_word(measured.counted, language),
        "base": unit_word(measured.base, language),
        "per": number_text(measured.per),
        "percent": text(low),
        "low": text(low),
        "high": text(high),
    }
    kind = {"class": "count"}.get(kind, kind)
    if kind == "share" and not measured.whole:
        # What the share is of may or may not belong to it: there is no number to show yet.
        return say("policy.measured_unknown", language)
    end = "" if low == high else ("_least" if measured.high >= ENDLESS else "_range")
    if end and measured.part == measured.most:
        end = {"class": "", "share": "_doubt"}.get(measured.kind, end)
    return say(f"policy.measured_{kind}{end}", language, **fields)


def demanded_words(case: Case, summary: Measured | None = None) -> Pair:
    """Return what the rule demands: the pack's sentence and its limits."""
    return Said(lambda language: _demanded(case, summary, language))


def _demanded(case: Case, summary: Measured | None, language: str) -> str:
    rule = case.rule
    demand = rule.sentence[0 if language == "zh" else 1]
    if summary is not None:
        unit = unit_word(summary.counted, language)
        limit = say("policy.limit_all", language, whole=number_text(summary.whole or 0), unit=unit)
    elif rule.test is not None:
        limit = _span(rule.test, case, language)
    elif rule.bands:
        limit = say("policy.list", language).join(
            say("policy.limit_points", language, span=_span(band, case, language), points=band.points)
            for band in rule.bands
        )
    elif rule.stated is not None:
        limit = say("policy.limit_stated", language, limit=_limit(rule.stated, case))
    elif rule.allowed_points:
        points = rule.allowed_points
        limit = say("policy.limit_given", language, least=points[-1], most=points[0])
    elif rule.deadline is not None:
        limit = say("policy.limit_day", language, day=rule.deadline)
    else:
        return demand
    return say("policy.demanded", language, demand=demand, limit=limit)


def notes(case: Case, judged: Judged, *more: Pair) -> Pair:
    """Return the remarks on one verdict: points, readings, lateness, warnings, and what the text leaves open."""
    first = _status_note(case, judged)
    if not (judged.late or judged.measured.disputed or more or case.rule.remark):
        return first
    said: list[Pair] = [first]
    if judged.late:
        said.append(phrase("note_late", deadline=case.rule.deadline))
    if judged.measured.disputed:
        of_projects = case.measure is not None and case.measure.indicator == "projects_in_sync"
        said.append(named("note_excused" if of_projects else "note_disputed", judged.measured.disputed))
    said += more
    if case.rule.remark is not None:
        said.append(case.rule.remark.pair)
    return Said(lambda language: _joined(said, language))


def _joined(said: Sequence[Pair], language: str) -> str:
    at, mark = (0, "；") if language == "zh" else (1, "; ")
    return mark.join(text for both in said if (text := both[at]))


def named(key: str, names: Sequence[str], **fields: object) -> Pair:
    """Return a phrase of the catalogue with a list of names in it."""
    return Said(lambda language: say(f"policy.{key}", language, names=name_list(names, language), **fields))


def name_list(names: Sequence[str], language: str) -> str:
    """Return names as one text; a long list says how many there are."""
    listed = ("、" if language == "zh" else ", ").join(names[:SHOWN_NAMES])
    return listed if len(names) <= SHOWN_NAMES else say("policy.and_more", language, names=listed, n=len(names))


_NOTHING: Pair = ("", "")


def _status_note(case: Case, judged: Judged) -> Pair:
    measured = judged.measured
    if judged.said is not None:
        note = phrase("note_not_told") if judged.status is Status.UNKNOWN else _exception(judged.status)
    elif measured.void is not None:
        note = _void_note(judged)
    elif case.rule.form == "demand" or judged.status is Status.UNKNOWN:
        note = _answer_note(case, judged)
    elif case.rule.form == "report":
        note = phrase("note_no_limit")
    else:
        note = _NOTHING if judged.status is Status.PASS else _difference(case, measured)
    return note


def _void_note(judged: Judged) -> Pair:
    if not judged.measured.counted:
        # No unit at all: why is said beside this.
        return _NOTHING
    keys = {Status.UNKNOWN: "note_unknown", Status.UNDEFINED: "note_empty"}
    return phrase(keys.get(judged.status, "note_nobody"))


def _answer_note(case: Case, judged: Judged) -> Pair:
    points = judged.points
    match judged.status:
        case Status.UNKNOWN:
            return phrase("note_unknown")
        case Status.EXCEPTION_NEEDED:
            return _exception(judged.status)
        case Status.BOUNDARY:
            return (
                phrase("note_boundary_points", more=points[0], fewer=points[-1]) if points else phrase("note_boundary")
            )
        case Status.UNDEFINED if points:
            return _gap_note(case, judged)
    return phrase("note_points", points=points[0], most=max(b.points for b in case.rule.bands)) if points else _NOTHING


def _gap_note(case: Case, judged: Judged) -> Pair:
    listed = "、".join(map(str, judged.points))
    if judged.measured.tied:
        return named("note_tied", judged.measured.tied, points=listed)
    reason = next((g.reason for g in case.rule.gaps if g.points == judged.points and g.reason), None)
    return phrase("note_gap", points=listed) if reason is None else reason.pair


def _exception(status: Status) -> Pair:
    return phrase("note_exception") if status is Status.EXCEPTION_NEEDED else _NOTHING


def _difference(case: Case, measured: Measured) -> Pair:
    stated = case.rule.stated or 0
    apart = min(abs(Fraction(end) - stated) for end in (measured.low, measured.high))
    return phrase("note_differs", apart=_limit(apart, case))


def _span(limits: Limits, case: Case, language: str) -> str:
    parts = [
        say(f"policy.limit_{end}", language, limit=_limit(fill(limit, case.values), case))
        for end in ("at_least", "above", "below", "at_most")
        if (limit := getattr(limits, end)) is not None
    ]
    return say("policy.and", language).join(parts)


def _limit(value: Exact, case: Case) -> str:
    """Return a limit as text: a share in percent, anything else as the number it is."""
    indicator = "" if case.measure is None else case.measure.indicator
    of_a_size = "_per_" in indicator or bool(case.rule.unit) or value > 1
    return number_text(value) if of_a_size or not isinstance(value, Fraction) else percent_text(value)


def number_text(value: Exact) -> str:
    """Return a number with at most two places, cut and never rounded up.

    >>> number_text(1240), number_text(Fraction(1, 10)), number_text(Fraction(49999, 100))
    ('1,240', '0.1', '499.99')
    """
    if isinstance(value, int):
        return f"{value:,}"
    hundredths = abs(value) * _HUNDREDTHS // 1
    text = f"{hundredths // _HUNDREDTHS:,}.{hundredths % _HUNDREDTHS:02d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text
