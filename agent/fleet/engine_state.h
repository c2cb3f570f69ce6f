/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_ENGINE_STATE_H
#define EVENKEEL_AGENT_FLEET_ENGINE_STATE_H

#include <stddef.h>

#include "planner/base/err.h"
#include "planner/fleet/may_act.h"

/* How the cluster is, by Pacemaker's own word: crm_mon, with its history of fencing. */
struct engine_state {
    struct act_cluster told; /* points into this */
    char unclean[64], joining[64], pending[64], failed[64];
};

/* 0; -EIO and others with a sentence: then told.is_told is false. The state must not be moved. */
int engine_state_ask(struct engine_state *ret, struct err *err);
/* The same of a text that crm_mon has printed. */
int engine_state_read(const char *text, size_t n, struct engine_state *ret, struct err *err);

/* What the document's status says of a guest's last failure: "migrate_to on n1: no route to host". Empty
 * where it has none. */
void engine_failure(const char *text, size_t n, const char *guest, char *ret, size_t size);

#endif
