"""The verdicts on the page in a real browser: chosen by document, rule and level, today and after, and clicked."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chromium
import pytest
from judged_town import judged_as, judged_town
from test_page_browser import PAINTED_S, look_for, opened, rgb, texts
from town import HOSTILE, made_town

from gis.words import say
from maps.opinions import OPINIONS, write_opinions
from maps.status_style import SIGNS, STATUS_FILLS, WORST_FIRST
from policy.verdict import Status

ATLAS = judged_town()
DRAWN = "map_page.getContainer().dataset.verdicts"


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def choose(tab: chromium.Tab, what: str, value: str) -> None:
    tab.value(f"""(() => {{ const box = document.querySelector('[data-choose={what}]'); box.value = {json.dumps(value)};
        box.dispatchEvent(new Event('change')); }})()""")


def rule_at(tab: chromium.Tab, rule: str) -> str:
    """Return the value of the rule in the list."""
    options = tab.value(
        "Array.from(document.querySelector('[data-choose=rule]').options).map((o) => [o.value, o.textContent])"
    )
    return next(value for value, text in options if f" {rule} " in text)


def shown(tab: chromium.Tab, **wanted: str) -> None:
    """Turn the layer on and choose from it."""
    tab.value("document.querySelector('.pick [data-value=verdict]').click()")
    for what in ("pack", "rule", "level"):
        if what in wanted:
            choose(tab, what, rule_at(tab, wanted[what]) if what == "rule" else wanted[what])


def statuses(rule: str, *, after: bool = False, level: str = "community") -> dict[str, Status]:
    verdicts = ATLAS.verdicts_after if after else ATLAS.verdicts
    return {v.unit_id: v.status for v in verdicts if v.rule_id == rule and v.level == level and v.decides}


def test_each_community_has_the_answer_of_the_rule_today_and_after(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    shown(tab, rule="HB-15", level="community")
    for when in ("today", "after"):
        tab.value(f"document.querySelector('.pick [data-value={when}]').click()")
        found = statuses("HB-15", after=when == "after")
        wanted = "".join(
            str(WORST_FIRST.index(found[code])) if code in found else "-" for code in ATLAS.communities.index
        )
        assert tab.value(DRAWN) == wanted
    assert statuses("HB-15") != statuses("HB-15", after=True)
    assert tab.complaints == []


def test_the_map_has_the_colour_and_the_legend_the_sign_and_number_of_each_answer(
    tab: chromium.Tab, tmp_path: Path
) -> None:
    opened(tab, ATLAS, tmp_path)
    shown(tab, rule="HB-15", level="community")
    found = list(statuses("HB-15").values())
    badges = dict(zip(texts(tab, ".badge"), texts(tab, ".panel section:first-child .layer.still b"), strict=False))
    assert badges == {SIGNS[status]: str(found.count(status)) for status in set(found)}
    time.sleep(PAINTED_S)
    assert tab.complaints == []  # before the pixels are read: Chromium complains of reading many
    seen = tab.value("""(() => { const seen = new Set(), canvas = map_page.getPane('shade').querySelector('canvas');
        const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 150) seen.add([d[i], d[i + 1], d[i + 2]].join());
        return Array.from(seen); })()""")
    painted = [[int(part) for part in colour.split(",")] for colour in seen]
    for status in set(found):
        wanted = [int(part) for part in rgb(STATUS_FILLS[status]).split(",")]
        assert any(all(abs(a - b) <= 2 for a, b in zip(colour, wanted, strict=True)) for colour in painted)


def test_a_click_says_clause_measured_demanded_shortfall_and_who_is_responsible(
    tab: chromium.Tab, tmp_path: Path
) -> None:
    opened(tab, ATLAS, tmp_path)
    shown(tab, rule="HB-15", level="community")
    verdict = next(
        v for v in ATLAS.verdicts if v.rule_id == "HB-15" and v.shortfall and v.level == "community" and v.decides
    )
    look_for(tab, verdict.unit_name)
    tab.value("document.querySelector('.found button').click()")
    card = dict(zip(*[iter(texts(tab, ".card td"))] * 2, strict=True))
    assert card["结论verdict"] == f"{SIGNS[verdict.status]} {say(f'status.{verdict.status}', 'zh')}"
    assert card["条款clause"] == f"{verdict.document} {verdict.clause}"
    assert card["实测measured"] == verdict.measured[0]
    assert card["要求demanded"] == verdict.demanded[0]
    assert verdict.unit_name in card["缺口shortfall"]
    assert card["责任单位responsible"] == "、".join(verdict.responsible)


def test_a_street_is_named_where_streets_are_judged_and_all_rules_list_what_is_open(
    tab: chromium.Tab, tmp_path: Path
) -> None:
    opened(tab, ATLAS, tmp_path)
    shown(tab, rule="HB-01", level="street")
    found = statuses("HB-01", level="street")
    streets = ATLAS.communities["street_id"]
    assert tab.value(DRAWN) == "".join(str(WORST_FIRST.index(found[street])) for street in streets)
    look_for(tab, "东街社区")
    tab.value("document.querySelector('.found button').click()")
    assert "上街道" in texts(tab, ".card td")
    choose(tab, "rule", "-1")
    choose(tab, "level", "community")
    worst = {}
    for v in ATLAS.verdicts:
        if v.pack == "hebi_2020" and v.level == "community" and v.decides and v.form != "report" and v.unit_id:
            worst.setdefault(v.unit_id, []).append(WORST_FIRST.index(v.status))
    assert tab.value(DRAWN) == "".join(
        str(min(worst[code])) if code in worst else "-" for code in ATLAS.communities.index
    )


def test_a_housing_project_leads_to_its_own_opinion(tab: chromium.Tab, tmp_path: Path) -> None:
    write_opinions(ATLAS.checks, tmp_path / OPINIONS, atlas=ATLAS)
    opened(tab, ATLAS, tmp_path)
    look_for(tab, "翰林府")
    tab.value("document.querySelector('.found button').click()")
    card = texts(tab, ".card td")
    assert "不符合" in card
    links = tab.value("Array.from(document.querySelectorAll('.card a')).map((a) => a.href)")
    numbers = [n for n, check in enumerate(ATLAS.checks, 1) if check.record.key == "P2"]
    assert links == [f"{(tmp_path / OPINIONS).as_uri()}#o{number}" for number in numbers]
    for number, link in zip(numbers, links, strict=True):
        assert f'id="o{number}"' in (tmp_path / OPINIONS).read_text(encoding="utf-8")
        assert link.startswith("file:")
    assert tab.complaints == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_shown_as_the_text_they_are(tab: chromium.Tab, tmp_path: Path, name: str) -> None:
    page = opened(tab, judged_as(ATLAS, name), tmp_path)
    shown(tab, level="community")
    assert all(text.startswith(name) for text in texts(tab, "[data-choose=pack] option"))
    assert any(text.endswith(f" {name}") for text in texts(tab, "[data-choose=rule] option"))
    choose(tab, "rule", "1")
    look_for(tab, name)
    tab.value("document.querySelector('.found button').click()")
    assert name in texts(tab, ".card td bdi")
    assert set(tab.value("Array.from(document.querySelectorAll('a[href]')).map((a) => a.href.split('#')[0])")) <= {
        (tmp_path / OPINIONS).as_uri(), page.as_uri()
    }  # fmt: skip
    assert tab.value("document.querySelectorAll('.panel script, .card script, .card b, option b').length") == 0
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []


def test_without_verdicts_there_is_no_such_layer(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, replace(made_town(), verdicts=()), tmp_path)
    assert texts(tab, ".pick [data-value=verdict]") == []
    assert tab.complaints == []
