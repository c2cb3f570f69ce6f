/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTIONS_H
#define EVENKEEL_AGENT_BASE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/base/given.h"
#include "agent/base/stop.h"
#include "planner/base/claim.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* What the command line and the configuration ask for. Nothing here prints or exits. */

enum program { PROGRAM_VCPU, PROGRAM_MEMORY };
const char *program_name(enum program program); /* "vcpu_scheduler", "memory_coordinator" */
extern const char options_usual_connection[];   /* libvirt's, where none is named */
/* The exit status of --restore --once --guest where nothing is owed to anybody and no libvirt answers:
 * nobody tells whether there is such a guest. */
enum { PROGRAM_GUEST_UNKNOWN = 3 };

enum options_action {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_SCENARIOS, /* --simulate help */
    OPTIONS_SHOW_CONFIG,
    OPTIONS_CHECK_CONFIG,
};

/* What of guests' own words counts: all, no more than limits allow, nothing. */
enum options_metadata { METADATA_TRUST, METADATA_LIMIT, METADATA_IGNORE };

struct options {
    enum program program;
    enum options_action action;
    double interval_s;   /* 0 only with replay: the recording's interval holds */
    const char *connect; /* libvirt URI. Strings belong to given, or are constants. */
    const char **match;  /* owned array of globs; none: every guest */
    size_t n_match;
    bool once, dry_run, json, restore, explain, show_topology;
    bool observe;         /* a dry run has guests report their memory */
    int verbosity;        /* -1 quiet, 0, 1 verbose */
    double solve_limit_s; /* 0: a third of the interval */
    const char *emit_lp;  /* folder, "-", or NULL */
    const char *simulate; /* scenario or file, or NULL */
    double pace_s;        /* real seconds from one of its looks to the next; 0: as fast as can be */
    const char *record, *replay;
    bool release_on_stop;     /* asked to stop for good, put back what was found */
    const char *guest;        /* whom --restore --once is about, or NULL: everybody */
    const char *state;        /* folder of the journal, or NULL */
    const char *metrics_file; /* file, or NULL */
    const char *config;       /* file, or NULL */
    struct given given;       /* what was given, and where */
    struct stop stop;         /* no option: asked in all that may last; set by the session */
    enum options_metadata metadata;
    struct claim_limits claims;
    struct cpuset reserve;         /* pCPUs kept for the host */
    struct vcpu_settings vcpu;     /* of the program asked for; the other's defaults */
    struct memory_settings memory; /* likewise */
};

/* Whether anything may be changed: all that is planned, or with observe how often guests report. */
static inline bool options_may_change(const struct options *options)
{
    return !options->dry_run || options->observe;
}

/* Reads the files of --config, where it is given. 0, or a negative errno (-ENOMEM: no fault of the
 * caller) with one sentence that names the argument, or file and line, and what is accepted. May be
 * called again with the same argv. */
int options_parse(enum program program, int argc, char **argv, struct options *ret,
                  struct err *err);
void options_done(struct options *options);
void options_help(enum program program, FILE *out);

#endif
