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
# # 02 合规核查 What the documents say
#
# 不选址，只核查：哪些条款达标、缺多少、缺在哪里；四同步；计分表；换一个日期会怎样。
# No siting here: which clauses hold, what is missing and where; four synchronisations; score sheet; another day.

# %%
import tempfile
from datetime import date
from pathlib import Path

import circle15 as c15

folder = c15.copy_sample(Path(tempfile.mkdtemp()) / "云溪县")
city = c15.read_city(c15.load_project(folder))
done = c15.study(city, siting=False)
print("\n".join(c15.compliance_lines(done)))

# %% [markdown]
# ## 每一条的出处、实测与缺口 Every clause with what was measured and what is missing

# %%
c15.verdict_table(v for v in done.verdicts if v.pack == "hebi_2020" and v.level == "city" and v.decides)

# %% [markdown]
# ## 到期目标的进度 How far the goals with a deadline have come

# %%
atlas = done.atlas()
c15.progress_table(atlas.progress)

# %% [markdown]
# ## 计分表 The score sheet
#
# 算得出的、人工给的、文件未定的分开；合计是一个区间。Computed, told and open points apart; the total is an interval.

# %%
policy, sheet = atlas.scores[-1]
print(policy.document.cite, sheet.unit_name, sheet.total)
c15.score_frame(sheet)

# %% [markdown]
# ## 新建小区四同步 The four synchronisations of new housing

# %%
c15.register_table([check for check in atlas.checks if check.pack == "hebi_2020"])[
    ["name", "phase", "stage_planned", "stage_built", "stage_accepted", "stage_delivered", "verdict", "findings"]
]

# %% [markdown]
# ## 与另一日期比较 Against another day

# %%
earlier = c15.comply(folder, as_of=date(2021, 12, 31), against=[date(2020, 12, 31)])
title, found = earlier.changes[0]
print(title[0], len(found))
c15.change_table(change for change in found if change.verdict.level == "city")

# %% [markdown]
# ## 文件没有规定的，由使用者选定 What a document leaves open is chosen
#
# 每个政策包可选的口径和默认值；写进 `project.toml` 的 `[policy] choices`。
# What each pack leaves open, with defaults; it goes into `[policy] choices` of `project.toml`.

# %%
print("\n".join(c15.rule_lines("hebi_2020")[:40]))
