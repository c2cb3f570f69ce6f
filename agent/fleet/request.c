/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/fleet/act.h"
#include "agent/fleet/order.h"
#include "agent/fleet/run.h"
#include "agent/fleet/second_word.h"
#include "agent/fleet/show.h"
#include "agent/fleet/write.h"

/* Pairs of a guest and a host that an engine may turn out to refuse. */
enum { MOST_ROUNDS = 16 };

/* With names as they were given. */
static int complain(const char *text)
{
    char shown[512];

    fprintf(stderr, "evenkeel-fleet: %s\n", text_shown(text, shown, sizeof(shown)));
    return REQUEST_REFUSED;
}

static int emit_lp(const struct request *request, const struct fleet_plan *plan, struct err *err)
{
    char *text = NULL;
    int r;

    if (!plan->lp)
        return err_set(err, -EINVAL,
                       "there is no single model of this plan to emit: it was made in %zu groups",
                       plan->n_groups);
    r = lp_text(plan->lp, &text);
    if (r == 0)
        r = write_file(request->emit_lp, text, strlen(text), err);
    free(text);
    return r;
}

static int show(const struct request *request, const struct answer *answer, struct err *err)
{
    char *line = NULL;

    if (request->json) {
        line = json_line(show_json(answer), JSON_DIGITS_SHORT);
        if (!line)
            return err_set(err, -ENOMEM, "out of memory");
        fputs(line, stdout);
        free(line);
    } else {
        show_text(answer, stdout);
    }
    return fflush(stdout) == 0 && !ferror(stdout)
               ? 0
               : err_set(err, -EIO, "standard output cannot be written: %s", strerror(errno));
}

static bool is_to_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int answer(const struct request *request, const struct scene *scene,
                  const struct fleet_plan *plan, const struct engine_says *says, struct err *err)
{
    const struct cluster *cluster = &scene->cluster;
    struct virsh_commands commands = {0};
    struct answer all = {
        .cluster = cluster, .plan = plan, .engine = says, .is_plan = request->is_plan};
    int r = 0;

    if (request->is_plan && !cluster->engine) {
        all.commands = &commands;
        if (virsh_commands(cluster, plan, &commands) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
    }
    if (r == 0 && request->emit_lp)
        r = emit_lp(request, plan, err);
    if (r == 0 && !is_to_stdout(request->emit_lp) && !is_to_stdout(request->out))
        r = show(request, &all, err);
    virsh_commands_done(&commands);
    return r;
}

static bool breaks_rules(const struct fleet_plan *plan)
{
    return plan->verdict == FLEET_PLAN_CONFLICT || plan->verdict == FLEET_PLAN_UNSAFE;
}

static int make(const struct request *request, const struct scene *scene, struct fleet_plan *ret,
                struct err *err)
{
    struct fleet_settings settings;

    fleet_settings_default(&settings);
    settings.max_moves = request->max_moves;
    settings.keep_lp = request->emit_lp != NULL;
    return request->is_plan ? fleet_plan_make(&scene->cluster.fleet, &settings, ret, err)
                            : fleet_look(&scene->cluster.fleet, &settings, ret, err);
}

int request_plan(const struct request *request, struct scene *scene, struct fleet_plan *plan,
                 struct engine_says *says, struct err *err)
{
    int r = make(request, scene, plan, err);

    for (int round = 0; r == 0; round++) {
        if (request->is_plan && breaks_rules(plan)) {
            r = err_set(err, -EINVAL, "%s", plan->note);
            break;
        }
        if (request->is_plan && round < MOST_ROUNDS && order_heed(&scene->cluster, plan)) {
            fleet_plan_done(plan);
            r = make(request, scene, plan, err);
            continue;
        }
        *says = (struct engine_says){0};
        r = second_word_ask(request, scene, plan, says, err);
        if (r < 0 || !request->is_plan || says->why_not || says->is_as_planned)
            break;
        if (round == MOST_ROUNDS || !second_word_heed(scene, plan, says)) {
            r = err_set(err, -EINVAL, "%s would not do what is planned: %s", scene->cluster.engine,
                        says->otherwise);
            break;
        }
        engine_says_done(says);
        fleet_plan_done(plan);
        r = make(request, scene, plan, err);
    }
    return r;
}

static int run(const struct request *request, struct scene *scene, struct err *err)
{
    struct engine_says says = {0};
    struct fleet_plan plan = {0};
    int r = request_plan(request, scene, &plan, &says, err);
    int status = REQUEST_REFUSED;

    if (r == 0)
        r = answer(request, scene, &plan, &says, err);
    if (r < 0)
        complain(err->text);
    else if (request->is_plan && says.is_unconfirmed)
        status = REQUEST_UNCONFIRMED;
    else
        status = request->is_plan && plan.n_moves ? REQUEST_MOVES : REQUEST_DONE;
    engine_says_done(&says);
    fleet_plan_done(&plan);
    return status;
}

int request_run(const struct request *request)
{
    struct scene scene = {0};
    struct err err = {0};
    int status;

    if (request->deed == REQUEST_APPLY)
        return act_run(request);
    if (request->deed == REQUEST_RUN)
        return run_rounds(request);
    if (scene_open(request, &scene, &err) < 0)
        return complain(err.text);
    if (request->is_plan && scene.cluster.refusals.n)
        status = complain(scene.cluster.refusals.text[0]);
    else
        status = run(request, &scene, &err);
    scene_done(&scene);
    return status;
}
