/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/check_n1.h"

#include <errno.h>
#include <stdlib.h>

/* Free of a resource on each host, not below 0. */
static void fill_free(const struct fleet *fleet, const int *host_of, size_t resource,
                      int64_t *free_on)
{
    for (size_t p = 0; p < fleet->n_hosts; p++)
        free_on[p] = fleet->hosts[p].is_open ? fleet->hosts[p].room[resource] : 0;
    for (size_t i = 0; i < fleet->n_guests; i++)
        if (host_of[i] >= 0)
            free_on[host_of[i]] -= fleet->guests[i].size[resource];
    for (size_t p = 0; p < fleet->n_hosts; p++)
        free_on[p] = free_on[p] < 0 ? 0 : free_on[p];
}

static int check_sums(const struct fleet *fleet, const int *host_of, const struct fleet_n1 *n1,
                      const int64_t *free_on, size_t resource, struct err *err)
{
    int64_t need = 0, have = 0, widest = 0;

    for (size_t p = 0; p < fleet->n_hosts; p++) {
        if (p == n1->host)
            continue;
        have += free_on[p];
        widest = free_on[p] > widest ? free_on[p] : widest;
    }
    for (size_t i = 0; i < fleet->n_guests; i++) {
        if (host_of[i] != (int)n1->host)
            continue;
        need += fleet->guests[i].size[resource];
        if (n1->answer == FLEET_SAFE && fleet->guests[i].size[resource] > widest)
            return err_set(err, -EINVAL,
                           "host '%s' is told to be safe, and guest '%s' fits nowhere",
                           fleet->hosts[n1->host].name, fleet->guests[i].name);
    }
    if (need > have)
        return err_set(err, -EINVAL,
                       "host '%s' is told to be safe, and the others lack room for its guests (%s)",
                       fleet->hosts[n1->host].name, fleet->resource[resource]);
    return 0;
}

static int check_host(const struct fleet *fleet, const int *host_of, const struct fleet_n1 *n1,
                      struct err *err)
{
    bool is_safe = n1->answer == FLEET_SAFE || n1->answer == FLEET_WITH_MOVES;
    bool is_not_judged = n1->answer == FLEET_NOT_JUDGED;

    if (n1->host >= fleet->n_hosts || !fleet->hosts[n1->host].is_open)
        return err_set(err, -EINVAL, "the loss of a host that is not open is told");
    if ((is_safe || is_not_judged) != (n1->n_unprotected == 0) || (is_safe && n1->n_unjudged > 0) ||
        (is_not_judged && n1->n_unjudged == 0) ||
        (n1->answer == FLEET_WITH_MOVES) != (n1->n_moves > 0))
        return err_set(err, -EINVAL, "host '%s' is %s, with %zu guests and %zu moves",
                       fleet->hosts[n1->host].name, fleet_n1_text(n1->answer), n1->n_unprotected,
                       n1->n_moves);
    for (size_t k = 0; k < n1->n_unprotected; k++)
        if (n1->unprotected[k] >= fleet->n_guests || host_of[n1->unprotected[k]] != (int)n1->host)
            return err_set(err, -EINVAL, "a guest that is not on host '%s' is lost with it",
                           fleet->hosts[n1->host].name);
    for (size_t k = 0; k < n1->n_unjudged; k++)
        if (n1->unjudged[k] >= fleet->n_guests || host_of[n1->unjudged[k]] != (int)n1->host)
            return err_set(err, -EINVAL, "a guest that is not on host '%s' is not judged there",
                           fleet->hosts[n1->host].name);
    return 0;
}

static int check_all(const struct fleet *fleet, const int *host_of, const struct fleet_n1 *n1,
                     size_t n, struct err *err)
{
    int64_t *free_on = calloc(fleet->n_hosts + 1, sizeof(*free_on));
    int r = free_on ? 0 : -ENOMEM;

    for (size_t k = 0; r == 0 && k < n; k++)
        r = check_host(fleet, host_of, &n1[k], err);
    for (size_t resource = 0; r == 0 && resource < fleet->n_resources; resource++) {
        fill_free(fleet, host_of, resource, free_on);
        for (size_t k = 0; r == 0 && k < n; k++)
            if (n1[k].answer == FLEET_SAFE || n1[k].answer == FLEET_WITH_MOVES)
                r = check_sums(fleet, host_of, &n1[k], free_on, resource, err);
    }
    free(free_on);
    return r;
}

int check_n1(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    size_t n_open = 0;

    for (size_t p = 0; p < fleet->n_hosts; p++)
        n_open += fleet->hosts[p].is_open;
    if (plan->n_n1 != n_open)
        return err_set(err, -EINVAL, "the loss of %zu hosts is told, and %zu are open", plan->n_n1,
                       n_open);
    return check_all(fleet, plan->host_of, plan->n1, plan->n_n1, err);
}
