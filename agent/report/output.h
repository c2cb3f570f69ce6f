/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_OUTPUT_H
#define EVENKEEL_AGENT_REPORT_OUTPUT_H

#include <stdio.h>

#include "agent/base/log.h"
#include "agent/base/outlet.h"

/* Standard output and standard error of a run. What is printed for people is gathered on a page and
 * leaves whole; the reader may be slow, gone or asleep. */
struct output {
    struct outlet *out, *err;
    struct outlet *to; /* where the page goes, one of the two */
    FILE *page;        /* owned; NULL: nothing is printed */
    char *text;        /* of the page */
    size_t size;
    const struct log *log;
    const struct stop *wait; /* as outlet_put() has it */
    bool is_closed;          /* nobody reads any more */
    bool has_failed;         /* said once */
};

/* Starts both outlets, which hold nobody up for more than a twentieth of an interval each. 0 or -ENOMEM;
 * output_close() is due in both cases. */
int output_open(struct output *ret, double interval_s);
/* Makes the page, which goes to standard error where is_taken: standard output belongs to a
 * machine. */
int output_make_page(struct output *output, bool is_taken);
/* Waits until all is written, or a moment where a stop is asked. */
void output_drain(struct output *output, const struct stop *stop);
void output_close(struct output *output);

/* Lets the page go and begins the next one. */
void output_flush(struct output *output);
/* Takes over a line for a machine; NULL: there was no memory for it. */
void output_line(struct output *output, char *line);

#endif
