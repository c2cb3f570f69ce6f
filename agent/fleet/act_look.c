/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/fleet/act_round.h"
#include "agent/fleet/engine.h"
#include "agent/fleet/engine_state.h"

static const char *first_guest(const struct cluster *cluster,
                               bool (*is_it)(const struct cluster *, size_t))
{
    for (size_t i = 0; i < cluster->fleet.n_guests; i++)
        if (is_it(cluster, i))
            return cluster->fleet.guests[i].name;
    return NULL;
}

static bool is_busy(const struct cluster *cluster, size_t guest)
{
    return cluster->about[guest].is_busy;
}

static bool fails_to_move(const struct cluster *cluster, size_t guest)
{
    return cluster->about[guest].is_busy && cluster->about[guest].has_failed_move;
}

/* What the engine does by itself just now has to be over first. */
static int check_idle(struct act_try *round, struct err *err)
{
    struct engine_word word = {0};
    const struct scene *scene = &round->scene;
    int r = engine_ask(scene->text, scene->n_text, &scene->cluster, FLEET_NOWHERE, &word, err);

    for (size_t i = 0; i < scene->cluster.fleet.n_guests && r == 0; i++)
        if (word.host_of[i] != scene->cluster.fleet.guests[i].home)
            r = err_set(err, -EBUSY,
                        "the engine is about to start, stop or move '%.60s' by itself: wait until "
                        "that is over",
                        scene->cluster.fleet.guests[i].name);
    if (r == 0 && word.n_other + word.n_foreign > 0)
        r = err_set(err, -EBUSY, "the engine has work of its own to do (%s): wait until it is done",
                    word.n_other ? word.first_other : word.first_foreign);
    engine_word_done(&word);
    return r;
}

int act_check_cluster(struct act_try *round, struct err *err)
{
    struct engine_state state;
    char why[ACT_WHY_SIZE];
    int r = engine_state_ask(&state, err);

    if (r < 0)
        return r;
    state.told.busy = first_guest(&round->scene.cluster, is_busy);
    state.told.fails_to_move = first_guest(&round->scene.cluster, fails_to_move);
    if (act_on_cluster(&state.told, why) != ACT_MAY)
        return err_set(err, -EPERM, "%s", why);
    if (round->scene.cluster.refusals.n)
        return err_set(err, -EPERM, "%s", round->scene.cluster.refusals.text[0]);
    return check_idle(round, err);
}

/* Whom a wish may not be written about stays where it is. */
void act_fix_guests(struct act_try *round)
{
    struct cluster *cluster = &round->scene.cluster;
    int64_t now_s = clock_real_s();
    char why[ACT_WHY_SIZE];

    for (size_t i = 0; i < cluster->fleet.n_guests; i++) {
        const struct cluster_guest *about = &cluster->about[i];
        const struct act_guest guest = {.stickiness = about->stickiness,
                                        .preference = about->preference,
                                        .arrived_s = about->arrived_s,
                                        .has_failed_move = about->has_failed_move,
                                        .has_host_device = round->has_device[i],
                                        .has_job = round->has_job[i]};

        if (act_on_guest(&guest, cluster->fleet.guests[i].home >= 0, now_s,
                         (int64_t)round->request->act.hold_s, why) != ACT_GUEST_MAY)
            cluster_fix(cluster, i, "%s", why);
    }
}

static void note_loads(struct act_try *round)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;
    struct act_report *report = round->report;
    struct act_load *loads = calloc(fleet->n_hosts + 1, sizeof(*loads));

    for (size_t p = 0; loads && p < fleet->n_hosts; p++) {
        double cpu = 0, memory = 0;

        for (size_t i = 0; i < fleet->n_guests; i++) {
            if (fleet->guests[i].home != (int)p)
                continue;
            cpu += (double)fleet->guests[i].load_milli;
            memory += fleet->n_resources ? (double)fleet->guests[i].size[0] : 0;
        }
        loads[p] = (struct act_load){.host = strdup(fleet->hosts[p].name),
                                     .cpu = cpu / (double)fleet->hosts[p].cpu_milli,
                                     .memory = fleet->n_resources && fleet->hosts[p].room[0] > 0
                                                   ? memory / (double)fleet->hosts[p].room[0]
                                                   : (double)NAN};
    }
    report->loads = loads;
    report->n_loads = loads ? fleet->n_hosts : 0;
}

void act_note_plan(struct act_try *round)
{
    const struct fleet_plan *plan = &round->plan;
    struct act_report *report = round->report;

    for (size_t p = 0; p < report->n_loads; p++)
        free(report->loads[p].host);
    free(report->loads);
    note_loads(round);
    report->is_planned = true;
    report->before_pct = plan->before.plain_pct;
    report->after_pct = plan->after.plain_pct;
    report->n_unprotected = 0;
    for (size_t k = 0; k < plan->n_n1; k++)
        if (plan->n1[k].answer == FLEET_UNPROTECTED || plan->n1[k].answer == FLEET_UNKNOWN)
            report->n_unprotected += plan->n1[k].n_unprotected;
}
