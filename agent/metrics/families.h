/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_METRICS_FAMILIES_H
#define EVENKEEL_AGENT_METRICS_FAMILIES_H

#include <stdio.h>

#include "agent/base/option_table.h"
#include "agent/metrics/scrape.h"

/* Every metric of both programs, once, in the order in which they are written. What both give has the
 * label program. evenkeel(7) lists them, and a test compares. */

struct page {
    FILE *out;
    const struct scrape *scrape;
    const struct family *family; /* whose lines are written */
};

struct family {
    const char *name; /* behind "evenkeel_" */
    const char *type; /* "counter", "gauge" or "histogram" */
    int of;           /* OF_VCPU, OF_MEMORY or OF_BOTH */
    const char *help;
    void (*write)(struct page *page);
};
extern const struct family families[];
extern const size_t n_families;

/* As label values may have it: with \\ and \". No newline comes here. scrape.c. */
void page_escaped(struct page *page, const char *text);
void page_guest(struct page *page, const struct guest_id *guest);

#endif
