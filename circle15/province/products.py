"""What a province gets: an index of its counties, a book of their figures with ranks, and their layers in one."""

import html
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.database import put_layers_into_database
from circle15.outputs import MANIFEST, stamp, versions
from circle15.province.county import RESULTS
from circle15.province.layers import write_layers
from circle15.province.money import Money
from circle15.province.money_sheets import money_line, money_sheets, money_told
from circle15.province.project import Province
from circle15.province.shown_counties import OWN_AFTER, PEOPLE, shown_counties
from gis.errors import Finding
from gis.words import Language, say
from maps.contents import pair
from maps.index_page import verdict_column, write_index
from maps.workbook import DECIMAL, PERCENT, TEXT, WHOLE, Column, Sheet, Value, write_workbook
from policy.verdict import Status

INDEX, BOOK, COUNTIES, GEO = "index.html", "汇总.xlsx", "counties", "layers"
Row = Mapping[str, Any]
BANNER = "position:fixed;bottom:0;left:0;right:0;z-index:10000;margin:0;padding:4px 10px;background:#7a1f1f;color:#fff"
OURS = frozenset({INDEX, BOOK, COUNTIES, GEO, MANIFEST})


@dataclass(frozen=True)
class Failed:
    """A county that could not be studied, and why."""

    code: str
    name: str
    findings: tuple[Finding, ...] = ()
    fault: str = ""

    def reason(self, language: Language) -> str:
        """Return why, in words."""
        if self.findings:
            return "; ".join(finding.line(language) for finding in self.findings[:3])
        if self.fault == "KilledWorker":
            return say("province.killed", language)
        return self.fault


def write_products(
    province: Province,
    fresh: Path,
    *,
    borders: gpd.GeoDataFrame,
    summaries: Mapping[str, Mapping[str, Any]],
    failed: Mapping[str, Failed],
    results: Mapping[str, Path],
    findings: Sequence[Finding],
    money: Money | None,
    stamps: Mapping[str, Mapping[str, object]],
) -> None:
    """Write all that a province gets into an empty folder, the manifest last.

    `borders`: polygons and `name` by county code; `summaries` and `results` (their folders) of the counties that are
    done. Where one failed every page says so. `stamps`: of all inputs. The schema that the project
    names takes the layers last, before the folder takes its place. Raises OSError and OutputError where something
    cannot be written.
    """
    language = province.output.language
    partly = say("province.partial", language, names=_names(failed, language)) if failed else ""
    if province.province.pages:
        (fresh / COUNTIES).mkdir()
        for code, folder in sorted(results.items()):
            _handed_on(folder / RESULTS, fresh / COUNTIES / code, partly)
    write_layers(results, fresh / GEO)
    table = _table(borders, summaries, failed, language, pages=province.province.pages)
    total = _total(table)
    minutes = max(province.walking.minutes)
    sums = {str(name): value for name, value in total.items()}
    people, of_all = shown_counties(summaries, sums, minutes=minutes)
    for name in PEOPLE:
        table[name] = pd.Series({code: each[name] for code, each in people.items()}, dtype=object).reindex(table.index)
    rows = gpd.GeoDataFrame(table, geometry=borders.geometry.reindex(table.index).to_numpy(), crs=borders.crs)
    dates = sorted({str(each["streets_date"]) for each in summaries.values() if each["streets_date"]})
    credit = say("province.credit", language, date=" ~ ".join(dates) or "?")
    last = sums | of_all
    notes = {say("province.state", language): _state(summaries, failed, language)}
    if partly:
        notes[say("province.missing", language)] = partly
    if outside := [finding for finding in findings if finding.code == "COUNTY_NONE"]:
        notes[say("province.left_out", language)] = "; ".join(f"{each.place}: {each.found}" for each in outside)
    if money is not None:
        notes[say("province.money", language)] = money_line(money.plan, language)
    write_index(
        rows, fresh / INDEX, title=province.name, minutes=minutes, language=language,
        total=last, notes=notes, credit=credit,
    )  # fmt: skip
    sheets = _sheets(rows, last, failed, minutes=minutes, language=language, partly=partly)
    if money is not None:
        sheets += money_sheets(money.plan, rows["name"], language)
    write_workbook(sheets, fresh / BOOK)
    public = {code: {**_public(told), **people[code]} for code, told in summaries.items()}
    _write_manifest(province, fresh, summaries=public, failed=failed, findings=findings, money=money, stamps=stamps)
    run = stamp(fresh / MANIFEST)["sha256"]
    put_layers_into_database({path.stem: path for path in sorted((fresh / GEO).iterdir())}, province, run=run)


def _public(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary without what only our own arithmetic needs."""
    return {name: value for name, value in told.items() if name not in ("hidden", OWN_AFTER)}


def _names(failed: Mapping[str, Failed], language: Language) -> str:
    return say("label.comma", language).join(f"{each.name} ({code})" for code, each in sorted(failed.items()))


def _state(summaries: Mapping[str, Any], failed: Mapping[str, Failed], language: Language) -> str:
    return say("province.counts", language, done=len(summaries), failed=len(failed))


def _table(
    borders: gpd.GeoDataFrame,
    summaries: Mapping[str, Mapping[str, Any]],
    failed: Mapping[str, Failed],
    language: Language,
    *,
    pages: bool,
) -> pd.DataFrame:
    """Return one row a county, as the index takes them."""
    rows = {}
    for code in sorted({*summaries, *failed}):
        name = borders["name"].get(code)
        row: dict[str, Any] = {"name": code if pd.isna(name) else str(name), "state": "done", "reason": "", "page": ""}
        if code in failed:
            rows[code] = {**row, "state": "failed", "reason": failed[code].reason(language)}
            continue
        told = summaries[code]
        row |= {key: told[key] for key in (*PEOPLE, "residents", "facilities", "sites", "cost_yuan")}
        row |= {verdict_column(Status(status)): number for status, number in told["verdicts"].items()}
        rows[code] = {**row, "page": f"{COUNTIES}/{code}/{INDEX}" if pages else ""}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("county_id")
    return table.reindex(columns=[*dict.fromkeys([*table.columns, *PEOPLE, "sites", "cost_yuan", "facilities"])])


def _total(table: pd.DataFrame) -> pd.Series:
    """Return the figures of all counties together; of a plan only where every county has one."""
    sums: dict[str, Any] = {
        name: pd.to_numeric(table[name], errors="coerce").sum(min_count=1)
        for name in table.columns
        if name not in {"name", "state", "reason", "page"}
    }
    if table["elders_covered_after"].isna().any():
        sums["elders_covered_after"] = None
    return pd.Series({**sums, "name": "", "state": "done", "reason": "", "page": ""}, name="", dtype=object)


def _sheets(
    rows: pd.DataFrame, total: Row, failed: Mapping[str, Failed], *, minutes: int, language: Language, partly: str
) -> list[Sheet]:
    """Return the sheets of the book: counties by coverage with their ranks, and those that failed."""
    answers = [status for status in Status if verdict_column(status) in rows]
    of_county = {str(code): {str(name): value for name, value in row.items()} for code, row in rows.iterrows()}
    share = {code: each for code, row in of_county.items() if (each := _share(row)) is not None}
    rank = {code: 1 + sum(other > each for other in share.values()) for code, each in share.items()}
    order = sorted(of_county, key=lambda code: (rank.get(code, len(of_county) + 1), code))
    columns = [
        Column(pair("index.county")), Column(pair("province.code")), Column(pair("province.rank"), WHOLE),
        Column(pair("page.elders"), WHOLE), Column(pair("page.covered", minutes=minutes), WHOLE),
        Column(pair("page.share", minutes=minutes), PERCENT), Column(pair("page.elders_unknown"), WHOLE),
        Column(pair("page.share_after", minutes=minutes), PERCENT), Column(pair("page.facilities"), WHOLE),
        Column(pair("page.plan_count"), WHOLE), Column(pair("page.plan_cost"), DECIMAL),
        *(Column(pair(f"status.{status}"), WHOLE) for status in answers), Column(pair("index.state")),
    ]  # fmt: skip

    def line(row: Row, code: str, place: int | None) -> list[Value]:
        state = say(f"index.{row['state']}", language)
        return [
            _text(row["name"]) or say("index.total", language), code, place, _cell(row["elders"]),
            _cell(row["elders_covered"]), _share(row), _cell(row["elders_unknown"]),
            _share(row, "elders_covered_after"), _cell(row["facilities"]), _cell(row["sites"]),
            _wan(row["cost_yuan"]), *(_cell(row.get(verdict_column(status))) for status in answers), state,
        ]  # fmt: skip

    body = [line(of_county[code], code, rank.get(code)) for code in order]
    body.append(line(total, "", None))
    if partly:
        body.append([partly, *[None] * (len(columns) - 1)])
    sheets = [Sheet(say("province.sheet", language), columns, body)]
    if failed:
        heads = [Column(pair("index.county")), Column(pair("province.code")), Column(pair("province.reason"), TEXT)]
        lines = [[each.name, code, each.reason(language)] for code, each in sorted(failed.items())]
        sheets.append(Sheet(say("index.failed", language), heads, lines))
    return sheets


def _share(row: Mapping[str, Any], name: str = "elders_covered") -> Fraction | None:
    """Return the share of elders covered, None where it is not known or not told."""
    part, whole = _cell(row[name]), _cell(row["elders"])
    return Fraction(part, whole) if isinstance(part, int) and isinstance(whole, int) and whole else None


def _cell(value: Any) -> int | str | None:
    if isinstance(value, str):
        return value
    return None if value is None or pd.isna(value) else int(value)


def _wan(value: Any) -> Fraction | None:
    """Return yuan in 10,000 yuan."""
    return None if value is None or pd.isna(value) else Fraction(int(value), 10_000)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _handed_on(source: Path, place: Path, partly: str) -> None:
    """Lay the results of a county where they are handed on; where others failed its page says so."""
    place.mkdir()
    changed: dict[str, Any] = {}
    for path in sorted(source.iterdir()):
        if path.name == INDEX and partly:
            page = path.read_text(encoding="utf-8")
            head, body, rest = page.partition("<body>")
            said = f'{body}<p role="alert" style="{BANNER}">{html.escape(partly)}</p>'
            (place / path.name).write_text(head + said + rest, encoding="utf-8", newline="\n")
            changed[path.name] = stamp(place / path.name)
        elif path.name != MANIFEST:
            _linked(path, place / path.name)
    manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    manifest["outputs"] |= changed
    manifest["command"] = "county"  # its inputs are parts of the province's: it is no run of a city
    _write_json(place / MANIFEST, manifest)


def _linked(path: Path, place: Path) -> None:
    """Give a file a second name; where the disk has no such thing, copy it."""
    try:
        os.link(path, place)
    except OSError:
        shutil.copyfile(path, place)


def _write_manifest(
    province: Province,
    fresh: Path,
    *,
    summaries: Mapping[str, Mapping[str, Any]],
    failed: Mapping[str, Failed],
    findings: Sequence[Finding],
    money: Money | None,
    stamps: Mapping[str, Mapping[str, object]],
) -> None:
    """Write what went in and came out, and what became of each county."""
    files = sorted(path for path in fresh.rglob("*") if path.is_file())
    said = province.model_dump(mode="json", exclude={"output": {"tiles": {"url"}}, "engine": True})
    _write_json(
        fresh / MANIFEST,
        {
            "command": "province",
            "project": said,  # who did the work is no part of it: the results are the same
            "inputs": {name: dict(told) for name, told in stamps.items()},
            "outputs": {path.relative_to(fresh).as_posix(): stamp(path) for path in files},
            "versions": versions(),
            "counties": {
                **{code: {"state": "done", **told} for code, told in sorted(summaries.items())},
                **{code: {"state": "failed", "fault": each.fault, "findings": [asdict(f) for f in each.findings]}
                   for code, each in sorted(failed.items())},
            },
            "findings": [asdict(finding) for finding in findings],
            **({} if money is None else {"plan": money_told(money.plan)}),
        },
    )  # fmt: skip


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
