/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/memory_judge.h"

#include <math.h>
#include <stdlib.h>

static const double MIB = 1024;
static const double RESERVE_MIB = 200;
static const double UNUSED_MIB = 100;
static const double IDLE_UNUSED_MIB = 130;
static const double MIN_MIB = 200;
static const double STEP_MIB = 128;
static const double STEP_PCT = 25;
static const double OVERFED_MIB = 150;
static const double RELEASED_MIB = 520;
static const double RELEASE_FROM_MIB = 2048;
static const double RELEASE_SAMPLES = 14;
/* The test resizes everyone from outside after the third sample: judged from the fifth on. */
enum { FIRST = 4 };
/* What the host and rich neighbours must have had to spare for a shortage to count: more than the
 * step that is always on its way while memory goes from one guest to another. */
static const double SPARE_MIB = 160;
/* A size that changes by less has not changed. */
static const double MOVED_MIB = 4;

struct judging {
    double interval_s;
    const struct memory_record *record;
    struct case_verdict *verdict;
};

static const struct simulated_guest *at(const struct judging *judging, size_t s, size_t g)
{
    return memory_record_at(judging->record, s, g);
}

static double actual(const struct judging *judging, size_t s, size_t g)
{
    return (double)at(judging, s, g)->actual_kib / MIB;
}

static double fell(const struct judging *judging, size_t s, size_t g)
{
    return actual(judging, s - 1, g) - actual(judging, s, g);
}

/* Samples that n intervals take. */
static size_t samples(const struct judging *judging, double intervals)
{
    return (size_t)ceil(intervals * judging->interval_s / MEMORY_SAMPLE_S);
}

/* A guest that gives about as fast as it may. */
static bool gives(const struct judging *judging, size_t s, size_t g)
{
    size_t from = s > samples(judging, 1) ? s - samples(judging, 1) : 0;
    double step = fmin(STEP_MIB, actual(judging, s, g) * STEP_PCT / 100);

    return actual(judging, from, g) - actual(judging, s, g) >= 0.8 * step;
}

/* What a guest has beyond what it may have beside its need: idle, or growing. */
static double excess_mib(const struct judging *judging, size_t s, size_t g)
{
    const struct simulated_guest *guest = at(judging, s, g);
    double may = guest->program_runs ? UNUSED_MIB + OVERFED_MIB : IDLE_UNUSED_MIB;

    return fmax((double)guest->unused_kib / MIB - may, 0);
}

/* Memory that could have gone to a guest: free beyond the reserve even if everybody touched all
 * they have, and what the others have in excess and do not give as fast as they may. */
static double spare_mib(const struct judging *judging, size_t s, size_t g)
{
    double spare = (double)judging->record->host[s].committed_free_kib / MIB - RESERVE_MIB;

    for (size_t other = 0; other < judging->record->n_guests; other++)
        if (other != g && !gives(judging, s, other))
            spare += excess_mib(judging, s, other);
    return spare;
}

/* The least of it over the three intervals before: memory is freed before it is given, so it takes
 * an interval to see a need, one to take, one to give. */
static double spared_mib(const struct judging *judging, size_t s, size_t g)
{
    size_t from = s > samples(judging, 3) + 1 ? s - samples(judging, 3) - 1 : 0;
    double least = INFINITY;

    for (; from < s; from++)
        least = fmin(least, spare_mib(judging, from, g));
    return least;
}

/* The sample after which the guest's program has ended; 0: it never ran. */
static size_t program_end(const struct judging *judging, size_t g)
{
    size_t end = 0;

    for (size_t s = 1; s < judging->record->n_samples; s++)
        if (at(judging, s - 1, g)->program_runs && !at(judging, s, g)->program_runs)
            end = s;
    return end;
}

static bool ran(const struct judging *judging, size_t g)
{
    return at(judging, judging->record->n_samples - 1, g)->program_peak_kib > 0;
}

static bool stopped_by_itself(const struct judging *judging, size_t g)
{
    const struct simulated_guest *last = at(judging, judging->record->n_samples - 1, g);

    return ran(judging, g) && last->oom_below + last->oom_at_maximum == 0;
}

static double peak(const struct judging *judging, size_t g)
{
    double most = 0;

    for (size_t s = FIRST; s < judging->record->n_samples; s++)
        most = fmax(most, actual(judging, s, g));
    return most;
}

/* Guests whose program was stopped short of the maximum although there was memory. */
static double stunted(const struct judging *judging)
{
    double n = 0;

    for (size_t g = 0; g < judging->record->n_guests; g++) {
        size_t end = program_end(judging, g);
        double maximum = (double)at(judging, 0, g)->maximum_kib / MIB;

        if (!ran(judging, g) || stopped_by_itself(judging, g) || peak(judging, g) >= maximum - 1)
            continue;
        n += end == 0 || spared_mib(judging, end, g) >= SPARE_MIB;
    }
    return n;
}

static double grew(const struct judging *judging, size_t s, size_t g)
{
    return (double)at(judging, s, g)->program_kib - (double)at(judging, s - 1, g)->program_kib;
}

/* A sample in which the program grows half as much again as it did on average since it began, or in
 * which it begins. */
static bool bursts(const struct judging *judging, size_t s, size_t g)
{
    size_t began = s;

    while (began > 1 && at(judging, began - 1, g)->program_kib > 0)
        began--;
    return s - began < 1 || grew(judging, s, g) > 1.5 * (double)at(judging, s - 1, g)->program_kib /
                                                      (double)(s - began);
}

/* There was a burst within two intervals: more than a forecast could know. */
static bool outrun(const struct judging *judging, size_t s, size_t g)
{
    for (size_t back = 0; back < samples(judging, 2) && back < s - 1; back++)
        if (bursts(judging, s - back, g))
            return true;
    return false;
}

/* Guest-samples short of the unused memory that every guest keeps, although there was memory. */
static void judge_short(const struct judging *judging)
{
    double n = 0, outruns = 0;

    for (size_t s = FIRST; s < judging->record->n_samples; s++)
        for (size_t g = 0; g < judging->record->n_guests; g++) {
            const struct simulated_guest *guest = at(judging, s, g);

            if ((double)guest->reported_unused_kib / MIB >= UNUSED_MIB ||
                guest->actual_kib >= guest->maximum_kib || spared_mib(judging, s, g) < SPARE_MIB)
                continue;
            n++;
            outruns += outrun(judging, s, g);
        }
    case_verdict_add(judging->verdict, "samples short", n, AT_MOST, outruns > 0 ? 1 : 0);
}

static void judge_steps(const struct judging *judging)
{
    double mib = 0, pct = 0;

    for (size_t s = FIRST; s < judging->record->n_samples; s++)
        for (size_t g = 0; g < judging->record->n_guests; g++) {
            mib = fmax(mib, fell(judging, s, g));
            pct = fmax(pct, 100 * fell(judging, s, g) / actual(judging, s - 1, g));
        }
    case_verdict_add(judging->verdict, "step down MiB", mib, AT_MOST, STEP_MIB);
    case_verdict_add(judging->verdict, "step down %", pct, AT_MOST, STEP_PCT);
}

/* Reversals within the guest's phases: before, during, after its program. A plan made before a
 * phase began may still arrive in its first two intervals. */
static double reversals(const struct judging *judging, size_t g)
{
    double n = 0;
    int direction = 0;
    size_t since = FIRST;

    /* the test's own resizing may still be on its way */
    while (since < judging->record->n_samples &&
           fabs(actual(judging, since, g) - (double)at(judging, since, g)->target_kib / MIB) > 1)
        since++;
    since++;

    for (size_t s = FIRST; s < judging->record->n_samples; s++) {
        double down = fell(judging, s, g);

        if (at(judging, s, g)->program_runs != at(judging, s - 1, g)->program_runs) {
            direction = 0;
            since = s + samples(judging, 2) + 1;
        }
        if (s < since || fabs(down) < MOVED_MIB)
            continue;
        n += direction != 0 && (down > 0) != (direction > 0);
        direction = down > 0 ? 1 : -1;
    }
    return n;
}

static void judge_direction(const struct judging *judging)
{
    double n = 0;

    for (size_t g = 0; g < judging->record->n_guests; g++)
        n += reversals(judging, g);
    case_verdict_add(judging->verdict, "reversals", n, AT_MOST, 0);
}

/* What a program that stopped by itself left unused in its guest. */
static void judge_overfed(const struct judging *judging)
{
    double most = -1;

    for (size_t g = 0; g < judging->record->n_guests; g++) {
        size_t end = program_end(judging, g);

        if (stopped_by_itself(judging, g) && end > 0)
            most = fmax(most, (double)at(judging, end - 1, g)->unused_kib / MIB);
    }
    if (most >= 0)
        case_verdict_add(judging->verdict, "A's unused MiB", most, AT_MOST,
                         UNUSED_MIB + OVERFED_MIB);
}

/* Samples from the end of the program until the guest is small again. */
static double release_samples(const struct judging *judging, size_t g)
{
    size_t from = program_end(judging, g);
    size_t to;

    while (from < judging->record->n_samples && actual(judging, from, g) > RELEASE_FROM_MIB)
        from++;
    for (to = from; to < judging->record->n_samples; to++)
        if (actual(judging, to, g) <= RELEASED_MIB)
            break;
    return to < judging->record->n_samples ? (double)(to - from) : INFINITY;
}

/* Where the interval is longer than a sample, the largest step allowed per interval cannot meet the
 * time: there it counts intervals. */
static void judge_release(const struct judging *judging)
{
    double most = 0;

    for (size_t g = 0; g < judging->record->n_guests; g++)
        if (program_end(judging, g) > 0)
            most = fmax(most, release_samples(judging, g));
    case_verdict_add(judging->verdict, "release samples", most, AT_MOST,
                     RELEASE_SAMPLES * fmax(judging->interval_s / MEMORY_SAMPLE_S, 1));
}

/* Guests without a program rest with little to spare and are left alone. */
static void judge_idle(const struct judging *judging)
{
    const struct memory_record *record = judging->record;
    double least = INFINITY, most = 0, calls = 0;
    size_t half = record->n_samples / 2;

    for (size_t g = 0; g < record->n_guests; g++) {
        if (ran(judging, g))
            continue;
        for (size_t s = record->n_samples - 5; s < record->n_samples; s++) {
            least = fmin(least, (double)at(judging, s, g)->unused_kib / MIB);
            most = fmax(most, (double)at(judging, s, g)->unused_kib / MIB);
        }
        calls += (double)(at(judging, record->n_samples - 1, g)->balloon_calls -
                          at(judging, half, g)->balloon_calls);
    }
    if (isinf(least))
        return;
    case_verdict_add(judging->verdict, "idle unused MiB", most, AT_MOST, IDLE_UNUSED_MIB);
    case_verdict_add(judging->verdict, "idle unused MiB", least, AT_LEAST, UNUSED_MIB);
    case_verdict_add(judging->verdict, "idle calls", calls, AT_MOST, 0);
}

static void judge_floors(const struct judging *judging)
{
    const struct memory_record *record = judging->record;
    const struct simulated_memory *host = &record->host[record->n_samples - 1];
    double least = INFINITY, gone = 0;

    for (size_t g = 0; g < record->n_guests; g++) {
        const struct simulated_guest *guest = at(judging, record->n_samples - 1, g);

        least = fmin(least, (double)guest->lowest_actual_kib / MIB);
        gone += !guest->alive;
    }
    case_verdict_add(judging->verdict, "smallest MiB", least, AT_LEAST, MIN_MIB);
    case_verdict_add(judging->verdict, "host free MiB",
                     (double)host->lowest_committed_free_kib / MIB, AT_LEAST, RESERVE_MIB);
    case_verdict_add(judging->verdict, "guests lost", gone + host->host_oom_kills, AT_MOST, 0);
}

void memory_judge(double interval_s, const struct memory_record *record, struct case_verdict *ret)
{
    struct judging judging = {interval_s, record, ret};

    case_verdict_add(ret, "stunted", stunted(&judging), AT_MOST, 0);
    judge_short(&judging);
    judge_steps(&judging);
    judge_direction(&judging);
    judge_overfed(&judging);
    judge_release(&judging);
    judge_idle(&judging);
    judge_floors(&judging);
}
