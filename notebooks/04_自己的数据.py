# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 自己的数据 A bureau's own data
#
# 模板 → 检查 → 问题清单 → 改正 → 运行 → 地图 → 方案 → 报告。
# Forms, check, list of faults, mending, run, map, plan, report.
#
# 本例先造一个小镇当作“本单位的资料”，故意留几处错误。换成自己的项目时，从“检查”开始，把 `folder` 改为自己的文件夹。
# A small made town stands in for your data, with faults on purpose. With your own folder begin at “check”.

# %% [markdown]
# ## 1 模板 Forms
#
# 与 `circle15 init` 相同。The same as `circle15 init`.

# %%
import tempfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd
import shapely

import circle15 as c15

folder = Path(tempfile.mkdtemp()) / "柳林镇"
[path.name for path in c15.start_project(folder)]

# %% [markdown]
# ## 2 放入自己的资料 Put your own data in
#
# 道路中心线、社区边界（GeoPackage），楼栋人口（CSV），设施和候选场地（Excel 模板）。
# Centre lines and boundaries (GeoPackage), people by building (CSV), facilities and candidate sites (the Excel forms).

# %%
CRS = "EPSG:4547"  # CGCS2000 三度带，中央经线 114° the 3-degree zone of 114° E
X, Y, SIDE = 437_000, 3_957_000, 3_000
at = np.arange(0, SIDE + 1, 200)
ways = [[(X + d, Y), (X + d, Y + SIDE)] for d in at] + [[(X, Y + d), (X + SIDE, Y + d)] for d in at]
gpd.GeoDataFrame({"name": "道路"}, index=range(len(ways)), geometry=shapely.linestrings(ways), crs=CRS).to_file(
    folder / "道路中心线.gpkg"
)

half = SIDE / 2
boxes = [
    shapely.box(X + i * half, Y + j * half, X + (i + 1) * half, Y + (j + 1) * half) for j in (0, 1) for i in (0, 1)
]
communities = gpd.GeoDataFrame(
    {
        "社区代码": [f"41060200100{n}" for n in (1, 2, 3, 4)],
        "社区名称": ["河西", "河东", "城北", "工业园"],
        "级别": "社区",
        "街道代码": "410602001",
        "街道": "柳林镇",
        "县区代码": "410602",
        "县区": "示例区",
    },
    geometry=boxes,
    crs=CRS,
)
communities.to_file(folder / "社区边界.gpkg")

chance = np.random.default_rng(15)
spots = X + chance.uniform(20, SIDE - 20, 300), Y + chance.uniform(20, SIDE - 20, 300)
homes = pd.DataFrame({"东坐标": spots[0].round(1), "北坐标": spots[1].round(1)})
homes["总人口"] = chance.integers(40, 200, 300)
homes["60岁以上人口"] = (homes["总人口"] * 0.2).astype(int)
homes.to_csv(folder / "楼栋人口.csv", index=False, encoding="gb18030")


def fill(form: str, rows: list[dict[str, object]]) -> None:
    """Type rows into an Excel form, as somebody at a desk would."""
    book = openpyxl.load_workbook(folder / form)
    page = book.worksheets[0]
    place = {cell.value: cell.column for cell in page[1]}
    for number, row in enumerate(rows, 2):
        for head, value in row.items():
            page.cell(number, place[head], value)
    book.save(folder / form)


facilities = [
    {"设施编号": "S1", "设施名称": "河西日间照料中心", "类型": "日间照料", "状态": "在用", "投用日期": "2019.5"},
    {"设施编号": "S2", "设施名称": "城北照料点", "类型": "日托站", "状态": "在用", "投用日期": "2020-07-01"},
]
places = [{"东坐标": 437_500, "北坐标": 3_957_500}, {"东坐标": 437_600, "北坐标": 3_959_400}]
fill("养老服务设施.xlsx", [row | place for row, place in zip(facilities, places, strict=True)])
sites = [("H1", "旧粮站", 2_300, 600, 90), ("H2", "原卫生院", 2_200, 2_300, 120), ("H3", "闲置校舍", 900, 2_500, 100)]
fill(
    "候选场地.xlsx",
    [
        {
            "候选编号": n,
            "场地名称": name,
            "最大建筑面积（m²）": 400,
            "投资（万元）": wan,
            "东坐标": X + x,
            "北坐标": Y + y,
        }
        for n, name, x, y, wan in sites
    ],
)

# %% [markdown]
# 在 `project.toml` 写明文件、预算。平时用记事本改；坐标为米，不写 `datum`。
# Files and budget go into `project.toml`, with any editor. Metres need no `datum`.

# %%
(folder / "project.toml").write_text(
    """name = "柳林镇"
crs = "EPSG:4547"

[inputs]
streets     = "道路中心线.gpkg"
communities = "社区边界.gpkg"
residents   = "楼栋人口.csv"
facilities  = "养老服务设施.xlsx"
candidates  = "候选场地.xlsx"

[policy]
packs = ["hebi_2020"]
as_of = 2021-12-31

[siting]
budgt_wan = 220
""",
    encoding="utf-8",
)

# %% [markdown]
# ## 3 检查 Check
#
# 命令行是 `circle15 check 柳林镇 --list 问题清单.xlsx`。参数名写错了：指出最接近的一个。
# On the command line `circle15 check … --list …`. A key is misspelt: the nearest one is named.

# %%
try:
    c15.load_project(folder)
except c15.InputError as error:
    for finding in error.findings:
        print(finding.line("zh"))

# %%
text = (folder / "project.toml").read_text(encoding="utf-8")
(folder / "project.toml").write_text(text.replace("budgt_wan", "budget_wan"), encoding="utf-8")

# %% [markdown]
# 改正后再查：逐条写明文件、行、列、现为什么、允许什么。Again: file, row, column, what was found, what is allowed.

# %%
city = c15.read_city(c15.load_project(folder))
found = c15.checked(city)
c15.write_fault_list(found.findings, folder / "问题清单.xlsx")
pd.read_excel(folder / "问题清单.xlsx").iloc[:, [0, 1, 2, 4, 5, 6, 7]]

# %%
print("计入步行服务圈 counted in the walk:", found.serving, "/", found.facilities)

# %% [markdown]
# ## 4 改正 Mend
#
# 两处设施只计入一处：“日托站”不是可选的类型，按缺失处理。在 Excel 中改为“日间照料”，再查。
# One of two counts: “日托站” is none of the kinds. It is mended in Excel and checked again.

# %%
fill("养老服务设施.xlsx", [{}, {"类型": "日间照料"}])
city = c15.read_city(c15.load_project(folder))
found = c15.checked(city)
print(found.serving, "/", found.facilities)
city

# %% [markdown]
# ## 5 运行：现状 Run: today

# %%
done = c15.study(city)
print("\n".join(c15.summary_lines(done)))

# %%
units = done.units[done.units["level"] == "community"].set_index("name")
share = (100 * units["elders_covered_15"] / units["elders"]).sort_values()
axis = share.set_axis(units["unit_id"].loc[share.index]).plot.barh(figsize=(7, 2.4), color="#0f6b62")
axis.set(xlabel="15 min, %", ylabel="", xlim=(0, 100))
plt.tight_layout()
share.rename("覆盖率（%）share").round(1).to_frame()

# %% [markdown]
# ## 6 地图 The map

# %%
c15.page_map(done.atlas())

# %% [markdown]
# ## 7 方案 The plan
#
# 在 220 万元以内。Within 2.2 million yuan.

# %%
print("\n".join(c15.explain(done.plan)))
done.plan.sites[["name", "kind", "floor_area_m2", "cost_yuan", "elders_gained"]]

# %%
ax = city.communities.boundary.plot(color="#888888", linewidth=1, figsize=(5, 5))
done.homes.plot(ax=ax, column="state", markersize=8, cmap="Set2")
city.facilities.plot(ax=ax, color="#1f4e79", markersize=60)
done.plan.sites.plot(ax=ax, color="#c00000", marker="s", markersize=60)
ax.set_axis_off()

# %% [markdown]
# ## 8 报告与全部成果 The report and all results
#
# 与 `circle15 run 柳林镇` 相同：地图、附表、报告、图层、清单。
# The same as `circle15 run`: map, annex, report, layers, manifest.

# %%
done = c15.run(folder)
sorted(path.name for path in (folder / "成果").iterdir())

# %% [markdown]
# 交出去之前核对一遍，空的元组表示成果与生成时一致。Before handing over: nothing found, the results are as written.

# %%
c15.verify(folder / "成果")
