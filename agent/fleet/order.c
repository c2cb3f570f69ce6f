/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/order.h"

bool order_heed(struct cluster *cluster, const struct fleet_plan *plan)
{
    const struct fleet *fleet = &cluster->fleet;
    bool any = false;

    for (size_t k = 0; k < cluster->n_orders; k++) {
        const struct cluster_order *order = &cluster->orders[k];
        const struct fleet_guest *then = &fleet->guests[order->then];

        if (plan->host_of[order->first] >= 0 || plan->host_of[order->then] < 0 || then->home >= 0 ||
            then->is_fixed)
            continue;
        any = true;
        cluster_fix(cluster, (size_t)order->then,
                    "it is started after '%.60s', for which there is no place",
                    fleet->guests[order->first].name);
        cluster_note(cluster, "'%.60s' stays stopped: %s", then->name, then->why_fixed);
    }
    return any;
}
