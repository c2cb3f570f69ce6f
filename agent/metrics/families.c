/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/families.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { CPUS_TEXT_SIZE = 4096 };

/* One line; labels may be NULL. What is not known has none. */
static void line(struct page *page, const char *labels, double value)
{
    if (!isfinite(value))
        return;
    fprintf(page->out, "evenkeel_%s", page->family->name);
    if (labels)
        fprintf(page->out, "{%s}", labels);
    fprintf(page->out, " %.15g\n", value);
}

/* Of what both programs give; more is a further label, or NULL. */
static void own(struct page *page, const char *more, const char *of, double value)
{
    char labels[160];

    snprintf(labels, sizeof(labels), "program=\"%s\"%s%s%s%s%s",
             program_name(page->scrape->program), more ? "," : "", more ? more : "",
             more ? "=\"" : "", more ? of : "", more ? "\"" : "");
    line(page, labels, value);
}

static void build_info(struct page *page)
{
    own(page, "version", EVENKEEL_VERSION, 1);
}

static void up(struct page *page)
{
    own(page, NULL, NULL, page->scrape->is_up);
}

static void acting(struct page *page)
{
    own(page, NULL, NULL, page->scrape->cost.is_acting);
}

static void interval_seconds(struct page *page)
{
    own(page, NULL, NULL, page->scrape->cost.interval_s);
}

static void last_interval(struct page *page)
{
    own(page, NULL, NULL, page->scrape->cost.at_s ? (double)page->scrape->cost.at_s : NAN);
}

static void intervals(struct page *page)
{
    for (int v = 0; v < SCRAPE_VERDICTS; v++)
        own(page, "verdict", verdict_text((enum verdict)v),
            (double)page->scrape->totals.intervals[v]);
}

static void intervals_failed(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->totals.failed_intervals);
}

static void intervals_missed(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->totals.overruns);
}

static void durations(struct page *page, const struct scrape_durations *durations)
{
    const char *name = page->family->name, *program = program_name(page->scrape->program);
    uint64_t n = 0;

    for (size_t i = 0; i < SCRAPE_STEPS; i++) {
        n += durations->of[i];
        fprintf(page->out, "evenkeel_%s_bucket{program=\"%s\",le=\"%g\"} %" PRIu64 "\n", name,
                program, scrape_steps_s[i], n);
    }
    n += durations->of[SCRAPE_STEPS];
    fprintf(page->out,
            "evenkeel_%s_bucket{program=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
            "evenkeel_%s_sum{program=\"%s\"} %.9g\nevenkeel_%s_count{program=\"%s\"} %" PRIu64 "\n",
            name, program, n, name, program, durations->sum_s, name, program, n);
}

static void interval_duration(struct page *page)
{
    durations(page, &page->scrape->totals.took);
}

static void solve_duration(struct page *page)
{
    durations(page, &page->scrape->totals.solve);
}

static void solve_cpu(struct page *page)
{
    own(page, NULL, NULL, page->scrape->totals.solve_cpu_s);
}

static void searches(struct page *page)
{
    own(page, "proof", "proven", (double)page->scrape->totals.proven);
    own(page, "proof", "open", (double)page->scrape->totals.open);
}

static void gap(struct page *page)
{
    own(page, NULL, NULL, page->scrape->is_up ? page->scrape->gap : NAN);
}

/* Of either program its own; the other's would stand at 0 for ever. */
static void changes(struct page *page)
{
    static const char *const names[SCRAPE_ACTIONS] = {"pin", "release", "reclaim", "grant"};
    int first = page->scrape->program == PROGRAM_VCPU ? SCRAPE_PIN : SCRAPE_RECLAIM;

    for (int a = first; a < first + 2; a++)
        own(page, "action", names[a], (double)page->scrape->totals.changes[a]);
}

static void changes_failed(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->totals.failed);
}

static void changes_gone(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->totals.gone);
}

static void domains(struct page *page)
{
    own(page, NULL, NULL, page->scrape->is_up ? (double)page->scrape->n_guests : NAN);
}

static void domain_info(struct page *page)
{
    const struct scrape *scrape = page->scrape;
    char uuid[GUEST_UUID_SIZE];

    for (size_t i = 0; i < scrape->n_guests; i++) {
        guest_uuid_text(&scrape->guests[i].id, uuid);
        fprintf(page->out, "evenkeel_domain_info{program=\"%s\",domain=\"",
                program_name(scrape->program));
        page_guest(page, &scrape->guests[i].id);
        fprintf(page->out, "\",uuid=\"%s\"} 1\n", uuid);
    }
}

static void process_cpu(struct page *page)
{
    own(page, NULL, NULL, page->scrape->cost.cpu_s);
}

static void process_memory(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->cost.resident_kib * 1024);
}

static void libvirt_calls(struct page *page)
{
    own(page, NULL, NULL, (double)page->scrape->cost.calls);
}

/* ---- vcpu_scheduler ---- */

static const double PER_CENT = 100;

static void deviation(struct page *page)
{
    line(page, NULL, page->scrape->sigma);
}

static void deviation_least(struct page *page)
{
    line(page, NULL, page->scrape->sigma_least);
}

static void objective(struct page *page)
{
    line(page, NULL, page->scrape->is_up ? page->scrape->objective / PER_CENT : NAN);
}

static void bound(struct page *page)
{
    line(page, NULL, page->scrape->is_up ? page->scrape->bound / PER_CENT : NAN);
}

static void waiting(struct page *page)
{
    line(page, NULL, page->scrape->waiting);
}

static void waiting_expected(struct page *page)
{
    line(page, NULL, page->scrape->expected);
}

static void bins(struct page *page, double (*value)(const struct scrape_bin *bin))
{
    char pcpus[CPUS_TEXT_SIZE], labels[CPUS_TEXT_SIZE + 10];

    for (size_t i = 0; i < page->scrape->n_bins; i++) {
        const struct scrape_bin *bin = &page->scrape->bins[i];

        if (bin->pcpu >= 0)
            snprintf(pcpus, sizeof(pcpus), "%d", bin->pcpu);
        else
            cpuset_format(&bin->pcpus, pcpus, sizeof(pcpus));
        snprintf(labels, sizeof(labels), "bin=\"%s\"", pcpus);
        line(page, labels, value(bin));
    }
}

static double demand_of(const struct scrape_bin *bin)
{
    return bin->demand;
}

static double background_of(const struct scrape_bin *bin)
{
    return bin->background;
}

static double capacity_of(const struct scrape_bin *bin)
{
    return (double)bin->n_usable;
}

static void bin_demand(struct page *page)
{
    bins(page, demand_of);
}

static void bin_background(struct page *page)
{
    bins(page, background_of);
}

static void bin_capacity(struct page *page)
{
    bins(page, capacity_of);
}

static void vcpu_demand(struct page *page)
{
    const struct scrape *scrape = page->scrape;

    for (size_t i = 0; i < scrape->n_vcpus; i++) {
        const struct scrape_vcpu *vcpu = &scrape->vcpus[i];

        fputs("evenkeel_vcpu_demand_ratio{domain=\"", page->out);
        page_guest(page, &scrape->guests[vcpu->guest].id);
        fprintf(page->out, "\",vcpu=\"%u\"} %.3g\n", vcpu->vcpu, vcpu->demand);
    }
}

/* ---- memory_coordinator ---- */

static void guest_line(struct page *page, const struct scrape_guest *guest, const char *state,
                       double value)
{
    fprintf(page->out, "evenkeel_%s{domain=\"", page->family->name);
    page_guest(page, &guest->id);
    fprintf(page->out, "\"%s%s%s} %.15g\n", state ? ",state=\"" : "", state ? state : "",
            state ? "\"" : "", value);
}

static void memory_target(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        guest_line(page, &page->scrape->guests[i], NULL,
                   (double)page->scrape->guests[i].target_kib * 1024);
}

static void memory_floor(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        guest_line(page, &page->scrape->guests[i], NULL,
                   (double)page->scrape->guests[i].floor_kib * 1024);
}

static void memory_state(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        guest_line(page, &page->scrape->guests[i], guest_state_text(page->scrape->guests[i].state),
                   1);
}

static void memory_age(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++) {
        if (page->scrape->guests[i].has_age)
            guest_line(page, &page->scrape->guests[i], NULL, page->scrape->guests[i].age_s);
    }
}

static void host_memory(struct page *page, uint64_t kib)
{
    line(page, NULL, page->scrape->is_up ? (double)kib * 1024 : NAN);
}

static void memory_free(struct page *page)
{
    host_memory(page, page->scrape->free_kib);
}

static void memory_reserve(struct page *page)
{
    host_memory(page, page->scrape->reserve_kib);
}

static void memory_promised(struct page *page)
{
    host_memory(page, page->scrape->promised_kib);
}

static void memory_missing(struct page *page)
{
    host_memory(page, page->scrape->missing_kib);
}

const struct family families[] = {
    {"build_info", "gauge", OF_BOTH, "The program that runs, always 1.", build_info},
    {"up", "gauge", OF_BOTH, "1 when the last interval had a sample and a decision.", up},
    {"acting", "gauge", OF_BOTH,
     "1 when decisions are carried out, 0 in a dry run and while all is paused.", acting},
    {"interval_seconds", "gauge", OF_BOTH, "Time from one look to the next, as configured.",
     interval_seconds},
    {"last_interval_timestamp_seconds", "gauge", OF_BOTH,
     "Unix time at the end of the last interval that had a decision.", last_interval},
    {"intervals_total", "counter", OF_BOTH, "Intervals that had a decision, by verdict.",
     intervals},
    {"intervals_failed_total", "counter", OF_BOTH,
     "Intervals that ended without a decision, usually without a hypervisor.", intervals_failed},
    {"intervals_missed_total", "counter", OF_BOTH,
     "Intervals left out because the work of another took too long.", intervals_missed},
    {"interval_duration_seconds", "histogram", OF_BOTH,
     "Time from an interval's begin to the end of its last change.", interval_duration},
    {"solve_duration_seconds", "histogram", OF_BOTH, "Time that a decision took.", solve_duration},
    {"solve_cpu_seconds_total", "counter", OF_BOTH,
     "CPU time of decisions, a part of evenkeel_process_cpu_seconds_total.", solve_cpu},
    {"searches_total", "counter", OF_BOTH,
     "Decisions that came from a search, proven the best or left open.", searches},
    {"gap_ratio", "gauge", OF_BOTH,
     "Relative distance of the last plan's price to its bound; 0 proves that none is better.", gap},
    {"changes_total", "counter", OF_BOTH, "Changes of guests that were planned and tried.",
     changes},
    {"changes_failed_total", "counter", OF_BOTH, "Changes that failed.", changes_failed},
    {"changes_gone_total", "counter", OF_BOTH, "Changes whose guest had ended before.",
     changes_gone},
    {"domains", "gauge", OF_BOTH, "Guests in the last sample.", domains},
    {"domain_info", "gauge", OF_BOTH, "A guest's name and UUID, always 1.", domain_info},
    {"process_cpu_seconds_total", "counter", OF_BOTH, "CPU time of the program.", process_cpu},
    {"process_resident_memory_bytes", "gauge", OF_BOTH, "Host memory that the program holds.",
     process_memory},
    {"libvirt_calls_total", "counter", OF_BOTH, "Calls to libvirt.", libvirt_calls},

    {"deviation_ratio", "gauge", OF_VCPU,
     "Standard deviation over the pCPUs of what they ran in the last interval, in pCPUs.",
     deviation},
    {"deviation_least_ratio", "gauge", OF_VCPU, "The least of it that pins can bring.",
     deviation_least},
    {"objective_ratio", "gauge", OF_VCPU,
     "Price of the last plan: largest distance from the fair share and moves, in pCPUs.",
     objective},
    {"bound_ratio", "gauge", OF_VCPU, "No plan can be cheaper than this, in pCPUs.", bound},
    {"waiting_ratio", "gauge", OF_VCPU,
     "Time that vCPUs waited for a pCPU per time that they ran, in the last interval.", waiting},
    {"waiting_expected_ratio", "gauge", OF_VCPU, "The same as it is expected where they are.",
     waiting_expected},
    {"bin_demand_ratio", "gauge", OF_VCPU,
     "What is wanted of each of the bin's pCPUs by vCPUs placed there and by all else.",
     bin_demand},
    {"bin_background_ratio", "gauge", OF_VCPU,
     "What runs on each of the bin's pCPUs beside the vCPUs placed there.", bin_background},
    {"bin_capacity_cpus", "gauge", OF_VCPU, "The bin's pCPUs that guests may use.", bin_capacity},
    {"vcpu_demand_ratio", "gauge", OF_VCPU, "What a vCPU wants, of a pCPU.", vcpu_demand},

    {"memory_target_bytes", "gauge", OF_MEMORY, "Size that a guest should come to.", memory_target},
    {"memory_floor_bytes", "gauge", OF_MEMORY, "Size that a guest is guaranteed.", memory_floor},
    {"memory_state", "gauge", OF_MEMORY, "The state that a guest is in, always 1.", memory_state},
    {"memory_report_age_seconds", "gauge", OF_MEMORY,
     "Time since a guest told of its memory; missing where it never has.", memory_age},
    {"memory_free_bytes", "gauge", OF_MEMORY, "Host memory that is free or can be dropped at once.",
     memory_free},
    {"memory_reserve_bytes", "gauge", OF_MEMORY, "Host memory that is never handed out.",
     memory_reserve},
    {"memory_promised_bytes", "gauge", OF_MEMORY,
     "Host memory that guests may still take without asking.", memory_promised},
    {"memory_missing_bytes", "gauge", OF_MEMORY,
     "The least by which the guests' floors do not fit into the host.", memory_missing},
};
const size_t n_families = sizeof(families) / sizeof(families[0]);
