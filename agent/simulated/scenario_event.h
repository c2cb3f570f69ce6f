/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_EVENT_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "agent/simulated/json_reader.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"

enum scenario_do {
    DO_LOAD,
    DO_PIN,
    DO_RESIZE,
    DO_GROW,
    DO_FREE,
    DO_USE,
    DO_BALLOON,
    DO_STATISTICS,
    DO_START,
    DO_STOP,
    DO_VANISH,
    DO_PAUSE,
    DO_RESUME,
    DO_MIGRATE,
    DO_INCOMING,
    DO_REBOOT,
    DO_PLUG,
    DO_VIRTIO_MEM,
    DO_REFUSE,
    DO_OUTAGE,
    DO_OTHER_MEMORY,
    DO_OFFLINE,
    DO_ONLINE,
    DO_BACKGROUND,
    DO_QUOTA,
};

enum statistics_kind {
    STATISTICS_OK,
    STATISTICS_MISSING,
    STATISTICS_FROZEN,
    STATISTICS_MINUS_ONE,
    STATISTICS_ZERO,
    STATISTICS_ABSURD,
    STATISTICS_FUTURE,
};

/* How a guest's balloon behaves; a member of -1 in an event leaves that property as it is. */
struct balloon_manner {
    double kib_per_s;
    double delay_s;
    double min_kib, max_kib; /* hidden limits; 0 = none */
    double reverts_s;        /* goes back to its old size this long after obeying; 0 = stays */
    int autodeflate;
    int driver; /* 0: the guest has no balloon driver, the device is there */
};

struct scenario_event {
    uint64_t at_ns;
    enum scenario_do what;
    char guest[GUEST_NAME_SIZE]; /* glob; "*" is everyone */
    int vcpu;                    /* -1: all */
    double pct, noise_pct;       /* noise_pct < 0: as it is */
    double guest_pct;            /* of a quota: of the whole guest */
    double kib, kib_per_s;
    uint64_t for_ns;
    enum statistics_kind statistics;
    struct balloon_manner balloon;
    struct cpuset pcpus;
};

/* One element of "events". 0, -EINVAL or -ENOMEM. */
int scenario_event_parse(json_t *json, int index, struct scenario_event *ret, struct err *err);
/* The members of a balloon's manner, as they stand in an event and in a guest; those that are
 * absent come from *fallback. */
void scenario_balloon(struct member *at, const struct balloon_manner *fallback,
                      struct balloon_manner *ret);

#endif
