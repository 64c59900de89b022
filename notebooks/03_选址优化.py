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
# # 03 选址优化 Where to build
#
# 方案、理由、相近方案、预算曲线、分年实施、情景、手工修改。
# The plan, its reasons, plans nearly as good, what each budget buys, phases, scenarios, a plan edited by hand.

# %%
import tempfile
from pathlib import Path

from IPython.display import SVG

import circle15 as c15

folder = c15.copy_sample(Path(tempfile.mkdtemp()) / "云溪县")
today = c15.today(c15.read_city(c15.load_project(folder)))
done = c15.study(today)
print("\n".join(c15.explain(done.plan)))

# %%
done.plan.sites[["name", "kind", "floor_area_m2", "cost_yuan", "elders_gained"]]

# %% [markdown]
# ## 一万元买到什么 What each budget buys
#
# 每个预算下最多能覆盖多少人；虚线是任何方案都不能超过的上限。
# The most people that each budget can cover; no plan goes beyond the dashed bound.

# %%
curve = c15.front(done)
SVG(c15.front_chart(curve, budget_yuan=done.project.siting.budget_yuan))

# %%
curve[["status", "cost_yuan", "sites", "elders_covered", "bound", "gap"]]

# %% [markdown]
# ## 相近而不同的方案 Plans nearly as good that build elsewhere
#
# 少增加的覆盖不超过 1%（`within`），与前面各方案相同的场地尽可能少。
# They lose 1 % of the gain at most and share as few sites as can be.

# %%
plans = c15.alternatives(done)
for number, plan in enumerate(plans, 1):
    print(number, plan.status.value, plan.value, "人", sorted(plan.sites - set(done.plan.sites.index)))

# %% [markdown]
# ## 每处场地的理由 What each site is for
#
# 不建且不补少覆盖多少人；不建而另择最优少多少人、花多少钱；在几个相近方案中出现。
# What is lost with nothing instead, what with the best instead, and in how many near-best plans it stands.

# %%
told = c15.why(done, plans=plans)
told[["name", "reason", "elders_in_walk", "lost_alone", "lost_at_best", "more_yuan", "near_best"]]

# %% [markdown]
# ## 手工修改，立即复核 A plan edited by hand, counted at once

# %%
mine = [site for site in done.plan.sites.index if site != told["lost_at_best"].idxmin()]
print("\n".join(c15.evaluate(done, [*mine, "HX02"]).lines()))

# %% [markdown]
# ## 分年实施 Phases by year
#
# 预算按年给出时，方案带年份。With money by year the plan has years.

# %%
by_year = c15.study(c15.with_siting(today, budget_by_year_wan={2022: 300, 2023: 350, 2024: 250}))
SVG(c15.phases_chart(by_year.plan.by_year))

# %%
by_year.plan.by_year

# %% [markdown]
# ## 情景并列 Scenarios side by side
#
# 项目文件中的 `[scenario."名称"]` 各改 `[siting]` 的几项。Each changes some keys of `[siting]`.

# %%
with (folder / "project.toml").open("a", encoding="utf-8") as file:
    file.write('\n[scenario."预算减半"]\nbudget_wan = 450\n\n[scenario."至多五处"]\nmax_sites = 5\n')
both = c15.study(c15.read_city(c15.load_project(folder)))
c15.scenario_table(c15.scenarios(both))

# %% [markdown]
# ## 地图与成果 The map and the results
#
# 与 `circle15 site` 相同：新点连到所服务的社区，圆环是在相近方案中的比例。
# The same as `circle15 site`: lines to the communities served, rings for the share of near-best plans.

# %%
with_answers, _, where = c15.plan_sites(folder)
print(sorted(path.name for path in where.iterdir()))
c15.page_map(with_answers.atlas())
