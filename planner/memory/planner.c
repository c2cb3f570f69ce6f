/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/planner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/memory/lp.h"
#include "planner/memory/diff.h"
#include "planner/memory/explain.h"
#include "planner/memory/layers.h"
#include "planner/memory/planner_state.h"
#include "planner/memory/pressure.h"

struct memory_planner *memory_planner_new(const struct memory_settings *settings)
{
    struct memory_planner *planner = calloc(1, sizeof(*planner));

    if (!planner)
        return NULL;
    planner->settings = *settings;
    planner->solver = memory_solver_new();
    if (planner->solver)
        return planner;
    free(planner);
    return NULL;
}

void memory_planner_free(struct memory_planner *planner)
{
    if (!planner)
        return;
    memory_solver_free(planner->solver);
    free(planner->tracks);
    free(planner);
}

static const struct memory_track NOTHING = {0};

/* Both sides are sorted by UUID; *from moves on. */
static const struct memory_track *old_track(const struct memory_planner *planner,
                                            const struct guest_id *guest, size_t *from)
{
    while (*from < planner->n_tracks) {
        const struct memory_track *track = &planner->tracks[*from];
        int order = memcmp(track->uuid, guest->uuid, sizeof(track->uuid));

        if (order >= 0)
            return order == 0 ? track : &NOTHING;
        ++*from;
    }
    return &NOTHING;
}

/* Somebody set the sizes of several guests at once: a script that is about to start something.
 * Nobody's memory is taken before that has shown itself, not even where the size was right. */
static bool is_bulk_change(const struct memory_track *tracks, size_t n)
{
    size_t disturbed = 0;

    for (size_t i = 0; i < n; i++)
        disturbed += tracks[i].response.disturbed;
    return disturbed >= 2;
}

/* The host's free memory and what the guests' processes hold: see struct memory_yield_now. */
static int64_t account_of(const struct memory_sample *sample)
{
    uint64_t sum = sample->host_available_kib > sample->host_free_kib ? sample->host_available_kib
                                                                      : sample->host_free_kib;

    for (size_t i = 0; i < sample->n_guests; i++)
        sum += sample->guests[i].has & MEMORY_HAS_RSS ? sample->guests[i].rss_kib : 0;
    return (int64_t)sum;
}

/* As if its size had always been the one that it has now, and nothing were under way. */
static struct memory_track settled_track(const struct memory_track *old,
                                         const struct memory_reading *reading)
{
    struct memory_track track = *old;

    track.response = (struct memory_response){0};
    track.actual_kib = old->actual_kib ? (int64_t)reading->actual_kib : 0;
    return track;
}

/* The new history from the new sample, seeded from the old one: guests that are gone vanish by
 * themselves, others start clean. */
static struct memory_track *next_tracks(const struct memory_planner *planner,
                                        const struct memory_sample *sample)
{
    const struct memory_settings *settings = &planner->settings;
    struct memory_track *tracks = calloc(sample->n_guests + 1, sizeof(*tracks));
    int64_t host_kib = account_of(sample);
    bool is_bulk;
    size_t from = 0;

    if (!tracks)
        return NULL;
    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *reading = &sample->guests[i];
        struct memory_track old = *old_track(planner, &reading->guest, &from);

        if (sample->was_put_back)
            old = settled_track(&old, reading);
        memory_track_follow(settings, sample->at_ns, reading, host_kib, &old, &tracks[i]);
    }
    is_bulk = is_bulk_change(tracks, sample->n_guests);
    from = 0;
    for (size_t i = 0; i < sample->n_guests; i++)
        memory_track_next(settings, sample->at_ns, &sample->guests[i],
                          old_track(planner, &sample->guests[i].guest, &from), is_bulk, &tracks[i]);
    return tracks;
}

/* Grants may not use the last of it, so that noise in the host's free memory does not turn them
 * into reclaims the next time. */
static int64_t grantable_kib(const struct memory_settings *settings, const struct memory_host *host)
{
    int64_t margin = (int64_t)settings->deadband_kib + host->unsure_kib;

    if (host->spare_kib <= 0)
        return host->spare_kib;
    return host->spare_kib > margin ? host->spare_kib - margin : 0;
}

/* Guests that are to grow may grow. All others stay. */
static void restrict_to_now(const struct memory_interval *interval, struct memory_item *items)
{
    for (size_t i = 0; i < interval->sample->n_guests; i++) {
        int64_t size = interval->settled.sizes_kib[i];
        struct memory_item *item = &items[i];
        int64_t most = size > item->current_kib ? size : item->current_kib;

        item->lower_kib = item->current_kib;
        item->floor_kib = item->floor_kib < most ? item->floor_kib : most;
        item->cached_kib = item->cached_kib < most ? item->cached_kib : most;
        item->wish_kib = item->wish_kib < most ? item->wish_kib : most;
        item->rest_kib = most;
    }
}

static int64_t growth_of(const struct memory_interval *interval)
{
    int64_t sum = 0;

    for (size_t i = 0; i < interval->sample->n_guests; i++) {
        int64_t more = interval->settled.sizes_kib[i] - interval->items[i].current_kib;

        sum += more > 0 ? more : 0;
    }
    return sum;
}

static int64_t reclaims_of(const struct memory_interval *interval)
{
    int64_t sum = 0;

    for (size_t i = 0; i < interval->sample->n_guests; i++) {
        int64_t less = interval->items[i].current_kib - interval->settled.sizes_kib[i];

        sum += less > 0 ? less : 0;
    }
    return sum;
}

/* Two programs in an interval are told as one: the first's size, the pivots and the time of
 * both. */
static int solve(struct memory_planner *planner, const struct memory_problem *problem,
                 const struct work *limits, struct memory_solution *ret, struct memory_plan *plan)
{
    uint64_t (*clock_ns)(void) = planner->settings.limits.clock_ns;
    uint64_t began_ns = clock_ns ? clock_ns() : 0;
    bool is_first = !plan->solver.model;
    int r = memory_solve(planner->solver, problem, limits, ret);

    if (r < 0)
        return r;
    if (is_first && ret->method == MEMORY_METHOD_SIMPLEX)
        plan->solver = (struct plan_solver){
            .model = "segments", .rows = 1, .columns = ret->columns, .free = ret->free};
    else if (is_first)
        plan->solver.model = "none";
    plan->solver.pivots = ret->work.pivots;
    plan->solver.ms += clock_ns ? (double)(clock_ns() - began_ns) / 1e6 : 0;
    return 0;
}

/* Reclaimed memory is granted only when it has arrived. *sizes_kib are the settled sizes. Where
 * they need more than is free now, what is free is shared out among the guests that are to grow. */
static int grant_what_is_free(struct memory_planner *planner,
                              const struct memory_interval *interval, int64_t *sizes_kib,
                              struct memory_plan *plan)
{
    const struct memory_settings *settings = &planner->settings;
    int64_t spare = grantable_kib(settings, &interval->host);
    int64_t ahead = (int64_t)(settings->advance_pct / 100 * (double)reclaims_of(interval));
    int64_t free_now = (spare > 0 ? spare : 0) + ahead;
    size_t n = interval->sample->n_guests;
    struct memory_solution now = {0};
    struct memory_problem problem = interval->problem;
    struct memory_item *items;
    int r = 0;

    if (growth_of(interval) <= free_now)
        return 0;
    items = calloc(n + 1, sizeof(*items));
    if (!items)
        return -ENOMEM;
    memcpy(items, interval->items, n * sizeof(*items));
    restrict_to_now(interval, items);
    problem.items = items;
    /* Nobody has to give for it, so it is shared as evenly as is worth a call to each. */
    problem.fair_step_kib = (int64_t)settings->deadband_kib;
    problem.capacity_kib = interval->host.current_kib + free_now;
    r = solve(planner, &problem, &plan->work, &now, plan);
    if (r == 0 && settings->keep_lp)
        r = memory_lp(&problem, &now, &plan->lp_now);
    for (size_t i = 0; i < n && r == 0; i++) {
        if (sizes_kib[i] > interval->items[i].current_kib)
            sizes_kib[i] = now.sizes_kib[i];
    }
    if (r == 0)
        plan->work = now.work;
    memory_solution_done(&now);
    free(items);
    return r;
}

static const char **labels_of(const struct memory_sample *sample)
{
    const char **labels = calloc(sample->n_guests + 1, sizeof(*labels));

    for (size_t i = 0; labels && i < sample->n_guests; i++)
        labels[i] = sample->guests[i].guest.name;
    return labels;
}

/* Problem, model, solve; ret_sizes are what to ask for. */
static int decide(struct memory_planner *planner, struct memory_interval *interval,
                  struct memory_item *items, const char *const *labels, int64_t *ret_sizes,
                  struct memory_plan *plan)
{
    const struct memory_settings *settings = &planner->settings;
    const struct memory_sample *sample = interval->sample;
    int r;

    memory_host_account(settings, sample, interval->tracks, &interval->host);
    for (size_t i = 0; i < sample->n_guests; i++)
        memory_layers(settings, &interval->host, sample->at_ns, &sample->guests[i],
                      &interval->tracks[i], &items[i]);
    memory_pressure_relax(settings, &interval->host, interval->tracks, sample->n_guests, items);
    interval->items = items;
    interval->problem = (struct memory_problem){
        .n_items = sample->n_guests,
        .items = items,
        .capacity_kib = interval->host.current_kib + grantable_kib(settings, &interval->host),
        .fair_step_kib = (int64_t)settings->fair_step_kib,
        .labels = labels};
    r = solve(planner, &interval->problem, &settings->limits, &interval->settled, plan);
    if (r < 0)
        return r;
    plan->work = interval->settled.work;
    memcpy(ret_sizes, interval->settled.sizes_kib, sample->n_guests * sizeof(*ret_sizes));
    interval->sizes_kib = ret_sizes;
    if (settings->keep_lp)
        r = memory_lp(&interval->problem, &interval->settled, &plan->lp);
    return r < 0 ? r : grant_what_is_free(planner, interval, ret_sizes, plan);
}

int memory_planner_make_plan(struct memory_planner *planner, struct memory_interval *interval,
                             struct memory_plan *plan)
{
    size_t n = interval->sample->n_guests;
    struct memory_item *items = calloc(n + 1, sizeof(*items));
    int64_t *sizes = calloc(n + 1, sizeof(*sizes));
    const char **labels = labels_of(interval->sample);
    int r = -ENOMEM;

    if (items && sizes && labels)
        r = decide(planner, interval, items, labels, sizes, plan);
    if (r == 0)
        r = memory_diff_fill(interval, plan);
    if (r == 0) {
        memory_explain_note(interval, plan);
        if (plan->work.stopped)
            memory_plan_hold(plan, VERDICT_HOLD_STOPPED, NULL);
        if (planner->settings.explain)
            r = memory_explain_places(interval, plan);
    }
    memory_solution_done(&interval->settled);
    free(items);
    free(sizes);
    free(labels);
    return r;
}

static void remember_steps(const struct balloon_step *steps, size_t n, uint64_t at_ns,
                           struct memory_track *tracks)
{
    for (size_t i = 0; i < n; i++) {
        while (memcmp(tracks->uuid, steps[i].guest.uuid, sizeof(tracks->uuid)) != 0)
            tracks++;
        memory_response_ask(&tracks->response, at_ns, tracks->actual_kib, (int64_t)steps[i].to_kib);
        memory_hands_answer(&tracks->hands, at_ns, (int64_t)steps[i].to_kib < tracks->actual_kib);
    }
}

int memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                        struct memory_plan *ret, struct err *err)
{
    struct memory_interval interval = {
        .settings = &planner->settings, .sample = sample, .is_first = !planner->has_seen};
    struct memory_plan plan = {0};
    struct memory_track *tracks;
    int r = memory_sample_check(sample, err);

    if (r < 0)
        return r;
    interval.tracks = tracks = next_tracks(planner, sample);
    r = tracks ? memory_planner_make_plan(planner, &interval, &plan) : -ENOMEM;
    if (r < 0) {
        memory_plan_done(&plan);
        free(tracks);
        return err_set(err, r,
                       r == -ENOMEM ? "out of memory, sizes stay as they are"
                                    : "the memory problem is inconsistent, sizes stay");
    }
    remember_steps(plan.reclaims, plan.n_reclaims, sample->at_ns, tracks);
    remember_steps(plan.grants, plan.n_grants, sample->at_ns, tracks);
    free(planner->tracks);
    planner->tracks = tracks;
    planner->n_tracks = sample->n_guests;
    planner->has_seen = true;
    *ret = plan;
    return 0;
}

static struct memory_track *find_track(const struct memory_planner *planner,
                                       const struct guest_id *guest)
{
    for (size_t i = 0; i < planner->n_tracks; i++) {
        if (memcmp(planner->tracks[i].uuid, guest->uuid, sizeof(guest->uuid)) == 0)
            return &planner->tracks[i];
    }
    return NULL;
}

static void retract(struct memory_track *track)
{
    memory_response_retract(&track->response, track->seen_ns);
    memory_hands_retract(&track->hands, track->seen_ns);
}

void memory_planner_retract(struct memory_planner *planner, const struct guest_id *guest)
{
    struct memory_track *track = guest ? find_track(planner, guest) : NULL;

    if (track)
        retract(track);
    for (size_t i = 0; i < planner->n_tracks && !guest; i++)
        retract(&planner->tracks[i]);
}

bool memory_planner_refused(struct memory_planner *planner, const struct guest_id *guest)
{
    struct memory_track *track = find_track(planner, guest);

    if (!track)
        return false;
    retract(track);
    backoff_fail(&track->refused, track->seen_ns, planner->settings.refused_s);
    return track->refused.times == 1;
}
