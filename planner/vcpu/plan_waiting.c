/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/plan_waiting.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/sets.h"
#include "planner/vcpu/waiting.h"

/* What pinned vCPUs leave to floating ones is never taken for less than this. */
static const double LEAST_ROOM = 0.05;

enum { EVERYBODY = -2, FLOATING = -1 };

/* A placement of the plan's vCPUs. */
struct view {
    const struct vcpu_plan *plan;
    const int *pcpu_of; /* [n_places], -1: floats */
    bool is_charged;    /* with what is reserved for them */
    const bool
        *keeps;     /* [n_sets] whether other programs run where they do now; NULL: on all sets */
    double *demand; /* [count_most()] of the group that is looked at */
};

/* The most that a group has. */
static size_t count_most(const struct vcpu_plan *plan)
{
    size_t n = plan->n_places + plan->n_pcpus + 1;

    for (size_t h = 0; h < plan->n_helpers; h++)
        n += (size_t)plan->helpers[h].demand_permille / 1000 + 1;
    return n;
}

/* Helpers of guests at a place, from number n on: together they may want several pCPUs. */
static size_t collect_helpers(const struct view *view, int at, size_t n)
{
    const struct vcpu_plan *plan = view->plan;

    for (size_t h = 0; h < plan->n_helpers; h++) {
        int left = plan->helpers[h].demand_permille;
        size_t vcpu = plan->helpers[h].vcpu;
        bool is_here = at == EVERYBODY ? !plan->places[vcpu].is_apart : view->pcpu_of[vcpu] == at;

        for (; is_here && left > 0; left -= 1000)
            view->demand[n++] = fmin(1000, left) / 1000.0;
    }
    return n;
}

/* Of the fastest pCPU. At level pcpu each pCPU is a pool of its own, as fast as it is. */
static double background_work(const struct view *view, size_t p)
{
    const struct pcpu_load *pcpu = &view->plan->pcpus[p];
    double cost = view->plan->grain == TOPOLOGY_LEVEL_PCPU ? 1 : pcpu->cost;

    return pcpu->background_permille / 1000.0 / cost;
}

static int demand_in(const struct view *view, size_t i)
{
    if (view->is_charged)
        return vcpu_plan_charge_on(view->plan, i, view->pcpu_of[i]);
    return view->pcpu_of ? vcpu_plan_demand_on(view->plan, i, view->pcpu_of[i])
                         : view->plan->places[i].demand_permille;
}

/* Whether what runs beside vCPUs on a pCPU counts at a place. */
static bool has_background(const struct view *view, int at, size_t p)
{
    const struct pcpu_load *pcpu = &view->plan->pcpus[p];

    if (at >= 0)
        return (int)pcpu->id == at;
    if (pcpu->use != PCPU_USABLE || (at == FLOATING && !view->keeps))
        return false;
    for (size_t s = 0; at == FLOATING && s < view->plan->n_bins; s++)
        if (view->keeps[s] && cpuset_has(&view->plan->sets[s].pcpus, pcpu->id))
            return false;
    return true;
}

/* The demands of those that are at a pCPU, float, or of everybody. Returns how many. */
static size_t collect(const struct view *view, int at)
{
    const struct vcpu_plan *plan = view->plan;
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        if ((at >= 0 || !plan->places[i].is_apart) && (at == EVERYBODY || view->pcpu_of[i] == at) &&
            demand_in(view, i) > 0)
            view->demand[n++] = demand_in(view, i) / 1000.0;
    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (plan->pcpus[p].background_permille > 0 && has_background(view, at, p))
            view->demand[n++] = background_work(view, p);
    return collect_helpers(view, at, n);
}

static int add_pcpus(const struct view *view, struct waiting *sum, double *ret_room)
{
    const struct vcpu_plan *plan = view->plan;
    const struct waiting_pool one = {.pcpus = 1};
    int r = 0;

    for (size_t p = 0; p < plan->n_pcpus && r == 0; p++) {
        struct waiting here = {0};

        r = waiting_add(&here, &one, view->demand, collect(view, (int)plan->pcpus[p].id));
        if (plan->pcpus[p].use == PCPU_USABLE)
            *ret_room += 1 - here.running;
        waiting_join(sum, &here);
    }
    return r;
}

static int set_demand_in(const struct view *view, size_t i)
{
    const struct vcpu_place *place = &view->plan->places[i];

    return view->is_charged ? vcpu_place_charge(place) : place->demand_permille;
}

/* The demands of those that are placed on a set, and with them what else runs on its pCPUs: the first
 * time, where sets lie within others. */
static size_t collect_set(const struct view *view, size_t set, bool with_background)
{
    const struct vcpu_plan *plan = view->plan;
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        if (view->pcpu_of[i] == (int)set && set_demand_in(view, i) > 0)
            view->demand[n++] = set_demand_in(view, i) / 1000.0;
    for (size_t p = 0; with_background && p < plan->n_pcpus; p++)
        if (plan->pcpus[p].background_permille > 0 &&
            cpuset_has(&plan->sets[set].pcpus, plan->pcpus[p].id))
            view->demand[n++] = background_work(view, p);
    return collect_helpers(view, (int)set, n);
}

static struct waiting_pool pool_of(const struct plan_set *set)
{
    return (struct waiting_pool){
        .pcpus = set->cores,
        .siblings = set->siblings,
        .sibling_share = PLAN_SIBLING_SHARE,
        .threads = (double)set->n_pcpus,
    };
}

/* A pool of which only so much is left: others run on cores first, so that what siblings add is left
 * longest. */
static struct waiting_pool part_of(struct waiting_pool pool, double room)
{
    double left = fmax(LEAST_ROOM, room), cores = pool.threads - pool.siblings;
    double beside = fmin(left, pool.sibling_share * pool.siblings);

    if (pool.siblings > 0)
        pool.siblings = beside / pool.sibling_share;
    if (pool.threads > 0)
        pool.threads = pool.siblings + cores * (left - beside) / pool.pcpus;
    pool.pcpus = left - beside;
    return pool;
}

/* The sets of the level. Wider ones get what those leave of their pCPUs. */
static int add_sets(const struct view *view, struct waiting *sum, double *ret_room)
{
    const struct vcpu_plan *plan = view->plan;
    double *room = calloc(plan->n_sets + 1, sizeof(*room));
    int r = room ? 0 : -ENOMEM;

    for (size_t s = 0; r == 0 && s < plan->n_sets; s++) {
        const struct plan_set *set = &plan->sets[s];
        bool is_wide = s >= plan->n_bins;
        struct waiting_pool pool = pool_of(set);
        struct waiting here = {0};

        if (is_wide)
            pool = part_of(pool, room[s]);
        r = waiting_add(&here, &pool, view->demand,
                        collect_set(view, s, !is_wide && (!view->keeps || view->keeps[s])));
        for (size_t w = plan->n_bins; !is_wide && w < plan->n_sets; w++)
            if (cpuset_is_subset(&set->pcpus, &plan->sets[w].pcpus))
                room[w] += plan_set_worth(set) - here.running;
        *ret_room += is_wide ? -here.running : plan_set_worth(set) - here.running;
        waiting_join(sum, &here);
    }
    free(room);
    return r;
}

/* Everything that guests may use. */
static struct waiting_pool all_of(const struct vcpu_plan *plan)
{
    struct waiting_pool all = {.sibling_share = PLAN_SIBLING_SHARE};

    for (size_t p = 0; plan->n_sets == 0 && p < plan->n_pcpus; p++)
        all.pcpus += plan->pcpus[p].use == PCPU_USABLE;
    for (size_t s = 0; s < plan->n_bins; s++) {
        all.pcpus += plan->sets[s].cores;
        all.siblings += plan->sets[s].siblings;
        all.threads += (double)plan->sets[s].n_pcpus;
    }
    return all;
}

static int of_placement(const struct view *view, struct waiting *ret)
{
    struct waiting sum = {0};
    double room = 0;
    bool is_pcpu = view->plan->grain == TOPOLOGY_LEVEL_PCPU;
    int r = is_pcpu ? add_pcpus(view, &sum, &room) : add_sets(view, &sum, &room);
    struct waiting_pool rest = part_of(all_of(view->plan), room);

    if (r == 0)
        r = waiting_add(&sum, &rest, view->demand, collect(view, FLOATING));
    *ret = sum;
    return r;
}

static int of_everybody_floating(const struct view *view, double *ret)
{
    struct waiting_pool all = all_of(view->plan);
    struct waiting sum = {0};
    int r = 0;

    if (all.pcpus > 0)
        r = waiting_add(&sum, &all, view->demand, collect(view, EVERYBODY));
    *ret = all.pcpus > 0 ? waiting_share(&sum) : NAN; /* where would they run? */
    return r;
}

static int waiting_of(const struct vcpu_plan *plan, const int *pcpu_of, bool is_charged,
                      struct waiting *ret)
{
    struct view view = {.plan = plan, .pcpu_of = pcpu_of, .is_charged = is_charged};
    int r = -ENOMEM;

    view.demand = calloc(count_most(plan), sizeof(*view.demand));
    if (view.demand)
        r = of_placement(&view, ret);
    free(view.demand);
    return r;
}

int plan_waiting_of(const struct vcpu_plan *plan, const int *pcpu_of, double *ret)
{
    struct waiting sum = {0};
    int r = waiting_of(plan, pcpu_of, true, &sum);

    *ret = waiting_share(&sum);
    return r;
}

static int placed(const struct vcpu_plan *plan, bool after, struct waiting *ret)
{
    int *pcpu_of = calloc(plan->n_places + 1, sizeof(*pcpu_of)), r = -ENOMEM;

    for (size_t i = 0; pcpu_of && i < plan->n_places; i++)
        pcpu_of[i] = after ? plan->places[i].to_place : plan->places[i].from_place;
    if (pcpu_of)
        r = waiting_of(plan, pcpu_of, false, ret);
    free(pcpu_of);
    return r;
}

int plan_waiting_placed(const struct vcpu_plan *plan, bool after, double *ret)
{
    struct waiting sum = {0};
    int r = placed(plan, after, &sum);

    *ret = waiting_share(&sum);
    return r;
}

/* Whom others' masks hold is there, and everybody else floats. Whether anybody is held. */
static bool place_held(const struct vcpu_plan *plan, int *place_of, bool *keeps)
{
    bool is_any = false;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];

        place_of[i] = place->is_held ? place->held_at : FLOATING;
        for (size_t s = 0; place->is_held && s < plan->n_sets; s++)
            keeps[s] |= cpuset_is_subset(&plan->sets[s].pcpus, &plan->sets[place->held_at].pcpus);
        is_any |= place->is_held;
    }
    return is_any;
}

/* If we pinned nobody. */
static int of_everybody(const struct vcpu_plan *plan, double *ret)
{
    int *place_of = calloc(plan->n_places + 1, sizeof(*place_of)), r = -ENOMEM;
    bool *keeps = calloc(plan->n_sets + 1, sizeof(*keeps));
    struct view view = {.plan = plan};
    struct waiting sum = {0};

    view.demand = calloc(count_most(plan), sizeof(*view.demand));
    if (place_of && keeps && view.demand && place_held(plan, place_of, keeps)) {
        view.pcpu_of = place_of;
        view.keeps = keeps;
        r = of_placement(&view, &sum);
        *ret = waiting_share(&sum);
    } else if (place_of && keeps && view.demand) {
        r = of_everybody_floating(&view, ret);
    }
    free(view.demand);
    free(place_of);
    free(keeps);
    return r;
}

int plan_waiting(const struct vcpu_tracks *tracks, struct vcpu_plan *plan)
{
    struct vcpu_waiting *waiting = &plan->waiting;
    struct waiting now = {0};
    int r = placed(plan, false, &now);

    waiting->now = waiting_share(&now);
    waiting->in_line = waiting_share_in_line(&now);
    waiting->is_measured = tracks->ran > 0;
    waiting->measured = tracks->ran > 0 ? tracks->waited / tracks->ran : 0;
    waiting->after = waiting->now;
    if (r == 0 && plan->n_pins + plan->n_releases > 0)
        r = plan_waiting_placed(plan, true, &waiting->after);
    if (r == 0)
        r = of_everybody(plan, &waiting->floating);
    if (isnan(waiting->floating))
        waiting->now = waiting->after = waiting->in_line = NAN;
    return r;
}
