/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_ACT_H
#define EVENKEEL_AGENT_FLEET_ACT_H

#include <jansson.h>
#include <stdio.h>

#include "agent/base/stop.h"
#include "agent/fleet/request.h"

/* A plan carried out by the engine: looked at, planned, confirmed by the engine's own word, written as
 * one patch of wishes that end by themselves, waited for, and taken back. Whether anything may be done is
 * decided in planner/fleet/may_act.h.
 *
 * What is asked of other programs: cibadmin (the document, the patch), crm_diff, crm_simulate, crm_mon. */

enum act_result {
    ACT_NOTHING, /* nothing has to be done, or nothing that is worth it */
    ACT_DONE,    /* all guests have arrived */
    ACT_PARTLY,  /* not all */
    ACT_PLANNED, /* a dry run: all but written */
    ACT_REFUSED, /* nothing was written */
};
const char *act_result_text(enum act_result result); /* "nothing", "done", ... */

enum act_arrival { ACT_UNDER_WAY, ACT_ARRIVED, ACT_FAILED };
const char *act_arrival_text(enum act_arrival arrival); /* "under-way", "arrived", "failed" */

struct act_move {
    char *guest, *to; /* owned */
    char *from;       /* owned; NULL: it is started */
    enum act_arrival arrival;
    double after_s;   /* since the wishes were written */
    char reason[300]; /* the engine's own, of one that has not arrived */
};

/* A host's share of its CPU and of its memory before anything was done; NAN: not known. */
struct act_load {
    char *host; /* owned */
    double cpu, memory;
};

struct act_report {
    enum act_result result;
    char why[500];          /* of nothing and of refused; may be empty */
    struct act_move *moves; /* [n_moves] owned */
    size_t n_moves;
    struct act_load *loads; /* [n_loads] owned */
    size_t n_loads;
    bool is_planned; /* the numbers below are known */
    double before_pct, after_pct;
    size_t
        n_unprotected; /* guests that would stay stopped after the loss of their host, as it is planned */
    size_t n_again;    /* how often the cluster has refused a patch */
    char unasked[300]; /* what was not asked of hosts, or empty */
    char full[300];    /* a host that had no room by its own word, or empty */
    char until[32];    /* when wishes end by themselves; empty: none was written */
    char left[300];    /* why wishes were left to that end; empty: none was */
};
void act_report_done(struct act_report *report);

/* One round. */
void act_round(const struct request *request, struct act_report *ret);

void act_show_text(const struct act_report *report, FILE *out);
json_t *act_show_json(const struct act_report *report); /* NULL: out of memory */

/* Within a round (act_wait.c): until all have arrived, the time is over, or somebody asks to stop; then
 * the wishes away, unless a guest is on its way: without its wish it could be called back. */
void act_wait(const struct request *request, const struct stop *stop, struct act_report *report);
/* All of ours out of the document, again as one patch. 0, or a negative errno with a sentence. */
int act_clear(const struct request *request, struct err *err);

/* apply's whole run; returns the exit status. */
int act_run(const struct request *request);

#endif
