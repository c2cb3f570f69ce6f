/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_TOP_H
#define EVENKEEL_AGENT_TOP_TOP_H

#include <stdbool.h>
#include <stdint.h>

/* evenkeelctl top: both programs on one screen, or as text. */
struct top_options {
    bool once;        /* one look, as text */
    bool batch;       /* looks as text, until it is ended */
    bool csv;         /* text for machines */
    uint64_t every_s; /* from one look to the next; 0: one second */
};

enum top_end { TOP_DONE, TOP_NONE_RUNS, TOP_NO_TERMINAL, TOP_FAILED };
enum top_end top_run(const struct top_options *options);

#endif
