/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/second_word.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_wish.h"
#include "agent/fleet/engine.h"
#include "agent/fleet/write.h"

/* Asked one after another; each answer of 32 hosts and 500 guests takes about a second. */
enum { MOST_LOSSES = 32 };

/* What is to be planned with: the engine cannot be asked about maintenance without being told. */
static int lost_host(const struct request *request, const struct cluster *cluster,
                     const char **ret_why_not)
{
    if (request->n_closed == 0)
        return FLEET_NOWHERE;
    if (request->n_closed > 1 || request->closed[0].how != FLEET_LOST)
        *ret_why_not = "it is asked about one lost host only";
    return cluster_host(cluster, request->closed[0].host);
}

static void compare(const struct scene *scene, const struct fleet_plan *plan,
                    const struct engine_word *word, struct engine_says *says)
{
    const struct fleet *fleet = &scene->cluster.fleet;
    const char *other = NULL;
    size_t n = 0;

    says->guest = FLEET_NOWHERE;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        int planned = plan->host_of[i], would = word->host_of[i];

        if (plan->is_at_odds[i] || scene->cluster.about[i].is_unwanted)
            continue; /* the engine decides between their rules, or stops it in its own time */
        if (word->is_other[i] && !other)
            other = fleet->guests[i].name;
        if (planned == would)
            continue;
        if (n++ > 0)
            continue;
        says->guest = (int)i;
        snprintf(says->otherwise, sizeof(says->otherwise),
                 "'%.60s' would be %s%.60s and not %s%.60s", fleet->guests[i].name,
                 would < 0 ? "stopped" : "on ", would < 0 ? "" : fleet->hosts[would].name,
                 planned < 0 ? "stopped" : "on ", planned < 0 ? "" : fleet->hosts[planned].name);
    }
    if (n == 0 && other)
        snprintf(says->otherwise, sizeof(says->otherwise),
                 "'%.60s' would be stopped or restarted besides", other);
    says->is_as_planned = n == 0 && !other;
}

/* Its answer to the document with the plan in it. */
static int ask_about_plan(const struct request *request, const struct scene *scene,
                          const struct fleet_plan *plan, struct engine_says *says, struct err *err)
{
    int lost = lost_host(request, &scene->cluster, &says->why_not);
    struct engine_word word = {0};
    char *text = NULL;
    size_t n = 0;
    int r =
        cib_with_wishes(scene->text, scene->n_text, &scene->cluster, plan->host_of, &text, &n, err);

    if (r == 0 && !says->why_not) {
        struct err why = {0};

        int asked = engine_ask(text, n, &scene->cluster, lost, &word, &why);

        if (asked < 0) {
            snprintf(says->otherwise, sizeof(says->otherwise), "%s", why.text);
            says->why_not = says->otherwise;
            says->is_unconfirmed = asked != -ENOENT;
        } else {
            compare(scene, plan, &word, says);
        }
    }
    if (r == 0 && request->out && (says->why_not || says->is_as_planned))
        r = write_file(request->out, text, n, err);
    engine_word_done(&word);
    free(text);
    return r;
}

static int take_loss(const struct cluster *cluster, size_t host, const struct engine_word *word,
                     struct engine_loss *ret)
{
    const struct fleet *fleet = &cluster->fleet;

    *ret = (struct engine_loss){.host = host,
                                .stopped = calloc(fleet->n_guests + 1, sizeof(*ret->stopped))};
    if (!ret->stopped)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        if (fleet->guests[i].home >= 0 && word->host_of[i] < 0 &&
            (!fleet->guests[i].is_fixed || fleet->guests[i].may_restart))
            ret->stopped[ret->n_stopped++] = i;
    return 0;
}

/* Who would stay stopped after each loss, were the engine left alone. */
static int ask_about_losses(const struct request *request, const struct scene *scene,
                            struct engine_says *says, struct err *err)
{
    const struct fleet *fleet = &scene->cluster.fleet;
    int r = 0;

    if (request->n_closed)
        says->why_not = "it is asked about the cluster as it is only";
    else if (fleet->n_hosts > MOST_LOSSES)
        says->why_not = "there are more than 32 hosts, which takes too long";
    if (says->why_not)
        return 0;
    says->losses = calloc(fleet->n_hosts + 1, sizeof(*says->losses));
    if (!says->losses)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t p = 0; p < fleet->n_hosts && r == 0 && !says->why_not; p++) {
        struct engine_word word = {0};
        struct err why = {0};

        if (!fleet->hosts[p].is_open)
            continue;
        if (engine_ask(scene->text, scene->n_text, &scene->cluster, (int)p, &word, &why) < 0) {
            snprintf(says->otherwise, sizeof(says->otherwise), "%s", why.text);
            says->why_not = says->otherwise;
        } else {
            r = take_loss(&scene->cluster, p, &word, &says->losses[says->n_losses]);
            says->n_losses += r == 0;
        }
        engine_word_done(&word);
    }
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

int second_word_ask(const struct request *request, const struct scene *scene,
                    const struct fleet_plan *plan, struct engine_says *ret, struct err *err)
{
    if (!scene->cluster.engine) {
        ret->why_not = "no engine moves these guests";
        return 0;
    }
    return request->is_plan ? ask_about_plan(request, scene, plan, ret, err)
                            : ask_about_losses(request, scene, ret, err);
}

bool second_word_heed(struct scene *scene, const struct fleet_plan *plan,
                      const struct engine_says *says)
{
    struct cluster *cluster = &scene->cluster;
    bool *allowed;
    int host;

    if (says->guest < 0 || cluster->fleet.guests[says->guest].is_fixed)
        return false;
    host = plan->host_of[says->guest];
    allowed = host >= 0 ? cluster_allowed(cluster, (size_t)says->guest) : NULL;
    if (!allowed || !allowed[host])
        return false;
    allowed[host] = false;
    cluster_note(
        cluster, "%s would not have '%.60s' on '%.60s' whatever it is told: planned without",
        cluster->engine, cluster->fleet.guests[says->guest].name, cluster->fleet.hosts[host].name);
    return true;
}
