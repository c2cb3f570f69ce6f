/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_SHOW_H
#define EVENKEEL_AGENT_FLEET_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "agent/fleet/cluster.h"
#include "agent/fleet/virsh.h"

/* How answers look: text for people at 80 columns, one object of JSON for scripts. */

/* What the engine itself says, as far as it was asked. */
struct engine_loss {
    size_t host;
    size_t *stopped; /* [n_stopped] owned: guests that it would leave stopped */
    size_t n_stopped;
};
struct engine_says {
    const char *why_not;        /* NULL: it was asked, and has answered */
    bool is_unconfirmed;        /* it is there and was asked, and gave no answer that can be used */
    struct engine_loss *losses; /* [n_losses] owned, of a check */
    size_t n_losses;
    bool is_as_planned;  /* of a plan: it would do exactly that */
    int guest;           /* of a plan: the first of whom it would do otherwise, or FLEET_NOWHERE */
    char otherwise[400]; /* what else */
};
void engine_says_done(struct engine_says *says);

struct answer {
    const struct cluster *cluster;
    const struct fleet_plan *plan;
    const struct engine_says *engine;
    const struct virsh_commands *commands; /* NULL: an engine moves guests */
    bool is_plan;
};

void show_text(const struct answer *answer, FILE *out);
/* NULL: out of memory. */
json_t *show_json(const struct answer *answer);

#endif
