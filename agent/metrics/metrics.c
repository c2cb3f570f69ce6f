/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/metrics/scrape.h"

/* One scrape, for the loop and all who still read it. */
struct shared_scrape {
    unsigned references;
    struct scrape scrape;
    char *text; /* as it was asked for first; NULL: nobody did, or no memory. With the lock held */
};

struct metrics {
    enum program program;
    pthread_mutex_t lock; /* for references and which scrape is the last */
    unsigned references;
    struct shared_scrape *last; /* NULL: nothing was told yet */
    /* The loop's own. */
    struct shared_scrape *counted; /* a reference: the last one with guests, whose counts go on */
    struct scrape_totals totals;
    struct scrape_cost cost;
    uint64_t overruns_before, calls_before; /* of the session, which begins at 0 */
};

struct metrics *metrics_new(enum program program)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));

    if (!metrics)
        return NULL;
    pthread_mutex_init(&metrics->lock, NULL);
    metrics->references = 1;
    metrics->program = program;
    return metrics;
}

struct metrics *metrics_share(struct metrics *metrics)
{
    pthread_mutex_lock(&metrics->lock);
    metrics->references++;
    pthread_mutex_unlock(&metrics->lock);
    return metrics;
}

/* Nobody else has it. */
static void let_go(struct shared_scrape *shared)
{
    if (shared)
        scrape_done(&shared->scrape);
    free(shared ? shared->text : NULL);
    free(shared);
}

/* One reference less, with the lock held; returns what is to be let go, or NULL. */
static struct shared_scrape *drop(struct shared_scrape *shared)
{
    return shared && --shared->references == 0 ? shared : NULL;
}

void metrics_free(struct metrics *metrics)
{
    bool is_last;

    if (!metrics)
        return;
    pthread_mutex_lock(&metrics->lock);
    is_last = --metrics->references == 0;
    pthread_mutex_unlock(&metrics->lock);
    if (!is_last)
        return;
    let_go(drop(metrics->counted));
    let_go(drop(metrics->last));
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

/* A counter of the session's as one of the program's. */
static void count_on(uint64_t *total, uint64_t *before, uint64_t now)
{
    *total += now < *before ? now : now - *before;
    *before = now;
}

/* Takes the scrape over. Without memory the one before stays. */
static void publish(struct metrics *metrics, struct scrape *scrape)
{
    struct shared_scrape *shared = malloc(sizeof(*shared)), *before, *counted = NULL;

    scrape->totals = metrics->totals;
    scrape->cost = metrics->cost;
    if (!shared) {
        scrape_done(scrape);
        return;
    }
    *shared = (struct shared_scrape){.references = 1, .scrape = *scrape};
    pthread_mutex_lock(&metrics->lock);
    before = drop(metrics->last);
    metrics->last = shared;
    if (scrape->is_up) {
        counted = drop(metrics->counted);
        metrics->counted = shared;
        shared->references++;
    }
    pthread_mutex_unlock(&metrics->lock);
    let_go(before);
    let_go(counted);
}

static void add_cost(struct metrics *metrics, const struct interval_cost *cost)
{
    metrics->cost.cpu_s = cost->cpu_s;
    metrics->cost.resident_kib = cost->resident_kib;
    metrics->cost.interval_s = cost->interval_s;
    count_on(&metrics->cost.calls, &metrics->calls_before, cost->calls);
}

/* What both programs tell of an interval. */
static void add_interval(struct metrics *metrics, enum verdict verdict, enum solve_status status,
                         const struct interval *interval)
{
    struct scrape_totals *totals = &metrics->totals;
    bool has_searched = verdict == VERDICT_APPLY || verdict == VERDICT_HOLD_OPTIMAL;

    metrics->cost.is_acting = !interval->dry_run;
    metrics->cost.knows_hands = interval->knows_hands;
    metrics->cost.hands = interval->hands;
    metrics->cost.at_s = clock_real_s();
    totals->proven += has_searched && status == SOLVE_OPTIMAL;
    totals->open += has_searched && status == SOLVE_FEASIBLE;
    totals->intervals[verdict]++;
    count_on(&totals->overruns, &metrics->overruns_before, interval->overruns);
    totals->failed += interval->tally.failed;
    totals->gone += interval->tally.gone;
    scrape_durations_add(&totals->took, interval->cost.took_s);
    scrape_durations_add(&totals->solve, interval->solve_ms / 1000);
    totals->solve_cpu_s += interval->cost.solve_cpu_s;
    add_cost(metrics, &interval->cost);
}

/* Both are sorted by UUID, so *at only moves forward. */
static struct scrape_guest *add_guest(const struct metrics *metrics, struct scrape *scrape,
                                      const struct guest_id *guest, size_t *at)
{
    const struct scrape *last = metrics->counted ? &metrics->counted->scrape : NULL;
    struct scrape_guest *ret = &scrape->guests[scrape->n_guests++];

    *ret = (struct scrape_guest){.id = *guest};
    while (last && *at < last->n_guests && guest_compare(&last->guests[*at].id, guest) < 0)
        ++*at;
    if (last && *at < last->n_guests && guest_compare(&last->guests[*at].id, guest) == 0)
        ret->foreign_changes = last->guests[*at].foreign_changes;
    return ret;
}

/* Without memory the guests are missing, and the rest is there. */
static void add_vcpus(const struct metrics *metrics, struct scrape *scrape,
                      const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    scrape->guests = calloc(sample->n_vcpus + 1, sizeof(*scrape->guests));
    scrape->vcpus = calloc(sample->n_vcpus + 1, sizeof(*scrape->vcpus));
    if (!scrape->guests || !scrape->vcpus)
        return;
    for (size_t i = 0, at = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        if (i == 0 || guest_compare(&reading->guest, &sample->vcpus[i - 1].guest) != 0)
            add_guest(metrics, scrape, &reading->guest, &at);
        scrape->guests[scrape->n_guests - 1].foreign_changes += reading->is_foreign;
        scrape->guests[scrape->n_guests - 1].is_left |=
            plan->is_yielded || (i < plan->n_places && plan->places[i].is_yielded);
        if (i < plan->n_places)
            scrape->vcpus[scrape->n_vcpus++] =
                (struct scrape_vcpu){.guest = scrape->n_guests - 1,
                                     .vcpu = reading->vcpu,
                                     .demand = plan->places[i].demand_permille / 1000.0};
    }
}

static void add_pcpus(struct scrape *scrape, const struct vcpu_plan *plan)
{
    scrape->bins = calloc(plan->n_pcpus + 1, sizeof(*scrape->bins));
    for (size_t p = 0; scrape->bins && p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];

        scrape->bins[scrape->n_bins++] =
            (struct scrape_bin){.pcpu = (int)load->id,
                                .demand = load->before_permille / 1000.0,
                                .background = load->background_permille / 1000.0,
                                .n_usable = load->use == PCPU_USABLE};
    }
}

/* Sets of the level; wider ones, for guests that are too large for these, would count pCPUs twice. */
static void add_sets(struct scrape *scrape, const struct vcpu_plan *plan)
{
    scrape->bins = calloc(plan->n_bins + 1, sizeof(*scrape->bins));
    for (size_t s = 0; scrape->bins && s < plan->n_bins && s < plan->n_sets; s++) {
        const struct plan_set *set = &plan->sets[s];

        scrape->bins[scrape->n_bins++] =
            (struct scrape_bin){.pcpu = -1,
                                .pcpus = set->pcpus,
                                .demand = set->before_permille / 1000.0,
                                .background = set->background_permille / 1000.0,
                                .n_usable = set->n_pcpus};
    }
}

void metrics_tell_vcpu(struct metrics *metrics, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct interval *interval)
{
    struct scrape scrape = {.is_up = true};

    if (!metrics)
        return;
    scrape.program = metrics->program;
    add_interval(metrics, plan->verdict, plan->status, interval);
    metrics->totals.changes[SCRAPE_PIN] += interval->dry_run ? 0 : plan->n_pins;
    metrics->totals.changes[SCRAPE_RELEASE] += interval->dry_run ? 0 : plan->n_releases;
    metrics->totals.changes[SCRAPE_HELPERS] += interval->dry_run ? 0 : plan->n_helper_pins;
    scrape.gap = plan->gap;
    scrape.objective = plan->objective;
    scrape.bound = plan->bound;
    scrape.sigma = plan->ran.sigma_pct / 100;
    scrape.sigma_least = plan->ran.sigma_least_pct / 100;
    scrape.waiting = plan->waiting.is_measured ? plan->waiting.measured : NAN;
    scrape.expected = plan->waiting.now;
    add_vcpus(metrics, &scrape, sample, plan);
    if (plan->grain == TOPOLOGY_LEVEL_PCPU)
        add_pcpus(&scrape, plan);
    else
        add_sets(&scrape, plan);
    publish(metrics, &scrape);
}

static void add_places(const struct metrics *metrics, struct scrape *scrape,
                       const struct memory_sample *sample, const struct memory_plan *plan)
{
    scrape->guests = calloc(plan->n_places + 1, sizeof(*scrape->guests));
    for (size_t i = 0, at = 0; scrape->guests && i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        const struct memory_reading *reading = i < sample->n_guests ? &sample->guests[i] : NULL;
        bool has_age = reading && (reading->has & MEMORY_HAS_AGE) &&
                       reading->stats_age_ns < (uint64_t)INT64_MAX;

        struct scrape_guest *guest = add_guest(metrics, scrape, &place->guest, &at);

        guest->state = place->state;
        guest->target_kib = place->target_kib;
        guest->floor_kib = place->floor_kib;
        guest->has_age = has_age;
        guest->age_s = has_age ? (double)reading->stats_age_ns / 1e9 : 0;
        guest->foreign_changes += place->is_foreign;
        guest->is_left = place->state == GUEST_LEFT;
    }
}

void metrics_tell_memory(struct metrics *metrics, const struct memory_sample *sample,
                         const struct memory_plan *plan, const struct interval *interval)
{
    struct scrape scrape = {.is_up = true};

    if (!metrics)
        return;
    scrape.program = metrics->program;
    add_interval(metrics, plan->verdict, plan->status, interval);
    metrics->totals.changes[SCRAPE_RECLAIM] += interval->dry_run ? 0 : plan->n_reclaims;
    metrics->totals.changes[SCRAPE_GRANT] += interval->dry_run ? 0 : plan->n_grants;
    scrape.gap = plan->gap;
    scrape.free_kib = plan->host_free_kib;
    scrape.reserve_kib = plan->host_reserve_kib;
    scrape.promised_kib = plan->host_promised_kib;
    scrape.missing_kib = plan->missing_kib;
    add_places(metrics, &scrape, sample, plan);
    publish(metrics, &scrape);
}

void metrics_tell_trouble(struct metrics *metrics, const struct interval_cost *cost)
{
    struct scrape scrape = {.gap = NAN,
                            .objective = NAN,
                            .bound = NAN,
                            .sigma = NAN,
                            .sigma_least = NAN,
                            .waiting = NAN,
                            .expected = NAN};

    if (!metrics)
        return;
    scrape.program = metrics->program;
    metrics->totals.failed_intervals++;
    add_cost(metrics, cost);
    publish(metrics, &scrape);
}

/* With a reference, and a copy of its text where that was made already. */
static struct shared_scrape *look(struct metrics *metrics, char **ret_text)
{
    struct shared_scrape *shared;

    *ret_text = NULL;
    pthread_mutex_lock(&metrics->lock);
    shared = metrics->last;
    if (shared)
        shared->references++;
    if (shared && shared->text)
        *ret_text = strdup(shared->text);
    pthread_mutex_unlock(&metrics->lock);
    return shared;
}

char *metrics_text(struct metrics *metrics)
{
    struct scrape nothing = {.program = metrics->program};
    char *text, *kept = NULL;
    struct shared_scrape *shared = look(metrics, &text);

    if (!text) {
        text = scrape_text(shared ? &shared->scrape : &nothing);
        kept = text && shared ? strdup(text) : NULL;
    }
    pthread_mutex_lock(&metrics->lock);
    if (kept && !shared->text) {
        shared->text = kept;
        kept = NULL;
    }
    shared = drop(shared);
    pthread_mutex_unlock(&metrics->lock);
    free(kept);
    let_go(shared);
    return text;
}
