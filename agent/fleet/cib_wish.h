/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CIB_WISH_H
#define EVENKEEL_AGENT_FLEET_CIB_WISH_H

#include "agent/fleet/cluster.h"

/* A copy of the document with a plan in it, as location constraints with finite scores and ids that
 * begin with "evenkeel-": who is moved or started, and who would not stay by itself. Earlier ones of
 * ours are left out; all else is as it was. What crm_simulate is asked with; it is never sent.
 * 0 with malloc'ed text, -EINVAL, -ENOMEM. */
int cib_with_wishes(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                    char **ret, size_t *ret_n, struct err *err);

#endif
