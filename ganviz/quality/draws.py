"""Real data that take the place of samples, so that a metric's floor is known.

Of finite data, the rows that samples are measured against and those that the draws of a floor come
from are apart, and no draw holds a row twice: each is then what so many new data would be.
`docs/decisions/finite-floors.md` says how many rows that needs.
"""

import torch
from torch import Tensor

from ganviz.target import Target

FEWEST = 10
"""Samples, real or not, that a metric can say anything of."""

ROWS_A_SAMPLE = 8
"""Rows that the draws of a floor come from, at least, for each sample that is measured."""

REFERENCE = 1000
"""Rows of finite data that samples are measured against, as far as there are so many."""

_KEPT_APART = 5
"""Where nothing is held out of finite data, one row of so many is what samples are measured
against."""

_ROUNDS = 32
"""Draws of as many as there are that finite data are known from, at most."""

_REPEATS_ARE_RARE = 50_000
"""Rows from which on a thousand draws with repetition hold hardly any row twice."""


def rows_of(target: Target) -> tuple[int | None, int | None]:
    """How many rows there are to measure against, and others to draw floors from; None: as many as
    you like."""
    if target.size is None or target.held_out is not None:
        return target.held_out_size, target.size
    kept = target.size // _KEPT_APART
    return kept, target.size - kept


def too_few(target: Target) -> tuple[int, int] | None:
    """Where finite data have too few rows for a floor: how many they have, and need; else None.

    >>> too_few(Target(lambda n, rng: torch.randn(n, 1, generator=rng), 1, size=80))
    (80, 100)
    """
    against, drawn = rows_of(target)
    has = sum(n or 0 for n in (against, drawn))
    parts = ((against, FEWEST), (drawn, FEWEST * ROWS_A_SAMPLE))
    needed = [-(-needs * has // max(n, 1)) for n, needs in parts if n is not None and n < needs]
    return (has, max(needed)) if needed else None


def measured(target: Target, wanted: int) -> int:
    """How many of `wanted` samples are measured: an eighth of the rows that floors are drawn from,
    at most; all of them where there is no floor anyway."""
    drawn = rows_of(target)[1]
    if drawn is None or too_few(target):
        return wanted
    return min(wanted, drawn // ROWS_A_SAMPLE)


def reference_draw(target: Target, n: int) -> Tensor:
    """What `n` samples are measured against, always the same: as many of endless data, and up to
    1,000 of finite ones, as their floors are narrower for it."""
    against, drawn = rows_of(target)
    wanted = n if drawn is None else max(n, REFERENCE)
    wanted = wanted if against is None else min(wanted, against)
    if _split(target):
        return target.known(_parts)[0][:wanted]
    return target.draw_held_out(wanted, torch.Generator().manual_seed(0))


def floor_draw(kind: str, target: Target, n: int, number: int) -> Tensor:
    """Draw `number` of a floor, always the same; `kind` is "training" or "held_out"."""
    rng = torch.Generator().manual_seed(1_000_003 + number)
    return (held_out if kind == "held_out" else training)(target, n, rng)


def training(target: Target, n: int, rng: torch.Generator) -> Tensor:
    """`n` of what training sees, and of finite data no row twice, nor one that is measured against.

    Raises:
        ValueError: if finite data have fewer rows.
    """
    drawn = rows_of(target)[1]
    if drawn is not None and n > drawn:
        raise ValueError(f"asked for {n} different rows of {drawn}")
    if target.distinct is not None and target.held_out is not None:
        return target.distinct(n, rng)
    if target.size is None or target.size > _REPEATS_ARE_RARE:
        return target.sample(n, rng)
    rows = target.known(_parts)[1] if _split(target) else target.known(_table)
    return rows[torch.randperm(len(rows), generator=rng)[:n]]


def held_out(target: Target, n: int, rng: torch.Generator) -> Tensor:
    r"""Data that training never sees, in the place of `n` new ones, for a mean over samples.

    Of a finite set of h these are $nh/(n + h)$ draws with repetition, used again until there are n.
    Their mean scatters about that of the set by $\sigma\sqrt{1/n + 1/h}$, as the mean of n new data
    does: h data say no more of all data than that.
    """
    h = target.held_out_size
    if h is None:
        return target.draw_held_out(n, rng)
    every = target.draw_held_out(h, torch.Generator().manual_seed(0))
    chosen = torch.randint(h, (max(1, round(n * h / (n + h))),), generator=rng)
    return every[chosen[torch.arange(n) % len(chosen)]]


def _split(target: Target) -> bool:
    """Whether what samples are measured against must be taken from what training sees."""
    return target.held_out is None and target.size is not None and target.size <= _REPEATS_ARE_RARE


def _parts(target: Target) -> tuple[Tensor, Tensor]:
    """The rows to measure against, and those to draw floors from."""
    rows = target.known(_table)
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    kept = len(rows) // _KEPT_APART
    return rows[order[:kept]], rows[order[kept:]]


def _table(target: Target) -> Tensor:
    """All rows that training sees, each as often as the data hold it.

    `sample` may give rows again before it has given all. Where it has not given as many different
    ones as there are after 32 rounds, some are equal, and each counts as often as it came.
    """
    size, rng = target.size, torch.Generator().manual_seed(0)
    if size is None:
        raise ValueError("endless data have no table")
    if target.distinct is not None:
        return target.distinct(size, rng)
    found: Tensor = torch.empty(0, *target.shape)
    counts, drawn = torch.empty(0, dtype=torch.long), 0
    for _ in range(_ROUNDS):
        piece = target.sample(size, rng)
        drawn += len(piece)
        found, place = torch.unique(torch.cat([found, piece]), dim=0, return_inverse=True)
        counts = torch.cat([counts, torch.ones(len(piece), dtype=torch.long)])
        counts = torch.zeros(len(found), dtype=torch.long).index_add_(0, place, counts)
        if len(found) >= size:
            return found
    return found.repeat_interleave((counts * size / drawn).round().long(), 0)
