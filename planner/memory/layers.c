/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/layers.h"

#include "models/base/whole.h"
#include "planner/base/units.h"

/* Growth that has been seen is covered until the next grant has arrived: the interval, the age of
 * the report, this for the balloon, and an interval more for a burst. */
static const double ARRIVAL_S = 1;
/* Headroom for growth is not more than this (two intervals at 37 MiB/s) or an eighth of what the
 * guest uses, so that one that stops has not been fed for nothing; unless it has grown by more than
 * that in one interval. */
static const int64_t HEADROOM_KIB = 148 * KIB_PER_MIB;
/* A guest this short of memory cannot show how fast it would grow. */
static const int64_t STARVED_HEADROOM_KIB = 64 * KIB_PER_MIB;
static const int64_t MAX_FROM_SWAP_KIB = 256 * KIB_PER_MIB;
/* Demand is near the top of what it wandered through already. */
static const int64_t MAX_WANDER_KIB = 6 * KIB_PER_MIB;

static int64_t share_of(double pct, int64_t kib)
{
    return (int64_t)(pct / 100 * (double)kib);
}

static int64_t page_up(int64_t kib)
{
    return (kib + PAGE_KIB - 1) / PAGE_KIB * PAGE_KIB;
}

int64_t memory_layers_ceiling_kib(const struct memory_reading *reading,
                                  const struct memory_track *track)
{
    const struct memory_refusal *up = &track->response.up;
    int64_t ceiling = (int64_t)(reading->maximum_kib ? reading->maximum_kib : reading->actual_kib);

    if (reading->policy.has_ceiling)
        ceiling = min64(ceiling, (int64_t)reading->policy.ceiling_kib);
    if (reading->limit_kib)
        ceiling =
            min64(ceiling, max64((int64_t)reading->limit_kib - track->overhead_kib, PAGE_KIB));
    if (up->until_ns)
        ceiling = min64(ceiling, max64(up->at_kib, track->actual_kib));
    return ceiling / PAGE_KIB * PAGE_KIB;
}

static int64_t headroom(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_track *track)
{
    const struct memory_demand *demand = &track->demand;
    double age_s = seconds_from_ns(at_ns - track->belief.stats_at_ns);
    double horizon_s = 2 * settings->interval_s + age_s + ARRIVAL_S;
    int64_t fair = max64(HEADROOM_KIB, demand->demand_kib / 8);
    int64_t most = max64(fair, demand->rise_kib * 5 / 4);
    int64_t room = 0;

    if (demand->phase == PHASE_RISING)
        room = min64((int64_t)(demand->growth_kib_per_s * horizon_s), most);
    /* So little in all may be over already, and what is given now is taken back then. */
    if (demand->surge_kib <= (int64_t)settings->dip_kib)
        room = min64(room, demand->surge_kib);
    if (demand->phase == PHASE_RISING &&
        track->belief.unused_kib < (int64_t)settings->guest_unused_kib / 2)
        room = max64(room, STARVED_HEADROOM_KIB);
    room += min64(2 * demand->swapped_kib, MAX_FROM_SWAP_KIB);
    return share_of(settings->headroom_pct, room);
}

/* The floor is not the aim: a guest that is aimed at its floor is under it with every other report.
 * It is a wish: where floors are broken, it is no guest's due. */
static int64_t margin(const struct memory_settings *settings, const struct memory_demand *demand)
{
    int64_t climbs = (int64_t)(settings->margin_climbs * (double)demand->climb_kib);

    return max64(min64(climbs, (int64_t)settings->guest_idle_kib * 2 / 5),
                 min64(demand->wander_kib, MAX_WANDER_KIB));
}

/* Sizes before they are cut to what the guest may have. */
static void want(const struct memory_settings *settings, uint64_t at_ns,
                 const struct memory_reading *reading, const struct memory_track *track,
                 struct memory_item *item)
{
    int64_t unused = (int64_t)settings->guest_unused_kib;
    int64_t base = track->demand.demand_kib + unused;
    int64_t aim = base + margin(settings, &track->demand);
    int64_t idle = clamp64(aim - base + (int64_t)settings->deadband_kib,
                           (int64_t)settings->guest_idle_kib * 3 / 5,
                           (int64_t)settings->guest_idle_kib * 4 / 5);
    int64_t rest = base + idle + memory_demand_unrest_kib(&track->demand);

    /* Believed need rather than the last report's: a guest squeezed to the report would be under
     * its floor with the next wave. */
    double given_up = 1 - settings->guest_cache_pct / 100;
    int64_t cache =
        (int64_t)(given_up * (double)(track->belief.used_kib - track->belief.active_kib));
    int64_t need = base;

    /* A repair has to be worth a call, or it never comes; and not the same one again at once. */
    if (item->current_kib < need - cache)
        need += (int64_t)settings->deadband_kib * 4 / 3;
    item->floor_kib = max64(track->beside_kib + (int64_t)settings->guest_least_kib, need - cache);
    if (reading->policy.has_floor)
        item->floor_kib = max64(item->floor_kib, (int64_t)reading->policy.floor_kib);
    item->cached_kib = max64(item->floor_kib, need);
    item->wish_kib = max64(item->cached_kib, min64(item->current_kib, aim));
    item->rest_kib = max64(item->wish_kib, item->current_kib);
    if (track->demand.phase == PHASE_RISING) {
        item->wish_kib = max64(item->cached_kib, base + headroom(settings, at_ns, track));
        item->rest_kib = max64(item->wish_kib, item->current_kib);
    } else if (item->current_kib < aim) {
        item->wish_kib = item->rest_kib = max64(item->cached_kib, rest);
    } else if (track->demand.phase == PHASE_FALLING) {
        item->rest_kib = max64(item->wish_kib, min64(item->current_kib, rest));
    }
}

/* A guest that keeps what its balloon takes gets back what it had, and gives nothing. */
static void give_back(const struct memory_yield *yield, struct memory_item *item)
{
    item->wish_kib = max64(item->wish_kib, yield->wanted_kib);
    item->rest_kib = max64(item->rest_kib, item->wish_kib);
}

static void cut(int64_t ceiling, int64_t deadband, struct memory_item *item)
{
    item->floor_kib = min64(page_up(item->floor_kib), ceiling);
    item->cached_kib = min64(page_up(item->cached_kib), ceiling);
    item->wish_kib = min64(page_up(item->wish_kib), ceiling);
    item->rest_kib = min64(page_up(item->rest_kib), ceiling);
    if (item->wish_kib >
        ceiling - deadband) /* the rest would be too little for a call of its own */
        item->wish_kib = item->rest_kib = ceiling;
}

/* Too little seen, or something odd: enough to give by, not enough to take by. */
static bool is_unsure(const struct memory_settings *settings, const struct memory_track *track)
{
    return track->belief.good < settings->min_readings || track->belief.bad_since_ns != 0;
}

/* Down to where this interval may take the guest: never through a floor that holds, never further
 * from a floor that does not, never faster than the release limit, never below a refusal. */
static int64_t lower_of(const struct memory_settings *settings,
                        const struct memory_reading *reading, const struct memory_track *track,
                        const struct memory_item *item)
{
    int64_t step = (int64_t)memory_settings_release_limit_kib(settings, reading->actual_kib);
    int64_t floor = share_of(settings->floor_pct, item->floor_kib + track->belief.unsure_kib);
    int64_t lower = page_up(track->actual_kib - step);

    if (!reading->policy.has_pin && is_unsure(settings, track))
        return item->current_kib;
    lower = max64(lower, min64(floor, item->current_kib));
    if (track->response.down.until_ns)
        lower = max64(lower, min64(track->response.down.at_kib, item->current_kib));
    return max64(0, min64(lower, item->current_kib));
}

static void stay(struct memory_item *item)
{
    item->lower_kib = item->floor_kib = item->cached_kib = item->wish_kib = item->rest_kib =
        item->current_kib;
}

/* What a growing guest has beside its need it will use within the interval: taking it for another
 * one only moves the shortage, and back the next time. Only the host's reserve comes first. */
static bool is_keeping_direction(const struct memory_settings *settings,
                                 const struct memory_policy *policy,
                                 const struct memory_track *track)
{
    return track->demand.phase == PHASE_RISING && !policy->has_pin && settings->quiet_s > 0;
}

static int weight_of(const struct memory_policy *policy)
{
    unsigned weight = policy->has_weight ? policy->weight : 100;

    return weight < 1 ? 1 : weight > 10000 ? 10000 : (int)weight;
}

void memory_layers(const struct memory_settings *settings, const struct memory_host *host,
                   uint64_t at_ns, const struct memory_reading *reading,
                   const struct memory_track *track, struct memory_item *ret)
{
    const struct memory_policy *policy = &reading->policy;
    struct memory_item item = {.current_kib = memory_track_current_kib(track),
                               .weight = weight_of(policy)};
    bool is_keeping = memory_yield_is_keeping(&track->yield, at_ns);

    if (!memory_track_is_plannable(reading, track)) {
        stay(&item);
    } else {
        want(settings, at_ns, reading, track, &item);
        if (is_keeping)
            give_back(&track->yield, &item);
        if (policy->has_pin)
            item.floor_kib = item.cached_kib = item.wish_kib = item.rest_kib =
                (int64_t)policy->pin_kib;
        cut(memory_layers_ceiling_kib(reading, track), (int64_t)settings->deadband_kib, &item);
        item.lower_kib = lower_of(settings, reading, track, &item);
        if (is_keeping || (host->spare_kib >= 0 && is_keeping_direction(settings, policy, track)))
            item.lower_kib = item.current_kib;
    }
    *ret = item;
}
