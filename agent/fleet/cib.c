/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/cib.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"
#include "agent/host/xml_text.h"

static void read_properties(struct cib *cib)
{
    static const char *const strategies[] = {"default", "utilization", "minimal", "balanced"};
    const char *strategy = cib_property(cib, "placement-strategy");
    bool is_symmetric = true, is_maintained = false, is_stopped = false;

    cib->strategy = strategies[0];
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++)
        if (strcmp(strategy, strategies[i]) == 0)
            cib->strategy = strategies[i];
    cib_check_sets(cib, cib_child(cib->configuration, "crm_config"), "cluster_property_set");
    cib_boolean(cib_property(cib, "symmetric-cluster"), &is_symmetric);
    cib_boolean(cib_property(cib, "maintenance-mode"), &is_maintained);
    cib_boolean(cib_property(cib, "stop-all-resources"), &is_stopped);
    cib->is_opt_in = !is_symmetric;
    if (is_maintained)
        cluster_refuse(cib->cluster, "the cluster is in maintenance mode");
    if (is_stopped)
        cluster_refuse(cib->cluster, "stop-all-resources is set");
}

static void read_version(struct cib *cib)
{
    snprintf(cib->cluster->version, sizeof(cib->cluster->version), "%.60s.%.60s",
             cib_attribute(cib->root, "admin_epoch"), cib_attribute(cib->root, "epoch"));
}

static void read_quorum(struct cib *cib)
{
    bool has_quorum = false;

    cib_boolean(cib_attribute(cib->root, "have-quorum"), &has_quorum);
    if (!has_quorum)
        cluster_refuse(cib->cluster, "the cluster has no quorum");
}

static void refuse_tickets(struct cib *cib)
{
    const xmlNode *all = cib_child(cib->configuration, "constraints");

    for (const xmlNode *one = cib_child(all, "rsc_ticket"); one;
         one = cib_next(all, one, "rsc_ticket"))
        cluster_refuse(cib->cluster, "ticket constraint '%.60s' is not evaluated here",
                       cib_id(one));
}

static int read_all(struct cib *cib, struct err *err)
{
    int r = cib_read_nodes(cib, err);

    if (r == 0)
        r = cib_read_resources(cib, err);
    if (r == 0)
        r = cib_read_history(cib, err);
    if (r < 0)
        return r;
    read_version(cib);
    read_quorum(cib);
    read_properties(cib);
    cib_judge_nodes(cib);
    cib_judge_guests(cib);
    cib_read_failures(cib);
    r = cib_read_utilization(cib, err);
    if (r < 0)
        return r;
    cib_read_locations(cib);
    cib_read_colocations(cib);
    cib_read_orders(cib);
    refuse_tickets(cib);
    return cib->cluster->is_short ? err_set(err, -ENOMEM, "out of memory") : 0;
}

/* No CIB has a document type, and one can make little text grow without end. */
int cib_read(const char *text, size_t n, int64_t now_s, struct cluster *ret, struct err *err)
{
    struct cluster cluster = {.engine = "Pacemaker"};
    struct cib cib = {.cluster = &cluster, .now_s = now_s};
    xmlDoc *document = n > CIB_MOST_BYTES ? NULL : xml_text_read(text, n, 0);
    int r;

    cib.root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    cib.configuration =
        cib.root && cib_is(cib.root, "cib") ? cib_child(cib.root, "configuration") : NULL;
    cib.status = cib.configuration ? cib_child(cib.root, "status") : NULL;
    if (!cib.configuration)
        r = err_set(err, -EINVAL, "%s",
                    n > CIB_MOST_BYTES
                        ? "the cluster document is larger than 64 MiB"
                        : "this is no cluster document: XML with <cib> and <configuration>, whole, "
                          "and without a document type");
    else
        r = read_all(&cib, err);
    xmlFreeDoc(document);
    if (r < 0)
        cluster_done(&cluster);
    else
        *ret = cluster;
    return r;
}
