/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_table.h"

#include <string.h>

#include "agent/base/options.h"

#define TO(member) .offset = offsetof(struct options, member)

static const struct option_row rows[N_OPTIONS] = {
    [KEY_INTERVAL] = {"interval", "SECONDS", "seconds from one look to the next", 0, OF_BOTH,
                      IS_INTERVAL, TO(interval_s), ONLY_IN_FILE},
    [KEY_CONNECT] = {"connect", "URI", "libvirt connection (qemu:///system)", 1, OF_BOTH, IS_TEXT,
                     TO(connect), IN_FILE},
    [KEY_MATCH] = {"match", "GLOB",
                   "only guests whose name matches, or with '!GLOB' does not; may be repeated", 1,
                   OF_BOTH, IS_MATCH, TO(match), IN_FILE},
    [KEY_METADATA] = {"metadata", "WHAT",
                      "what of guests' own definitions counts: 'trust' all of it, 'limit' it, "
                      "'ignore' it (limit)",
                      1, OF_BOTH, IS_CHOICE, TO(metadata), IN_FILE, .is_setting = true,
                      .words = "trust|limit|ignore"},
    [KEY_ONCE] = {"once", NULL, "end after the first decision", 1, OF_BOTH, IS_FLAG, TO(once)},
    [KEY_ACT] = {"act", NULL, "change what the plan says: the default", 1, OF_BOTH, IS_OFF,
                 TO(dry_run), IN_FILE},
    [KEY_NO_ACT] = {"no-act", NULL, "the same as --dry-run", 1, OF_BOTH, IS_FLAG, TO(dry_run)},
    [KEY_DRY_RUN] = {"dry-run", NULL, "decide and report, but change nothing", 1, OF_BOTH, IS_FLAG,
                     TO(dry_run)},
    [KEY_RESTORE] = {"restore", NULL,
                     "on exit, put back what was found before the first change; with --once, only "
                     "that",
                     1, OF_BOTH, IS_FLAG, TO(restore), IN_FILE},
    [KEY_ON_STOP] =
        {"on-stop", "WHAT",
         "what becomes of its changes when it is stopped: 'keep', or 'release' puts back "
         "what was found, unless a service is only restarted",
         1, OF_BOTH, IS_EITHER, TO(release_on_stop), IN_FILE, .words = "keep|release"},
    [KEY_GUEST] = {"guest", "NAME", "with --restore --once: only what this guest is owed", 1,
                   OF_BOTH, IS_TEXT, TO(guest)},
    [KEY_STATE] = {"state", "DIR", "where what was found is kept, to survive a crash", 1, OF_BOTH,
                   IS_TEXT, TO(state), IN_FILE},
    [KEY_SIMULATE] = {"simulate", "NAME|FILE",
                      "run on a simulated host, in virtual time; 'help' lists the scenarios", 2,
                      OF_BOTH, IS_TEXT, TO(simulate)},
    [KEY_PACE] = {"pace", "SECONDS",
                  "with --simulate: real seconds from one look to the next, so that people and "
                  "evenkeelctl can follow; 0 = none (0)",
                  2, OF_BOTH, IS_DECIMAL, TO(pace_s), .value = 3600, .unit = "seconds"},
    [KEY_RECORD] = {"record", "FILE", "write every sample and plan to FILE", 2, OF_BOTH, IS_TEXT,
                    TO(record), IN_FILE},
    [KEY_REPLAY] = {"replay", "FILE", "plan a recording's samples again and report differences", 2,
                    OF_BOTH, IS_TEXT, TO(replay)},
    [KEY_EMIT_LP] = {"emit-lp", "DIR",
                     "write each solved model to DIR as a numbered CPLEX LP file; '-' for standard "
                     "output",
                     2, OF_BOTH, IS_TEXT, TO(emit_lp), IN_FILE},
    [KEY_METRICS_FILE] = {"metrics-file", "FILE",
                          "keep figures for Prometheus in FILE, in the text format", 3, OF_BOTH,
                          IS_TEXT, TO(metrics_file), IN_FILE},
    [KEY_JSON] = {"json", NULL, "one JSON object per interval on standard output", 3, OF_BOTH,
                  IS_FLAG, TO(json), IN_FILE},
    [KEY_QUIET] = {"quiet", NULL, "no report, only warnings and errors", 3, OF_BOTH, IS_LEVEL,
                   TO(verbosity), IN_FILE, .value = -1},
    [KEY_VERBOSE] = {"verbose", NULL, "more detail in report and messages", 3, OF_BOTH, IS_LEVEL,
                     TO(verbosity), IN_FILE, .value = 1},
    [KEY_CONFIG] = {"config", "FILE",
                    "read the configuration in FILE and FILE.d; SIGHUP reads it again", 3, OF_BOTH,
                    IS_TEXT, TO(config)},
    [KEY_SHOW_CONFIG] = {"show-config", NULL, "print every setting with where it is from, and end",
                         3, OF_BOTH, IS_ACTION, TO(action), .value = OPTIONS_SHOW_CONFIG},
    [KEY_CHECK_CONFIG] = {"check-config", NULL, "say whether the configuration is right, and end",
                          3, OF_BOTH, IS_ACTION, TO(action), .value = OPTIONS_CHECK_CONFIG},
    [KEY_HELP] = {"help", NULL, "print this help", -1, OF_BOTH, IS_ACTION, TO(action),
                  .value = OPTIONS_HELP, .letter = 'h'},
    [KEY_VERSION] = {"version", NULL, "print the version", -1, OF_BOTH, IS_ACTION, TO(action),
                     .value = OPTIONS_VERSION},
    [KEY_OBJECTIVE] = {"objective", "NAME",
                       "what balance means: 'deviation' (largest distance of a pCPU from its fair "
                       "share) or 'variance'",
                       4, OF_VCPU, IS_CHOICE, TO(vcpu.objective), IN_FILE, .is_setting = true,
                       .words = "deviation|variance"},
    [KEY_PENALTY] = {"penalty", "POINTS",
                     "percentage points of balance that one average move must gain; 0 = grows with "
                     "the pCPUs",
                     4, OF_VCPU, IS_DECIMAL, TO(vcpu.penalty_points), IN_FILE, .is_setting = true,
                     .value = 100, .unit = "points"},
    [KEY_DEADBAND] = {"deadband", "POINTS",
                      "no plan while no pCPU is further than this from its fair share", 4, OF_VCPU,
                      IS_DECIMAL, TO(vcpu.deadband_points), IN_FILE, .is_setting = true,
                      .value = 100, .unit = "points"},
    [KEY_RESERVE] = {"reserve", "PCPUS", "pCPUs kept for the host, as '0-1,8': no guest goes there",
                     4, OF_VCPU, IS_PCPUS, TO(reserve), IN_FILE, .is_setting = true},
    [KEY_RESERVE_LIMIT] = {"reserve-limit", "PERCENT",
                           "the most of a pCPU that a definition may reserve for each vCPU (100)",
                           4, OF_VCPU, IS_DECIMAL, TO(claims.reserve_pct), IN_FILE,
                           .is_setting = true, .value = 100, .unit = "percent"},
    [KEY_RESERVE_SUM] = {"reserve-sum", "PERCENT",
                         "the most of all pCPUs that definitions may reserve together, summed "
                         "over vCPUs (50)",
                         4, OF_VCPU, IS_DECIMAL, TO(claims.reserve_sum_pct), IN_FILE,
                         .is_setting = true, .value = 100, .unit = "percent"},
    [KEY_SHOW_TOPOLOGY] = {"show-topology", NULL,
                           "show the host's nodes, caches and cores, and what is kept from guests, "
                           "and end",
                           3, OF_VCPU, IS_FLAG, TO(show_topology)},
    [KEY_LEVEL] = {"level", "NAME",
                   "'pcpu': every busy vCPU is pinned to a pCPU; 'core': to a core; 'llc', 'node': "
                   "guests to a cache or a NUMA node; 'auto': to the finest that hardly lets vCPUs "
                   "wait longer than floating",
                   4, OF_VCPU, IS_CHOICE, TO(vcpu.level), IN_FILE, .is_setting = true,
                   .words = "pcpu|core|llc|node|auto"},
    [KEY_WAITING] = {"waiting", "PERCENT",
                     "with --level auto: what pins may let vCPUs wait beyond floating, in percent "
                     "of running (5)",
                     4, OF_VCPU, IS_DECIMAL, TO(vcpu.waiting_pct), IN_FILE, .is_setting = true,
                     .value = 1000, .unit = "percent"},
    [KEY_PLAIN] = {"plain", NULL,
                   "give GLPK the model and nothing else: slow, and independent of the search", 4,
                   OF_VCPU, IS_FLAG, TO(vcpu.plain), IN_FILE, .is_setting = true},
    [KEY_SOLVE_LIMIT] = {"solve-limit", "SECONDS",
                         "how long finding a plan may take; 0 = a third of the interval", 4,
                         OF_VCPU, IS_DECIMAL, TO(solve_limit_s), IN_FILE, .value = 3600,
                         .unit = "seconds"},
    [KEY_GUEST_UNUSED] = {"guest-unused", "MIB", "unused memory every guest keeps", 4, OF_MEMORY,
                          IS_MIB, TO(memory.guest_unused_kib), IN_FILE, .is_setting = true},
    [KEY_GUEST_LEAST] = {"guest-least", "MIB", "no guest gets less than this in all", 4, OF_MEMORY,
                         IS_MIB, TO(memory.guest_least_kib), IN_FILE, .is_setting = true},
    [KEY_HOST_RESERVE] = {"host-reserve", "MIB", "host memory that is never handed out", 4,
                          OF_MEMORY, IS_MIB, TO(memory.host_reserve_kib), IN_FILE,
                          .is_setting = true},
    [KEY_HOST_RESERVE_SHARE] = {"host-reserve-share", "PERCENT",
                                "the same as a share of the host's memory; the larger one holds", 4,
                                OF_MEMORY, IS_DECIMAL, TO(memory.host_reserve_pct), IN_FILE,
                                .is_setting = true, .value = 100, .unit = "percent"},
    [KEY_HOST_BUDGET] = {"host-budget", "MIB",
                         "act as if the guests had only this much to share; 0 = all there is", 4,
                         OF_MEMORY, IS_MIB, TO(memory.host_budget_kib), IN_FILE,
                         .is_setting = true},
    [KEY_RECLAIM] = {"reclaim", "WHEN",
                     "when idle memory is taken: 'always', or under 'pressure' of the host or of "
                     "guests",
                     4, OF_MEMORY, IS_EITHER, TO(memory.only_pressed), IN_FILE, .is_setting = true,
                     .words = "always|pressure"},
    [KEY_PRESSURE] = {"pressure", "PERCENT",
                      "with --reclaim pressure: as long as less than this of the host is free (20)",
                      4, OF_MEMORY, IS_DECIMAL, TO(memory.pressure_pct), IN_FILE,
                      .is_setting = true, .value = 100, .unit = "percent"},
    [KEY_FLOOR_LIMIT] = {"floor-limit", "PERCENT",
                         "the most of the host's memory that a definition may guarantee (50)", 4,
                         OF_MEMORY, IS_DECIMAL, TO(claims.floor_pct), IN_FILE, .is_setting = true,
                         .value = 100, .unit = "percent"},
    [KEY_FLOOR_SUM] = {"floor-sum", "PERCENT",
                       "the most of it that definitions may guarantee together (75)", 4, OF_MEMORY,
                       IS_DECIMAL, TO(claims.floor_sum_pct), IN_FILE, .is_setting = true,
                       .value = 100, .unit = "percent"},
    [KEY_WEIGHT_LIMIT] = {"weight-limit", "WEIGHT",
                          "the largest weight that a definition may have (1000)", 4, OF_MEMORY,
                          IS_DECIMAL, TO(claims.weight), IN_FILE, .is_setting = true,
                          .value = 10000, .unit = "parts"},
    [KEY_WEIGHT_SUM] = {"weight-sum", "PERCENT",
                        "how much all weights together may exceed 100 for each guest (100)", 4,
                        OF_MEMORY, IS_DECIMAL, TO(claims.weight_sum_pct), IN_FILE,
                        .is_setting = true, .value = 10000, .unit = "percent"},
    [KEY_EXPLAIN] = {"explain", NULL, "say for each guest why it has its size", 3, OF_MEMORY,
                     IS_FLAG, TO(explain), IN_FILE},
    [KEY_OBSERVE] = {"observe", NULL,
                     "in a dry run, have guests report their memory all the same, and change "
                     "nothing else",
                     1, OF_MEMORY, IS_FLAG, TO(observe), IN_FILE},
};

enum option_key option_key_of(const struct option_row *row)
{
    return (enum option_key)(row - rows);
}

/* argp takes a printable key for a short form; the others are beyond. */
enum { FIRST_LONG = 0x100 };

const struct option_row *option_row(enum option_key key)
{
    return &rows[key];
}

const struct option_row *option_of_argp(int argp_key, enum option_key *ret)
{
    for (int key = 0; key < N_OPTIONS; key++) {
        if (argp_key != key + FIRST_LONG && (!rows[key].letter || argp_key != rows[key].letter))
            continue;
        *ret = (enum option_key)key;
        return &rows[key];
    }
    return NULL;
}

const struct option_row *option_named(int of, const char *name, size_t n)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (rows[i].of & of && strncmp(rows[i].name, name, n) == 0 && !rows[i].name[n])
            return &rows[i];
    }
    return NULL;
}

void option_list(int of, struct argp_option ret[N_OPTIONS + 1])
{
    size_t n = 0;

    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = &rows[key];

        if (row->of & of && row->file != ONLY_IN_FILE)
            ret[n++] = (struct argp_option){.name = row->name,
                                            .key = row->letter ? row->letter : key + FIRST_LONG,
                                            .arg = row->arg,
                                            .doc = row->help,
                                            .group = row->group};
    }
    ret[n] = (struct argp_option){0};
}
