"""The money of the documents as tables: what facilities are due in the year, what a new site brings in, the budget."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from gis.words import Language, say
from maps.atlas import Columns, Content, MeasureTable
from maps.labels import said
from maps.measures import measure_table
from policy.evidence import Evidence
from policy.ground import Facility
from policy.money import budget, cost_table, subsidies_due
from policy.pack import Policy
from policy.phrases import name_list
from policy.survey import survey
from policy.table import missing_text


def due_tables(
    policies: Sequence[Policy], evidence: Evidence, *, day: date, language: Language
) -> tuple[MeasureTable, ...]:
    """Return the money of each document, one table a matter, in whole yuan; a document without money has none."""
    paying = [policy for policy in policies if any("yuan" in term.unit for term in policy.terms)]
    facilities = survey(evidence).facilities if paying else ()
    return tuple(table for policy in paying for table in _tables(policy, facilities, day.year, language))


def _tables(policy: Policy, facilities: Sequence[Facility], year: int, language: Language) -> Iterator[MeasureTable]:
    titles = {term.name: term.title.pair[0 if language == "zh" else 1] for term in policy.terms}

    def table(matter: str, rows: list[dict[str, Any]], **columns: Content) -> Iterator[MeasureTable]:
        if rows:
            heads: Columns = {name: (say(f"dues.column_{name}", language), what) for name, what in columns.items()}
            title = say(f"dues.{matter}", language, pack=policy.name, year=year)
            yield measure_table(title, pd.DataFrame(rows, columns=list(columns), dtype="object"), heads)

    due = subsidies_due(facilities, policy, year=year)
    each: list[dict[str, Any]] = [
        {
            "facility_id": one.facility_id,
            "facility": one.facility,
            "figure": titles[one.term],
            "clause": one.clause,
            "least_yuan": one.least_yuan,
            "most_yuan": one.most_yuan,
            "missing": name_list([missing_text(token, language) for token in one.missing], language),
        }
        for one in due
    ]
    if due:
        sums = {"least_yuan": sum(one.least_yuan for one in due), "most_yuan": sum(one.most_yuan for one in due)}
        each.append({"facility": say("annex.total", language), **sums})
    texts: dict[str, Content] = dict.fromkeys(("facility_id", "facility", "figure", "clause"), "text")
    yield from table("subsidies", each, **texts, least_yuan="whole", most_yuan="whole", missing="text")

    new: list[dict[str, Any]] = [
        {
            **{str(name): value for name, value in row.items()},
            "kind": said("facilities", "kind", row["kind"], language),
            "place": say(f"annex.level_{'urban' if row['urban'] else 'rural'}", language),
        }
        for row in cost_table(policy).to_dict("records")
    ]
    amounts: dict[str, Content] = dict.fromkeys(
        ("once_least_yuan", "once_most_yuan", "a_year_least_yuan", "a_year_most_yuan"), "whole"
    )
    yield from table("new_sites", new, kind="text", place="text", **amounts)

    whole = budget(policy)
    if whole is not None:
        parts = {titles[name]: amount for name, amount in whole.parts_yuan.items()}
        parts[say("dues.sum", language)] = whole.sum_yuan
        if whole.stated_yuan is not None and whole.unexplained_yuan is not None:
            parts[say("dues.stated", language)] = whole.stated_yuan
            parts[say("dues.unexplained", language)] = whole.unexplained_yuan
        rows = [{"figure": name, "yuan": amount} for name, amount in parts.items()]
        yield from table("budget", rows, figure="text", yuan="whole")
