/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_vcpu.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/report/report_nodes.h"
#include "agent/report/report_reserves.h"
#include "agent/report/report_sets.h"

enum { BAR_WIDTH = 20, NAME_WIDTH = 16 };
enum { LIST_WIDTH = 88 }; /* eight guests with names of usual length */
enum { NUMBER_SIZE = 32 };

static void print_line(FILE *out, const struct vcpu_plan *plan, const struct interval *interval)
{
    char sigma[NUMBER_SIZE], after[NUMBER_SIZE], least[NUMBER_SIZE];
    char objective[NUMBER_SIZE], bound[NUMBER_SIZE], gap[NUMBER_SIZE];

    if (interval->number > 1)
        fputc('\n', out);
    report_interval(out, interval);
    fprintf(out,
            " verdict=%s moves=%zu sigma=%s after=%s least=%s "
            "objective=%s bound=%s gap=%s%% method=%s solve_ms=%.1f failed=%zu gone=%zu "
            "overruns=%" PRIu64 "%s\n",
            verdict_text(plan->verdict), vcpu_plan_actions(plan),
            report_number(plan->ran.sigma_pct, 2, sigma, sizeof(sigma)),
            report_number(plan->ran.sigma_after_pct, 2, after, sizeof(after)),
            report_number(plan->ran.sigma_least_pct, 2, least, sizeof(least)),
            report_number(plan->objective, 3, objective, sizeof(objective)),
            report_number(plan->bound, 3, bound, sizeof(bound)),
            report_number(plan->gap * 100, 2, gap, sizeof(gap)),
            placement_method_text(plan->method), interval->solve_ms, interval->tally.failed,
            interval->tally.gone, interval->overruns, interval->dry_run ? " dry_run=1" : "");
}

enum lists { ON_PCPU, FLOATING, NOT_RUNNING };

static bool is_in_list(const struct vcpu_sample *sample, const struct vcpu_place *place,
                       enum lists list, unsigned pcpu)
{
    bool running = sample->vcpus[place->vcpu].running;

    switch (list) {
    case ON_PCPU:
        return running && place->from_pcpu == (int)pcpu;
    case FLOATING:
        return running && place->from_pcpu < 0;
    case NOT_RUNNING:
        return !running;
    }
    return false;
}

/* "web1/0 web2/0 +3 more"; returns how many belong. */
static size_t print_vcpus(FILE *out, bool all, const struct vcpu_sample *sample,
                          const struct vcpu_plan *plan, enum lists list, unsigned pcpu)
{
    size_t used = 0, shown = 0, found = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        const struct vcpu_reading *reading = &sample->vcpus[place->vcpu];
        char name[4 * NAME_WIDTH + 1], item[sizeof(name) + 16];

        if (!is_in_list(sample, place, list, pcpu))
            continue;
        found++;
        text_column(reading->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(item, sizeof(item), "%s/%u", name, reading->vcpu);
        if (!all && used + strlen(item) + 1 > LIST_WIDTH)
            continue;
        used += strlen(item) + 1;
        shown++;
        fprintf(out, " %s", item);
    }
    if (found > shown)
        fprintf(out, " +%zu more", found - shown);
    return found;
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
        if (plan->pins[i].from_pcpu == (int)pcpu->id || plan->pins[i].to_pcpu == pcpu->id)
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

static void print_pcpu(FILE *out, bool verbose, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct pcpu_load *pcpu)
{
    char bar[BAR_WIDTH + 1], after[NUMBER_SIZE] = "";

    text_bar(pcpu->ran_permille / 1000.0, pcpu->ran_after_permille / 1000.0, BAR_WIDTH, bar);
    if (plan->n_pins + plan->n_releases)
        snprintf(after, sizeof(after), "%6.1f", pcpu->ran_after_permille / 10.0);
    fprintf(out, "  %4u %6.1f %6.1f %6.1f |%s| %6s ", pcpu->id, pcpu->ran_permille / 10.0,
            pcpu->before_permille / 10.0, pcpu->background_permille / 10.0, bar, after);
    if (pcpu->use != PCPU_USABLE)
        fprintf(out, " (%s)", pcpu_use_text(pcpu->use));
    print_vcpus(out, verbose, sample, plan, ON_PCPU, pcpu->id);
    fputc('\n', out);
}

static void print_table(FILE *out, bool verbose, const struct vcpu_sample *sample,
                        const struct vcpu_plan *plan)
{
    bool all = verbose || plan->n_pcpus <= REPORT_MAX_ROWS;
    const struct pcpu_load *low, *high;
    size_t rows = 0;

    if (!plan->n_pcpus)
        return;
    extremes(plan, &low, &high);
    fprintf(out, "  pCPU load %%  wants  other |0%*s| %6s  vCPUs\n", BAR_WIDTH - 1, "100",
            plan->n_pins + plan->n_releases ? "after" : "");
    for (size_t i = 0; i < plan->n_pcpus; i++) {
        const struct pcpu_load *pcpu = &plan->pcpus[i];

        if (!all && pcpu != low && pcpu != high &&
            (rows >= REPORT_MAX_ROWS || !is_worth_a_row(plan, pcpu)))
            continue;
        print_pcpu(out, verbose, sample, plan, pcpu);
        rows++;
    }
    if (rows < plan->n_pcpus)
        fprintf(out, "   ... %zu more pCPUs between %.1f and %.1f %%\n", plan->n_pcpus - rows,
                low->ran_permille / 10.0, high->ran_permille / 10.0);
}

static void print_others(FILE *out, bool verbose, const struct vcpu_sample *sample,
                         const struct vcpu_plan *plan)
{
    if (count_vcpus(sample, plan, FLOATING)) {
        fputs("  floating:", out);
        print_vcpus(out, verbose, sample, plan, FLOATING, 0);
        fputc('\n', out);
    }
    if (count_vcpus(sample, plan, NOT_RUNNING)) {
        fputs("  not running:", out);
        print_vcpus(out, verbose, sample, plan, NOT_RUNNING, 0);
        fputc('\n', out);
    }
}

/* In percent of the time that vCPUs run. */
static void print_waiting(FILE *out, const struct vcpu_plan *plan)
{
    const struct vcpu_waiting *waiting = &plan->waiting;

    if (plan->verdict == VERDICT_HOLD_OBSERVING || !plan->n_places || isnan(waiting->floating))
        return;
    fputs("  waiting ", out);
    if (waiting->is_measured)
        fprintf(out, "%.1f %% of running; ", 100 * waiting->measured);
    fprintf(out, "expected %.1f %%", 100 * waiting->now);
    if (plan->n_pins + plan->n_releases)
        fprintf(out, ", after the plan %.1f %%", 100 * waiting->after);
    fprintf(out, ", if all floated %.1f %%\n", 100 * waiting->floating);
}

static void print_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        char name[4 * NAME_WIDTH + 1], vcpu[sizeof(name) + 16], from[16] = "floating";
        char reason[sizeof(pin->reason)];

        text_column(pin->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(vcpu, sizeof(vcpu), "%s/%u", name, pin->vcpu);
        if (pin->from_pcpu >= 0)
            snprintf(from, sizeof(from), "%d", pin->from_pcpu);
        fprintf(out, "  %s %-*s %8s -> %-4u %5.1f %%  %s\n", dry_run ? "would pin" : "pin",
                NAME_WIDTH + 4, vcpu, from, pin->to_pcpu, pin->demand_permille / 10.0,
                text_shown(pin->reason, reason, sizeof(reason)));
    }
}

static void print_releases(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    for (size_t i = 0; i < plan->n_releases; i++) {
        const struct vcpu_release *release = &plan->releases[i];
        char name[4 * NAME_WIDTH + 1], vcpu[sizeof(name) + 16];

        text_column(release->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(vcpu, sizeof(vcpu), "%s/%u", name, release->vcpu);
        fprintf(out, "  %s %-*s %8d -> floating %5.1f %%\n", dry_run ? "would free" : "free",
                NAME_WIDTH + 4, vcpu, release->from_pcpu, release->demand_permille / 10.0);
    }
}

void report_vcpu(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct interval *interval)
{
    char note[sizeof(plan->note)];

    print_line(out, plan, interval);
    report_solver(out, &plan->solver);
    if (plan->grain == TOPOLOGY_LEVEL_PCPU) {
        print_table(out, verbose, sample, plan);
        print_others(out, verbose, sample, plan);
    } else {
        report_sets(out, verbose, sample, plan);
    }
    report_reserves(out, sample, plan);
    print_waiting(out, plan);
    report_nodes(out, plan);
    if (!plan->n_places)
        fputs("  no guests\n", out);
    if (plan->grain == TOPOLOGY_LEVEL_PCPU) {
        print_pins(out, plan, interval->dry_run);
        print_releases(out, plan, interval->dry_run);
    } else {
        report_sets_pins(out, plan, interval->dry_run);
    }
    report_sets_helpers(out, plan, interval->dry_run);
    if (plan->note[0])
        fprintf(out, "  note: %s\n", text_shown(plan->note, note, sizeof(note)));
    if (verbose)
        fprintf(out,
                "  work: %" PRId64 " bounds, %" PRId64 "k cells, %" PRId64 " pivots, %" PRId64
                " nodes%s; %s; hold costs %.3f\n",
                plan->work.evaluations, plan->work.kcells, plan->work.pivots, plan->work.nodes,
                plan->work.stopped ? ", stopped" : "", solve_status_text(plan->status),
                plan->hold_objective);
}

static void print_counts(FILE *out, const struct vcpu_summary *summary)
{
    fprintf(out, "summary: %" PRIu64 " intervals in %.1f s%s%s, ", summary->intervals, summary->t_s,
            summary->at[0] ? " until " : "", summary->at);
    if (summary->dry_run)
        fprintf(out, "nothing was changed, %" PRIu64 " had a plan, the last of %" PRIu64 " moves",
                summary->plans, summary->moves);
    else
        fprintf(out, "%" PRIu64 " moves in %" PRIu64 " plans", summary->moves, summary->plans);
    if (summary->harmful)
        fprintf(out, ", %" PRIu64 " refused as harmful", summary->harmful);
    fprintf(out, ", %" PRIu64 " failed, %" PRIu64 " gone, %" PRIu64 " overruns\n", summary->failed,
            summary->gone, summary->overruns);
}

static void print_balance(FILE *out, const struct vcpu_summary *summary)
{
    fprintf(out, "  balance    sigma %.2f points at first, %.2f at last; ",
            summary->sigma_first_pct, summary->sigma_last_pct);
    if (summary->dry_run && summary->plans)
        fprintf(out, "the last plan would have made it %.2f; ", summary->sigma_wanted_pct);
    fprintf(out, "no pins reach less than %.2f\n", summary->sigma_bound_pct);
    fprintf(out,
            "  sigma      %.2f points on average, at most %.1f in 95 %% of %" PRIu64 " intervals\n",
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

        fprintf(out,
                "  waiting    %.1f %% of running on average; %.1f %% was expected, %.1f %% if all "
                "floated\n",
                100 * summary->waiting / n, 100 * summary->waiting_expected / n,
                100 * summary->waiting_floating / n);
    }
    if (summary->is_served_known)
        fprintf(out, "  unserved   %.2f %% of the CPU time that guests wanted: %.1f of %.1f s\n",
                vcpu_summary_unserved_pct(summary), summary->unserved_s, summary->wanted_s);
    if (summary->solved)
        fprintf(out, "  last plan  objective %s, bound %s, gap %s %%: %s, by %s\n",
                report_number(summary->objective, 3, text, sizeof(text)),
                report_number(summary->bound, 3, bound, sizeof(bound)),
                report_number(summary->gap * 100, 2, gap, sizeof(gap)),
                solve_status_text(summary->status), placement_method_text(summary->method));
    if (summary->note[0])
        fprintf(out, "  note       %s\n", text_shown(summary->note, note, sizeof(note)));
}
