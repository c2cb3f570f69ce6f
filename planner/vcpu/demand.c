/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/demand.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/base/units.h"

/* Counters are read one after the other, so a full pCPU may look a few percent less than full. */
static const double FULL = 0.95;
/* Busy times are told in ticks and not quite together with the guests' counters. */
static const double FULL_BUSY = 0.98;
/* Waiting beyond what others can have caused, as a share of the time, from which on something else
 * caused it. Readings are off by two points or so; where a vCPU floats, the kernel may leave it
 * waiting beside an idle pCPU for a moment. */
static const double PINNED_MARGIN = 0.05;
static const double FLOATING_MARGIN = 0.15;
/* Where busy times are not told, this much besides vCPUs may run on each pCPU. */
static const double UNTOLD = 0.1;
/* How long a cap that was seen is remembered. */
static const double CAP_S = 60;
/* Fair scheduling gives equal shares to all that want more; below this part of the largest share a
 * vCPU was not held back. */
static const double FAIR = 0.8;

struct crowd {
    double sum, largest;
};

/* Where waiting and running fill the time (1 - d <= u) the vCPU never slept: it wants all of it.
 * The sampled counters may even exceed the time a little. */
double demand_from_delay(double usage, double delay)
{
    if (delay >= 1.0 || usage >= 1.0 - delay)
        return usage + delay > 0 ? 1.0 : 0;
    return usage / (1.0 - delay);
}

double demand_at_full_rate(double demand, double rate)
{
    double work = demand * rate;

    return demand > 0 ? (work + work / (work + 1 - demand)) / 2 : 0;
}

static void use_of_pcpus(const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                         const struct background *backgrounds, struct crowd *crowds)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        crowds[p].sum = sample->pcpus[p].background_permille / 1000.0;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        int p = usage[i].known ? sample->vcpus[i].at : -1;

        if (p < 0)
            continue;
        crowds[p].sum += usage[i].usage;
        crowds[p].largest = fmax(crowds[p].largest, usage[i].usage);
    }
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (backgrounds && backgrounds[p].known)
            crowds[p].sum = backgrounds[p].busy;
}

static bool is_held_back(const struct vcpu_usage *usage, const struct crowd *crowd)
{
    return crowd->sum >= FULL && usage->usage >= FAIR * crowd->largest && usage->usage < FULL;
}

/* How busy the pCPUs were where a vCPU may run. */
struct surroundings {
    double busy;  /* sum of their busy shares */
    double pcpus; /* how many they are; 0: not known of all of them */
};

static struct surroundings surroundings_of(const struct vcpu_sample *sample,
                                           const struct vcpu_reading *reading,
                                           const struct background *backgrounds,
                                           const struct crowd *crowds)
{
    struct surroundings around = {0};

    if (reading->at >= 0 && !sample->pcpus[reading->at].has_busy)
        return (struct surroundings){fmin(1, crowds[reading->at].sum + UNTOLD), 1};

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        bool is_one = reading->pcpu < 0 ? cpuset_has(&reading->affinity, sample->pcpus[p].id)
                                        : reading->at == (int)p;

        if (is_one && !backgrounds[p].known)
            return (struct surroundings){0};
        around.busy += is_one ? backgrounds[p].busy : 0;
        around.pcpus += is_one;
    }
    return around;
}

/* The longest that others can have kept it waiting: they had the rest of the time of its pCPUs,
 * busy for this part of it, and it can have waited for them only while it did not run. On one pCPU
 * this is what the others ran there. */
static double max_delay(const struct vcpu_usage *usage, const struct surroundings *around)
{
    double ran = fmin(1, usage->usage);
    double busy = around->busy < FULL_BUSY * around->pcpus ? around->busy : around->pcpus;
    double others = fmax(0, busy - ran);
    double room = around->pcpus - ran;

    return room > 0 ? (1 - ran) * fmin(1, others / room) : 0;
}

/* What it waited for pCPUs, 0..1. While a pin takes effect nobody knows where it waited. */
static double true_delay(const struct vcpu_usage *usage, const struct surroundings *around,
                         bool *ret_throttled)
{
    double margin = around->pcpus > 1 ? FLOATING_MARGIN : PINNED_MARGIN;
    double most;

    *ret_throttled = false;
    if (around->pcpus <= 0 || usage->moved)
        return usage->delay;
    most = max_delay(usage, around);
    *ret_throttled = usage->delay > most + margin;
    return *ret_throttled ? 0 : fmin(usage->delay, most);
}

static struct vcpu_demand demand_of(const struct vcpu_usage *usage, const struct crowd *crowd,
                                    const struct surroundings *around, bool use_delay)
{
    struct vcpu_demand demand = {.known = usage->known};
    double delay = usage->delay;

    if (!usage->known)
        return demand;
    demand.least = fmin(1, usage->usage);
    demand.demand = demand.least;
    if (use_delay && usage->has_delay) {
        delay = true_delay(usage, around, &demand.throttled);
        demand.demand = demand_from_delay(usage->usage, delay);
    } else if (use_delay && crowd && is_held_back(usage, crowd)) {
        demand.censored = true;
        demand.demand = (1 + usage->usage) / 2;
    }
    demand.activity = fmax(demand.demand, fmin(1, usage->usage + delay));
    return demand;
}

void demand_sum_waiting(const struct vcpu_usage *usage, const struct vcpu_demand *demand, size_t n,
                        double *ret_ran, double *ret_waited)
{
    *ret_ran = *ret_waited = 0;
    for (size_t i = 0; i < n; i++) {
        if (!usage[i].has_delay || usage[i].moved)
            continue;
        *ret_ran += usage[i].usage;
        *ret_waited += demand[i].throttled ? 0 : usage[i].delay;
    }
}

static void limit(double most, struct vcpu_demand *demand)
{
    demand->demand = fmin(demand->demand, most);
    demand->activity = fmin(demand->activity, most);
}

/* What all of a guest may run, less what its other threads ran, is shared by its vCPUs: what each
 * got, and the same part of what each wants beyond that. */
static void limit_guest(double quota, const struct vcpu_demand *first, size_t n,
                        struct vcpu_demand *ret)
{
    double least = 0, beyond = 0, part;

    for (size_t i = 0; i < n; i++) {
        least += first[i].least;
        beyond += fmax(0, first[i].demand - first[i].least);
    }
    if (least + beyond <= quota || beyond <= 0)
        return;
    part = fmax(0, quota - least) / beyond;
    for (size_t i = 0; i < n; i++)
        limit(first[i].least + part * fmax(0, first[i].demand - first[i].least), &ret[i]);
}

static void heed_quotas(const struct vcpu_sample *sample, const double *helpers,
                        struct vcpu_demand *ret)
{
    size_t g = 0;

    for (size_t i = 0, n; i < sample->n_vcpus; i += n) {
        const struct guest_id *guest = &sample->vcpus[i].guest;

        for (n = 0; i + n < sample->n_vcpus; n++) {
            const struct vcpu_reading *reading = &sample->vcpus[i + n];

            if (guest_compare(&reading->guest, guest) != 0)
                break;
            if (reading->quota_permille)
                limit(reading->quota_permille / 1000.0, &ret[i + n]);
        }
        while (g < sample->n_guests && guest_compare(&sample->guests[g].guest, guest) < 0)
            g++;
        if (g < sample->n_guests && sample->guests[g].quota_permille &&
            guest_compare(&sample->guests[g].guest, guest) == 0)
            limit_guest(fmax(0, sample->guests[g].quota_permille / 1000.0 - helpers[g]), &ret[i], n,
                        &ret[i]);
    }
}

int demand_estimate(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                    const struct vcpu_usage *usage, const double *helpers,
                    const struct background *backgrounds, struct vcpu_demand *ret)
{
    struct crowd *crowds = calloc(sample->n_pcpus + 1, sizeof(*crowds));
    const struct background *known = settings->use_busy ? backgrounds : NULL;

    if (!crowds)
        return -ENOMEM;
    use_of_pcpus(sample, usage, known, crowds);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        struct surroundings around = {0};

        if (known && usage[i].delay > 0)
            around = surroundings_of(sample, reading, known, crowds);
        ret[i] = demand_of(&usage[i], reading->at < 0 ? NULL : &crowds[reading->at], &around,
                           settings->use_delay);
    }
    if (settings->use_quotas)
        heed_quotas(sample, helpers, ret);
    free(crowds);
    return 0;
}

void demand_heed_cap(uint64_t now_ns, struct vcpu_cap *cap, struct vcpu_demand *demand)
{
    if (demand->throttled) {
        cap->share = demand->least;
        cap->until_ns = now_ns + ns_from_seconds(CAP_S);
    } else if (cap->until_ns > now_ns) {
        if (demand->least > cap->share + PINNED_MARGIN)
            cap->share = demand->least;
        limit(fmax(cap->share, demand->least), demand);
    }
}
