"""Better a plan by exchange: drop one site, build another, while more people are covered (Teitz & Bart 1968).

https://doi.org/10.1287/opre.16.5.955
"""

import numpy as np

from optimise.cover import Cover
from optimise.limit import Limit, Whole, matrix
from optimise.search import Sites, by_option


def swap(sites: Sites, cover: Cover, limits: tuple[Limit, ...], *, rounds: int = 200) -> Sites:
    """Return the plan after the best exchange, again and again, until none covers more people within the limits.

    A round may also build a site without dropping one where there is room. The plan given must keep the limits.
    """
    on_sites = [limit for limit in limits if not limit.of_people]
    sign = np.array([1 if limit.sense == "at most" else -1 for limit in on_sites], dtype=np.int64)
    weights = matrix(on_sites, cover.options).toarray() * sign[:, None]
    room = np.array([limit.limit for limit in on_sites], dtype=np.int64) * sign
    columns = by_option(cover)
    by_site = columns.T.tocsr()
    built = np.zeros(cover.options, dtype=np.int64)
    built[list(sites)] = 1
    for _ in range(rounds):
        served_by = columns @ built
        spare = room - weights @ built
        best = (0, -1, -1)
        for out in (-1, *np.flatnonzero(built).tolist()):
            without, freed, lost = served_by, spare, 0
            if out >= 0:
                near = columns.indices[columns.indptr[out] : columns.indptr[out + 1]]
                without = served_by.copy()
                without[near] -= 1
                freed = spare + weights[:, out]
                lost = int(cover.worth[near[without[near] == 0]].sum())
            gains: Whole = by_site @ np.where(without == 0, cover.worth, 0)
            fits = (built == 0) & (weights <= freed[:, None]).all(axis=0)
            if fits.any():
                into = int(np.argmax(np.where(fits, gains, -1)))
                best = max(best, (int(gains[into]) - lost, -out, -into))
        if best[0] <= 0:
            break
        _, out, into = best[0], -best[1], -best[2]
        built[into] = 1
        if out >= 0:
            built[out] = 0
    return tuple(np.flatnonzero(built).tolist())
