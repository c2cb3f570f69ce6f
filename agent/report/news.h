/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_NEWS_H
#define EVENKEEL_AGENT_REPORT_NEWS_H

#include "agent/report/report.h"

/* What of an interval is worth to be shown. A table is where guests, their states or their places are
 * others than before, or other guests are changed than in the interval before; changes are wherever they
 * are made. What a dry run would do is shown until it would do something else. */
struct news {
    uint64_t hash; /* of what was shown last; 0: nothing yet */
    const char *verdict;
};

/* Each looks at one interval after the other. is_verbose: all is shown. */
enum report_detail news_of_vcpus(struct news *news, bool is_verbose,
                                 const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                 const struct interval *interval);
enum report_detail news_of_memory(struct news *news, bool is_verbose,
                                  const struct memory_plan *plan, const struct interval *interval);

#endif
