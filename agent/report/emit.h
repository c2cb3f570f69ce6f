/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_EMIT_H
#define EVENKEEL_AGENT_REPORT_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/outlet.h"
#include "models/lp/lp.h"
#include "planner/base/err.h"

/* Carries models out as CPLEX LP text: DIR/STEM-000001.lp and so on, or one after the other on
 * standard output for "-". */
struct emit {
    const char *folder;      /* borrowed; NULL: nothing is emitted */
    const char *stem;        /* borrowed: "vcpu", "memory" */
    uint64_t number;         /* of the last file */
    struct outlet *out;      /* borrowed: where "-" leads, set by the owner after emit_open() ... */
    const struct stop *wait; /* ... and whether it waits for the reader; see outlet_put() */
};

/* Makes the folder where it is missing and continues after the highest number in it, so that no
 * earlier file is lost. 0 or a negative errno. */
int emit_open(const char *folder, const char *stem, struct emit *ret, struct err *err);
/* Writes one model whole or not at all. lp may be NULL: nothing was solved. -EAGAIN: the reader
 * does not read. */
int emit_lp(struct emit *emit, const struct lp *lp, struct err *err);

#endif
