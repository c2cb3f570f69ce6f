/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_TOP_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_TOP_FIXTURE_H

#include "agent/top/model.h"

/* What programs tell, as texts of JSON. */

enum { TOP_NOW_S = 1796007600 };

void top_case_status(struct top_model *model, enum program program, const char *text);
void top_case_interval(struct top_model *model, enum program program, const char *names,
                       const char *line);
void top_case_changes(struct top_model *model, const char *text);
/* Three guests on four pCPUs: db waits, cache misses memory, and one has a name that would reverse a line. */
void top_case_host(struct top_model *model);

#endif
