/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/belief.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "models/base/whole.h"
#include "planner/base/units.h"

/* Linux leaves a few percent of a guest's memory out of MemTotal (kernel image, page structs); a
 * quarter cannot be that. */
static const int64_t KERNEL_SHARE = 4;
/* And for memory plugged in later it is the page structs, 1/64; twice that to be safe. */
static const int64_t PAGE_STRUCTS = 32;
static const int64_t UNSEEN = -2; /* as kernel_seen_kib */
/* A change of the size that a guest's free memory has to show. */
static const int64_t VISIBLE_KIB = 4 * KIB_PER_MIB;
/* Report times are whole seconds on the host's clock: this far ahead is rounding. */
static const uint64_t CLOCK_SLACK_NS = 2000000000;

/* An age is unsigned; one just below 2^64 is a report from a moment ahead of the sample. */
static uint64_t report_age_ns(const struct memory_settings *settings,
                              const struct memory_reading *reading)
{
    if (!(reading->has & MEMORY_HAS_AGE) || settings->use_old_reports)
        return 0;
    return reading->stats_age_ns >= -CLOCK_SLACK_NS ? 0 : reading->stats_age_ns;
}

/* Changes whenever any of the numbers does, but for freak chances. */
static uint64_t sum_of(const struct memory_reading *reading)
{
    const uint64_t numbers[] = {reading->unused_kib,  reading->available_kib, reading->usable_kib,
                                reading->caches_kib,  reading->swap_in_kib,   reading->swap_out_kib,
                                reading->major_faults};
    uint64_t sum = reading->has;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sum = (sum ^ numbers[i]) * UINT64_C(1099511628211); /* FNV-1a */
    return sum;
}

static bool is_stale(const struct memory_settings *settings, const struct memory_reading *reading,
                     char *why, size_t size)
{
    double limit_s = fmax(settings->stats_age_s, 3 * settings->interval_s);
    uint64_t age_ns = report_age_ns(settings, reading);

    if (age_ns <= ns_from_seconds(limit_s))
        return false;
    if (age_ns > UINT64_MAX / 2)
        snprintf(why, size, "its statistics come from the future");
    else
        snprintf(why, size, "its statistics are %.0f s old", seconds_from_ns(age_ns));
    return true;
}

/* True with a clause for people when the numbers cannot be true. */
static bool is_absurd(const struct memory_reading *reading, char *why, size_t size)
{
    uint64_t most =
        reading->maximum_kib > reading->actual_kib ? reading->maximum_kib : reading->actual_kib;

    if (!(reading->has & MEMORY_HAS_UNUSED))
        snprintf(why, size, "it reports no statistics");
    else if (reading->unused_kib == 0)
        snprintf(why, size, "it reports no unused memory at all");
    else if (reading->unused_kib > reading->actual_kib)
        snprintf(why, size, "it reports more unused memory than it holds");
    else if ((reading->has & MEMORY_HAS_AVAILABLE) && reading->available_kib > most)
        snprintf(why, size, "it reports a larger total than it can have");
    else
        return false;
    return true;
}

/* The reported numbers belong to one instant, actual to another one. Where the guest's kernel tells
 * its total (which follows the balloon), both sides come from the same instant. */
static bool total_is_usable(const struct memory_reading *reading)
{
    return (reading->has & MEMORY_HAS_AVAILABLE) && reading->available_kib >= reading->unused_kib &&
           reading->available_kib > 0;
}

/* At first sight nobody knows whether the balloon is on its way, and a report from before has too
 * small a part then: it serves until the guest is seen at rest. */
static void learn_kernel_part(const struct memory_reading *reading, bool is_settled, bool is_first,
                              struct memory_belief *belief)
{
    int64_t actual = (int64_t)reading->actual_kib;
    int64_t part = actual - (int64_t)reading->available_kib;

    if (!is_settled || !total_is_usable(reading))
        return;
    if (reading->maximum_kib != belief->maximum_kib)
        belief->kernel_seen_kib = UNSEEN;
    belief->maximum_kib = reading->maximum_kib;
    if (part < 0 || part > actual / KERNEL_SHARE)
        part = -1; /* this guest's total does not follow its balloon */
    if (belief->kernel_seen_kib == UNSEEN || belief->kernel_seen_kib == part)
        belief->kernel_kib = part;
    belief->kernel_seen_kib = is_first ? UNSEEN : part;
}

/* Without the guest's own total, or as long as it is not known how that goes with its size: the size that the report goes with is the older one when the
 * report is older than half of the time since. */
static int64_t size_at_report(const struct memory_settings *settings,
                              const struct memory_reading *reading, int64_t last_actual_kib,
                              uint64_t elapsed_ns)
{
    bool is_old = report_age_ns(settings, reading) > elapsed_ns / 2;

    return is_old && last_actual_kib > 0 ? last_actual_kib : (int64_t)reading->actual_kib;
}

static void believe(const struct memory_settings *settings, const struct memory_reading *reading,
                    int64_t last_actual_kib, uint64_t elapsed_ns, struct memory_belief *belief)
{
    bool is_first = last_actual_kib == 0;
    bool is_settled = last_actual_kib == (int64_t)reading->actual_kib || is_first;
    int64_t unused = (int64_t)reading->unused_kib;
    int64_t moved = is_settled ? 0 : abs64((int64_t)reading->actual_kib - last_actual_kib);
    int64_t cache = 0;

    learn_kernel_part(reading, is_settled, is_first, belief);
    belief->unsure_kib = 0;
    if (!settings->use_pairing) {
        belief->used_kib = (int64_t)reading->actual_kib - unused;
    } else if (belief->kernel_kib >= 0 && total_is_usable(reading)) {
        belief->used_kib = (int64_t)reading->available_kib - unused + belief->kernel_kib;
        belief->unsure_kib =
            abs64((int64_t)reading->maximum_kib - (int64_t)belief->maximum_kib) / PAGE_STRUCTS;
        if (belief->kernel_seen_kib == UNSEEN)
            belief->unsure_kib += moved;
    } else {
        belief->used_kib = size_at_report(settings, reading, last_actual_kib, elapsed_ns) - unused;
        if (total_is_usable(reading) && reading->available_kib <= reading->actual_kib)
            belief->used_kib = max64(belief->used_kib, (int64_t)reading->available_kib - unused);
        belief->unsure_kib = moved;
    }
    if (belief->used_kib < 0)
        belief->used_kib = 0;
    if ((reading->has & MEMORY_HAS_USABLE) && reading->usable_kib > reading->unused_kib &&
        reading->usable_kib <= reading->actual_kib)
        cache = (int64_t)reading->usable_kib - unused;
    belief->active_kib = cache < belief->used_kib ? belief->used_kib - cache : 0;
    belief->unused_kib = unused;
    belief->report_sum = sum_of(reading);
    belief->known = true;
    belief->fresh = true;
}

static uint64_t report_at_ns(const struct memory_settings *settings,
                             const struct memory_reading *reading, uint64_t at_ns)
{
    uint64_t age_ns = report_age_ns(settings, reading);

    return at_ns > age_ns ? at_ns - age_ns : 0;
}

/* The same numbers again, at rest: the guest uses what it used. While its size moves they would
 * look as if its use had moved with it; that is for is_frozen(). */
static bool is_repeated(const struct memory_settings *settings,
                        const struct memory_reading *reading, uint64_t at_ns,
                        const struct memory_belief *old, const struct memory_belief *belief)
{
    bool is_later = report_at_ns(settings, reading, at_ns) > old->stats_at_ns + CLOCK_SLACK_NS / 4;

    return belief->moved_at_ns == 0 && (is_later || !(reading->has & MEMORY_HAS_AGE));
}

/* A later report with the same numbers and no move since the first: what was paired with a size on
 * its way then goes with the size at rest now. A report without a time may be the old one, and one
 * that was paired with its own total needs no other. */
static bool is_confirmed(const struct memory_reading *reading, const struct memory_belief *belief)
{
    return belief->fresh && (reading->has & MEMORY_HAS_AGE) &&
           (belief->kernel_kib < 0 || belief->kernel_seen_kib == UNSEEN);
}

/* The size moved visibly, and for some time nothing of what the guest reports has changed by a KiB:
 * these are not reports. */
static bool is_frozen(const struct memory_settings *settings, const struct memory_reading *reading,
                      uint64_t at_ns, const struct memory_belief *belief, char *why, size_t size)
{
    double limit_s = fmax(settings->stuck_s, 3 * settings->interval_s);

    if (belief->moved_at_ns == 0 || sum_of(reading) != belief->report_sum ||
        at_ns - belief->moved_at_ns < ns_from_seconds(limit_s))
        return false;
    snprintf(why, size, "its statistics have not changed by a KiB while its size did");
    return true;
}

static void disbelieve(const struct memory_settings *settings, uint64_t at_ns,
                       struct memory_belief *belief)
{
    belief->good = 0;
    if (belief->bad_since_ns == 0)
        belief->bad_since_ns = at_ns;
    if (!belief->known ||
        at_ns - belief->bad_since_ns >= ns_from_seconds(1.5 * settings->interval_s))
        belief->silent = true;
}

static void note_movement(const struct memory_reading *reading, int64_t last_actual_kib,
                          uint64_t at_ns, struct memory_belief *belief)
{
    int64_t moved = (int64_t)reading->actual_kib - last_actual_kib;

    if (sum_of(reading) != belief->report_sum)
        belief->moved_at_ns = 0;
    else if (belief->moved_at_ns == 0 && last_actual_kib > 0 &&
             (moved >= VISIBLE_KIB || moved <= -VISIBLE_KIB))
        belief->moved_at_ns = at_ns;
}

void memory_belief_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, int64_t last_actual_kib,
                        uint64_t last_at_ns, const struct memory_belief *old,
                        struct memory_belief *ret)
{
    struct memory_belief belief = *old;
    char *why = belief.why_not;
    size_t size = sizeof(belief.why_not);

    belief.fresh = false;
    why[0] = '\0';
    if (last_at_ns == 0)
        belief = (struct memory_belief){.kernel_kib = -1, .kernel_seen_kib = UNSEEN};
    note_movement(reading, last_actual_kib, at_ns, &belief);
    if (settings->use_disbelief &&
        (is_absurd(reading, why, size) || is_stale(settings, reading, why, size) ||
         is_frozen(settings, reading, at_ns, &belief, why, size))) {
        disbelieve(settings, at_ns, &belief);
        *ret = belief;
        return;
    }
    belief.good++;
    belief.bad_since_ns = 0;
    belief.silent = belief.silent && belief.good < 2;
    belief.fresh = is_repeated(settings, reading, at_ns, old, &belief);
    if (!old->known || sum_of(reading) != old->report_sum || is_confirmed(reading, &belief))
        believe(settings, reading, last_actual_kib, at_ns - last_at_ns, &belief);
    if (belief.fresh)
        belief.stats_at_ns = report_at_ns(settings, reading, at_ns);
    *ret = belief;
}
