/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/act_round.h"
#include "agent/fleet/host_link.h"
#include "agent/fleet/hosts.h"

enum { KIB_PER_MIB = 1024 };

void act_hosts_done(struct act_try *round)
{
    free(round->hosts);
    free(round->has_device);
    free(round->has_job);
    free(round->memory_mib);
    round->hosts = NULL;
    round->has_device = round->has_job = NULL;
    round->memory_mib = NULL;
}

static void take_guest(struct act_try *round, const struct seen_guest *seen)
{
    int guest = cluster_guest(&round->scene.cluster, seen->name);

    if (guest < 0)
        return;
    round->has_device[guest] = seen->why_stays != NULL;
    round->has_job[guest] = seen->has_job || !seen->is_running;
    round->memory_mib[guest] = (int64_t)((seen->maximum_kib + KIB_PER_MIB - 1) / KIB_PER_MIB);
}

static void take_host(void *arg, const char *name, int64_t reserve_mib,
                      const struct seen_host *seen)
{
    struct act_try *round = arg;
    int host = cluster_host(&round->scene.cluster, name);

    if (host < 0 || !seen)
        return;
    round->hosts[host] = (struct act_host){.is_told = seen->available_kib > 0,
                                           .free_mib = (int64_t)(seen->available_kib / KIB_PER_MIB),
                                           .reserve_mib = reserve_mib};
    for (size_t i = 0; i < seen->n_guests; i++)
        take_guest(round, &seen->guests[i]);
}

/* What nobody has asked is said. */
static void say_unasked(struct act_try *round)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;
    struct act_report *report = round->report;
    size_t n = 0, first = 0;

    report->unasked[0] = '\0';
    if (!round->scene.hosts) {
        snprintf(report->unasked, sizeof(report->unasked),
                 "no host was asked, for want of --hosts: memory is as the cluster has it, and "
                 "devices and jobs are not known");
        return;
    }
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        if (round->hosts[p].is_told || !fleet->hosts[p].is_open)
            continue;
        first = n++ ? first : p;
    }
    if (n > 0)
        snprintf(report->unasked, sizeof(report->unasked),
                 "%zu of %zu hosts are not in --hosts or do not answer ('%.60s'): their memory is "
                 "as the cluster has it",
                 n, fleet->n_hosts, fleet->hosts[first].name);
}

int act_ask_hosts(struct act_try *round, struct err *err)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;

    act_hosts_done(round);
    round->hosts = calloc(fleet->n_hosts + 1, sizeof(*round->hosts));
    round->has_device = calloc(fleet->n_guests + 1, sizeof(*round->has_device));
    round->has_job = calloc(fleet->n_guests + 1, sizeof(*round->has_job));
    round->memory_mib = calloc(fleet->n_guests + 1, sizeof(*round->memory_mib));
    if (!round->hosts || !round->has_device || !round->has_job || !round->memory_mib)
        return err_set(err, -ENOMEM, "out of memory");
    if (round->scene.hosts)
        hosts_now(round->scene.hosts, take_host, round);
    say_unasked(round);
    return 0;
}

static int64_t memory_of(const struct act_try *round, size_t guest)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;

    if (round->memory_mib[guest] > 0)
        return round->memory_mib[guest];
    return fleet->n_resources > 0 ? fleet->guests[guest].size[0] : 0;
}

int act_check_hosts(struct act_try *round)
{
    struct cluster *cluster = &round->scene.cluster;
    const struct fleet_plan *plan = &round->plan;
    char why[ACT_WHY_SIZE];
    int is_changed = 0;

    for (size_t p = 0; p < cluster->fleet.n_hosts; p++)
        round->hosts[p].incoming_mib = 0;
    for (size_t k = 0; k < plan->n_moves; k++)
        round->hosts[plan->moves[k].to].incoming_mib += memory_of(round, plan->moves[k].guest);
    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[k];
        bool *allowed;

        if (act_on_host(&round->hosts[move->to], why) == ACT_HOST_MAY)
            continue;
        allowed = cluster_allowed(cluster, move->guest);
        if (!allowed)
            continue;
        allowed[move->to] = false;
        is_changed = 1;
        snprintf(round->report->full, sizeof(round->report->full), "'%.60s' is full: %.200s",
                 cluster->fleet.hosts[move->to].name, why);
    }
    return is_changed;
}
