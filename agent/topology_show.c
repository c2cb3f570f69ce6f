/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/topology_show.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/report/report_topology.h"

static int show(struct session *session, const struct topology *topology, struct err *err)
{
    struct topology_levels levels;

    if (topology_levels(topology, &levels) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (session->options->json)
        session_write_json(session, report_topology_json(topology, &levels));
    else
        report_topology(session->text, topology, &levels, session->options->verbosity > 0);
    output_flush(&session->output);
    return session->output.has_failed ? err_set(err, -EIO, "the host's shape is not shown") : 0;
}

static struct cpuset *kept_for(struct topology_facts *facts, enum pcpu_use use)
{
    switch (use) {
    case PCPU_USABLE:
        return NULL;
    case PCPU_ISOLATED:
        return &facts->isolated;
    case PCPU_TICKLESS:
        return &facts->tickless;
    case PCPU_OUTSIDE_SLICE:
        return &facts->outside_slice;
    case PCPU_RESERVED:
        return &facts->reserved;
    }
    return NULL;
}

/* What keeps pCPUs from guests is part of each sample; a hypervisor that gives none has a shape all
 * the same. */
static void add_kept(struct session *session, struct topology_facts *facts)
{
    struct vcpu_sample sample;
    struct err err = {0};

    facts->reserved = session->options->reserve;
    if (session->host.sample_vcpus(session->host.self, &sample, &err) < 0) {
        log_line(&session->log, LOG_WARNING, "which pCPUs are kept from guests is not known: %s",
                 err.text);
        return;
    }
    for (size_t p = 0; p < sample.n_pcpus; p++) {
        struct cpuset *kept = kept_for(facts, sample.pcpus[p].use);

        if (kept)
            cpuset_add(kept, sample.pcpus[p].id);
    }
    vcpu_sample_done(&sample);
}

int topology_show(struct session *session, struct err *err)
{
    struct topology_facts *facts = calloc(1, sizeof(*facts));
    struct topology topology;
    int r;

    if (!facts)
        return err_set(err, -ENOMEM, "out of memory");
    r = session->host.topology(session->host.self, facts, err);
    if (r == 0) {
        add_kept(session, facts);
        r = topology_build(facts, &topology, err);
        topology_facts_done(facts);
    }
    free(facts);
    if (r < 0)
        return r;
    r = show(session, &topology, err);
    topology_done(&topology);
    return r;
}
