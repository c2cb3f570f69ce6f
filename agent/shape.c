/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shape.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/base/units.h"
#include "planner/topology/seen.h"

static const double ASK_AGAIN_S = 60;

static bool is_plain(const struct session *session)
{
    return session->options->vcpu.level == PIN_PCPU;
}

void shape_done(struct shape *shape)
{
    if (shape->is_known)
        topology_done(&shape->topology);
    shape->is_known = false;
}

static int read_shape(struct session *session, struct topology *ret, struct err *err)
{
    struct topology_facts *facts = calloc(1, sizeof(*facts));
    int r;

    if (!facts)
        return err_set(err, -ENOMEM, "out of memory");
    if (!session->host.topology) {
        free(facts);
        return err_set(err, -ENOTSUP, "the host does not tell");
    }
    r = session->host.topology(session->host.self, facts, err);
    if (r == 0) {
        r = topology_build(facts, ret, err);
        topology_facts_done(facts);
    }
    free(facts);
    return r;
}

static void ask(struct shape *shape, struct session *session, uint64_t now_ns)
{
    struct err err = {0};

    if (shape->asked_ns && now_ns < shape->asked_ns + ns_from_seconds(ASK_AGAIN_S))
        return;
    shape->asked_ns = now_ns;
    shape_done(shape);
    shape->is_known = read_shape(session, &shape->topology, &err) == 0;
    if (!shape->is_known && !shape->is_told)
        log_line(&session->log, is_plain(session) ? LOG_INFO : LOG_WARNING,
                 "the host's shape is not known: %s", err.text);
    shape->is_told = !shape->is_known;
}

static bool knows_all(const struct topology *topology, const struct vcpu_sample *sample)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (!cpuset_has(&topology->online, sample->pcpus[p].id))
            return false;
    return true;
}

static bool is_any_bound(const struct vcpu_sample *sample)
{
    for (size_t g = 0; g < sample->n_guests; g++)
        if (sample->guests[g].memory.is_bound)
            return true;
    return false;
}

/* Whether the plan may depend on it. */
static bool matters(const struct shape *shape, const struct session *session,
                    const struct vcpu_sample *sample)
{
    const struct topology *topology = &shape->topology;

    return !is_plain(session) || topology->n_cores < cpuset_count(&topology->online) ||
           (topology->n_nodes > 1 && is_any_bound(sample));
}

static void mark(struct shape *shape, struct session *session, struct vcpu_sample *sample)
{
    if (!shape->is_known || !knows_all(&shape->topology, sample))
        ask(shape, session, sample->at_ns);
    if (shape->is_known && matters(shape, session, sample))
        topology_mark(&shape->topology, sample);
}

void shape_mark(struct shape *shape, struct session *session, struct vcpu_sample *sample)
{
    if (session->replay)
        return;
    mark(shape, session, sample);
    if (is_plain(session) || !sample->has_shape || shape->topology.n_nodes < 2)
        vcpu_sample_forget_helpers(sample);
}
