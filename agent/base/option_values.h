/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTION_VALUES_H
#define EVENKEEL_AGENT_BASE_OPTION_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"

/* Values of the command line, strictly parsed: 0, or -EINVAL with a sentence that names the option
 * and says what it takes. name is the option's or the key's as it is to stand in the sentence. */

bool option_is_interval(double value_s);
int option_interval(const char *text, double *ret_s, struct err *err);
int option_decimal(const char *name, const char *text, double max, const char *unit, double *ret,
                   struct err *err);
int option_mib(const char *name, const char *text, uint64_t *ret_kib, struct err *err);
int option_pcpus(const char *name, const char *text, struct cpuset *ret, struct err *err);
/* One of words, "one|two": which, counted from 0. */
int option_choice(const char *name, const char *words, const char *text, int *ret, struct err *err);
int option_switch(const char *name, const char *text, bool *ret, struct err *err); /* yes, no */
int option_text(const char *name, const char *text, const char **ret, struct err *err);

#endif
