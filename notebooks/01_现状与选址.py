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
# # 01 现状与选址 From today's state to the next sites
#
# 用自带的样例县城走完全程：读入、步行、覆盖、核查、选址、出图。换成自己的项目文件夹即可用自己的数据。
# The whole way on the made sample town. Give your own project folder to use your own data.

# %%
import tempfile
from pathlib import Path

import circle15 as c15

folder = c15.copy_sample(Path(tempfile.mkdtemp()) / "云溪县")
city = c15.read_city(c15.load_project(folder))
city.facilities[["name", "kind", "status", "street"]].head()

# %% [markdown]
# ## 现状：谁在步行 15 分钟之内 Today: who is within a 15-minute walk

# %%
done = c15.study(city)
print("\n".join(c15.summary_lines(done)))

# %%
streets = done.units[done.units["level"] == "street"]
streets[["name", "elders", "elders_covered_5", "elders_covered_10", "elders_covered_15", "elders_unknown"]]

# %% [markdown]
# ## 核查：文件的每一条 Every clause of the document

# %%
c15.verdict_table(v for v in done.verdicts if v.level == "city")

# %% [markdown]
# ## 选址：钱花在哪里 Where the money goes

# %%
done.plan.sites

# %% [markdown]
# 预算变了怎么办：不必重新读入。With another budget nothing is read again.

# %%
for budget_wan in (200, 500, 1000):
    again = c15.study(c15.with_siting(city, budget_wan=budget_wan))
    print(budget_wan, "万元:", c15.explain(again.plan)[0])

# %% [markdown]
# ## 地图与成果 The map and the results

# %%
c15.page_map(done.atlas())

# %%
c15.write_outputs(done, times={})
