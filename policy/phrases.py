"""What a verdict says in words, each in both languages."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gis.words import say
from policy.bands import Exact
from policy.choices import percent_text
from policy.judge import Case, Judged
from policy.limits import Limits
from policy.measure import Measured
from policy.verdict import Status
from policy.written import fill

Pair = tuple[str, str]
SHOWN_NAMES = 20


def pair(phrase: Callable[[str], str]) -> Pair:
    """Return a phrase in both languages."""
    return phrase("zh"), phrase("en")


def phrase(key: str, **fields: object) -> Pair:
    """Return a phrase of the catalogue in both languages."""
    return pair(lambda language: say(f"policy.{key}", language, **fields))


def measured_words(measured: Measured) -> Pair:
    """Return what was measured: a count or a share, or the range that the data allow."""
    if measured.void is not None:
        key = "measured_unknown" if measured.void is Status.UNKNOWN else "measured_nothing"
        return phrase(key)
    exact = measured.low == measured.high
    kind = "count" if measured.whole is None else "share"
    low, high = Fraction(measured.low), Fraction(measured.high)
    if measured.whole is not None and isinstance(measured.low, int):
        # A summary counts units; its share is of all of them.
        low, high = (Fraction(n, measured.whole or 1) for n in (measured.low, measured.high))

    def said(language: str) -> str:
        fields: dict[str, Any] = {
            "part": f"{measured.part:,}",
            "most": f"{measured.most:,}",
            "whole": f"{measured.whole:,}" if measured.whole is not None else "",
            "unit": say(f"policy.unit_{measured.counted}", language),
            "percent": percent_text(low),
            "low": percent_text(low),
            "high": percent_text(high),
        }
        return say(f"policy.measured_{kind}{'' if exact else '_range'}", language, **fields)

    return pair(said)


def demanded_words(case: Case, summary: Measured | None = None) -> Pair:
    """Return what the rule demands: the pack's sentence and its limits."""

    def said(language: str) -> str:
        demand = case.rule.sentence[0 if language == "zh" else 1]
        if summary is not None:
            unit = say(f"policy.unit_{summary.counted}", language)
            limit = say("policy.limit_all", language, whole=f"{summary.whole:,}", unit=unit)
        elif case.rule.test is not None:
            limit = _span(case.rule.test, case, language)
        else:
            limit = say("policy.list", language).join(
                say("policy.limit_points", language, span=_span(band, case, language), points=band.points)
                for band in case.rule.bands
            )
        return say("policy.demanded", language, demand=demand, limit=limit)

    return pair(said)


def notes(case: Case, judged: Judged, *more: Pair) -> Pair:
    """Return the remarks on one verdict: points, readings, lateness, warnings."""
    said: list[Pair] = [_status_note(case, judged)]
    if judged.late:
        said.append(phrase("note_late", deadline=case.rule.deadline))
    if judged.measured.disputed:
        said.append(named("note_disputed", judged.measured.disputed))
    said += more
    kept = [p for p in said if p[0]]
    return "；".join(p[0] for p in kept), "; ".join(p[1] for p in kept)


def named(key: str, names: Sequence[str]) -> Pair:
    """Return a phrase of the catalogue with a list of names in it."""
    return pair(lambda language: say(f"policy.{key}", language, names=name_list(names, language)))


def name_list(names: Sequence[str], language: str) -> str:
    """Return names as one text; a long list says how many there are."""
    listed = ("、" if language == "zh" else ", ").join(names[:SHOWN_NAMES])
    return listed if len(names) <= SHOWN_NAMES else say("policy.and_more", language, names=listed, n=len(names))


def _status_note(case: Case, judged: Judged) -> Pair:
    points, status = judged.points, judged.status
    listed = "、".join(map(str, points))
    key = ""
    fields: dict[str, Any] = {}
    if not judged.measured.counted:
        # No unit at all: why is said beside this.
        return "", ""
    if judged.measured.void is not None and status is not Status.UNKNOWN:
        key = "note_empty" if status is Status.UNDEFINED else "note_nobody"
    elif status is Status.UNKNOWN:
        key = "note_unknown"
    elif status is Status.EXCEPTION_NEEDED:
        key = "note_exception"
    elif status is Status.BOUNDARY:
        key = "note_boundary_points" if points else "note_boundary"
        fields = {"more": points[0], "fewer": points[-1]} if points else {}
    elif status is Status.UNDEFINED and points:
        reason = next((g.reason for g in case.rule.gaps if g.points == points and g.reason), None)
        if reason is not None:
            return reason.pair
        key, fields = "note_gap", {"points": listed}
    elif points:
        key, fields = "note_points", {"points": points[0], "most": max(b.points for b in case.rule.bands)}
    return phrase(key, **fields) if key else ("", "")


def _span(limits: Limits, case: Case, language: str) -> str:
    parts = [
        say(f"policy.limit_{end}", language, limit=exact_text(fill(limit, case.values)))
        for end in ("at_least", "above", "below", "at_most")
        if (limit := getattr(limits, end)) is not None
    ]
    return say("policy.and", language).join(parts)


def exact_text(value: Exact) -> str:
    """Return a limit as text: a share in percent, a count as it is."""
    return percent_text(value) if isinstance(value, Fraction) else f"{value:,}"
