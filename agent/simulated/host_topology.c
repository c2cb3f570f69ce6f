/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/host_topology.h"

#include <math.h>

#include "agent/simulated/state.h"

/* As the kernel of a host with cores of two kinds does. */
static void tell_speeds(const struct scenario *scenario, struct topology_facts *facts)
{
    for (unsigned p = cpuset_next(&scenario->slow, 0); p < CPUSET_SIZE;
         p = cpuset_next(&scenario->slow, p + 1))
        facts->speed[p] = (unsigned)lround(10 * scenario->slow_pct);
    for (unsigned p = 0; p < CPUSET_SIZE && cpuset_count(&scenario->slow) > 0; p++)
        if (!cpuset_has(&scenario->slow, p))
            facts->speed[p] = 1000;
}

int host_topology(void *self, struct topology_facts *ret, struct err *err)
{
    const struct simulated *world = self;
    const struct scenario *scenario = &world->scenario;
    const struct topology_facts nothing = {0};
    int r = topology_facts_copy(scenario->topology ? scenario->topology : &nothing, ret);

    if (r < 0)
        return err_set(err, r, "out of memory");
    ret->has_map = true;
    ret->online = (struct cpuset){0};
    for (size_t p = 0; p < world->n_pcpus; p++)
        if (world->pcpus[p].online)
            cpuset_add(&ret->online, world->pcpus[p].id);
    cpuset_or(&ret->mentioned, &scenario->present);
    if (scenario->topology && scenario->is_told)
        tell_speeds(scenario, ret);
    return 0;
}
