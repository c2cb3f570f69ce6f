/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_table.h"

#include <assert.h>
#include <stddef.h>

const struct argp_option option_common[] = {
    {"connect", KEY_CONNECT, "URI", 0, "libvirt connection (qemu:///system)", 1},
    {"match", KEY_MATCH, "GLOB", 0, "only guests whose name matches; may be repeated", 1},
    {"once", KEY_ONCE, NULL, 0, "end after the first decision", 1},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "decide and report, but change nothing", 1},
    {"restore", KEY_RESTORE, NULL, 0,
     "on exit, put back what was found before the first change; with --once, only that", 1},
    {"state", KEY_STATE, "DIR", 0, "where what was found is kept, to survive a crash", 1},
    {"simulate", KEY_SIMULATE, "NAME|FILE", 0,
     "run on a simulated host, in virtual time; 'help' lists the scenarios", 2},
    {"record", KEY_RECORD, "FILE", 0, "write every sample and plan to FILE", 2},
    {"replay", KEY_REPLAY, "FILE", 0, "plan a recording's samples again and report differences", 2},
    {"emit-lp", KEY_EMIT_LP, "DIR", 0,
     "write each solved model to DIR as a numbered CPLEX LP file; '-' for standard output", 2},
    {"json", KEY_JSON, NULL, 0, "one JSON object per interval on standard output", 3},
    {"quiet", KEY_QUIET, NULL, 0, "no report, only warnings and errors", 3},
    {"verbose", KEY_VERBOSE, NULL, 0, "more detail in report and messages", 3},
    {"help", KEY_HELP, NULL, 0, "print this help", -1},
    {"version", KEY_VERSION, NULL, 0, "print the version", -1},
    {0},
};

const struct argp_option option_vcpu[] = {
    {"objective", KEY_OBJECTIVE, "NAME", 0,
     "what balance means: 'deviation' (largest distance of a pCPU from its fair share) or "
     "'variance'",
     4},
    {"penalty", KEY_PENALTY, "POINTS", 0,
     "percentage points of balance that one average move must gain; 0 = grows with the pCPUs", 4},
    {"deadband", KEY_DEADBAND, "POINTS", 0,
     "no plan while no pCPU is further than this from its fair share", 4},
    {"reserve", KEY_RESERVE, "PCPUS", 0, "pCPUs kept for the host, as '0-1,8': no guest goes there",
     4},
    {"show-topology", KEY_SHOW_TOPOLOGY, NULL, 0,
     "show the host's nodes, caches and cores, and what is kept from guests, and end", 3},
    {"level", KEY_LEVEL, "NAME", 0,
     "'pcpu': every busy vCPU is pinned to a pCPU; 'auto': only where vCPUs wait less then than "
     "while they float",
     4},
    {"waiting", KEY_WAITING, "PERCENT", 0,
     "with --level auto: what pins may let vCPUs wait beyond floating, in percent of running (5)",
     4},
    {"plain", KEY_PLAIN, NULL, 0,
     "give GLPK the model and nothing else: slow, and independent of the search", 4},
    {"solve-limit", KEY_SOLVE_LIMIT, "SECONDS", 0,
     "how long finding a plan may take; 0 = a third of the interval", 4},
    {0},
};

const struct argp_option option_memory[] = {
    {"guest-unused", KEY_GUEST_UNUSED, "MIB", 0, "unused memory every guest keeps", 4},
    {"guest-least", KEY_GUEST_LEAST, "MIB", 0, "no guest gets less than this in all", 4},
    {"host-reserve", KEY_HOST_RESERVE, "MIB", 0, "host memory that is never handed out", 4},
    {"host-reserve-share", KEY_HOST_RESERVE_SHARE, "PERCENT", 0,
     "the same as a share of the host's memory; the larger one holds", 4},
    {"host-budget", KEY_HOST_BUDGET, "MIB", 0,
     "act as if the guests had only this much to share; 0 = all there is", 4},
    {"reclaim", KEY_RECLAIM, "WHEN", 0,
     "when idle memory is taken: 'always', or under 'pressure' of the host or of guests", 4},
    {"pressure", KEY_PRESSURE, "PERCENT", 0,
     "with --reclaim pressure: as long as less than this of the host is free (20)", 4},
    {"explain", KEY_EXPLAIN, NULL, 0, "say for each guest why it has its size", 3},
    {0},
};

static const struct argp_option *find_key(const struct argp_option *options, int key)
{
    for (; options->name; options++) {
        if (options->key == key)
            return options;
    }
    return NULL;
}

const char *option_name(int key)
{
    const struct argp_option *option = find_key(option_common, key);

    if (!option)
        option = find_key(option_vcpu, key);
    if (!option)
        option = find_key(option_memory, key);
    assert(option);
    return option->name;
}
