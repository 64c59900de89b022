"""What the documents say, in lines for people: counts, what is missing most, four synchronisations, what changed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from circle15.judged import Changes
from circle15.study import Study
from gis.words import Language, say
from policy.project_check import ProjectCheck
from policy.register import finding_counts, status_counts
from policy.sync_words import words
from policy.table import shortfall_text, verdict_counts
from policy.verdict import Status, Verdict

SHOWN = 8
"""Lines of one matter that are said; the annex has all of them."""
_MISSED = (Status.FAIL, Status.EXCEPTION_NEEDED, Status.NOT_DUE)


def compliance(done: Study) -> dict[str, Any]:
    """Return the same as plain values: counts by document, four-sync counts and findings, and moves by comparison."""
    return {
        "project": done.project.name,
        "as_of": done.today.now.day.isoformat(),
        "verdicts": {
            document: {status.value: n for status, n in counted.items()} for document, counted in _documents(done)
        },
        "four_sync": {
            document: {
                "status": {status.value: n for status, n in status_counts(checks).items()},
                "findings": finding_counts(checks),
            }
            for document, checks in _checked(done)
        },
        "changes": {title[0]: dict(Counter(change.move for change in found)) for title, found in done.changes},
    }


def compliance_lines(done: Study, language: Language = "zh") -> list[str]:
    """Return what the documents say of a city, one line a matter."""
    lines = [say("comply.as_of", language, day=done.today.now.day)]
    for document, counted in _documents(done):
        lines.append(_counts("comply.document", counted, language, document=document))
    short = missed(done.verdicts)
    lines += [_short(verdict, language) for verdict in short[:SHOWN]]
    if len(short) > SHOWN:
        lines.append(say("comply.more", language, n=len(short) - SHOWN))
    for document, checks in _checked(done):
        lines.append(_counts("comply.four_sync", status_counts(checks), language, document=document))
        faults = [f"{_fault(fault, checks, language)} {n}" for fault, n in finding_counts(checks).items()]
        if faults:
            lines.append(say("comply.findings", language, findings=say("label.comma", language).join(faults)))
    for changes in done.changes:
        lines += _changed(changes, language)
    return lines


def missed(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the rules that miss something by number, each on its coarsest unit, the farthest from its goal first.

    A rule that is due and failed stands before one that asks for a reason, and that before one not due yet.
    """
    first: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        if verdict.decides and verdict.status in _MISSED and verdict.shortfall is not None:
            first.setdefault((verdict.pack, verdict.rule_id), verdict)
    return sorted(first.values(), key=lambda v: (_MISSED.index(v.status), -_gap(v)))


def _gap(verdict: Verdict) -> Fraction:
    """Return how much of the goal is missing, as a share of it."""
    count, short = verdict.count, verdict.shortfall
    goal = count.needed if count is not None and count.needed else verdict.limit
    if short is None or not goal or goal < 1:
        return Fraction(0)
    return min(Fraction(short.number) / Fraction(goal), Fraction(1))


def _documents(done: Study) -> Iterator[tuple[str, dict[Status, int]]]:
    for policy in done.city.policies:
        own = [verdict for verdict in done.verdicts if verdict.pack == policy.name]
        if own:
            yield policy.document.cite, verdict_counts(own)


def _checked(done: Study) -> Iterator[tuple[str, list[ProjectCheck]]]:
    for policy in done.city.policies:
        own = [check for check in done.today.judged.checks if check.pack == policy.name]
        if own:
            yield policy.document.cite, own


def _counts(key: str, counted: dict[Status, int], language: Language, *, document: str) -> str:
    named = [f"{say(f'status.{status}', language)} {n}" for status, n in counted.items() if n]
    return say(key, language, document=document, counts=say("label.comma", language).join(named))


def _short(verdict: Verdict, language: Language) -> str:
    at = 0 if language == "zh" else 1
    told = {
        "status": say(f"status.{verdict.status}", language),
        "document": verdict.document,
        "clause": verdict.clause,
        "title": verdict.title[at],
        "unit": verdict.unit_name,
        "measured": verdict.measured[at],
        "short": shortfall_text(verdict, language=language),
    }
    return say("comply.short", language, **told)


def _fault(fault: str, checks: Sequence[ProjectCheck], language: Language) -> str:
    """Return the document's own word for a fault."""
    terms = (finding.term for check in checks for finding in check.findings if finding.answer.id == fault)
    return next(terms, words(f"finding_{fault}"))[0 if language == "zh" else 1]


def _changed(changes: Changes, language: Language) -> Iterator[str]:
    """Yield how many verdicts moved which way, then the rules that got better or worse on their coarsest unit."""
    at = 0 if language == "zh" else 1
    title, found = changes
    moves = Counter(change.move for change in found)
    named = [f"{say(f'policy.move_{move}', language)} {n}" for move, n in moves.most_common()]
    counts = say("label.comma", language).join(named) or say("policy.move_same", language)
    yield say("comply.changes", language, title=title[at], counts=counts)
    seen: set[tuple[str, str]] = set()
    for change in found:
        verdict = change.verdict
        key = (verdict.pack, verdict.rule_id)
        if change.move in {"better", "worse"} and key not in seen and len(seen) < SHOWN:
            seen.add(key)
            sides = {"before": _side(change.before, language), "after": _side(change.after, language)}
            move = say(f"policy.move_{change.move}", language)
            named_rule = {"clause": verdict.clause, "title": verdict.title[at], "unit": verdict.unit_name}
            yield say("comply.change", language, move=move, document=verdict.document, **named_rule, **sides)


def _side(verdict: Verdict | None, language: Language) -> str:
    if verdict is None:
        return "-"
    return f"{say(f'status.{verdict.status}', language)} {verdict.measured[0 if language == 'zh' else 1]}".strip()
