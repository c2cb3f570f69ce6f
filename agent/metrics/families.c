/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/families.h"

#include <inttypes.h>
#include <math.h>

#include "agent/host/hands.h"

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

static void build_info(struct page *page)
{
    page_own(page, "version", EVENKEEL_VERSION, 1);
}

static void up(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->is_up);
}

static void acting(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->cost.is_acting);
}

static void interval_seconds(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->cost.interval_s);
}

static void last_interval(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->cost.at_s ? (double)page->scrape->cost.at_s : NAN);
}

static void intervals(struct page *page)
{
    for (int v = 0; v < SCRAPE_VERDICTS; v++)
        page_own(page, "verdict", verdict_text((enum verdict)v),
                 (double)page->scrape->totals.intervals[v]);
}

static void intervals_failed(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->totals.failed_intervals);
}

static void intervals_missed(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->totals.overruns);
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
    page_own(page, NULL, NULL, page->scrape->totals.solve_cpu_s);
}

static void searches(struct page *page)
{
    page_own(page, "proof", "proven", (double)page->scrape->totals.proven);
    page_own(page, "proof", "open", (double)page->scrape->totals.open);
}

static void gap(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->is_up ? page->scrape->gap : NAN);
}

/* Of either program its own; the other's would stand at 0 for ever. */
static void changes(struct page *page)
{
    static const char *const names[SCRAPE_ACTIONS] = {"pin", "release", "helpers", "reclaim",
                                                      "grant"};
    bool is_vcpu = page->scrape->program == PROGRAM_VCPU;
    int end = is_vcpu ? SCRAPE_RECLAIM : SCRAPE_ACTIONS;

    for (int a = is_vcpu ? SCRAPE_PIN : SCRAPE_RECLAIM; a < end; a++)
        page_own(page, "action", names[a], (double)page->scrape->totals.changes[a]);
}

static void changes_failed(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->totals.failed);
}

static void changes_gone(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->totals.gone);
}

static void domains(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->is_up ? (double)page->scrape->n_guests : NAN);
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

static void foreign_line(struct page *page, const struct scrape_guest *guest, double value)
{
    fprintf(page->out, "evenkeel_%s{program=\"%s\",domain=\"", page->family->name,
            program_name(page->scrape->program));
    page_guest(page, &guest->id);
    fprintf(page->out, "\"} %.15g\n", value);
}

static void foreign_changes(struct page *page)
{
    const struct scrape *scrape = page->scrape;

    for (size_t i = 0; i < scrape->n_guests; i++)
        foreign_line(page, &scrape->guests[i], (double)scrape->guests[i].foreign_changes);
}

static void foreign_left(struct page *page)
{
    const struct scrape *scrape = page->scrape;

    for (size_t i = 0; i < scrape->n_guests; i++)
        foreign_line(page, &scrape->guests[i], scrape->guests[i].is_left);
}

static void foreign_hand(struct page *page)
{
    const struct scrape_cost *cost = &page->scrape->cost;

    for (int h = 0; cost->knows_hands && h < HANDS; h++)
        page_own(page, "hand", hand_name((enum hand)h), hands_have(cost->hands, (enum hand)h));
}

static void process_cpu(struct page *page)
{
    page_own(page, NULL, NULL, page->scrape->cost.cpu_s);
}

static void process_memory(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->cost.resident_kib * 1024);
}

static void libvirt_calls(struct page *page)
{
    page_own(page, NULL, NULL, (double)page->scrape->cost.calls);
}

static const struct family rows[] = {
    {"build_info", "gauge", "The program that runs, always 1.", build_info},
    {"up", "gauge", "1 when the last interval had a sample and a decision.", up},
    {"acting", "gauge", "1 when decisions are carried out, 0 in a dry run and while all is paused.",
     acting},
    {"interval_seconds", "gauge", "Time from one look to the next, as configured.",
     interval_seconds},
    {"last_interval_timestamp_seconds", "gauge",
     "Unix time at the end of the last interval that had a decision.", last_interval},
    {"intervals_total", "counter", "Intervals that had a decision, by verdict.", intervals},
    {"intervals_failed_total", "counter",
     "Intervals that ended without a decision, usually without a hypervisor.", intervals_failed},
    {"intervals_missed_total", "counter",
     "Intervals left out because the work of another took too long.", intervals_missed},
    {"interval_duration_seconds", "histogram",
     "Time from an interval's begin to the end of its last change.", interval_duration},
    {"solve_duration_seconds", "histogram", "Time that a decision took.", solve_duration},
    {"solve_cpu_seconds_total", "counter",
     "CPU time of decisions, a part of evenkeel_process_cpu_seconds_total.", solve_cpu},
    {"searches_total", "counter",
     "Decisions that came from a search, proven the best or left open.", searches},
    {"gap_ratio", "gauge",
     "Relative distance of the last plan's price to its bound; 0 proves that none is better.", gap},
    {"changes_total", "counter", "Changes of guests that were planned and tried.", changes},
    {"changes_failed_total", "counter", "Changes that failed.", changes_failed},
    {"changes_gone_total", "counter", "Changes whose guest had ended before.", changes_gone},
    {"domains", "gauge", "Guests in the last sample.", domains},
    {"domain_info", "gauge", "A guest's name and UUID, always 1.", domain_info},
    {"foreign_changes_total", "counter",
     "Changes of a guest's pins or size that somebody else has made.", foreign_changes},
    {"foreign_left", "gauge",
     "1 while pins or the size of a guest are left to somebody else, who changes them again and "
     "again.",
     foreign_left},
    {"foreign_hand", "gauge",
     "1 for what else moves guests on this host, as it was seen a minute ago at most.",
     foreign_hand},
    {"process_cpu_seconds_total", "counter", "CPU time of the program.", process_cpu},
    {"process_resident_memory_bytes", "gauge", "Host memory that the program holds.",
     process_memory},
    {"libvirt_calls_total", "counter", "Calls to libvirt.", libvirt_calls},
};
const struct family_table families_of_both = {rows, sizeof(rows) / sizeof(rows[0])};
