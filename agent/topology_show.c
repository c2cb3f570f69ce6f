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
    session_flush(session);
    return session->output.has_failed ? err_set(err, -EIO, "the host's shape is not shown") : 0;
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
        facts->reserved = session->options->reserve;
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
