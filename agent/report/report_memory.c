/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agent/base/text.h"
#include "agent/report/fold.h"
#include "agent/report/order.h"

enum { BAR_WIDTH = 8, NAME_WIDTH = 16, NUMBER_SIZE = 32, SENTENCE_INDENT = 6 };

static double mib(uint64_t kib)
{
    return (double)kib / 1024.0;
}

static void print_line(FILE *out, enum report_detail detail, const struct memory_plan *plan,
                       const struct interval *interval)
{
    struct fold fold = fold_begin(out, 0, 2);

    report_interval(&fold, interval);
    fold_print(&fold, " verdict=%s", verdict_text(plan->verdict));
    if (detail >= REPORT_TABLE || plan->n_reclaims + plan->n_grants)
        fold_print(&fold, " reclaims=%zu grants=%zu", plan->n_reclaims, plan->n_grants);
    fold_print(&fold, " free_mib=%.0f", mib(plan->host_free_kib));
    if (plan->missing_kib)
        fold_print(&fold, " missing_mib=%.0f", mib(plan->missing_kib));
    report_troubles(&fold, interval);
    fold_end(&fold);
}

static void print_host(FILE *out, const struct memory_plan *plan, const struct interval *interval)
{
    struct fold fold = fold_begin(out, 0, 4);
    char objective[NUMBER_SIZE];

    fold_print(&fold, "  total_mib=%.0f reserve_mib=%.0f promised_mib=%.0f",
               mib(plan->host_total_kib), mib(plan->host_reserve_kib),
               mib(plan->host_promised_kib));
    if (plan->host_droppable_kib)
        fold_print(&fold, " droppable_mib=%.0f", mib(plan->host_droppable_kib));
    if (plan->host_arc_kib)
        fold_print(&fold, " arc_mib=%.0f", mib(plan->host_arc_kib));
    fold_end(&fold);
    fold_line(out, 4, "  objective=%s status=%s solve_ms=%.1f",
              report_number(plan->objective, 3, objective, sizeof(objective)),
              solve_status_text(plan->status), interval->solve_ms);
}

static uint64_t widest_kib(const struct memory_plan *plan)
{
    uint64_t widest = 1;

    for (size_t i = 0; i < plan->n_places; i++) {
        if (plan->places[i].actual_kib > widest)
            widest = plan->places[i].actual_kib;
        if (plan->places[i].target_kib > widest)
            widest = plan->places[i].target_kib;
    }
    return widest;
}

static bool is_changed(const struct memory_place *place)
{
    return place->target_kib != place->actual_kib;
}

static void print_guest(FILE *out, bool all, const struct interval *interval,
                        const struct memory_reading *reading, const struct memory_place *place,
                        uint64_t bar_kib)
{
    bool has_unused = report_has_unused(reading, place);
    uint64_t unused = has_unused ? place->unused_kib : 0;
    uint64_t used = place->actual_kib > unused ? place->actual_kib - unused : 0;
    char name[4 * NAME_WIDTH + 1], bar[BAR_WIDTH + 1], text[NUMBER_SIZE] = "-";
    char change[NUMBER_SIZE] = "";

    text_column(place->guest.name, NAME_WIDTH, 1, name, sizeof(name));
    text_bar((double)used / (double)bar_kib, (double)place->actual_kib / (double)bar_kib, BAR_WIDTH,
             bar);
    if (has_unused)
        snprintf(text, sizeof(text), "%.0f", mib(unused));
    if (is_changed(place))
        snprintf(change, sizeof(change), "%+.0f", mib(place->target_kib) - mib(place->actual_kib));
    fprintf(out, "  %s %6.0f %6s |%s| %6.0f %6.0f %6.0f", name, mib(place->actual_kib), text, bar,
            mib(place->demand_kib), mib(place->floor_kib), mib(place->target_kib));
    if (change[0] || place->state != GUEST_OK)
        fprintf(out, " %6s", change);
    if (place->state != GUEST_OK)
        fprintf(out, " %s", guest_state_text(place->state));
    if (place->state != GUEST_OK && all)
        fprintf(out, " since %.0f s", interval_time_s(interval, place->state_since_ns));
    fputc('\n', out);
    if (all)
        fprintf(out, "    %.0f MiB at most\n", mib(place->ceiling_kib));
}

static void print_table(FILE *out, bool is_verbose, const struct memory_sample *sample,
                        const struct memory_plan *plan, const struct interval *interval,
                        const struct order_row *rows)
{
    bool all = is_verbose || plan->n_places <= REPORT_MAX_ROWS;
    uint64_t widest = widest_kib(plan);
    size_t n = 0;

    if (!plan->n_places) {
        fputs("  no guests\n", out);
        return;
    }
    fprintf(out, "  %-*s %6s %6s |%-*s| %6s %6s %6s %6s (MiB)\n", NAME_WIDTH, "guest", "actual",
            "unused", BAR_WIDTH, "#used ..", "demand", "floor", "target", "");
    for (size_t i = 0; rows && i < plan->n_places; i++) {
        size_t at = rows[i].at;
        const struct memory_place *place = &plan->places[at];

        if (!all && (n >= REPORT_MAX_ROWS || (!is_changed(place) && place->state == GUEST_OK)))
            continue;
        print_guest(out, is_verbose, interval, at < sample->n_guests ? &sample->guests[at] : NULL,
                    place, widest);
        n++;
    }
    if (n < plan->n_places)
        fprintf(out, "   ... %zu more guests\n", plan->n_places - n);
}

static void print_steps(FILE *out, const char *verb, const struct balloon_step *steps, size_t n)
{
    struct order_row *rows = order_steps(steps, n);

    for (size_t i = 0; rows && i < n; i++) {
        const struct balloon_step *step = &steps[rows[i].at];
        char name[4 * NAME_WIDTH + 1], reason[sizeof(step->reason)];

        text_column(step->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        fold_line(out, SENTENCE_INDENT, "  %s %s %.0f -> %.0f MiB: %s", verb, name,
                  mib(step->from_kib), mib(step->to_kib),
                  text_shown(step->reason, reason, sizeof(reason)));
    }
    free(rows);
}

static void print_explanations(FILE *out, const struct memory_plan *plan,
                               const struct order_row *rows)
{
    for (size_t i = 0; rows && i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[rows[i].at];
        char name[4 * NAME_WIDTH + 1], explain[sizeof(place->explain)];

        if (!place->explain[0])
            continue;
        text_column(place->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        fold_line(out, SENTENCE_INDENT, "  why %s: %s", name,
                  text_shown(place->explain, explain, sizeof(explain)));
    }
}

static void print_guests(FILE *out, enum report_detail detail, bool explain,
                         const struct memory_sample *sample, const struct memory_plan *plan,
                         const struct interval *interval)
{
    struct order_row *rows = order_guests(plan);

    print_host(out, plan, interval);
    if (detail == REPORT_ALL)
        report_solver(out, &plan->solver);
    print_table(out, detail == REPORT_ALL, sample, plan, interval, rows);
    if (explain)
        print_explanations(out, plan, rows);
    free(rows);
}

void report_memory(FILE *out, enum report_detail detail, bool explain,
                   const struct memory_sample *sample, const struct memory_plan *plan,
                   const struct interval *interval)
{
    bool dry_run = interval->dry_run;
    char note[sizeof(plan->note)];

    print_line(out, detail, plan, interval);
    if (detail >= REPORT_TABLE)
        print_guests(out, detail, explain, sample, plan, interval);
    if (detail >= REPORT_CHANGES) {
        print_steps(out, dry_run ? "would reclaim" : "reclaim", plan->reclaims, plan->n_reclaims);
        print_steps(out, dry_run ? "would grant" : "grant", plan->grants, plan->n_grants);
    }
    if (detail >= REPORT_NOTE && plan->note[0])
        fold_line(out, SENTENCE_INDENT, "  note: %s", text_shown(plan->note, note, sizeof(note)));
    if (detail == REPORT_ALL)
        fold_line(out, SENTENCE_INDENT, "  work: %" PRId64 " pivots%s; hold costs %.3f",
                  plan->work.pivots, plan->work.stopped ? ", stopped" : "", plan->hold_objective);
}

static void print_track(FILE *out, const struct guest_track *track)
{
    char name[4 * NAME_WIDTH + 1], lowest[NUMBER_SIZE] = "-";

    text_column(track->guest.name, NAME_WIDTH, 1, name, sizeof(name));
    if (track->lowest_unused_kib != UINT64_MAX)
        snprintf(lowest, sizeof(lowest), "%.0f", mib(track->lowest_unused_kib));
    fprintf(out, "  %s %8.0f %8.0f %13s%s\n", name, mib(track->first_kib), mib(track->last_kib),
            lowest, track->present ? "" : "   (gone)");
}

/* The guests without a row of their own, in one. */
static void print_rest(FILE *out, const struct memory_summary *summary)
{
    uint64_t first_kib = 0, last_kib = 0, lowest_kib = UINT64_MAX;
    struct guest_track rest = {.present = true};

    for (size_t i = REPORT_MAX_ROWS; i < summary->n_guests; i++) {
        first_kib += summary->guests[i].first_kib;
        last_kib += summary->guests[i].last_kib;
        if (summary->guests[i].lowest_unused_kib < lowest_kib)
            lowest_kib = summary->guests[i].lowest_unused_kib;
    }
    snprintf(rest.guest.name, sizeof(rest.guest.name), "%zu others",
             summary->n_guests - REPORT_MAX_ROWS);
    rest.first_kib = first_kib;
    rest.last_kib = last_kib;
    rest.lowest_unused_kib = lowest_kib;
    print_track(out, &rest);
}

/* What runs are compared by. */
static void print_effect(FILE *out, const struct memory_summary *summary)
{
    double n = (double)summary->intervals;

    if (summary->guest_intervals)
        fprintf(out, "  unused     under %.0f MiB in %.2f %% of %" PRIu64 " guest-intervals\n",
                mib(summary->guest_unused_kib), memory_summary_under_pct(summary),
                summary->guest_intervals);
    fprintf(out, "  moved      %.1f MiB and %.2f calls an interval\n", mib(summary->moved_kib) / n,
            (double)summary->calls / n);
    if (summary->is_refused_known)
        fprintf(out, "  refused    %" PRIu64 " allocations in guests below their maximum\n",
                summary->refused);
}

void report_memory_summary(FILE *out, const struct memory_summary *summary)
{
    char objective[NUMBER_SIZE], bound[NUMBER_SIZE], gap[NUMBER_SIZE];
    struct order_row *rows;

    fold_line(out, 13,
              "summary: %" PRIu64 " intervals in %.1f s%s%s, %s%" PRIu64 " reclaims, %" PRIu64
              " grants, %" PRIu64 " failed, %" PRIu64 " gone, %" PRIu64 " overruns",
              summary->intervals, summary->t_s, summary->at[0] ? " until " : "", summary->at,
              summary->dry_run ? "nothing was changed, the last plan has " : "", summary->reclaims,
              summary->grants, summary->failed, summary->gone, summary->overruns);
    if (summary->n_guests)
        fprintf(out, "  %-*s %8s %8s %13s   (MiB)\n", NAME_WIDTH, "guest", "before", "after",
                "lowest unused");
    rows = order_tracks(summary);
    for (size_t i = 0; rows && i < summary->n_guests && i < REPORT_MAX_ROWS; i++)
        print_track(out, &summary->guests[rows[i].at]);
    free(rows);
    if (summary->n_guests > REPORT_MAX_ROWS)
        print_rest(out, summary);
    if (summary->intervals) {
        print_effect(out, summary);
        fprintf(out, "  lowest host free %.0f MiB, reserve %.0f MiB\n",
                mib(summary->lowest_free_kib), mib(summary->reserve_kib));
    }
    if (summary->solved)
        fold_line(out, 13, "  last plan  objective %s, bound %s, gap %s %%: %s",
                  report_number(summary->objective, 3, objective, sizeof(objective)),
                  report_number(summary->bound, 3, bound, sizeof(bound)),
                  report_number(summary->gap * 100, 2, gap, sizeof(gap)),
                  solve_status_text(summary->status));
}
