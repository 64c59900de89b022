"""The documents judged by a project: after the plan, on other days, against earlier results, and told to people."""

import dataclasses
import json
from fractions import Fraction
from pathlib import Path

import pytest
from test_run import circle15, done, town  # noqa: F401  the sample's study and a fresh copy of it

import circle15 as c15
from circle15.compliance import SHOWN, compliance, compliance_lines, missed
from circle15.judged import verdicts_of
from circle15.kept import VERDICTS, kept_verdicts
from circle15.outputs import MANIFEST
from circle15.pack_list import pack_lines, rule_lines
from circle15.today import Today
from circle15.walked import estate_walks, walked
from gis.reach import reach
from gis.snap import snap
from maps.opinions import OPINIONS
from policy.changes import changes
from policy.four_sync_text import FINDINGS
from policy.load import load_pack, packs
from policy.verdict import Status
from tests.town import without_maps

JUDGING = {name for name in packs() if any(rule.form != "terms" for rule in load_pack(name).rules)}


def test_the_sample_names_every_pack_and_every_answer_and_fault_occurs(done: c15.Study) -> None:  # noqa: F811
    assert set(done.project.policy.packs) == JUDGING - {"provinces"}
    assert {verdict.status for verdict in done.verdicts if verdict.decides} == set(Status)
    checks = done.today.judged.checks
    assert {finding.answer.id for check in checks for finding in check.findings} == set(FINDINGS)
    assert {check.status for check in checks} == {
        Status.PASS, Status.FAIL, Status.EXCEPTION_NEEDED, Status.UNKNOWN, Status.NOT_DUE,
    }  # fmt: skip


def test_every_verdict_reads_in_both_languages(done: c15.Study) -> None:  # noqa: F811
    for verdict in done.verdicts:
        for zh, en in (verdict.title, verdict.measured, verdict.demanded, verdict.note):
            assert bool(zh) == bool(en), verdict
            assert not set("{}") & {*zh, *en}, verdict
            assert zh.strip() == zh, verdict
            assert en.strip() == en, verdict
        assert verdict.clause
        assert verdict.measured[0] or verdict.status in {Status.UNKNOWN, Status.NOT_APPLICABLE}, verdict


def test_what_is_known_of_today_needs_no_second_walk(done: c15.Study) -> None:  # noqa: F811
    kept = c15.with_siting(done.today, budget_wan=300.0)
    assert isinstance(kept, Today)
    assert kept.measures is done.today.measures
    one, other = c15.study(kept), c15.study(c15.with_siting(done.city, budget_wan=300.0))
    assert c15.summary(one) == c15.summary(other)
    assert one.verdicts_after == other.verdicts_after != done.verdicts_after


def test_after_the_plan_its_sites_count_as_facilities_in_use(done: c15.Study) -> None:  # noqa: F811
    assert done.plan is not None
    assert done.after is not None
    new = done.after.facilities.loc[[f"candidate/{name}" for name in done.plan.sites.index]]
    assert (new["status"] == "in_use").all()
    assert new.dtypes.equals(done.city.facilities.dtypes)
    assert len(done.after.serving) == len(done.serving) + len(new)

    def shares(verdicts: tuple[c15.Verdict, ...]) -> dict[tuple[str, str], c15.Verdict]:
        return {(v.rule_id, v.unit_id): v for v in verdicts if v.decides and v.pack == "hebi_2020"}

    before, after = shares(done.verdicts), shares(done.verdicts_after)
    city = done.units[done.units["level"] == "city"].iloc[0]
    walk = after["HB-15", "city"].count
    assert walk is not None
    assert walk.done == city["elders_covered_15_after"] == done.plan.elders_covered
    communities = set(new.loc[new["kind"] == "day_care", "community_id"])
    for community in communities:
        assert after["HB-02", community].status is Status.PASS
    gained = {unit for (rule, unit), v in after.items() if rule == "HB-02" and v.status is Status.PASS}
    had = {unit for (rule, unit), v in before.items() if rule == "HB-02" and v.status is Status.PASS}
    assert gained == had | communities
    assert {c.verdict.unit_id for c in done.changes[0][1] if c.verdict.rule_id == "HB-02"} - {"city"} == gained - had


def test_another_day_is_judged_by_what_there_was(done: c15.Study) -> None:  # noqa: F811
    day = done.today.now.day.replace(year=2019)
    then = walked(done.city, day=day)
    assert set(then.serving.index) < set(done.serving.index)
    verdicts = verdicts_of(done.city, then)
    moved = [change.move for change in changes(verdicts, verdicts_of(done.city, walked(done.city)))]
    assert {"better", "worse", "same"} <= set(moved)  # worse: what was not due then and is not done now


def test_the_walk_of_estates_is_the_shortest_there_is(done: c15.Study) -> None:  # noqa: F811
    city, now = done.city, done.today.now
    doors = {"max_connector_m": city.project.walking.max_connector_m, "barriers": city.barriers}
    pairs = reach(city.network, snap(city.network, city.housing, **doors), now.at_serving, minutes=90)
    shortest = pairs.groupby("demand_id")["minutes"].min()
    walks = estate_walks(city, now)
    told = walks["minutes"][walks["minutes"].notna()]
    assert len(told) > len(city.housing) / 2
    assert told.to_dict() == pytest.approx(shortest[told.index].to_dict())
    for check in done.today.judged.checks:
        assert check.nearest is not None
        minutes = check.nearest.minutes
        assert check.nearest.served is (None if minutes is None else minutes <= 15)
    without = dataclasses.replace(city, housing=city.housing.assign(geometry=None).set_crs(city.crs))
    assert estate_walks(without, now).empty


def test_the_money_of_a_document_adds_up(done: c15.Study) -> None:  # noqa: F811
    tables = {table.title: table.rows for table in done.today.judged.dues}
    due = next(rows for title, rows in tables.items() if "baotou_2020" in title and "least_yuan" in rows)
    facilities, total = due.iloc[:-1], due.iloc[-1]
    assert total["least_yuan"] == facilities["least_yuan"].sum() > 0
    assert total["most_yuan"] == facilities["most_yuan"].sum() >= total["least_yuan"]
    assert set(facilities["facility_id"]) <= set(done.city.facilities.index)


def test_what_is_missed_most_comes_first(done: c15.Study) -> None:  # noqa: F811
    short = missed(done.verdicts)
    assert [v.status for v in short] == sorted(
        (v.status for v in short), key=[Status.FAIL, Status.EXCEPTION_NEEDED, Status.NOT_DUE].index
    )
    rules = [(v.pack, v.rule_id) for v in short]
    assert len(rules) == len(set(rules)) > SHOWN
    for language in ("zh", "en"):
        lines = compliance_lines(done, language)
        assert all(line.strip() for line in lines)
        assert not [line for line in lines if "{" in line]
    counts = compliance(done)["verdicts"]
    assert sum(sum(of.values()) for of in counts.values()) == sum(v.decides for v in done.verdicts)


def test_comply_judges_without_a_plan_and_compares_with_earlier_results(town: Path) -> None:  # noqa: F811
    first = circle15("comply", without_maps(town), "--as-of", "2020-12-31", cwd=town)
    assert first.returncode == 0, first.stderr
    folder = town / "成果"
    assert {"index.html", "annex.xlsx", OPINIONS, VERDICTS, MANIFEST} <= {path.name for path in folder.iterdir()}
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["plan"] is None
    assert manifest["as_of"] == "2020-12-31"
    assert {VERDICTS, OPINIONS} <= set(manifest["outputs"])
    again = circle15("comply", town, "--against", folder / MANIFEST, "--against", "2020-12-31", cwd=town)
    assert again.returncode == 0, again.stderr
    moves = [
        line.partition("：")[2].partition("：")[2] or line for line in again.stdout.splitlines() if "变化（" in line
    ]
    assert len(moves) == 2
    judged, kept = (
        dict(part.split() for part in line.rpartition("）：")[2].split("、"))
        for line in again.stdout.splitlines()
        if "变化（" in line
    )
    # the results of that day say the same as that day judged again, but for numbers of few people, which are not kept
    assert {move: n for move, n in kept.items() if move != "有变化"} == {
        move: n for move, n in judged.items() if move != "有变化"
    }
    assert int(kept.get("有变化", 0)) <= int(judged.get("有变化", 0))
    for wrong in (("--against", "no-such"), ("--as-of", "31.12.2021")):
        refused = circle15("comply", town, *wrong, cwd=town)
        assert refused.returncode == 2
        assert "PARAM_RANGE" in refused.stderr
    (folder / VERDICTS).write_text("[]", encoding="utf-8")
    refused = circle15("comply", town, "--against", folder, cwd=town)
    assert refused.returncode == 2
    assert "KEPT_BROKEN" in refused.stderr


def test_kept_verdicts_are_those_that_were_written(done: c15.Study, tmp_path: Path) -> None:  # noqa: F811
    output = done.project.output.model_copy(update={"report_maps": False})
    project = done.project.model_copy(update={"folder": tmp_path, "output": output})
    city = dataclasses.replace(done.city, project=project)
    today = dataclasses.replace(done.today, city=city)
    for name in (*(source["path"] for source in project.inputs.model_dump().values() if source),):
        (tmp_path / name).write_bytes(done.project.path(name).read_bytes())
    folder = c15.write_outputs(dataclasses.replace(done, today=today), times={})
    day, verdicts = kept_verdicts(folder / MANIFEST)
    assert day == done.today.now.day
    assert len(verdicts) == len(done.verdicts)
    assert {change.move for change in changes(verdicts, done.verdicts)} == {"same"}
    assert any(isinstance(v.value, Fraction) for v in verdicts)


def test_the_packs_are_listed_with_rules_and_choices(tmp_path: Path) -> None:
    listed = circle15("packs", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.splitlines() == pack_lines()
    for name in packs():
        policy = load_pack(name)
        for language in ("zh", "en"):
            text = "\n".join(rule_lines(name, language))
            assert policy.document.number in text
            assert all(rule.id in text for rule in policy.rules)
            assert all(f"    {choice} = " in text for choice in policy.choices if choice not in {
                "boundary_reading", "points_that_pass", "zone_reading"})  # fmt: skip
    unknown = circle15("packs", "hebi", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "hebi_2020" in unknown.stderr
