"""New housing on the page: each project drawn by the worst of its four synchronisations, with a way to its opinion."""

from dataclasses import asdict

from maps.atlas import Atlas
from maps.contents import Json, ordered, pair
from maps.labels import cell
from maps.marks import Rows, layer_of, table_rows
from maps.status_style import housing_symbol
from maps.style import HOUSING
from policy.project_check import ProjectCheck, worst
from policy.register import conclusion, correct_by_words, finding_words
from policy.sync_words import joined
from policy.verdict import Status


def housing_layer(atlas: Atlas) -> Json | None:
    """Return the layer of the new housing: by its checks where there are any, as it was read where there are none.

    A row of a popup may have a third part: the number of the opinion it leads to.
    """
    frame = atlas.housing
    if not len(frame):
        return None
    found: dict[str, list[tuple[int, ProjectCheck]]] = {}
    for number, check in enumerate(atlas.checks, 1):
        found.setdefault(check.record.key, []).append((number, check))
    checks = [found.get(str(code), []) for code in frame.index]
    statuses = [worst(check.status for _, check in own) if own else None for own in checks]
    drawn = [HOUSING if status is None else housing_symbol(status) for status in statuses]
    texts = table_rows("housing", frame, atlas)
    rows = [[*_check_rows(own, atlas), *said] for own, said in zip(checks, texts, strict=True)]
    layer = layer_of("housing", pair("page.housing"), frame, atlas, drawn=drawn, rows=rows)
    if not atlas.checks:
        return layer | {"legend": asdict(HOUSING)}
    return layer | {
        "words": ordered(pair("page.four_sync"), atlas),
        "legend": asdict(housing_symbol(Status.PASS)),
        "classes": [
            [ordered(conclusion(status), atlas), asdict(housing_symbol(status)), statuses.count(status)]
            for status in dict.fromkeys(sorted((s for s in statuses if s is not None), key=list(Status).index))
        ],
    }


def _check_rows(checks: list[tuple[int, ProjectCheck]], atlas: Atlas) -> Rows:
    """Return what each document says of a project: conclusion, findings, what is missing, by when, and its opinion."""
    at = 0 if atlas.language == "zh" else 1
    rows: Rows = []
    for number, check in checks:
        told = [
            (pair("policy.column_document"), f"{check.document} {check.clause}"),
            (pair("four_sync.column_verdict"), conclusion(check.status)[at]),
            (pair("four_sync.column_findings"), joined([finding_words(finding) for finding in check.findings])[at]),
            (pair("four_sync.column_correct_by"), correct_by_words(check)[at]),
            (pair("policy.column_responsible"), "、".join(check.responsible)),
        ]
        rows += [[ordered(label, atlas), cell(text)] for label, text in told if text]
        rows.append([ordered(pair("opinion.opinion"), atlas), ordered(pair("page.to_opinion"), atlas)[0], str(number)])
    return rows
