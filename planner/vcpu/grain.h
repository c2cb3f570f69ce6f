/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_GRAIN_H
#define EVENKEEL_PLANNER_VCPU_GRAIN_H

#include <stdbool.h>

#include "planner/base/backoff.h"
#include "planner/base/plan.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/track.h"

/* `--level auto` where the host's shape has levels above pcpu: on what guests are pinned. Narrow sets
 * keep a guest's memory traffic in one cache, and let its vCPUs wait where another set has room. The
 * finest level is taken whose plan lets vCPUs wait no longer than
 *
 *     floating + waiting_pct                                        per unit of running (waiting.h)
 *
 * where floating is what the formula expects if everybody could run everywhere: no kernel does better; and
 * where guests' memory is known, no more is lost to waiting and to far memory together (gate_memory.h).
 * Where no level passes, guests float. A level is left for a coarser one when it has failed for a
 * while, and for a finer one when that has passed for longer, so that a load at the limit does not
 * change masks back and forth. Where vCPUs are seen to wait much longer than the formula expects, the
 * level is left whatever the formula says, for ten minutes, then for twice as long, and so on. */
struct vcpu_grain {
    bool is_chosen;
    enum topology_level level;            /* in force; TOPOLOGY_LEVEL_HOST: guests float */
    double finer_s;                       /* for how long a finer one has passed */
    double failed_s;                      /* for how long this one has not */
    double ran_s, waited_s;               /* measured, over the last minute */
    double beyond_s;                      /* for how long that has been much more than expected */
    struct backoff left[TOPOLOGY_LEVELS]; /* levels that are left alone */
    bool is_one[TOPOLOGY_LEVELS];         /* now: there is nothing to choose from */
};

/* Whether a complete plan at a level above pcpu may be carried out. */
bool grain_passes(const struct vcpu_settings *settings, const struct vcpu_plan *plan);

/* The finest level that may be looked at now, from `finest` on. */
enum topology_level grain_from(const struct vcpu_grain *grain, enum topology_level finest,
                               uint64_t now_ns);
/* The next coarser one that is not left alone. */
enum topology_level grain_coarser(const struct vcpu_grain *grain, enum topology_level level,
                                  uint64_t now_ns);

/* The levels that were contradicted, as "llc, node". */
void grain_left_text(const struct vcpu_grain *grain, uint64_t now_ns, char *ret, size_t size);

/* What a look at a finer level than the one in force says: whether to take it now. */
bool grain_see_finer(struct vcpu_grain *grain, bool passes, double elapsed_s);
/* The same of the level in force: whether to stay at it. While it stays and fails, nothing may
 * change. */
bool grain_see(struct vcpu_grain *grain, bool passes, double elapsed_s);
/* Takes a level. */
void grain_take(struct vcpu_grain *grain, enum topology_level level);
/* Compares what vCPUs waited with what was expected where they are. */
void grain_measure(const struct vcpu_settings *settings, const struct vcpu_tracks *tracks,
                   const struct vcpu_plan *plan, struct vcpu_grain *grain);

#endif
