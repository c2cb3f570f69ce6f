/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/host_topology.h"

#include "agent/simulated/state.h"

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
    return 0;
}
