/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/demand.h"

#include <math.h>

#include "models/base/whole.h"
#include "planner/base/units.h"

/* Idle guests measured in a lab wander by a few MiB; a program that grows adds at least 13 MiB/s.
 * Guests that wander more are told from growing ones by going down as well as up. */
static const int64_t NOISE_KIB = 6 * KIB_PER_MIB;
/* A fall by so much is a program that ended or freed, not noise. */
static const int64_t LARGE_FALL_KIB = 64 * KIB_PER_MIB;
/* Growth comes in bursts: its rate is remembered longer than one report. */
static const double GROWTH_HALF_LIFE_S = 4;
static const double CLIMB_HALF_LIFE_S = 60;
static const double WANDER_HALF_LIFE_S = 300;
/* What a guest has grown by in so many intervals, to twice that, it may grow by again. */
static const double JUMP_INTERVALS = 5;
static const double JUMP_HALF_LIFE_S = 7200;
/* A release is regretted when the memory is needed again within this. */
static const double REGRET_WITHIN_S = 60;

static double decay(double elapsed_s, double half_life_s)
{
    return half_life_s > 0 ? exp2(-elapsed_s / half_life_s) : 0;
}

/* Only what went down, came back and went down again will come back: memory freed once, like the
 * last of a program that ends, is not coming back and need not be kept. */
static void note_swing(int64_t down_kib, double elapsed_s, const struct memory_belief *was,
                       struct memory_demand *demand)
{
    double left = decay(elapsed_s, WANDER_HALF_LIFE_S);
    int64_t back = was->used_kib - demand->dipped_kib;
    int64_t swing = min64(demand->dip_kib, min64(back, down_kib));

    demand->swing_kib = (int64_t)((double)demand->swing_kib * left);
    demand->dip_kib = (int64_t)((double)demand->dip_kib * left);
    if (down_kib >= LARGE_FALL_KIB) {
        demand->dip_kib = 0;
    } else if (down_kib > NOISE_KIB) {
        if (swing > demand->swing_kib)
            demand->swing_kib = swing;
        if (down_kib > demand->dip_kib)
            demand->dip_kib = down_kib;
        demand->dipped_kib = was->used_kib - down_kib;
    }
}

/* By how much it usually rises from one report to the next. What is more than noise is growth,
 * which has a rate of its own. */
static void note_climb(const struct memory_belief *was, const struct memory_belief *belief,
                       double elapsed_s, struct memory_demand *demand)
{
    int64_t up = belief->used_kib - was->used_kib;
    double kept = (double)demand->climb_kib * decay(elapsed_s, CLIMB_HALF_LIFE_S);

    demand->climb_kib = up <= NOISE_KIB && (double)up > kept ? up : (int64_t)kept;
}

static void note_wander(const struct memory_belief *was, const struct memory_belief *belief,
                        double elapsed_s, struct memory_demand *demand)
{
    int64_t down = was->used_kib - belief->used_kib;
    double kept = (double)demand->wander_kib * decay(elapsed_s, WANDER_HALF_LIFE_S);

    note_swing(down, elapsed_s, was, demand);
    demand->wander_kib = down < LARGE_FALL_KIB && (double)down > kept ? down : (int64_t)kept;
}

/* Growth since the least of this window and the one before, which is one to two windows ago. */
static void note_jump(const struct memory_settings *settings, uint64_t at_ns, int64_t used_kib,
                      double elapsed_s, struct memory_demand *demand)
{
    int64_t kept = (int64_t)((double)demand->jump_kib * decay(elapsed_s, JUMP_HALF_LIFE_S));

    if (seconds_from_ns(at_ns - demand->window_ns) >= JUMP_INTERVALS * settings->interval_s) {
        demand->window_ns = at_ns;
        demand->low_kib[0] = demand->low_kib[1];
        demand->low_kib[1] = used_kib;
    }
    demand->low_kib[1] = min64(demand->low_kib[1], used_kib);
    demand->jump_kib = max64(kept, used_kib - min64(demand->low_kib[0], demand->low_kib[1]));
}

/* Rises at once, falls by half in each half-life. */
static void smooth(const struct memory_settings *settings, const struct memory_belief *belief,
                   double elapsed_s, struct memory_demand *demand)
{
    int64_t rise = belief->used_kib - demand->demand_kib;
    double rate = elapsed_s > 0 && rise > NOISE_KIB ? (double)rise / elapsed_s : 0;
    double remembered = demand->growth_kib_per_s * decay(elapsed_s, GROWTH_HALF_LIFE_S);

    if (demand->phase != PHASE_RISING)
        rate *= 2; /* it began somewhere within the time that the report covers */
    demand->surge_kib = (demand->phase == PHASE_RISING ? demand->surge_kib : 0) + max64(rise, 0);
    demand->growth_kib_per_s = fmax(rate, remembered);
    demand->rise_kib = rise;
    demand->rises = rise > NOISE_KIB ? demand->rises + 1 : 0;
    demand->demand_kib = belief->used_kib;
    if (rise < 0)
        demand->demand_kib -=
            (int64_t)((double)rise * decay(elapsed_s, settings->fall_half_life_s));
}

/* What was read back from swap wants to stay; 0 on the first report and after a restart. */
static void note_swap(const struct memory_reading *reading, bool has_past,
                      struct memory_demand *demand)
{
    uint64_t most = reading->actual_kib; /* more cannot have come to stay */
    uint64_t read = 0;

    if ((reading->has & MEMORY_HAS_SWAP) && has_past && reading->swap_in_kib > demand->swap_in_kib)
        read = reading->swap_in_kib - demand->swap_in_kib;
    demand->swapped_kib = (int64_t)(read < most ? read : most);
    demand->swap_in_kib = reading->has & MEMORY_HAS_SWAP ? reading->swap_in_kib : 0;
}

/* Faults that have to read from disk while little is unused: the guest drops what it needs. */
static bool is_thrashing(const struct memory_settings *settings,
                         const struct memory_reading *reading, const struct memory_belief *belief,
                         bool has_past, struct memory_demand *demand)
{
    const uint64_t many = 100; /* a page each: more than a program start reads in an interval */
    bool has = reading->has & MEMORY_HAS_FAULTS;
    bool is_many = has && has_past && reading->major_faults > demand->major_faults + many;

    demand->major_faults = has ? reading->major_faults : 0;
    return is_many && belief->unused_kib < (int64_t)settings->guest_unused_kib;
}

static void note_fall(const struct memory_belief *was, const struct memory_belief *belief,
                      uint64_t at_ns, int64_t demand_before, struct memory_demand *demand)
{
    bool falls = demand_before - belief->used_kib >= LARGE_FALL_KIB + demand->wander_kib &&
                 was->used_kib - belief->used_kib >= LARGE_FALL_KIB / 2;

    if (falls && demand->fell_at_ns == 0) {
        demand->fell_at_ns = at_ns;
        demand->peak_kib = demand_before;
        demand->trough_kib = belief->used_kib;
    }
    if (demand->fell_at_ns && belief->used_kib < demand->trough_kib)
        demand->trough_kib = belief->used_kib;
}

/* Used again, soon, what was freed: the next time a fall has to last longer before it counts. */
static void note_regret(const struct memory_settings *settings, const struct memory_belief *belief,
                        uint64_t at_ns, struct memory_demand *demand)
{
    double window_s = fmax(REGRET_WITHIN_S, 2 * demand->patience_s);
    int64_t regained = belief->used_kib - demand->trough_kib;

    if (demand->patience_s > 0 && seconds_from_ns(at_ns - demand->regret_at_ns) > 4 * window_s)
        demand->patience_s = 0;
    if (demand->fell_at_ns == 0)
        return;
    if (seconds_from_ns(at_ns - demand->fell_at_ns) > window_s) {
        demand->fell_at_ns = 0;
    } else if (regained >= (demand->peak_kib - demand->trough_kib) * 3 / 4) {
        demand->fell_at_ns = 0;
        demand->regret_at_ns = at_ns;
        demand->patience_s =
            fmin(settings->max_patience_s, fmax(settings->quiet_s, 2 * demand->patience_s));
    }
}

int64_t memory_demand_unrest_kib(const struct memory_demand *demand)
{
    return demand->swing_kib > NOISE_KIB ? demand->swing_kib - NOISE_KIB : 0;
}

static bool has_quiet_passed(const struct memory_settings *settings, uint64_t at_ns,
                             const struct memory_demand *demand)
{
    double quiet_s = fmax(settings->quiet_s, 2 * settings->interval_s) + demand->patience_s;

    if (settings->quiet_s <= 0)
        return true;
    return seconds_from_ns(at_ns - demand->quiet_since_ns) >= quiet_s;
}

static bool has_fallen(uint64_t at_ns, const struct memory_belief *belief,
                       const struct memory_demand *demand)
{
    return demand->fell_at_ns && belief->used_kib <= demand->trough_kib + NOISE_KIB &&
           seconds_from_ns(at_ns - demand->fell_at_ns) >= demand->patience_s;
}

/* One direction per phase: memory is released only after growth has stopped for a while, or at once
 * when a large part was freed; a release ends when the guest is at rest or grows again. */
static void next_phase(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                       const struct memory_belief *belief, bool grows, struct memory_demand *demand)
{
    int64_t rest = demand->demand_kib + (int64_t)settings->guest_unused_kib;
    int64_t idle = (int64_t)settings->guest_idle_kib + memory_demand_unrest_kib(demand);
    bool is_idle = actual_kib > rest + idle;
    bool is_at_rest =
        actual_kib - belief->used_kib - (int64_t)settings->guest_unused_kib <= idle * 3 / 4;

    if (grows)
        demand->phase = PHASE_RISING;
    else if (has_fallen(at_ns, belief, demand) && is_idle)
        demand->phase = PHASE_FALLING;
    else if (demand->phase == PHASE_FALLING && is_at_rest)
        demand->phase = PHASE_RESTING;
    else if (demand->phase != PHASE_FALLING && has_quiet_passed(settings, at_ns, demand))
        demand->phase = is_idle ? PHASE_FALLING : PHASE_RESTING;
}

static void start(uint64_t at_ns, const struct memory_belief *belief, struct memory_demand *demand)
{
    *demand = (struct memory_demand){.demand_kib = belief->used_kib,
                                     .low_kib = {belief->used_kib, belief->used_kib},
                                     .window_ns = at_ns,
                                     .quiet_since_ns = at_ns,
                                     .phase = PHASE_RESTING};
}

/* More than noise at once, or again and again. */
static bool is_rise(const struct memory_demand *demand)
{
    return demand->rises >= 2 || (demand->rises == 1 && demand->rise_kib > demand->wander_kib);
}

static bool note_growth(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, const struct memory_belief *was,
                        const struct memory_belief *belief, struct memory_demand *demand)
{
    bool thrashes = is_thrashing(settings, reading, belief, true, demand);
    double elapsed_s = belief->stats_at_ns > was->stats_at_ns
                           ? seconds_from_ns(belief->stats_at_ns - was->stats_at_ns)
                           : 0;

    note_swap(reading, true, demand);
    note_climb(was, belief, elapsed_s, demand);
    note_jump(settings, at_ns, belief->used_kib, elapsed_s, demand);
    note_wander(was, belief, elapsed_s, demand);
    smooth(settings, belief, elapsed_s, demand);
    if (!thrashes && !is_rise(demand) && demand->swapped_kib <= NOISE_KIB)
        return false;
    demand->quiet_since_ns = at_ns;
    return true;
}

void memory_demand_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, const struct memory_belief *was,
                        const struct memory_belief *belief, bool is_disturbed,
                        const struct memory_demand *old, struct memory_demand *ret)
{
    struct memory_demand demand = *old;

    if (is_disturbed)
        demand.quiet_since_ns = at_ns;
    if (belief->fresh && !was->known) {
        start(at_ns, belief, &demand);
        note_swap(reading, false, &demand);
        is_thrashing(settings, reading, belief, false, &demand);
    } else if (belief->fresh) {
        bool grows = note_growth(settings, at_ns, reading, was, belief, &demand);

        note_fall(was, belief, at_ns, old->demand_kib, &demand);
        note_regret(settings, belief, at_ns, &demand);
        next_phase(settings, at_ns, (int64_t)reading->actual_kib, belief, grows, &demand);
    }
    *ret = demand;
}
