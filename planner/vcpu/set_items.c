/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/set_items.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/helpers.h"

/* More of a set than this part is not given to one guest: its own vCPUs would wait for each other. Who
 * has a set keeps to sets until it wants all of one: at the border it would move to and fro, and others
 * with it. */
static const double FILL = 0.9, FILL_OF_SETTLED = 1;

/* Somebody pinned it to one pCPU that guests may use, or that the kernel keeps apart. */
static bool is_pinned_by_owner(const struct vcpu_sample *sample, const struct vcpu_reading *reading)
{
    enum pcpu_use use = reading->at < 0 ? PCPU_RESERVED : sample->pcpus[reading->at].use;

    return !reading->is_ours &&
           (use == PCPU_USABLE || use == PCPU_ISOLATED || use == PCPU_TICKLESS);
}

static bool is_barred(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks, size_t i)
{
    return !vcpu_role_can_run(tracks, i) || is_pinned_by_owner(sample, &sample->vcpus[i]);
}

/* Whether all that run may run alike. */
static bool is_one(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks, size_t first,
                   size_t n)
{
    const bool *may = NULL;

    for (size_t i = first; i < first + n; i++) {
        if (!sample->vcpus[i].running)
            continue;
        if (is_barred(sample, tracks, i) ||
            (may && memcmp(may, vcpu_track_may(tracks, i), tracks->n_pcpus * sizeof(*may)) != 0))
            return false;
        may = vcpu_track_may(tracks, i);
    }
    return may != NULL;
}

struct cpuset set_item_mask(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                            const struct vcpu_sets *sets, size_t vcpu, size_t set)
{
    const bool *may = vcpu_track_may(tracks, vcpu);
    struct cpuset mask = {{0}};

    for (size_t k = sets->first_pcpu[set]; k < sets->first_pcpu[set + 1]; k++)
        if (may[sets->pcpu[k]])
            cpuset_add(&mask, sample->pcpus[sets->pcpu[k]].id);
    return mask;
}

static size_t first_running(const struct vcpu_sample *sample, const struct set_item *item)
{
    return vcpu_sample_first_running(sample, item->first, item->n);
}

/* How many pCPUs of a set a running vCPU of the item may use. */
static size_t count_permitted(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                              const struct vcpu_sets *sets, const struct set_item *item, size_t set)
{
    const bool *may = vcpu_track_may(tracks, first_running(sample, item));
    size_t n = 0;

    for (size_t k = sets->first_pcpu[set]; k < sets->first_pcpu[set + 1]; k++)
        n += may[sets->pcpu[k]];
    return n;
}

bool set_item_fits(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                   const struct vcpu_sets *sets, const struct set_item *item, size_t set)
{
    const struct plan_set *of = &sets->set[set];
    size_t n = count_permitted(sample, tracks, sets, item, set);
    double worth = plan_set_worth(of) * (double)n / (double)of->n_pcpus;

    if (sets->level == TOPOLOGY_LEVEL_CORE)
        return n > 0;
    return n >= item->n_running &&
           item->demand_permille <= (item->is_settled ? FILL_OF_SETTLED : FILL) * 1000 * worth;
}

static bool fits_any(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     const struct vcpu_sets *sets, const struct set_item *item, size_t from,
                     size_t to)
{
    for (size_t s = from; s < to; s++)
        if (set_item_fits(sample, tracks, sets, item, s))
            return true;
    return false;
}

static int holding_all(const struct vcpu_sample *sample, const struct vcpu_sets *sets,
                       const struct set_item *item)
{
    struct cpuset all = {{0}};

    for (size_t i = item->first; i < item->first + item->n; i++)
        if (sample->vcpus[i].running)
            cpuset_or(&all, &sample->vcpus[i].affinity);
    return vcpu_sets_holding(sets, &all);
}

static enum vcpu_role role_of(const struct vcpu_tracks *tracks, const struct set_item *item)
{
    bool is_known = false, is_refusing = false;
    double activity = 0, demand = item->demand_permille / 1000.0;

    for (size_t i = item->first; i < item->first + item->n; i++) {
        is_known = is_known || tracks->track[i].known;
        is_refusing = is_refusing || vcpu_track_is_refusing(tracks, i);
        activity += tracks->track[i].activity;
    }
    if (item->current < 0)
        return is_known && !is_refusing && fmax(demand, activity) >= VCPU_IDLE ? VCPU_PLACED
                                                                               : VCPU_LEFT;
    return is_known && !is_refusing && fmax(demand, activity) >= VCPU_NEARLY_IDLE ? VCPU_MOVES
                                                                                  : VCPU_STAYS;
}

/* Whether its definition forbids all of a set. */
static bool is_forbidden(const struct vcpu_sample *sample, const struct vcpu_sets *sets,
                         const struct set_item *item, size_t set)
{
    struct cpuset may = sample->vcpus[first_running(sample, item)].allowed;

    cpuset_and(&may, &sets->set[set].pcpus);
    return cpuset_count(&may) == 0;
}

/* Whether it has outgrown a set not long ago. On a node it wants less, because fewer share its cores, so
 * that it would seem to fit again at once. */
static bool was_too_large(const struct vcpu_tracks *tracks, const struct guest_id *guest)
{
    const struct vcpu_guest_track *track = guest_track_find(&tracks->guests, guest);

    return track && backoff_is_waiting(&track->wide, tracks->at_ns);
}

/* Fills in where it is and what may be done with it. */
static void judge(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                  const struct vcpu_sets *sets, struct set_item *item)
{
    int at = holding_all(sample, sets, item);
    bool is_permitted = at >= 0 && count_permitted(sample, tracks, sets, item, (size_t)at) > 0;

    if (at >= 0 && !is_permitted && is_forbidden(sample, sets, item, (size_t)at))
        at = -1; /* by its definition: as if it floated */
    item->is_settled = at >= 0 && (size_t)at < sets->n;
    item->is_wide =
        !fits_any(sample, tracks, sets, item, 0, sets->n) ||
        (at >= (int)sets->n && was_too_large(tracks, &sample->vcpus[item->first].guest));
    item->current = item->is_wide == (at >= (int)sets->n) ? at : -1;
    item->role = role_of(tracks, item);
    if (item->current >= 0 && !is_permitted)
        item->role = VCPU_STAYS; /* somebody's mask, or pins that were refused: not for now */
    item->is_large = item->is_wide && !fits_any(sample, tracks, sets, item, sets->n, sets->n_all);
    if (item->is_large)
        item->role = VCPU_LEFT;
}

/* Whether it is larger than a node. */
static bool add(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                const struct vcpu_sets *sets, const struct set_wants *wants, size_t first, size_t n,
                int helpers_permille, enum vcpu_role *roles, struct set_items *items)
{
    struct set_item item = {.first = first,
                            .n = n,
                            .demand_permille = helpers_permille,
                            .wanted_permille = helpers_permille,
                            .helpers_permille = helpers_permille};

    for (size_t i = first; i < first + n; i++) {
        if (!sample->vcpus[i].running)
            continue;
        item.n_running++;
        item.wanted_permille += wants->demand_permille[i];
        item.demand_permille += wants->charge_permille[i];
    }
    if (item.n_running == 0)
        return false;
    judge(sample, tracks, sets, &item);
    if (item.is_wide && !wants->places_wide)
        item.role = VCPU_LEFT;
    for (size_t i = first; i < first + n; i++)
        if (sample->vcpus[i].running)
            roles[i] = item.role;
    if (vcpu_role_is_in_problem(item.role))
        items->item[items->n++] = item;
    return item.is_large;
}

/* vCPUs of a guest that are placed one by one. Whether any is larger than a node. */
static bool add_each(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     const struct vcpu_sets *sets, const struct set_wants *wants, size_t first,
                     size_t n, enum vcpu_role *roles, struct set_items *items)
{
    bool is_large = false;

    for (size_t i = first; i < first + n; i++) {
        roles[i] = VCPU_ABSENT;
        if (sample->vcpus[i].running && is_barred(sample, tracks, i))
            roles[i] = VCPU_BARRED;
        else
            is_large |= add(sample, tracks, sets, wants, i, 1, 0, roles, items);
    }
    return is_large;
}

static int helpers_permille(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                            const struct guest_id *guest)
{
    const struct vcpu_guest_track *track = guest_track_find(&tracks->guests, guest);

    return track && track->helpers > 0 && helpers_are_free(sample, guest)
               ? (int)lround(1000 * track->helpers)
               : 0;
}

int set_items_new(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                  const struct vcpu_sets *sets, const struct set_wants *wants,
                  enum vcpu_role *roles, struct set_items *ret)
{
    struct set_items items = {.item = calloc(sample->n_vcpus + 1, sizeof(*items.item))};
    size_t n;

    if (!items.item)
        return -ENOMEM;
    for (size_t i = 0; i < sample->n_vcpus; i += n) {
        bool is_large;

        n = vcpu_sample_guest_size(sample, i);
        if (sets->level > TOPOLOGY_LEVEL_CORE && is_one(sample, tracks, i, n))
            is_large =
                add(sample, tracks, sets, wants, i, n,
                    helpers_permille(sample, tracks, &sample->vcpus[i].guest), roles, &items);
        else
            is_large = add_each(sample, tracks, sets, wants, i, n, roles, &items);
        if (is_large && items.n_large++ == 0)
            items.large = i;
    }
    *ret = items;
    return 0;
}
