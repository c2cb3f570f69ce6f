/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_METRICS_FAMILIES_H
#define EVENKEEL_AGENT_METRICS_FAMILIES_H

#include <stdio.h>

#include "agent/metrics/scrape.h"

/* Every metric, once, in the order in which they are written. What both give has the
 * label program. evenkeel(7) lists them, and a test compares. */

struct page {
    FILE *out;
    const struct scrape *scrape;
    const struct family *family; /* whose lines are written */
};

struct family {
    const char *name; /* behind "evenkeel_" */
    const char *type; /* "counter", "gauge" or "histogram" */
    const char *help;
    void (*write)(struct page *page);
};
struct family_table {
    const struct family *list;
    size_t n;
};
extern const struct family_table families_of_both, families_of_vcpu, families_of_memory;

/* What writes lines is in scrape.c. One line; labels may be NULL. A value that is not finite is not known
 * and has none. */
void page_line(struct page *page, const char *labels, double value);
/* With the label of what both programs give; label is one more with its value, or NULL. */
void page_own(struct page *page, const char *label, const char *of, double value);
/* With the label of a guest, and of its state where that is not NULL. */
void page_guest_line(struct page *page, const struct scrape_guest *guest, const char *state,
                     double value);
/* As label values may have it: with \\ and \". No newline comes here. */
void page_escaped(struct page *page, const char *text);
void page_guest(struct page *page, const struct guest_id *guest);

#endif
