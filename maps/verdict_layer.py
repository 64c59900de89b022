"""The verdicts on the page: every answer of every unit as one letter, and the words of those that matter most.

A city of 800 communities and 300 rules has a quarter of a million answers. The page holds them all as letters, one a
unit; the words (measured, shortfall) it holds for the worst of each rule, as many as `TEXTS` allows, each text once.
The rest stand in the annex.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from fractions import Fraction

from gis.words import Language
from maps.atlas import Atlas
from maps.contents import Json, ordered, pair
from maps.judged_units import DRAWN, level_of, members, spots, unit_key
from maps.labels import cell
from maps.marks import unplaced
from maps.status_style import SIGNS, STATUS_FILLS, WORST_FIRST, ink_on, sign_symbol
from maps.verdict_words import measured, responsible, shortfall
from policy.verdict import Verdict

TEXTS = 12_000
"""Answers on a page that have their words beside them, shared evenly among the rules."""
LEAST_TEXTS = 30
NOT_JUDGED = "-"
_WORDS = (
    *("pick_document", "pick_rule", "pick_level", "rules_all", "rules_counted", "not_judged", "as_today"),
    *("see_annex", "whole_city", "to_opinion"),
)
_OPEN = WORST_FIRST[:5]
"""Answers that want somebody's attention."""
_COLUMNS = ("clause", "measured", "demanded", "shortfall", "responsible", "verdict", "unit")


Unit = tuple[str, str]


def verdict_layer(atlas: Atlas) -> Json | None:
    """Return the documents, rules and answers to choose from on the map, None where no unit of it was judged."""
    today, after = (_by_pack(verdicts) for verdicts in (atlas.verdicts, atlas.verdicts_after))
    tables = {(v.pack, v.rule_id, level_of(v)) for found in (*today.values(), *after.values()) for v in found}
    most = max(LEAST_TEXTS, TEXTS // (max(len(tables), 1) * (2 if after else 1)))
    texts: dict[str, int] = {}
    packs = [_Pack(atlas, verdicts, after.get(name, []), texts, most).data() for name, verdicts in today.items()]
    packs = [pack for pack in packs if pack["rules"]]
    if not packs:
        return None
    return {
        "words": {key: ordered(pair(f"page.{key}"), atlas) for key in _WORDS}
        | {key: ordered(pair(f"policy.column_{key}"), atlas) for key in _COLUMNS},
        "levels": {
            level: ordered(pair("page.level_division" if level == "division" else f"policy.level_{level}"), atlas)
            for level in DRAWN
        },
        "statuses": [
            {
                "words": ordered(pair(f"status.{status}"), atlas),
                "fill": STATUS_FILLS[status],
                "ink": ink_on(status),
                "sign": SIGNS[status],
                "symbol": asdict(sign_symbol(status)),
                "open": status in _OPEN,
            }
            for status in WORST_FIRST
        ],
        "packs": packs,
        "after": bool(after),
        "texts": list(texts),
    }


def _by_pack(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        somewhere = verdict.level == "city" or verdict.unit_id  # one without a unit says that no unit was concerned
        if verdict.decides and somewhere and level_of(verdict) in DRAWN:
            found[verdict.pack].append(verdict)
    return found


class _Pack:
    """One document: its units by level, and its rules with an answer for each unit."""

    def __init__(
        self, atlas: Atlas, today: list[Verdict], after: list[Verdict], texts: dict[str, int], most: int
    ) -> None:
        self.atlas, self.texts, self.most = atlas, texts, most
        self.today, self.after = today, after
        shapes, points = members(atlas, [*today, *after]), spots(atlas)
        self.units: dict[str, list[Json]] = defaultdict(list)
        self.places: dict[str, dict[Unit, int]] = defaultdict(dict)
        self.unplaced: dict[str, int] = defaultdict(int)
        for unit, verdict in {unit_key(v): v for v in (*after, *today)}.items():
            level = level_of(verdict)
            if unit not in shapes and unit not in points:
                self.unplaced[level] += 1
                continue
            where = {"in": shapes[unit]} if unit in shapes else {"at": points[unit]}
            self.places[level][unit] = len(self.units[level])
            self.units[level].append({"name": cell(verdict.unit_name), **where})

    def data(self) -> Json:
        first = self.today[0]
        title = next((p.document.title.pair for p in self.atlas.policies if p.name == first.pack), ("", ""))
        rules = [self._rule(found) for found in _grouped(self.today, lambda v: v.rule_id).values()]
        return {
            "name": cell(first.document),
            "title": cell(title[0 if self.atlas.language == "zh" else 1]),
            "levels": {level: self.units[level] for level in DRAWN if level in self.units},
            "notes": {level: unplaced(number, self.atlas) for level, number in self.unplaced.items()},
            "rules": [rule for rule in rules if rule["at"]],
        }

    def _rule(self, today: list[Verdict]) -> Json:
        first = today[0]
        after = [v for v in self.after if v.rule_id == first.rule_id]
        stages = {"today": _grouped(today, level_of), "after": _grouped(after, level_of)}
        return {
            "id": cell(first.rule_id),
            "title": cell(first.title[0 if self.atlas.language == "zh" else 1]),
            "clause": cell(first.clause),
            "responsible": responsible(first.responsible),
            "report": first.form == "report",
            "at": {
                level: {when: self._answers(found[level], level) for when, found in stages.items() if level in found}
                for level in DRAWN
                if level in self.places and level in stages["today"]
            },
        }

    def _answers(self, found: list[Verdict], level: str) -> Json:
        """Return one letter a unit, and the words of the worst: unit, measured, demanded, shortfall."""
        places = self.places[level]
        worst: dict[int, Verdict] = {}
        for verdict in sorted(found, key=_badness):
            if unit_key(verdict) in places:
                worst.setdefault(places[unit_key(verdict)], verdict)
        letters = [NOT_JUDGED] * len(places)
        for place, verdict in worst.items():
            letters[place] = str(WORST_FIRST.index(verdict.status))
        said = [
            [place, *(self._text(text) for text in _words(verdict, self.atlas.language))]
            for place, verdict in list(worst.items())[: self.most]
        ]
        return {"s": "".join(letters), "t": [number for row in said for number in row]}

    def _text(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts))


def _words(verdict: Verdict, language: Language) -> tuple[str, str, str]:
    demanded = cell(verdict.demanded[0 if language == "zh" else 1])
    return measured(verdict, language), demanded, shortfall(verdict, language)


def _badness(verdict: Verdict) -> tuple[int, Fraction]:
    """Return what sorts verdicts with the worst first: by the answer, then by how much is missing."""
    return WORST_FIRST.index(verdict.status), -Fraction(verdict.shortfall.number if verdict.shortfall else 0)


def _grouped(verdicts: Iterable[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        found[key(verdict)].append(verdict)
    return found
