/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_SETTING_H
#define EVENKEEL_PLANNER_BASE_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/err.h"

/* What is known of one member of a plain struct of settings. One table of these serves the
 * defaults, the check and the recording, so that a setting is named once. */
enum setting_kind {
    SETTING_NUMBER, /* double */
    SETTING_COUNT,  /* uint64_t, up to 2^53 */
    SETTING_SWITCH, /* bool: 0 or 1 */
};
struct setting {
    const char *name;
    size_t offset; /* in the struct */
    enum setting_kind kind;
    double standard; /* the default */
    double min, max;
    bool is_optional; /* recordings from before it lack it: they were made with the default */
};

double setting_get(const struct setting *setting, const void *from);
void setting_put(const struct setting *setting, double value, void *ret);

/* The whole table: all defaults; or 0 where each member lies within its limits, and -EINVAL with a
 * sentence that names the first one that does not (NaN never does). */
void setting_defaults(const struct setting *table, size_t n, void *ret);
int setting_check(const struct setting *table, size_t n, const void *from, struct err *err);

#endif
