/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_LIMITS_H
#define EVENKEEL_AGENT_ONE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/err.h"

/* What oned.conf says about carrying a plan out. Defaults are those of the engine (share/etc/oned.conf). And
 * what a cluster says about the size of a plan, which a reader of oned.conf leaves open. */
struct one_limits {
    size_t per_host;    /* MAX_ACTIONS_PER_HOST: actions at once with the same target; default 1 */
    size_t per_cluster; /* MAX_ACTIONS_PER_CLUSTER: actions at once; default 30 */
    bool is_live;       /* LIVE_RESCHEDS; default no: a migration is saved, copied and restored */
    bool is_known;      /* the file was read */
    size_t per_plan;    /* MIGRATION_THRESHOLD; SIZE_MAX: any number */
};

/* path NULL: where the engine looks, $ONE_LOCATION/etc/oned.conf or /etc/one/oned.conf, and defaults where
 * that cannot be read; *ret_path (of PATH_SIZE bytes) is the one that counts. A path that was given has to be
 * readable. 0, -ENOMEM, or -EINVAL with a sentence. */
enum { ONE_PATH_SIZE = 512 };
int one_limits_read(const char *path, struct one_limits *ret, char *ret_path, struct err *err);

#endif
