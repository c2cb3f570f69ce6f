/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTION_TABLE_H
#define EVENKEEL_AGENT_BASE_OPTION_TABLE_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

/* Every option and every key of the configuration of both programs, once. --help, the shells'
 * completions, the configuration's keys and what becomes of a value are made from this table; the
 * manual pages and README.md are tested against it. */

enum option_key {
    KEY_INTERVAL,
    KEY_CONNECT,
    KEY_MATCH,
    KEY_METADATA,
    KEY_ONCE,
    KEY_ACT,
    KEY_NO_ACT,
    KEY_DRY_RUN,
    KEY_RESTORE,
    KEY_ON_STOP,
    KEY_GUEST,
    KEY_STATE,
    KEY_SIMULATE,
    KEY_PACE,
    KEY_RECORD,
    KEY_REPLAY,
    KEY_EMIT_LP,
    KEY_METRICS_FILE,
    KEY_JSON,
    KEY_QUIET,
    KEY_VERBOSE,
    KEY_CONFIG,
    KEY_SHOW_CONFIG,
    KEY_CHECK_CONFIG,
    KEY_HELP,
    KEY_VERSION,
    KEY_OBJECTIVE,
    KEY_PENALTY,
    KEY_DEADBAND,
    KEY_RESERVE,
    KEY_RESERVE_LIMIT,
    KEY_RESERVE_SUM,
    KEY_SHOW_TOPOLOGY,
    KEY_LEVEL,
    KEY_WAITING,
    KEY_PLAIN,
    KEY_SOLVE_LIMIT,
    KEY_GUEST_UNUSED,
    KEY_GUEST_LEAST,
    KEY_HOST_RESERVE,
    KEY_HOST_RESERVE_SHARE,
    KEY_HOST_BUDGET,
    KEY_RECLAIM,
    KEY_PRESSURE,
    KEY_FLOOR_LIMIT,
    KEY_FLOOR_SUM,
    KEY_WEIGHT_LIMIT,
    KEY_WEIGHT_SUM,
    KEY_EXPLAIN,
    KEY_OBSERVE,
    N_OPTIONS,
};

/* What an option's value is. */
enum option_kind {
    IS_FLAG,
    IS_OFF,    /* a flag for the contrary */
    IS_LEVEL,  /* sets a number */
    IS_ACTION, /* sets what is done instead of a run */
    IS_TEXT,
    IS_MATCH,
    IS_CHOICE, /* one of some words; an enumerator, counted from 0 */
    IS_EITHER, /* one of two words; true is the second */
    IS_DECIMAL,
    IS_MIB,
    IS_PCPUS,
    IS_INTERVAL,
};

/* Programs that have the option. */
enum { OF_VCPU = 1, OF_MEMORY = 2, OF_BOTH = OF_VCPU | OF_MEMORY };

/* Whether it is a key of the configuration. */
enum option_file { NOT_IN_FILE, IN_FILE, ONLY_IN_FILE };

struct option_row {
    const char *name; /* without dashes */
    const char *arg;  /* the value's name, or NULL */
    const char *help;
    int group; /* of the help */
    int of;
    enum option_kind kind;
    size_t offset; /* where the value goes: a member of struct options */
    enum option_file file;
    bool is_setting;   /* it changes a decision: a recording has it, and a replay has its own */
    int value;         /* of a level or an action; the most that a decimal may be */
    const char *unit;  /* of a decimal */
    const char *words; /* of a choice, "one|two" */
    char letter;       /* the short form, or 0 */
};

const struct option_row *option_row(enum option_key key);
enum option_key option_key_of(const struct option_row *row);
/* The row of argp's key, or NULL; *ret is its key. */
const struct option_row *option_of_argp(int argp_key, enum option_key *ret);
/* The program's option or key of that name, which ends after n bytes; or NULL. */
const struct option_row *option_named(int of, const char *name, size_t n);
/* The program's options as argp wants them, ended by an element of zeros. */
void option_list(int of, struct argp_option ret[N_OPTIONS + 1]);

#endif
