"""Stable matching of secret preferences.

D. Gale, L. Shapley: College Admissions and the Stability of Marriage, American Mathematical Monthly
69(1), 1962. In each pass one proposes to the next one of its list; who is rejected, or loses its
place to the new one, proposes in the next pass. All passes look alike.
"""

from ..cells import MemValue
from ..loops import for_range
from ..regint import regint
from ..sint import sint
from .oram import OptimalORAM


class Matchmaker:
    """Matches n proposers with n others.

    `m_prefs` has at m * n + k whom proposer m likes in place k; `f_ranks` at f * n + m in which
    place the other one f likes proposer m. After match(), `wives` has the partner of each proposer
    and `husbands` that of each of the others.
    """

    def __init__(self, N, oram_type=OptimalORAM, int_type=None):
        self.N = N
        self.oram_type = oram_type
        self.m_prefs = oram_type(N * N, sint)
        self.f_ranks = oram_type(N * N, sint)
        self.wives = oram_type(N, sint)
        self.husbands = oram_type(N, sint)

    def _fill(self, preferred, rank):
        n = self.N
        self.m_prefs.batch_init(sint([preferred(m, k) for m in range(n) for k in range(n)]))
        self.f_ranks.batch_init(sint([rank(f, m) for f in range(n) for m in range(n)]))

    def init_easy(self):
        """Preferences with which everyone gets whom it likes best."""
        n = self.N
        self._fill(lambda m, k: (m + k) % n, lambda f, m: (m - f) % n)

    def init_hard(self):
        """Preferences with as many proposals as there can be: n^2 - n + 1."""
        n = self.N
        self._fill(lambda m, k: k if k == n - 1 else (m + k) % (n - 1),
                   lambda f, m: (m - f - 1) % n)

    def init_random(self):
        """Preferences that are drawn at run time, and that nobody knows."""
        n = self.N
        orders = [sint(regint.inc(n)).secure_shuffle() for _ in range(2 * n)]
        self.m_prefs.batch_init(sint.concat(orders[:n]))
        self.f_ranks.batch_init(sint.concat(orders[n:]))

    def match(self, n_loops=None):
        """Matches all; with fewer passes than n^2 - n + 1 perhaps not all."""
        n = self.N
        next_place = self.oram_type(n, sint)
        next_place.batch_init(sint(0, size=n))
        best = self.oram_type(n, sint)
        best.batch_init(sint(n, size=n))
        for memory in (self.wives, self.husbands):
            memory.batch_init(sint(0, size=n))
        proposer, others = MemValue(sint(0)), MemValue(sint(1))
        runs = MemValue(sint(1))

        @for_range(n * n - n + 1 if n_loops is None else n_loops)
        def _(_):
            m = proposer.read()
            place = next_place[m]
            f = self.m_prefs[m * n + place]
            next_place.access(m, place + 1, runs.read())
            new, old = self.f_ranks[f * n + m], best[f]
            better = (new < old) * runs
            was_free = old == n
            loser = self.husbands[f]
            best.access(f, new, better)
            self.husbands.access(f, m, better)
            self.wives.access(m, f, better)
            # The next one: who lost its place, else the first one who has not proposed yet.
            matched = better * was_free
            after = was_free.if_else(others.read(), loser)
            proposer.write(better.if_else(after, m))
            ends = matched * (others == n)
            others.write(others + matched * (1 - ends))
            runs.write(runs - ends)
            proposer.write(proposer - ends * proposer)
        return self.wives


__all__ = ["Matchmaker"]
