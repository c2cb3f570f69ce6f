/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/act_round.h"
#include "agent/fleet/cib_wish.h"
#include "planner/fleet/may_act.h"

enum { MOST_TRIES = 5, MOST_PLANS = 16 };

static void forget_plan(struct act_try *round)
{
    patch_done(&round->patch);
    engine_says_done(&round->says);
    fleet_plan_done(&round->plan);
    round->plan = (struct fleet_plan){0};
}

static int make_once(struct act_try *round, struct err *err)
{
    int r = request_plan(round->request, &round->scene, &round->plan, &round->says, err);

    if (r < 0)
        return r;
    if (round->says.why_not)
        return err_set(err, -EPERM, "the engine cannot be asked about the plan: %s",
                       round->says.why_not);
    if (!round->says.is_as_planned)
        return err_set(err, -EPERM, "the engine would do otherwise: %s", round->says.otherwise);
    act_note_plan(round);
    return 0;
}

/* Until every host has room for who would come, by its own word. */
static int make_plan(struct act_try *round, struct err *err)
{
    int r = make_once(round, err);

    for (int rounds = 0; r == 0 && act_check_hosts(round); rounds++) {
        if (rounds == MOST_PLANS)
            return err_set(err, -EPERM, "%s", round->report->full);
        forget_plan(round);
        r = make_once(round, err);
    }
    return r;
}

static bool is_due(const struct act_try *round)
{
    return round->plan.n_starts > 0 || !isfinite(round->plan.hold_objective);
}

/* 1: do it. 0: not worth it. */
static int is_worth(struct act_try *round)
{
    const struct fleet_plan *plan = &round->plan;
    const struct request_act *act = &round->request->act;
    const struct act_worth worth = {.is_due = is_due(round),
                                    .deviation_pct = plan->before.plain_pct,
                                    .hold = plan->hold_objective,
                                    .objective = plan->objective,
                                    .threshold_pct = act->threshold_pct,
                                    .margin = act->margin_pct / 100};
    char why[ACT_WHY_SIZE];

    if (plan->n_moves == 0)
        snprintf(why, sizeof(why), "no move is worth its price");
    else if (act_worth(&worth, why) == ACT_WORTH_IT)
        return 1;
    snprintf(round->report->why, sizeof(round->report->why), "%s", why);
    return 0;
}

static char *copy(const char *text)
{
    char *made = strdup(text);

    if (!made)
        abort(); /* a few bytes; nothing has been written */
    return made;
}

static void note_moves(struct act_try *round)
{
    const struct fleet *fleet = &round->scene.cluster.fleet;
    const struct fleet_plan *plan = &round->plan;
    struct act_report *report = round->report;

    report->moves = calloc(plan->n_moves + 1, sizeof(*report->moves));
    if (!report->moves)
        abort();
    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[k];

        report->moves[k] =
            (struct act_move){.guest = copy(fleet->guests[move->guest].name),
                              .to = copy(fleet->hosts[move->to].name),
                              .from = move->from >= 0 ? copy(fleet->hosts[move->from].name) : NULL};
    }
    report->n_moves = plan->n_moves;
}

/* After an answer that leaves it open whether the patch was taken: the document tells. */
static int find_out(struct act_try *round, int r)
{
    struct scene now = {0};
    struct err why = {0};

    if (scene_again(round->request, &now, &why) < 0)
        return r;
    if (cib_has_same_wishes(now.text, now.n_text, round->patch.after, round->patch.n_after))
        r = 0;
    scene_done(&now);
    return r;
}

/* After a refusal. -EAGAIN: only the status has moved; -ESTALE: the configuration, too. */
static int read_after_refusal(struct act_try *round, struct err *err)
{
    struct scene *scene = &round->scene;
    char *version = copy(scene->cluster.version), *text = scene->text;
    struct err why = {0};
    size_t n = scene->n_text;
    int r;

    scene->text = NULL;
    r = scene_again(round->request, scene, &why);
    if (r < 0)
        err_set(err, r, "%s", why.text);
    else if (cib_is_same(text, n, scene->text, scene->n_text, false))
        r = -EIO; /* with cibadmin's own sentence */
    else
        r = strcmp(version, scene->cluster.version) == 0 ? -EAGAIN : -ESTALE;
    free(text);
    free(version);
    return r;
}

static int send(struct act_try *round, struct err *err)
{
    int r = round->has_loop ? 0 : main_loop_open(&round->loop, false, err);

    if (r < 0)
        return r;
    round->has_loop = true;
    if (main_loop_is_stopping(&round->loop))
        return err_set(err, -ECANCELED, "asked to stop before anything was written");
    r = patch_send(&round->patch, err);
    if (r < 0 && r != -EAGAIN)
        return find_out(round, r);
    if (r == 0)
        return 0;
    round->report->n_again++;
    return read_after_refusal(round, err);
}

/* One try, on what was read last. 1: sent, or a dry run would have; 0: nothing to do; negative: not. */
static int try_once(struct act_try *round, struct err *err)
{
    int r = act_check_cluster(round, err);

    if (r < 0)
        return r;
    r = act_ask_hosts(round, err);
    if (r < 0)
        return r;
    act_fix_guests(round);
    r = make_plan(round, err);
    if (r < 0 || is_worth(round) == 0)
        return r;
    r = act_make_patch(round, err);
    if (r < 0)
        return r;
    r = round->request->act.is_dry ? 0 : send(round, err);
    if (r == 0)
        note_moves(round);
    return r == 0 ? 1 : r;
}

static int read_anew(struct act_try *round, struct err *err)
{
    scene_done(&round->scene);
    return scene_open(round->request, &round->scene, err);
}

/* A refusal by the cluster is no failure: what it refused was made of what is no more. */
static int try_all(struct act_try *round, struct err *err)
{
    int r = read_anew(round, err);

    for (int tries = 1; r == 0; tries++) {
        r = try_once(round, err);
        if (r != -EAGAIN && r != -ESTALE)
            break;
        forget_plan(round);
        if (tries == MOST_TRIES)
            return err_set(err, -EBUSY,
                           "the cluster's document has changed under us %d times: nothing was "
                           "written",
                           MOST_TRIES);
        /* What was configured anew may ask for other guests to be measured. */
        r = r == -ESTALE ? read_anew(round, err) : 0;
    }
    return r;
}

static bool loop_is_stopping(void *arg)
{
    return main_loop_is_stopping(arg);
}

static void settle(struct act_report *report)
{
    report->result = ACT_DONE;
    for (size_t k = 0; k < report->n_moves; k++)
        if (report->moves[k].arrival != ACT_ARRIVED)
            report->result = ACT_PARTLY;
}

void act_round(const struct request *request, struct act_report *ret)
{
    struct act_try round = {.request = request, .report = ret};
    const struct stop stop = {.is_asked = loop_is_stopping, .arg = &round.loop};
    struct err err = {0};
    int r;

    *ret = (struct act_report){0};
    r = try_all(&round, &err);
    if (r == 0 && round.scene.cluster.n_ours > 0 && !request->act.is_dry)
        r = act_clear(request, &err); /* of one that has died */
    if (r == 1 && !request->act.is_dry) {
        act_wait(request, &stop, ret);
        settle(ret);
    } else {
        ret->result = r == 1 ? ACT_PLANNED : ACT_NOTHING;
        ret->until[0] = '\0';
    }
    if (r < 0) {
        ret->result = ACT_REFUSED;
        snprintf(ret->why, sizeof(ret->why), "%s", err.text);
    }
    if (round.has_loop)
        main_loop_close(&round.loop);
    forget_plan(&round);
    act_hosts_done(&round);
    scene_done(&round.scene);
}

void act_report_done(struct act_report *report)
{
    for (size_t k = 0; k < report->n_moves; k++) {
        free(report->moves[k].guest);
        free(report->moves[k].from);
        free(report->moves[k].to);
    }
    for (size_t p = 0; p < report->n_loads; p++)
        free(report->loads[p].host);
    free(report->moves);
    free(report->loads);
    *report = (struct act_report){0};
}
