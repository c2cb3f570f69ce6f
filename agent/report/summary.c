/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Verdicts of intervals that had loads to look at. */
static bool has_balance(enum verdict verdict)
{
    return verdict != VERDICT_HOLD_OBSERVING && verdict != VERDICT_HOLD_IDLE;
}

static void add_sigma(struct sigma_counts *counts, double sigma_pct)
{
    double step = fmin(fmax(floor(10 * sigma_pct + 0.5), 0), SIGMA_STEPS - 1);

    counts->n++;
    counts->sum_pct += sigma_pct;
    counts->of[(size_t)step]++;
}

double sigma_mean_pct(const struct sigma_counts *counts)
{
    return counts->n ? counts->sum_pct / (double)counts->n : 0;
}

double sigma_quantile_pct(const struct sigma_counts *counts, double share)
{
    uint64_t seen = 0;
    size_t step = 0;

    while (step < SIGMA_STEPS && (double)(seen += counts->of[step]) < share * (double)counts->n)
        step++;
    return counts->n ? (double)step / 10 : 0;
}

double vcpu_summary_unserved_pct(const struct vcpu_summary *summary)
{
    if (!summary->is_served_known)
        return NAN;
    return summary->wanted_s > 0 ? 100 * summary->unserved_s / summary->wanted_s : 0;
}

static void add_waiting(struct vcpu_summary *summary, const struct vcpu_waiting *waiting)
{
    if (!waiting->is_measured || isnan(waiting->floating))
        return;
    summary->waiting += waiting->measured;
    summary->waiting_expected += waiting->now;
    summary->waiting_floating += waiting->floating;
    summary->n_waiting++;
}

void vcpu_summary_add(struct vcpu_summary *summary, const struct vcpu_plan *plan,
                      const struct interval *interval)
{
    summary->intervals++;
    memcpy(summary->at, interval->at, sizeof(summary->at));
    summary->t_s = interval->t_s;
    summary->overruns = interval->overruns;
    summary->plans += vcpu_plan_actions(plan) > 0;
    summary->harmful += plan->harm[0] != '\0';
    summary->dry_run = interval->dry_run;
    if (interval->dry_run && vcpu_plan_actions(plan) > 0) {
        summary->moves = vcpu_plan_actions(plan);
        summary->sigma_wanted_pct = plan->ran.sigma_after_pct;
    }
    summary->moves += interval->tally.done;
    summary->failed += interval->tally.failed;
    summary->gone += interval->tally.gone;
    memcpy(summary->note, plan->note, sizeof(summary->note));
    if (!has_balance(plan->verdict))
        return;
    if (!summary->measured)
        summary->sigma_first_pct = plan->ran.sigma_pct;
    summary->measured = true;
    summary->sigma_last_pct = interval->dry_run ? plan->ran.sigma_pct : plan->ran.sigma_after_pct;
    summary->sigma_bound_pct = plan->ran.sigma_least_pct;
    add_sigma(&summary->sigmas, plan->ran.sigma_pct);
    add_waiting(summary, &plan->waiting);
    if (plan->verdict != VERDICT_APPLY && plan->verdict != VERDICT_HOLD_OPTIMAL)
        return;
    summary->solved = true;
    summary->status = plan->status;
    summary->method = plan->method;
    summary->objective = plan->objective;
    summary->bound = plan->bound;
    summary->gap = plan->gap;
}

/* Guests come in the same order each time: the search starts where the last one ended. */
static struct guest_track *find_track(struct memory_summary *summary, const struct guest_id *guest,
                                      size_t *at)
{
    for (size_t i = 0; i < summary->n_guests; i++) {
        struct guest_track *track = &summary->guests[(*at + i) % summary->n_guests];

        if (guest_compare(&track->guest, guest) == 0) {
            *at += i + 1;
            return track;
        }
    }
    return NULL;
}

static struct guest_track *add_track(struct memory_summary *summary,
                                     const struct memory_place *place)
{
    struct guest_track *grown =
        realloc(summary->guests, (summary->n_guests + 1) * sizeof(*summary->guests));

    if (!grown)
        return NULL;
    summary->guests = grown;
    grown += summary->n_guests++;
    *grown = (struct guest_track){
        .guest = place->guest,
        .first_kib = place->actual_kib,
        .lowest_unused_kib = UINT64_MAX,
    };
    return grown;
}

/* Who is gone keeps a row of its own and is no part of the rest in one: guests that come and go for
 * months would be remembered for ever. */
static void forget_gone(struct memory_summary *summary)
{
    size_t n = summary->n_guests < REPORT_MAX_ROWS ? summary->n_guests : REPORT_MAX_ROWS;

    for (size_t i = n; i < summary->n_guests; i++) {
        if (summary->guests[i].present)
            summary->guests[n++] = summary->guests[i];
    }
    summary->n_guests = n;
}

double memory_summary_under_pct(const struct memory_summary *summary)
{
    return summary->guest_intervals
               ? 100 * (double)summary->under / (double)summary->guest_intervals
               : NAN;
}

static void note_unused(struct memory_summary *summary, const struct memory_place *place,
                        struct guest_track *track)
{
    summary->guest_intervals++;
    summary->under += place->unused_kib < summary->guest_unused_kib;
    if (place->unused_kib < track->lowest_unused_kib)
        track->lowest_unused_kib = place->unused_kib;
}

static int track_guests(struct memory_summary *summary, const struct memory_sample *sample,
                        const struct memory_plan *plan)
{
    size_t at = 0;

    for (size_t i = 0; i < summary->n_guests; i++)
        summary->guests[i].present = false;
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        struct guest_track *track = find_track(summary, &place->guest, &at);

        if (!track)
            track = add_track(summary, place);
        if (!track)
            return -ENOMEM;
        track->present = true;
        if (track->last_kib)
            summary->moved_kib += track->last_kib > place->actual_kib
                                      ? track->last_kib - place->actual_kib
                                      : place->actual_kib - track->last_kib;
        track->last_kib = place->actual_kib;
        if (report_has_unused(i < sample->n_guests ? &sample->guests[i] : NULL, place))
            note_unused(summary, place, track);
    }
    forget_gone(summary);
    return 0;
}

int memory_summary_add(struct memory_summary *summary, const struct memory_sample *sample,
                       const struct memory_plan *plan, const struct interval *interval)
{
    if (!summary->intervals || plan->host_free_kib < summary->lowest_free_kib)
        summary->lowest_free_kib = plan->host_free_kib;
    summary->intervals++;
    memcpy(summary->at, interval->at, sizeof(summary->at));
    summary->t_s = interval->t_s;
    summary->overruns = interval->overruns;
    summary->dry_run = interval->dry_run;
    if (interval->dry_run && plan->n_reclaims + plan->n_grants > 0)
        summary->reclaims = summary->grants = 0;
    summary->reclaims += plan->n_reclaims;
    summary->grants += plan->n_grants;
    summary->failed += interval->tally.failed;
    summary->gone += interval->tally.gone;
    summary->calls += interval->tally.done + interval->tally.failed + interval->tally.gone;
    summary->reserve_kib = plan->host_reserve_kib;
    if (plan->verdict == VERDICT_APPLY || plan->verdict == VERDICT_HOLD_OPTIMAL) {
        summary->solved = true;
        summary->status = plan->status;
        summary->objective = plan->objective;
        summary->bound = plan->bound;
        summary->gap = plan->gap;
    }
    return track_guests(summary, sample, plan);
}

void memory_summary_done(struct memory_summary *summary)
{
    free(summary->guests);
    *summary = (struct memory_summary){0};
}
