/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CIB_WISH_H
#define EVENKEEL_AGENT_FLEET_CIB_WISH_H

#include <stdbool.h>

#include "agent/fleet/cluster.h"

/* Documents with a plan in them, as location constraints with finite scores and ids that begin with
 * "evenkeel-": who is moved or started, and who would not stay by itself. Earlier ones of ours are
 * left out; all else is as it was. Those that make a text return 0 with it malloc'ed, -EINVAL, -ENOMEM. */

/* What crm_simulate is asked with; it is never sent. */
int cib_with_wishes(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                    char **ret, size_t *ret_n, struct err *err);
/* The next version of the document, to be sent. Each wish ends by itself: until is a time as
 * "2026-11-30 22:58:01Z". host_of NULL: no wishes, so that only earlier ones are gone. */
int cib_next_version(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                     const char *until, char **ret, size_t *ret_n, struct err *err);

/* Whether two documents are the same, byte for byte but for blanks between elements. but_ours: also but
 * for constraints of ours and the version. False where one cannot be read. */
bool cib_is_same(const char *one, size_t n_one, const char *other, size_t n_other, bool but_ours);
/* Whether both have the same constraints of ours, and some. */
bool cib_has_same_wishes(const char *one, size_t n_one, const char *other, size_t n_other);
/* How many constraints of ours there are. -EINVAL with a sentence: one is not as we write them, a score
 * that is finite and above 0, for one guest and one host of the cluster, with an end. */
int cib_check_ours(const char *text, size_t n, const struct cluster *cluster, size_t *ret,
                   struct err *err);

#endif
