/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_PROBLEM_H
#define EVENKEEL_MODELS_PLACEMENT_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/lp/lp.h"
#include "models/lp/solver.h"
#include "models/placement/proof.h"

/* Which item goes into which bin: vCPUs on pCPUs today; a bin may as well be a core, a cache or a
 * node (with a larger capacity). All data are integers, so that every bound is an exact
 * certificate: demand, capacity and background in permille of one bin of 1000, what an item costs
 * where it is (staying, too) in cost units.
 *
 *   PLACEMENT_DEVIATION  min kappa * D + what the items' bins cost,
 *                        D = max over bins |load - target| * largest capacity / capacity
 *   PLACEMENT_VARIANCE   min nu * sum over bins (load - target)^2 + what the items' bins cost
 *
 * Either may also charge overload: what the uncut demands of a bin's items exceed its capacity by,
 * and items of one group that are together in a bin.
 * D and the loads count in percentage points there. target is the bin's fair share: its capacity
 * times the level at which all bins are equally loaded, background included. An item heavier than
 * the water level counts as level + 5 points (at least 25), so that one unavoidably full bin does
 * not set D for all (water_level.h). Overload is what the cut hides: without a charge on it a light
 * item could stay beside a heavy one for ever (fair_share.h). */
enum placement_objective { PLACEMENT_DEVIATION, PLACEMENT_VARIANCE };

/* Hard rules: what no plan breaks. An item takes of each resource, a bin has so much of it (of what is
 * there beside its background), and of a set of items that are to be apart at most one is in a bin. */

struct placement_problem {
    size_t n_items, n_bins;
    const int *demand_permille;   /* [n_items] 0..1000 */
    const int *current;           /* [n_items] bin, or -1: floats, has to be placed */
    const int *price;             /* [n_items * n_bins] cost of having i in p, its home included */
    const bool *allowed;          /* [n_items * n_bins], or NULL: everywhere */
    const int *capacity_permille; /* [n_bins], or NULL: 1000 each */
    const int *background_permille; /* [n_bins] runs there beside the items, or NULL: nothing */
    enum placement_objective objective;
    int kappa;         /* PLACEMENT_DEVIATION: cost units per point of D, >= 1 */
    int nu_milli;      /* PLACEMENT_VARIANCE: thousandths of a cost unit per point squared, >= 1 */
    int overload_cost; /* cost units per permille of overload; 0: none is counted */
    const int *group_of; /* [n_items] below n_items, -1: in none; or NULL: nobody is in one */
    int together_cost; /* cost units for each of a group beyond the first in a bin (groups.h); 0: none */
    /* Hard rules; 0 and NULL: none. The first resource is in the bounds, the others only decide what
     * fits. */
    size_t n_rooms;         /* resources */
    const int *size;        /* [n_items * n_rooms] 0 .. 2^24 */
    const int *room;        /* [n_bins * n_rooms] 0 .. 2^24 */
    size_t n_apart;         /* sets */
    const int *apart_first; /* [n_apart + 1] the members of s are apart_item[apart_first[s] ...] */
    const int *apart_item;  /* no item twice in a set */
    const int
        *start; /* [n_items] a placement to begin with, or NULL; of no use where it breaks a rule */
    const char *const *labels; /* [n_items] names for comments in the LP text, or NULL */
};

static inline bool placement_may_run(const struct placement_problem *problem, size_t item,
                                     size_t bin)
{
    return !problem->allowed || problem->allowed[item * problem->n_bins + bin];
}

/* The most that an item may cost in a bin. */
enum { PLACEMENT_MAX_PRICE = 1000 };

/* Whether bins have different capacities, and how many times as much a load that is off its target
 * counts in a bin as in the largest one: in thousandths, rounded, at most a thousand times; 1 where all
 * bins are equal. */
enum { PLACEMENT_UNIT = 1000 };
bool placement_has_unequal_bins(const struct placement_problem *problem);
int64_t placement_unit(const struct placement_problem *problem, size_t bin);

/* What it costs at least to be in an allowed bin other than `from` (-1: in any); INT_MAX: there is
 * none. */
int placement_cheapest_move(const struct placement_problem *problem, size_t item, int from);
/* Whether it has a current bin and may stay there; and what it costs there, or in the cheapest of all
 * its bins, that one included. */
bool placement_is_at_home(const struct placement_problem *problem, size_t item);
int placement_home_price(const struct placement_problem *problem, size_t item);
int placement_least_price(const struct placement_problem *problem, size_t item);

/* Who found the plan or closed the gap. The order says nothing: the values are names. */
enum placement_method {
    PLACEMENT_METHOD_HOLD,         /* changing nothing is optimal, proven without a search */
    PLACEMENT_METHOD_LOCAL_SEARCH, /* a work limit came first: the plan is local search's, with a gap */
    PLACEMENT_METHOD_TOUCH_BOUND, /* proven by the duals in closed form */
    PLACEMENT_METHOD_COUNTING,    /* proven by counting items: no plan is more even */
    PLACEMENT_METHOD_LAGRANGIAN,  /* proven by the Lagrangian bound */
    PLACEMENT_METHOD_MASTER,      /* a plan of the patterns that the Lagrangian bound has met */
    PLACEMENT_METHOD_ENUMERATION, /* proven by enumerating all patterns within the gap */
    PLACEMENT_METHOD_GLPK,        /* proven, or found, by GLPK's own tree over the model */
};
const char *placement_method_text(enum placement_method method);

struct placement_solution {
    /* OPTIMAL, FEASIBLE (gap > 0), INFEASIBLE (proven: an item without an allowed bin, or hard rules that
     * no placement keeps), NO_INCUMBENT (no placement that keeps them is known) */
    enum solve_status status;
    enum placement_method method;
    int *bin_of; /* [n_items] owned; NULL when INFEASIBLE or NO_INCUMBENT */
    size_t n_items;
    /* In percentage points, kappa-scaled: objective = D + costs / kappa (variance: cost / nu,
     * points squared). hold_objective is changing nothing, INFINITY where some item floats or must
     * leave, or a hard rule is broken. */
    double objective, bound, hold_objective;
    double gap;                    /* (objective - bound) / objective; 0 when proven */
    int homeless_item;             /* an item without an allowed bin, or -1 */
    struct work work;              /* the caller's limits with the counts filled in */
    struct placement_proof *proof; /* owned; NULL where it took no search (proof.h) */
};

/* 0, -ENOMEM or -EINVAL. Infeasible is a status. *ret is set only on 0. */
int placement_solve(const struct placement_problem *problem, const struct work *limits,
                    struct placement_solution *ret);
void placement_solution_done(struct placement_solution *solution);

/* -EINVAL when sizes, ranges or costs make no sense, or -ENOMEM; the solver checks with this itself. */
int placement_problem_check(const struct placement_problem *problem);

#endif
