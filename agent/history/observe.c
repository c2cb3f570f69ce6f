/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/observe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/hash.h"
#include "agent/base/json_values.h"
#include "agent/report/report.h"
#include "planner/base/units.h"

static const struct column cpu_host[] = {{"sigma_pct", 2, false},   {"least_pct", 2, false},
                                         {"waiting_pct", 2, false}, {"floating_pct", 2, false},
                                         {"objective", 3, false},   {"bound", 3, false},
                                         {"gap", 4, false},         {NULL, 0, false}};
static const struct column cpu_bin[] = {{"load_permille", 0, false},
                                        {"background_permille", 0, false},
                                        {"fair_permille", 0, false},
                                        {NULL, 0, false}};
static const struct column cpu_guest[] = {{"used_permille", 0, false},
                                          {"waiting_permille", 0, false},
                                          {"demand_permille", 0, true},
                                          {NULL, 0, false}};
static const struct column memory_host[] = {
    {"free_mib", 0, false},  {"reserve_mib", 0, false}, {"promised_mib", 0, false},
    {"objective", 3, false}, {"bound", 3, false},       {"gap", 4, false},
    {NULL, 0, false}};
static const struct column memory_bin[] = {{NULL, 0, false}};
static const struct column memory_guest[] = {{"size_mib", 0, false},
                                             {"used_mib", 0, false},
                                             {"target_mib", 0, false},
                                             {"floor_mib", 0, true},
                                             {NULL, 0, false}};
enum { USED, WAITED, DEMAND };

void counters_done(struct counters *counters)
{
    free(counters->guests);
    *counters = (struct counters){0};
}

/* ---- Names ---- */

/* Takes the object over. */
static struct names *names_new(uint64_t hash, json_t *object)
{
    struct names *names = calloc(1, sizeof(*names));
    char *line = json_line(object, JSON_DIGITS_SHORT);

    if (!names || !line) {
        free(names);
        free(line);
        return NULL;
    }
    *names = (struct names){.refs = 1, .hash = hash, .line = line, .n_bytes = strlen(line)};
    return names;
}

/* ---- vCPUs ---- */

/* The bins: those that the plan has at its level, or the pCPUs. */
static size_t count_bins(const struct vcpu_plan *plan)
{
    size_t n = 0;

    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++)
        n += plan->pcpus[p].use == PCPU_USABLE;
    return n + plan->n_bins;
}

static size_t count_guests(const struct vcpu_sample *sample)
{
    size_t n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++)
        n += i == 0 || guest_compare(&sample->vcpus[i].guest, &sample->vcpus[i - 1].guest) != 0;
    return n;
}

static uint64_t hash_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    uint64_t hash = HASH_START;

    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++)
        if (plan->pcpus[p].use == PCPU_USABLE)
            hash_bytes(&hash, &plan->pcpus[p].id, sizeof(plan->pcpus[p].id));
    for (size_t s = 0; s < plan->n_bins; s++)
        hash_bytes(&hash, &plan->sets[s].pcpus, sizeof(plan->sets[s].pcpus));
    for (size_t i = 0; i < sample->n_vcpus; i++)
        hash_guest(&hash, &sample->vcpus[i].guest);
    return hash;
}

static struct names *name_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                uint64_t hash, int64_t t_s)
{
    json_t *bins = json_array(), *guests = json_array(), *vcpus = json_array();
    int failures = 0;

    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++) {
        struct cpuset set = {{0}};

        cpuset_add(&set, plan->pcpus[p].id);
        if (plan->pcpus[p].use == PCPU_USABLE)
            failures += json_array_append_new(bins, json_from_cpuset(&set)) < 0;
    }
    for (size_t s = 0; s < plan->n_bins; s++)
        failures += json_array_append_new(bins, json_from_cpuset(&plan->sets[s].pcpus)) < 0;
    for (size_t i = 0, n; i < sample->n_vcpus; i += n) {
        const struct guest_id *guest = &sample->vcpus[i].guest;

        for (n = 1; i + n < sample->n_vcpus; n++)
            if (guest_compare(&sample->vcpus[i + n].guest, guest) != 0)
                break;
        failures += json_array_append_new(guests, json_from_guest(guest)) < 0;
        failures += json_array_append_new(vcpus, json_from_count(n)) < 0;
    }
    return names_new(hash, json_members("t", json_integer(t_s), "bins", json_unless(bins, failures),
                                        "guests", json_unless(guests, failures), "vcpus",
                                        json_unless(vcpus, failures), NULL));
}

static double mean_ran(const struct vcpu_plan *plan, const struct cpuset *pcpus)
{
    double sum = 0;
    size_t n = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++) {
        if (!cpuset_has(pcpus, plan->pcpus[p].id))
            continue;
        sum += plan->pcpus[p].ran_permille;
        n++;
    }
    return n ? sum / (double)n : NAN;
}

/* A bin's share of what all of them carry, by what each is worth; worth is in pCPUs, load of one. */
struct bin {
    double n_pcpus, worth, load, background;
};

static struct bin bin_of_set(const struct vcpu_plan *plan, const struct plan_set *set)
{
    return (struct bin){.n_pcpus = (double)set->n_pcpus,
                        .worth = set->cores + PLAN_SIBLING_SHARE * set->siblings,
                        .load = mean_ran(plan, &set->pcpus),
                        .background = set->background_permille};
}

static size_t fill_bins(const struct vcpu_plan *plan, struct bin *ret)
{
    size_t n = 0;

    for (size_t s = 0; s < plan->n_bins; s++)
        ret[n++] = bin_of_set(plan, &plan->sets[s]);
    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++)
        if (plan->pcpus[p].use == PCPU_USABLE)
            ret[n++] = (struct bin){.n_pcpus = 1,
                                    .worth = 1,
                                    .load = plan->pcpus[p].ran_permille,
                                    .background = plan->pcpus[p].background_permille};
    return n;
}

static int set_bins(const struct vcpu_plan *plan, struct figures *figures)
{
    struct bin *bins = calloc(figures->n_bins + 1, sizeof(*bins));
    double load = 0, worth = 0;
    size_t n = bins ? fill_bins(plan, bins) : 0;

    for (size_t b = 0; b < n; b++) {
        load += bins[b].load * bins[b].n_pcpus;
        worth += bins[b].worth;
    }
    for (size_t b = 0; b < n; b++) {
        figures_set(figures, figures_bin(b), bins[b].load);
        figures_set(figures, figures_bin(b) + 1, bins[b].background);
        figures_set(figures, figures_bin(b) + 2, load / worth * bins[b].worth / bins[b].n_pcpus);
    }
    free(bins);
    return bins ? 0 : -ENOMEM;
}

/* What its vCPUs want, which is not known before there was an interval. */
static void set_demands(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        struct figures *figures)
{
    size_t n = 0;
    double sum = 0;

    for (size_t i = 0; i < plan->n_places && plan->verdict != VERDICT_HOLD_OBSERVING; i++) {
        const struct guest_id *guest = &sample->vcpus[plan->places[i].vcpu].guest;

        sum += plan->places[i].demand_permille;
        if (i + 1 < plan->n_places &&
            guest_compare(&sample->vcpus[plan->places[i + 1].vcpu].guest, guest) == 0)
            continue;
        if (n < figures->n_guests)
            figures_set(figures, figures_guest(figures, n++) + DEMAND, sum);
        sum = 0;
    }
}

/* Sums over the vCPUs of each guest. */
static void count_up(const struct vcpu_sample *sample, struct guest_counter *guests)
{
    struct guest_counter *guest = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        if (i == 0 || guest_compare(&reading->guest, &sample->vcpus[i - 1].guest) != 0) {
            guest = &guests[n++];
            memcpy(guest->uuid, reading->guest.uuid, sizeof(guest->uuid));
            guest->has_delay = true;
        }
        guest->n_vcpus++;
        guest->has_delay &= reading->has_delay || !reading->running;
        guest->cpu_time_ns += reading->cpu_time_ns;
        guest->delay_ns += reading->delay_ns;
    }
}

static void set_guests(const struct counters *before, const struct counters *now,
                       struct figures *figures)
{
    double elapsed_ns = (double)now->at_ns - (double)before->at_ns;

    for (size_t i = 0, at = 0; i < now->n && elapsed_ns > 0; i++) {
        const struct guest_counter *guest = &now->guests[i], *old = NULL;
        size_t place = figures_guest(figures, i);

        while (at < before->n && memcmp(before->guests[at].uuid, guest->uuid, 16) < 0)
            at++;
        if (at < before->n && memcmp(before->guests[at].uuid, guest->uuid, 16) == 0)
            old = &before->guests[at];
        if (!old || old->n_vcpus != guest->n_vcpus || old->cpu_time_ns > guest->cpu_time_ns)
            continue; /* it is new, or was started again */
        figures_set(figures, place + USED,
                    1000 * (double)(guest->cpu_time_ns - old->cpu_time_ns) / elapsed_ns);
        if (old->has_delay && guest->has_delay && old->delay_ns <= guest->delay_ns)
            figures_set(figures, place + WAITED,
                        1000 * (double)(guest->delay_ns - old->delay_ns) / elapsed_ns);
    }
}

int observe_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int64_t t_s,
                  struct names *last, struct counters *before, struct figures *ret)
{
    struct counters now = {.at_ns = sample->at_ns, .n = count_guests(sample)};
    uint64_t hash = hash_vcpus(sample, plan);
    struct figures figures;
    /* Of no interval before there is nothing measured. */
    const double host[] = {plan->ran.sigma_pct,
                           plan->ran.sigma_least_pct,
                           plan->waiting.is_measured ? 100 * plan->waiting.measured : NAN,
                           100 * plan->waiting.floating,
                           plan->objective,
                           plan->bound,
                           plan->gap};

    if (figures_new(count_bins(plan), now.n, &figures) < 0)
        return -ENOMEM;
    figures.t_s = t_s;
    figures.verdict = verdict_text(plan->verdict);
    figures.host = cpu_host;
    figures.bin = cpu_bin;
    figures.guest = cpu_guest;
    for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
        figures_set(&figures, i, host[i]);
    now.guests = calloc(now.n + 1, sizeof(*now.guests));
    if (last && last->hash == hash)
        last->refs++;
    figures.names = last && last->hash == hash ? last : name_vcpus(sample, plan, hash, t_s);
    if (!now.guests || !figures.names || set_bins(plan, &figures) < 0) {
        counters_done(&now);
        figures_done(&figures);
        return -ENOMEM;
    }
    count_up(sample, now.guests);
    set_guests(before, &now, &figures);
    set_demands(sample, plan, &figures);
    counters_done(before);
    *before = now;
    *ret = figures;
    return 0;
}

/* ---- Memory ---- */

static struct names *name_guests(const struct memory_plan *plan, uint64_t hash, int64_t t_s)
{
    json_t *guests = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        failures += json_array_append_new(guests, json_from_guest(&plan->places[i].guest)) < 0;
    return names_new(hash, json_members("t", json_integer(t_s), "bins", json_array(), "guests",
                                        json_unless(guests, failures), NULL));
}

static double mib(uint64_t kib)
{
    return (double)kib / KIB_PER_MIB;
}

int observe_memory(const struct memory_sample *sample, const struct memory_plan *plan, int64_t t_s,
                   struct names *last, struct figures *ret)
{
    const double host[] = {mib(plan->host_free_kib),
                           mib(plan->host_reserve_kib),
                           mib(plan->host_promised_kib),
                           plan->objective,
                           plan->bound,
                           plan->gap};
    uint64_t hash = HASH_START;
    struct figures figures;

    if (figures_new(0, plan->n_places, &figures) < 0)
        return -ENOMEM;
    figures.t_s = t_s;
    figures.verdict = verdict_text(plan->verdict);
    figures.host = memory_host;
    figures.bin = memory_bin;
    figures.guest = memory_guest;
    for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
        figures_set(&figures, i, host[i]);
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        bool is_told = report_has_unused(&sample->guests[i], place);

        hash_guest(&hash, &place->guest);
        figures_set(&figures, figures_guest(&figures, i), mib(place->actual_kib));
        figures_set(&figures, figures_guest(&figures, i) + 1,
                    is_told && place->actual_kib >= place->unused_kib
                        ? mib(place->actual_kib - place->unused_kib)
                        : NAN);
        figures_set(&figures, figures_guest(&figures, i) + 2, mib(place->target_kib));
        figures_set(&figures, figures_guest(&figures, i) + 3, mib(place->floor_kib));
    }
    if (last && last->hash == hash)
        last->refs++;
    figures.names = last && last->hash == hash ? last : name_guests(plan, hash, t_s);
    if (!figures.names) {
        figures_done(&figures);
        return -ENOMEM;
    }
    *ret = figures;
    return 0;
}
