# SPDX-License-Identifier: GPL-3.0-or-later
"""How even guests of known loads lie on the pCPUs, beside what else runs there, and what a move is worth.

kinds: a list of (share of a pCPU, guests of this kind on each pCPU). others: percent of each pCPU that
something else takes."""

import itertools

# Points from the least possible up to which a pCPU's distance from the fair share counts as even.
EVEN_POINTS = 1.5


def _loads(kinds, others):
    return [other + sum(share * counts[p] * 100 for share, counts in kinds) for p, other in enumerate(others)]


def deviation(kinds, others):
    """The largest distance of a pCPU's load from the fair share, in points."""
    loads = _loads(kinds, others)
    fair = sum(loads) / len(loads)
    return max(abs(load - fair) for load in loads)


def _explore(kinds, others, start, step):
    """Fills one pCPU after the other; only how many of each kind are left for the rest matters.
    step(value so far, p, how many of each kind it takes, its distance from the fair share) -> value,
    None if that is no way."""
    totals = tuple(sum(counts) for _, counts in kinds)
    fair = sum(_loads(kinds, others)) / len(others)
    best = {totals: start}
    for p, other in enumerate(others):
        after = {}
        for left, value in best.items():
            for taken in itertools.product(*(range(n + 1) for n in left)):
                load = other + sum(share * n * 100 for (share, _), n in zip(kinds, taken))
                reached = step(value, p, taken, abs(load - fair))
                if reached is not None:
                    rest = tuple(n - t for n, t in zip(left, taken))
                    after[rest] = min(after.get(rest, reached), reached)
        best = after
    return best.get(tuple(0 for _ in kinds))


def least_deviation(kinds, others):
    return _explore(kinds, others, 0.0, lambda value, _p, _taken, off: max(value, off))


def fewest_moves(kinds, others):
    """Fewest arrivals after which no placement is more even by more than EVEN_POINTS."""
    limit = least_deviation(kinds, others) + EVEN_POINTS

    def come(value, p, taken, off):
        if off > limit:
            return None
        return value + sum(max(0, t - counts[p]) for (_, counts), t in zip(kinds, taken))

    return _explore(kinds, others, 0, come)


def is_worth_it(before, after, moves, others):
    """Whether so many moves lowered the largest deviation by more than EVEN_POINTS, and none of them was
    an exchange of like for like."""
    arrivals = sum(
        max(0, now - was) for (_, then), (_, there) in zip(before, after) for was, now in zip(then, there)
    )
    return moves == arrivals and deviation(after, others) < deviation(before, others) - EVEN_POINTS
