/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/families.h"

#include <math.h>

enum { CPUS_TEXT_SIZE = 4096 };
static const double PER_CENT = 100;

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
        page_line(page, labels, value(bin));
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

static void deviation(struct page *page)
{
    page_line(page, NULL, page->scrape->sigma);
}

static void deviation_least(struct page *page)
{
    page_line(page, NULL, page->scrape->sigma_least);
}

static void objective(struct page *page)
{
    page_line(page, NULL, page->scrape->is_up ? page->scrape->objective / PER_CENT : NAN);
}

static void bound(struct page *page)
{
    page_line(page, NULL, page->scrape->is_up ? page->scrape->bound / PER_CENT : NAN);
}

static void waiting(struct page *page)
{
    page_line(page, NULL, page->scrape->waiting);
}

static void waiting_expected(struct page *page)
{
    page_line(page, NULL, page->scrape->expected);
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

static const struct family rows[] = {
    {"deviation_ratio", "gauge",
     "Standard deviation over the pCPUs of what they ran in the last interval, in pCPUs.",
     deviation},
    {"deviation_least_ratio", "gauge", "The least of it that pins can bring.", deviation_least},
    {"objective_ratio", "gauge",
     "Price of the last plan: largest distance from the fair share and moves, in pCPUs.",
     objective},
    {"bound_ratio", "gauge", "No plan can be cheaper than this, in pCPUs.", bound},
    {"waiting_ratio", "gauge",
     "Time that vCPUs waited for a pCPU per time that they ran, in the last interval.", waiting},
    {"waiting_expected_ratio", "gauge", "The same as it is expected where they are.",
     waiting_expected},
    {"bin_demand_ratio", "gauge",
     "What is wanted of each of the bin's pCPUs by vCPUs placed there and by all else.",
     bin_demand},
    {"bin_background_ratio", "gauge",
     "What runs on each of the bin's pCPUs beside the vCPUs placed there.", bin_background},
    {"bin_capacity_cpus", "gauge", "The bin's pCPUs that guests may use.", bin_capacity},
    {"vcpu_demand_ratio", "gauge", "What a vCPU wants, of a pCPU.", vcpu_demand},
};
const struct family_table families_of_vcpu = {rows, sizeof(rows) / sizeof(rows[0])};
