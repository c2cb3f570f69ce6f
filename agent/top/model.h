/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_MODEL_H
#define EVENKEEL_AGENT_TOP_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/options.h"
#include "planner/base/guest.h"

/* What both programs have told last, as a screen wants it. Loads are percent of a pCPU, sizes are MiB; NAN is
 * not known. */

enum { TOP_TEXT_SIZE = 400, TOP_CHANGES = 200, TOP_PROGRAMS = 2 };

enum top_presence {
    TOP_UNASKED,
    TOP_ABSENT, /* it does not run, or cannot be asked; said has why */
    TOP_THERE,
};

struct top_side {
    enum top_presence presence;
    char said[TOP_TEXT_SIZE];
    char verdict[40], note[TOP_TEXT_SIZE];
    double bound, gap;
    double sigma, least; /* of vCPUs */
    double free, reserve, promised;
    double n_moves;
    bool is_dry, is_paused, is_interval; /* there was one */
    json_t *pauses;                      /* owned, as it tells them; or NULL */
};

struct top_bin {
    char name[40]; /* its pCPUs */
    double load, background, fair;
};

/* Guests are told apart by their true names. */
struct top_guest {
    char true_name[GUEST_NAME_SIZE];
    char name[GUEST_NAME_SIZE];   /* as it may be shown */
    bool has[TOP_PROGRAMS];       /* of which program it is known */
    bool is_paused[TOP_PROGRAMS]; /* by which */
    double runs, waits, wants;    /* vCPUs */
    double size, used, floor;
    int64_t changed_s; /* 0: not within what is known */
};

struct top_change {
    int64_t at_s;
    char guest[GUEST_NAME_SIZE]; /* its true name */
    bool was_made;               /* it did not fail, and was no dry run's */
    char text[TOP_TEXT_SIZE];
};

struct top_model {
    struct top_side sides[TOP_PROGRAMS];
    struct top_bin *bins; /* owned, as all arrays */
    size_t n_bins;
    struct top_guest *guests;
    size_t n_guests;
    struct top_change *changes; /* the newest last */
    size_t n_changes;
    char why_of[TOP_PROGRAMS][GUEST_NAME_SIZE];
    char *why[TOP_PROGRAMS]; /* owned, lines; or NULL */
};

void top_model_done(struct top_model *model);

/* An answer to Status. */
void top_model_status(struct top_model *model, enum program program, const json_t *status);
/* A line of intervals, and the names before it (agent/history/history.h). -ENOMEM: nothing is new. */
int top_model_interval(struct top_model *model, enum program program, const json_t *names,
                       const json_t *line);
/* A line of changes. */
void top_model_changes(struct top_model *model, const json_t *line);
/* An answer to Why of a guest's true name, or NULL: it knows nothing of that guest. */
void top_model_why(struct top_model *model, enum program program, const char *guest,
                   const json_t *why);
/* It cannot be asked, and why; what it told is taken away. */
void top_model_absent(struct top_model *model, enum program program, const char *why);

/* Whether one of the programs leaves it alone. */
bool top_guest_is_paused(const struct top_guest *guest);
/* How much of its floor it has not. */
double top_guest_misses(const struct top_guest *guest);
/* How badly it is off, to sort by: what it waits, in percent of a pCPU, and what of its floor it misses in
 * percent. 0: not worth a word. */
double top_guest_trouble(const struct top_guest *guest);

#endif
