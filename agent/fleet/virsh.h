/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_VIRSH_H
#define EVENKEEL_AGENT_FLEET_VIRSH_H

#include "agent/fleet/cluster.h"

/* Where no engine moves guests, commands for somebody who does. Nothing runs them here. */

/* One word of sh(1), whatever is in it; malloc'ed, NULL without memory. */
char *virsh_quoted(const char *text);

struct virsh_commands {
    char **lines;      /* [n] owned: in an order in which each finds room */
    size_t n, n_stuck; /* the last n_stuck wait for each other, and find none */
};
/* 0 or -ENOMEM. */
int virsh_commands(const struct cluster *cluster, const struct fleet_plan *plan,
                   struct virsh_commands *ret);
void virsh_commands_done(struct virsh_commands *commands);

#endif
