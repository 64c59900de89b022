"""The preliminary opinions (初步核查意见): one page a housing project, and before them one table of all, in one file.

A page for a person to sign, not a decision. The template is read with escaping on: whatever stands in a table reaches
the page as text. The file asks nobody for anything and runs no script.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gis.words import Language, say
from maps.atlas import Atlas
from maps.figures import credit
from maps.labels import cell, said
from maps.opinion_size import sized
from maps.outfile import beside
from maps.site_map import Nearby, nearby, site_map
from maps.status_style import SIGNS
from maps.style import STATUS_COLOURS
from policy import register
from policy.four_sync_text import STAGES, Stage
from policy.housing import Step
from policy.project_check import ProjectCheck
from policy.sync_words import Pair, area_text, both, joined, words
from policy.table import choices_text
from policy.verdict import Status

OPINIONS = "核查意见.html"
"""The name of the file beside the page; `#o1` is the opinion on the first check."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STEPS: dict[Stage, tuple[Step, ...]] = {
    "planned": ("planned",),
    "built": ("started", "finished"),
    "accepted": ("accepted",),
    "delivered": ("delivered",),
}
_LABELS: tuple[str, ...] = (
    *("opinion", "batch", "subject", "preliminary", "internal", "documents", "as_of", "nothing"),
    *("facts", "basis", "calculation", "stages", "findings", "place", "conclusion"),
    *("correct", "correct_by", "responsible", "signature"),
)

Text = Callable[[Pair], Markup]


def write_opinions(
    checks: Sequence[ProjectCheck], path: Path, *, atlas: Atlas, languages: Sequence[Language] = ("zh",)
) -> None:
    """Write the opinions on all projects to `path` (.html): a table of all, then one A4 page each, in their order.

    `atlas` gives the surroundings for the location maps, in metres. `languages` is one language, or both: the second
    then stands beside the first. The same checks and atlas give the same bytes.
    Raises OutputError where the file cannot be written; what was there before is then untouched.
    """
    text = draw_opinions(checks, atlas=atlas, languages=languages)
    with beside(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def draw_opinions(checks: Sequence[ProjectCheck], *, atlas: Atlas, languages: Sequence[Language] = ("zh",)) -> str:
    """Return the opinions as the text of one HTML file."""
    text = _speaker(tuple(languages))
    first = _speaker((languages[0],))
    heads = ("project", *(f"stage_{stage}" for stage in STAGES), "areas", "faults", "verdict")
    found = register.status_counts(checks)
    named = list(dict.fromkeys(check.document for check in checks))
    numbers = {name: f"[{number}]" for number, name in enumerate(named, 1)} if len(named) > 1 else {}
    text_of_file: str = _template().render(
        lang="zh-CN" if languages[0] == "zh" else "en",
        policy=POLICY,
        css=Markup(_ours("opinions.css")),  # noqa: S704  our own style sheet
        title=f"{say('opinion.opinion', languages[0])} {cell(atlas.name)}",
        w={name: text(_word(name)) for name in _LABELS},
        place=cell(atlas.name),
        basis="、".join(
            dict.fromkeys(f"{numbers.get(c.document, '')} {c.document} {c.clause}".strip() for c in checks)
        ),
        as_of="、".join(dict.fromkeys(check.as_of.isoformat() for check in checks)),
        counts=[{"status": _mark(status, text), "number": n} for status, n in found.items() if n],
        numbers=numbers,
        batch_heads=[
            first(words("column_key")),
            *(first(_head(name)) for name in heads),
        ],
        step_heads=[text(_head(f"step_{name}")) for name in ("stage", "step", "home", "room", "days", "status", "all")],
        legend=Markup("　").join(_legend(text)),
        offices=[text(_word(f"office_{office}")) for office in ("civil", "land", "building")],
        credit=credit(atlas),
        pages=[sized(_page(check, atlas, text, languages[0])) | _line(check, first) for check in checks],
    )
    return text_of_file


def _page(check: ProjectCheck, atlas: Atlas, text: Text, language: Language) -> dict[str, Any]:
    record, areas = check.record, register.area_lines(check)
    drawn, near = None, []
    if record.x is not None and record.y is not None:
        drawn, near = site_map(atlas, record.x, record.y), nearby(atlas, record.x, record.y)
    notes = [*((words_of.words, "doubt") for words_of in check.doubts), *((pair, "remark") for pair in check.remarks)]
    missing = register.missing_words(check)
    lines = [text(_word(kind, words=pair)) for pair, kind in notes]
    lines += [text(_word("missing", words=missing))] if missing[0] else []
    clear = not check.findings and check.status is not Status.UNKNOWN
    return {
        "key": cell(record.key),
        "title": cell(record.title),
        "verdict": _mark(check.status, text, conclusion=True),
        "facts": _facts(check, text),
        "basis": register.basis_text(check),
        "choices": choices_text(check.choices, language),
        "areas": [text(line) for line in areas],
        "steps": list(_steps(check, text)),
        "findings": [
            {"words": text(register.finding_words(finding)), "clause": f"（{finding.clause}）"}
            for finding in check.findings
        ],
        "no_finding": text(_word("no_finding" if clear else "no_finding_yet")),
        "notes": lines,
        "map": Markup(drawn) if drawn else None,  # noqa: S704  every name in it is escaped
        "around": [text(line) for line in _around(check)],
        "near": [_near(place, text) for place in near],
        "key_words": text(_word("map_key" if drawn else "no_map")),
        "consequences": [text(register.block_words(block)) for block in check.blocks],
        "done": text(_word("already") if check.findings and not check.to_correct else ("", "")),
        "correct": text(joined(list(dict.fromkeys(words(f"to_{f.answer.id}") for f in check.to_correct)))),
        "correct_by": text(register.correct_by_words(check)),
        "responsible": "、".join(check.responsible),
    }


def _line(check: ProjectCheck, text: Text) -> dict[str, Any]:
    """Return what stands of a project in the table of all, in one language."""
    return {
        "document": check.document,
        "stages": [_mark(status, text) for status in check.stages.values()],
        "area": " / ".join("—" if a is None else area_text(a) for a in (check.required.m2, check.built_m2)),
        "short": text(joined([finding.term for finding in check.findings])),
        "in_short": _mark(check.status, text, conclusion=True),
    }


def _facts(check: ProjectCheck, text: Text) -> list[tuple[tuple[Markup, str], tuple[Markup, str]]]:
    """Return what the table says of the project, in rows of two; what it does not say is left out."""
    record, room = check.record, check.room_of or check.record
    areas = ((name, getattr(check, f"{name}_m2")) for name in ("planned", "permitted", "built"))
    told: list[tuple[Pair, str | Markup]] = [
        (words("column_name"), cell(record.title)),
        (words("column_key"), cell(record.key)),
        (words("column_developer"), cell(record.developer)),
        (words("column_permit_number"), cell(record.permit_number)),
        (words("column_households"), f"{record.households:,}" if record.households is not None else ""),
        (_word("residents"), f"{record.residents:,}" if record.residents is not None else ""),
        (_word("land_terms"), cell(record.land_terms)),
        (_word("new_estate"), text(_yes(record.new_estate))),
        *((words(f"area_care_{name}_m2"), f"{area_text(area)} m²" if area is not None else "") for name, area in areas),
        (_word("floor"), cell(record.floor)),
        (_word("entrance"), text(_yes(record.own_entrance))),
        (_word("lift"), text(_yes(record.lift))),
        (_word("receiver"), cell(room.receiver)),
        (_word("use"), cell(room.current_use)),
        (_word("consent"), cell(room.change_consent)),
        (words("column_partners"), cell(check.partners)),
        (_word("evidence"), cell(record.evidence)),
    ]
    known = [(text(label), value) for label, value in told if value]
    return list(zip_longest(known[::2], known[1::2], fillvalue=(Markup(), "")))


def _steps(check: ProjectCheck, text: Text) -> Iterator[dict[str, Any]]:
    room = (check.room_of or check.record).care
    for stage, steps in _STEPS.items():
        for step in steps:
            answer = register.answer_of(check, step)
            home, care = check.record.housing.on(step), room.on(step)
            days = (care - home).days if home is not None and care is not None else None
            status = answer.status if answer is not None else Status.NOT_APPLICABLE
            yield {
                "span": len(steps) if step == steps[0] else 0,
                "stage": text(words(f"stage_{stage}")),
                "step": text(words(f"step_{step}")),
                "home": home.isoformat() if home else "—",
                "room": care.isoformat() if care else "—",
                "difference": _difference(days, answer.days if answer is not None else None, text),
                "status": _mark(status, text),
                "whole": _mark(check.stages[stage], text),
            }


def _difference(days: int | None, so_far: int | None, text: Text) -> Markup:
    if days is None:
        return text(_word("days_open", days=so_far)) if so_far else Markup("—")
    return text(_word("days_late" if days > 0 else "days_early" if days < 0 else "days_same", days=abs(days)))


def _around(check: ProjectCheck) -> Iterator[Pair]:
    near = check.nearest
    if near is None or near.minutes is None:
        yield _word("walk_unknown")
    elif near.minutes == float("inf"):
        yield _word("walk_none")
    else:
        yield _word("walk", minutes=f"{int(near.minutes * 10) / 10:g}", name=cell(near.name) or "—")
    if near is not None and near.served is not None:
        yield _word("served" if near.served else "not_served")
    if check.partners:
        yield _word("joint", names=cell(check.partners))


def _near(place: Nearby, text: Text) -> dict[str, Any]:
    told = [_said(name, value) for name, value in (("kind", place.kind), ("status", place.status))]
    return {
        "symbol": Markup(place.symbol),  # noqa: S704  drawn from our own shapes and colours
        "name": place.name,
        "words": [text(pair) for pair in told],
        "metres": text(_word("metres", metres=f"{place.metres:,}")),
    }


def _legend(text: Text) -> Iterator[Markup]:
    for status in (Status.PASS, Status.FAIL, Status.EXCEPTION_NEEDED, Status.UNKNOWN, Status.NOT_DUE):
        yield Markup("{} {}").format(SIGNS[status], text(_status(status)))


def _status(status: Status) -> Pair:
    return both(lambda language: say(f"status.{status}", language))


def _said(column: str, value: str) -> Pair:
    return said("facilities", column, value, "zh"), said("facilities", column, value, "en")


def _mark(status: Status, text: Text, *, conclusion: bool = False) -> dict[str, Any]:
    words_of = register.conclusion(status) if conclusion else _status(status)
    return {"colour": STATUS_COLOURS[status], "sign": SIGNS[status], "words": text(words_of)}


def _yes(flag: bool | None) -> Pair:  # noqa: FBT001
    return ("", "") if flag is None else both(lambda language: say("policy.yes" if flag else "policy.no", language))


def _word(name: str, /, **fields: object) -> Pair:
    """Return a word of the opinions; a field given as a pair is said in each language."""

    def said(language: str) -> str:
        at = 0 if language == "zh" else 1
        told = {key: field[at] if isinstance(field, tuple) else field for key, field in fields.items()}
        return say(f"opinion.{name}", language, **told)

    return both(said)


def _head(name: str) -> Pair:
    return words(name) if name.startswith("stage_") else _word(name)


def _speaker(languages: tuple[Language, ...]) -> Text:
    """Return what says a pair in the languages asked for, escaped; the second language is set off."""
    first, *rest = (0 if language == "zh" else 1 for language in languages)

    def text(pair: Pair) -> Markup:
        said = Markup.escape(pair[first])
        for other in rest:
            said += Markup('<span class="en">{}</span>').format(pair[other]) if pair[other] != pair[first] else Markup()
        return said

    return text


@cache
def _template() -> Any:
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(_ours("opinions.html"))


@cache
def _ours(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
