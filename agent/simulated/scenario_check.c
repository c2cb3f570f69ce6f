/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_check.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>

#include "agent/base/guest_name.h"

static const double kib_per_mib = 1024;
/* A machine as students get it. */
static const double usual_host_mib = 16384;

static bool is_about_the_host(enum scenario_do what)
{
    return what == DO_OUTAGE || what == DO_OTHER_MEMORY || what == DO_BACKGROUND ||
           what == DO_OFFLINE || what == DO_ONLINE;
}

int scenario_check_event(const struct scenario *scenario, const struct scenario_event *event,
                         int index, struct err *err)
{
    bool is_everybody = event->guest[0] == '*' && !event->guest[1], is_there = is_everybody;

    if (is_about_the_host(event->what))
        return 0;
    for (size_t g = 0; g < scenario->n_guests; g++) {
        const struct scenario_guest *guest = &scenario->guests[g];

        if (fnmatch(event->guest, guest_name_true(&guest->id), 0) != 0)
            continue;
        is_there = true;
        if (event->vcpu < (int)guest->vcpus)
            return 0;
    }
    if (!is_there)
        return err_set(err, -EINVAL, "scenario: events[%d]: no guest is called '%s'", index,
                       event->guest);
    if (event->vcpu < 0)
        return 0;
    return err_set(err, -EINVAL, "scenario: events[%d]: no guest '%s' has a vCPU %d", index,
                   event->guest, event->vcpu);
}

/* What a guest holds of the host's memory as soon as it runs. */
static double needed_kib(const struct scenario_guest *guest)
{
    double in_use = fmax(guest->touched_kib, guest->used_kib + guest->cache_kib);

    return guest->present && !guest->is_program ? in_use + guest->overhead_kib : 0;
}

int scenario_check_memory(struct scenario *scenario, struct err *err)
{
    double needed = scenario->other_kib + scenario->arc_kib;

    for (size_t g = 0; g < scenario->n_guests; g++)
        needed += needed_kib(&scenario->guests[g]);
    if (scenario->total_kib <= 0)
        scenario->total_kib =
            kib_per_mib *
            ceil(fmax(usual_host_mib, (needed + scenario->host_cache_kib) / kib_per_mib));
    if (needed <= scenario->total_kib)
        return 0;
    return err_set(
        err, -EINVAL,
        "scenario: host: \"memory_mib\" is %.0f, and what runs there at the start holds %.0f: "
        "leave it out, or start with fewer guests",
        scenario->total_kib / kib_per_mib, ceil(needed / kib_per_mib));
}
