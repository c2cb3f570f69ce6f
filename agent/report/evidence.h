/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_EVIDENCE_H
#define EVENKEEL_AGENT_REPORT_EVIDENCE_H

#include <stddef.h>

#include "models/lp/lp.h"
#include "planner/base/err.h"

/* Keeps a model that contradicts what was known about it, as CPLEX LP text for a report: in the
 * folder that systemd made for the service's state, else in /var/tmp. The file is new, has a name
 * that nobody can foresee, and only its owner reads it, for the text names guests. path [size] is
 * what it was called. 0 or a negative errno. */
int evidence_keep(const char *stem, const struct lp *lp, char *path, size_t size, struct err *err);

#endif
