/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTION_TABLE_H
#define EVENKEEL_AGENT_BASE_OPTION_TABLE_H

#include <argp.h>

/* Every option of both programs as argp shows it; options.c says what becomes of its value. */

/* Ids of the options, for argp; fewer than 64. */
enum {
    KEY_FIRST = 0x100,
    KEY_CONNECT = KEY_FIRST,
    KEY_MATCH,
    KEY_ONCE,
    KEY_DRY_RUN,
    KEY_EMIT_LP,
    KEY_SIMULATE,
    KEY_RECORD,
    KEY_REPLAY,
    KEY_JSON,
    KEY_QUIET,
    KEY_VERBOSE,
    KEY_RESTORE,
    KEY_STATE,
    KEY_HELP,
    KEY_VERSION,
    KEY_EXPLAIN,
    KEY_OBJECTIVE,
    KEY_PENALTY,
    KEY_DEADBAND,
    KEY_PLAIN,
    KEY_SOLVE_LIMIT,
    KEY_GUEST_UNUSED,
    KEY_GUEST_LEAST,
    KEY_HOST_RESERVE,
    KEY_HOST_RESERVE_SHARE,
    KEY_HOST_BUDGET,
    KEY_RECLAIM,
    KEY_PRESSURE,
    KEY_RESERVE,
    KEY_SHOW_TOPOLOGY,
    KEY_LEVEL,
    KEY_WAITING,
};

/* As argp wants them: ended by an element of zeros. */
extern const struct argp_option option_common[], option_vcpu[], option_memory[];

/* The option's name without its dashes. */
const char *option_name(int key);

#endif
