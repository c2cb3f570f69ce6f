/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_vcpu.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/report/fold.h"
#include "agent/report/order.h"
#include "agent/report/report_nodes.h"
#include "agent/report/report_reserves.h"
#include "agent/report/report_sets.h"

enum { NAME_WIDTH = 16 };
enum { ROW_INDENT = 9, SENTENCE_INDENT = 6 };
enum { MAX_LIST_COLUMNS = 3 * FOLD_COLUMNS }; /* of vCPUs in one place */
enum { NUMBER_SIZE = 32 };

/* What each interval has, and what is known of its plan. */
static void print_line(FILE *out, enum report_detail detail, const struct vcpu_plan *plan,
                       const struct interval *interval)
{
    struct fold fold = fold_begin(out, 0, 2);
    char number[NUMBER_SIZE];

    report_interval(&fold, interval);
    fold_print(&fold, " verdict=%s", verdict_text(plan->verdict));
    if (detail >= REPORT_TABLE || vcpu_plan_actions(plan))
        fold_print(&fold, " moves=%zu", vcpu_plan_actions(plan));
    fold_print(&fold, " sigma=%s", report_number(plan->ran.sigma_pct, 2, number, sizeof(number)));
    if (vcpu_plan_actions(plan))
        fold_print(&fold, " after=%s",
                   report_number(plan->ran.sigma_after_pct, 2, number, sizeof(number)));
    fold_print(&fold, " least=%s",
               report_number(plan->ran.sigma_least_pct, 2, number, sizeof(number)));
    report_troubles(&fold, interval);
    fold_end(&fold);
}

static void print_proof(FILE *out, const struct vcpu_plan *plan, const struct interval *interval)
{
    char objective[NUMBER_SIZE], bound[NUMBER_SIZE], gap[NUMBER_SIZE];

    fold_line(out, 4, "  objective=%s bound=%s gap=%s%% method=%s solve_ms=%.1f",
              report_number(plan->objective, 3, objective, sizeof(objective)),
              report_number(plan->bound, 3, bound, sizeof(bound)),
              report_number(plan->gap * 100, 2, gap, sizeof(gap)),
              placement_method_text(plan->method), interval->solve_ms);
}

enum lists { ON_PCPU, FLOATING, NOT_RUNNING };

static bool is_in_list(const struct vcpu_sample *sample, const struct vcpu_place *place,
                       enum lists list, unsigned pcpu)
{
    bool running = sample->vcpus[place->vcpu].running;

    switch (list) {
    case ON_PCPU:
        return running && place->from_place == (int)pcpu;
    case FLOATING:
        return running && place->from_place < 0;
    case NOT_RUNNING:
        return !running;
    }
    return false;
}

/* " web1/0 web2/0 +3 more" */
static void print_vcpus(struct fold *fold, bool all, const struct vcpu_sample *sample,
                        const struct vcpu_plan *plan, const struct order_row *rows, enum lists list,
                        unsigned pcpu)
{
    size_t used = 0, shown = 0, found = 0;

    for (size_t i = 0; rows && i < plan->n_places; i++) {
        char name[4 * NAME_WIDTH + 1], item[sizeof(name) + 16];

        if (!is_in_list(sample, &plan->places[rows[i].at], list, pcpu))
            continue;
        found++;
        text_column(rows[i].guest->name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(item, sizeof(item), " %s/%u", name, rows[i].vcpu);
        if (!all && used + strlen(item) > MAX_LIST_COLUMNS)
            continue;
        used += strlen(item);
        shown++;
        fold_text(fold, item);
    }
    if (found > shown)
        fold_print(fold, " +%zu more", found - shown);
}

static size_t count_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          enum lists list)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        n += is_in_list(sample, &plan->places[i], list, 0);
    return n;
}

/* A long table shows only the pCPUs that a pin leaves or enters. */
static bool is_worth_a_row(const struct vcpu_plan *plan, const struct pcpu_load *pcpu)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        if (plan->pins[i].from_place == (int)pcpu->id || plan->pins[i].to_place == pcpu->id)
            return true;
    }
    return false;
}

/* Which is busier; of two that are full, the one of which more is wanted. */
static bool is_busier(const struct pcpu_load *a, const struct pcpu_load *b)
{
    return a->ran_permille != b->ran_permille ? a->ran_permille > b->ran_permille
                                              : a->before_permille > b->before_permille;
}

static void extremes(const struct vcpu_plan *plan, const struct pcpu_load **ret_low,
                     const struct pcpu_load **ret_high)
{
    *ret_low = *ret_high = plan->pcpus;
    for (size_t i = 1; i < plan->n_pcpus; i++) {
        const struct pcpu_load *pcpu = &plan->pcpus[i];
        bool is_first = (*ret_low)->use != PCPU_USABLE; /* of those that guests may use */

        if (pcpu->use != PCPU_USABLE)
            continue;
        if (is_first || is_busier(*ret_low, pcpu))
            *ret_low = pcpu;
        if (is_first || is_busier(pcpu, *ret_high))
            *ret_high = pcpu;
    }
}

static void print_pcpu(FILE *out, bool all, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct order_row *rows,
                       const struct pcpu_load *pcpu)
{
    bool is_plan = plan->n_pins + plan->n_releases > 0;
    char bar[REPORT_BAR_SIZE];
    struct fold fold;
    int column;

    report_load_bar(pcpu->ran_permille, pcpu->before_permille,
                    is_plan ? pcpu->ran_after_permille : 0, bar);
    column = fprintf(out, "  %4u %6.1f %6.1f %6.1f |%s|", pcpu->id, pcpu->ran_permille / 10.0,
                     pcpu->before_permille / 10.0, pcpu->background_permille / 10.0, bar);
    if (is_plan)
        column += fprintf(out, " %6.1f", pcpu->ran_after_permille / 10.0);
    fold = fold_begin(out, column > 0 ? (size_t)column : 0, ROW_INDENT);
    if (pcpu->use != PCPU_USABLE)
        fold_print(&fold, " (%s)", pcpu_use_text(pcpu->use));
    print_vcpus(&fold, all, sample, plan, rows, ON_PCPU, pcpu->id);
    fold_end(&fold);
}

static void print_table(FILE *out, bool is_verbose, const struct vcpu_sample *sample,
                        const struct vcpu_plan *plan, const struct order_row *rows)
{
    bool all = is_verbose || plan->n_pcpus <= REPORT_MAX_ROWS;
    const struct pcpu_load *low, *high;
    size_t n = 0;

    if (!plan->n_pcpus)
        return;
    extremes(plan, &low, &high);
    fprintf(out, "  pCPU load %%  wants  other |0      100|+     200|%s vCPUs\n",
            plan->n_pins + plan->n_releases ? "  after" : "");
    for (size_t i = 0; i < plan->n_pcpus; i++) {
        const struct pcpu_load *pcpu = &plan->pcpus[i];

        if (!all && pcpu != low && pcpu != high &&
            (n >= REPORT_MAX_ROWS || !is_worth_a_row(plan, pcpu)))
            continue;
        print_pcpu(out, is_verbose, sample, plan, rows, pcpu);
        n++;
    }
    if (n < plan->n_pcpus)
        fprintf(out, "   ... %zu more pCPUs between %.1f and %.1f %%\n", plan->n_pcpus - n,
                low->ran_permille / 10.0, high->ran_permille / 10.0);
}

static void print_list(FILE *out, bool all, const char *what, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct order_row *rows, enum lists list)
{
    struct fold fold = fold_begin(out, 0, SENTENCE_INDENT);

    if (count_vcpus(sample, plan, list) == 0)
        return;
    fold_print(&fold, "  %s:", what);
    print_vcpus(&fold, all, sample, plan, rows, list, 0);
    fold_end(&fold);
}

/* In percent of the time that vCPUs run. */
static void print_waiting(FILE *out, const struct vcpu_plan *plan)
{
    const struct vcpu_waiting *waiting = &plan->waiting;
    struct fold fold = fold_begin(out, 0, SENTENCE_INDENT);

    if (plan->verdict == VERDICT_HOLD_OBSERVING || !plan->n_places || isnan(waiting->floating))
        return;
    fold_text(&fold, "  waiting ");
    if (waiting->is_measured)
        fold_print(&fold, "%.1f %% of running; ", 100 * waiting->measured);
    fold_print(&fold, "expected %.1f %%", 100 * waiting->now);
    if (plan->n_pins + plan->n_releases)
        fold_print(&fold, ", after the plan %.1f %%", 100 * waiting->after);
    fold_print(&fold, ", if all floated %.1f %%", 100 * waiting->floating);
    fold_end(&fold);
}

static void print_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    struct order_row *rows = order_pins(plan->pins, plan->n_pins);

    for (size_t i = 0; rows && i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[rows[i].at];
        char name[4 * NAME_WIDTH + 1], from[16] = "floating", reason[sizeof(pin->reason)];

        text_column(pin->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        if (pin->from_place >= 0)
            snprintf(from, sizeof(from), "%d", pin->from_place);
        fold_line(out, SENTENCE_INDENT, "  %s %s/%u %s -> %u: %s", dry_run ? "would pin" : "pin",
                  name, pin->vcpu, from, pin->to_place,
                  text_shown(pin->reason, reason, sizeof(reason)));
    }
    free(rows);
}

static void print_releases(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    struct order_row *rows = order_releases(plan->releases, plan->n_releases);

    for (size_t i = 0; rows && i < plan->n_releases; i++) {
        const struct vcpu_release *release = &plan->releases[rows[i].at];
        char name[4 * NAME_WIDTH + 1];

        text_column(release->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        fold_line(out, SENTENCE_INDENT, "  %s %s/%u %d -> floating, %.1f %%",
                  dry_run ? "would free" : "free", name, release->vcpu, release->from_place,
                  release->demand_permille / 10.0);
    }
    free(rows);
}

static void print_note(FILE *out, const struct vcpu_plan *plan)
{
    char note[sizeof(plan->note)];

    if (plan->note[0])
        fold_line(out, SENTENCE_INDENT, "  note: %s", text_shown(plan->note, note, sizeof(note)));
}

static void print_places(FILE *out, bool is_verbose, const struct vcpu_sample *sample,
                         const struct vcpu_plan *plan)
{
    struct order_row *rows = order_places(sample, plan);

    if (plan->grain == TOPOLOGY_LEVEL_PCPU) {
        print_table(out, is_verbose, sample, plan, rows);
        print_list(out, is_verbose, "floating", sample, plan, rows, FLOATING);
        print_list(out, is_verbose, "not running", sample, plan, rows, NOT_RUNNING);
    } else {
        report_sets(out, is_verbose, sample, plan, rows);
    }
    report_reserves(out, sample, plan, rows);
    free(rows);
}

static void print_changes(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    if (plan->grain == TOPOLOGY_LEVEL_PCPU) {
        print_pins(out, plan, dry_run);
        print_releases(out, plan, dry_run);
    } else {
        report_sets_pins(out, plan, dry_run);
    }
    report_sets_helpers(out, plan, dry_run);
}

void report_vcpu(FILE *out, enum report_detail detail, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct interval *interval)
{
    print_line(out, detail, plan, interval);
    if (detail >= REPORT_CHANGES)
        print_proof(out, plan, interval);
    if (detail == REPORT_ALL)
        report_solver(out, &plan->solver);
    if (detail >= REPORT_TABLE) {
        print_places(out, detail == REPORT_ALL, sample, plan);
        print_waiting(out, plan);
        report_nodes(out, plan);
        if (!plan->n_places)
            fputs("  no guests\n", out);
    }
    if (detail >= REPORT_CHANGES)
        print_changes(out, plan, interval->dry_run);
    if (detail >= REPORT_NOTE)
        print_note(out, plan);
    if (detail == REPORT_ALL)
        fold_line(out, SENTENCE_INDENT,
                  "  work: %" PRId64 " bounds, %" PRId64 "k cells, %" PRId64 " pivots, %" PRId64
                  " nodes%s; %s; hold costs %.3f",
                  plan->work.evaluations, plan->work.kcells, plan->work.pivots, plan->work.nodes,
                  plan->work.stopped ? ", stopped" : "", solve_status_text(plan->status),
                  plan->hold_objective);
}

enum { SUMMARY_INDENT = 13 };

static void print_counts(FILE *out, const struct vcpu_summary *summary)
{
    struct fold fold = fold_begin(out, 0, SUMMARY_INDENT);

    fold_print(&fold, "summary: %" PRIu64 " intervals in %.1f s%s%s, ", summary->intervals,
               summary->t_s, summary->at[0] ? " until " : "", summary->at);
    if (summary->dry_run)
        fold_print(&fold,
                   "nothing was changed, %" PRIu64 " had a plan, the last of %" PRIu64 " moves",
                   summary->plans, summary->moves);
    else
        fold_print(&fold, "%" PRIu64 " moves in %" PRIu64 " plans", summary->moves, summary->plans);
    if (summary->harmful)
        fold_print(&fold, ", %" PRIu64 " refused as harmful", summary->harmful);
    fold_print(&fold, ", %" PRIu64 " failed, %" PRIu64 " gone, %" PRIu64 " overruns",
               summary->failed, summary->gone, summary->overruns);
    fold_end(&fold);
}

static void print_balance(FILE *out, const struct vcpu_summary *summary)
{
    struct fold fold = fold_begin(out, 0, SUMMARY_INDENT);

    fold_print(&fold, "  balance    sigma %.2f points at first, %.2f at last; ",
               summary->sigma_first_pct, summary->sigma_last_pct);
    if (summary->dry_run && summary->plans)
        fold_print(&fold, "the last plan would have made it %.2f; ", summary->sigma_wanted_pct);
    fold_print(&fold, "no pins reach less than %.2f", summary->sigma_bound_pct);
    fold_end(&fold);
    fold_line(out, SUMMARY_INDENT,
              "  sigma      %.2f points on average, at most %.1f in 95 %% of %" PRIu64 " intervals",
              sigma_mean_pct(&summary->sigmas), sigma_quantile_pct(&summary->sigmas, 0.95),
              summary->sigmas.n);
}

void report_vcpu_summary(FILE *out, const struct vcpu_summary *summary)
{
    char text[NUMBER_SIZE], bound[NUMBER_SIZE], gap[NUMBER_SIZE], note[sizeof(summary->note)];

    print_counts(out, summary);
    if (summary->measured)
        print_balance(out, summary);
    if (summary->n_waiting) {
        double n = (double)summary->n_waiting;

        fold_line(
            out, SUMMARY_INDENT,
            "  waiting    %.1f %% of running on average; %.1f %% was expected, %.1f %% if all "
            "floated",
            100 * summary->waiting / n, 100 * summary->waiting_expected / n,
            100 * summary->waiting_floating / n);
    }
    if (summary->is_served_known)
        fold_line(out, SUMMARY_INDENT,
                  "  unserved   %.2f %% of the CPU time that guests wanted: %.1f of %.1f s",
                  vcpu_summary_unserved_pct(summary), summary->unserved_s, summary->wanted_s);
    if (summary->solved)
        fold_line(out, SUMMARY_INDENT, "  last plan  objective %s, bound %s, gap %s %%: %s, by %s",
                  report_number(summary->objective, 3, text, sizeof(text)),
                  report_number(summary->bound, 3, bound, sizeof(bound)),
                  report_number(summary->gap * 100, 2, gap, sizeof(gap)),
                  solve_status_text(summary->status), placement_method_text(summary->method));
    if (summary->note[0])
        fold_line(out, SUMMARY_INDENT, "  note       %s",
                  text_shown(summary->note, note, sizeof(note)));
}
