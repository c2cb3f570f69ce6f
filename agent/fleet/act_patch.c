/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/base/clock.h"
#include "agent/fleet/act_round.h"
#include "agent/fleet/cib_wish.h"
#include "agent/fleet/engine.h"
#include "planner/fleet/may_act.h"

enum { LEASE_BEYOND_S = 60 };

/* When wishes end by themselves, as Pacemaker reads times. */
static void write_until(const struct request *request, char ret[32])
{
    time_t until = (time_t)(clock_real_s() + (int64_t)(2 * request->act.wait_s) + LEASE_BEYOND_S);
    struct tm tm;

    gmtime_r(&until, &tm);
    strftime(ret, 32, "%Y-%m-%d %H:%M:%SZ", &tm);
}

/* The engine's word on the very document that the patch makes: these migrations and nothing else. */
static int confirm(struct act_try *round, struct err *err)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;
    struct engine_word word = {0};
    int r = engine_ask(round->patch.after, round->patch.n_after, &round->scene.cluster,
                       FLEET_NOWHERE, &word, err);

    for (size_t i = 0; i < fleet->n_guests && r == 0; i++)
        if (word.host_of[i] != round->plan.host_of[i])
            r = err_set(err, -EPERM, "with the patch the engine would do otherwise with '%.60s'",
                        fleet->guests[i].name);
    if (r == 0 && word.n_other + word.n_foreign > 0)
        r = err_set(err, -EPERM, "with the patch the engine would do more than is planned: %s",
                    word.n_other ? word.first_other : word.first_foreign);
    engine_word_done(&word);
    return r;
}

/* Foreign constraints as they were, and ours as they have to be. */
static int check_patch(struct act_try *round, struct err *err)
{
    const struct scene *scene = &round->scene;
    const struct patch *patch = &round->patch;
    size_t n_ours = 0;

    if (!cib_is_same(scene->text, scene->n_text, patch->after, patch->n_after, true))
        return err_set(err, -EPERM, "the patch would change more than our own wishes");
    return cib_check_ours(patch->after, patch->n_after, &scene->cluster, &n_ours, err);
}

static int check_scores(const struct act_try *round, struct err *err)
{
    const struct cluster *cluster = &round->scene.cluster;

    for (size_t k = 0; k < round->plan.n_moves; k++) {
        size_t i = round->plan.moves[k].guest;
        const struct cluster_guest *about = &cluster->about[i];

        if (!act_score_is_sound(about->wish, about->stickiness, about->preference))
            return err_set(err, -EPERM,
                           "no finite score brings '%.60s' anywhere and is above its stickiness",
                           cluster->fleet.guests[i].name);
    }
    return 0;
}

int act_make_patch(struct act_try *round, struct err *err)
{
    const struct scene *scene = &round->scene;
    char *next = NULL;
    size_t n = 0;
    int r = check_scores(round, err);

    write_until(round->request, round->report->until);
    if (r == 0)
        r = cib_next_version(scene->text, scene->n_text, &scene->cluster, round->plan.host_of,
                             round->report->until, &next, &n, err);
    if (r == 0)
        r = patch_make(scene->text, scene->n_text, next, n, &round->patch, err);
    if (r == 0)
        r = check_patch(round, err);
    if (r == 0)
        r = confirm(round, err);
    free(next);
    return r;
}
