/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/grain.h"

#include <math.h>
#include <stdio.h>

#include "planner/vcpu/gate_memory.h"

/* Half lets a load at the limit change masks every minute, double leaves guests for that much longer
 * where they wait. */
static const double FINER_S = 60, FAILED_S = 20;
/* Measured waiting is a mean over a minute, and contradicts the formula when for a minute it is so many
 * times what was expected. */
static const double MINUTE_S = 60, BEYOND = 2;
/* How long a level that was contradicted is left alone at first. */
static const double LEFT_S = 600;

bool grain_passes(const struct vcpu_settings *settings, const struct vcpu_plan *plan)
{
    const struct vcpu_waiting *waiting = &plan->waiting;

    if (!settings->gate_waiting)
        return true;
    return waiting->after - waiting->floating <= settings->waiting_pct / 100 && /* NAN: false */
           (!settings->gate_memory || gate_memory_passes(plan));
}

static bool is_left(const struct vcpu_grain *grain, enum topology_level level, uint64_t now_ns)
{
    return level < TOPOLOGY_LEVEL_HOST &&
           (grain->is_one[level] || backoff_is_waiting(&grain->left[level], now_ns));
}

enum topology_level grain_from(const struct vcpu_grain *grain, enum topology_level finest,
                               uint64_t now_ns)
{
    return is_left(grain, finest, now_ns) ? grain_coarser(grain, finest, now_ns) : finest;
}

enum topology_level grain_coarser(const struct vcpu_grain *grain, enum topology_level level,
                                  uint64_t now_ns)
{
    if (level < TOPOLOGY_LEVEL_HOST)
        level++;
    while (is_left(grain, level, now_ns))
        level++;
    return level;
}

void grain_left_text(const struct vcpu_grain *grain, uint64_t now_ns, char *ret, size_t size)
{
    size_t n = 0;

    ret[0] = '\0';
    for (int level = 0; level < TOPOLOGY_LEVEL_HOST; level++)
        if (backoff_is_waiting(&grain->left[level], now_ns) && n < size)
            n += (size_t)snprintf(ret + n, size - n, "%s%s", n > 0 ? ", " : "",
                                  topology_level_text((enum topology_level)level));
}

bool grain_see_finer(struct vcpu_grain *grain, bool passes, double elapsed_s)
{
    grain->finer_s = passes ? grain->finer_s + elapsed_s : 0;
    return grain->finer_s >= FINER_S;
}

bool grain_see(struct vcpu_grain *grain, bool passes, double elapsed_s)
{
    grain->failed_s = passes ? 0 : grain->failed_s + elapsed_s;
    return passes || (grain->is_chosen && grain->failed_s < FAILED_S);
}

void grain_take(struct vcpu_grain *grain, enum topology_level level)
{
    if (grain->is_chosen && grain->level == level)
        return;
    grain->is_chosen = true;
    grain->level = level;
    grain->finer_s = grain->failed_s = grain->beyond_s = 0;
}

void grain_measure(const struct vcpu_settings *settings, const struct vcpu_tracks *tracks,
                   const struct vcpu_plan *plan, struct vcpu_grain *grain)
{
    double keep = exp(-tracks->elapsed_s / MINUTE_S), measured, most = settings->waiting_pct / 100;

    grain->ran_s = keep * grain->ran_s + tracks->ran * tracks->elapsed_s;
    grain->waited_s = keep * grain->waited_s + tracks->waited * tracks->elapsed_s;
    measured = grain->ran_s > 0 ? grain->waited_s / grain->ran_s : 0;
    if (!settings->gate_waiting || !grain->is_chosen || grain->level == TOPOLOGY_LEVEL_HOST ||
        isnan(plan->waiting.in_line) || measured <= fmax(most, BEYOND * plan->waiting.in_line)) {
        grain->beyond_s = 0;
        return;
    }
    grain->beyond_s += tracks->elapsed_s;
    if (grain->beyond_s < MINUTE_S)
        return;
    backoff_fail(&grain->left[grain->level], tracks->at_ns, LEFT_S);
    grain_take(grain, grain_coarser(grain, grain->level, tracks->at_ns));
    grain->ran_s = grain->waited_s = 0;
}
