/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/fleet/act.h"
#include "agent/fleet/cib_wish.h"
#include "agent/fleet/engine_state.h"
#include "agent/fleet/patch.h"

enum { LOOK_MS = 2000, SLICE_MS = 100, MOST_TRIES = 5 };
static const double ns_per_s = 1e9;

/* A guest of the report in a document of now. */
static void look_at(const struct scene *now, double after_s, struct act_move *move)
{
    int guest = cluster_guest(&now->cluster, move->guest);
    const struct cluster_guest *about = guest >= 0 ? &now->cluster.about[guest] : NULL;
    int home = guest >= 0 ? now->cluster.fleet.guests[guest].home : FLEET_NOWHERE;
    bool is_there = home >= 0 && home == cluster_host(&now->cluster, move->to);
    char failure[sizeof(move->reason)] = "";

    if (!about || about->is_busy)
        return;
    if (about->has_failed_move) {
        engine_failure(now->text, now->n_text, move->guest, failure, sizeof(failure));
        move->arrival = ACT_FAILED;
        snprintf(move->reason, sizeof(move->reason), "%.200s%s%s", failure,
                 home >= 0 ? "; it is on " : "; it is stopped",
                 home >= 0 ? now->cluster.fleet.hosts[home].name : "");
    } else if (is_there) {
        move->arrival = ACT_ARRIVED;
        move->after_s = after_s;
    }
}

/* How many are still on their way. */
static size_t look(const struct request *request, double after_s, struct act_report *report,
                   size_t *ret_busy)
{
    struct scene now = {0};
    struct err why = {0};
    size_t n = 0;

    *ret_busy = report->n_moves; /* as long as nobody tells */
    if (scene_again(request, &now, &why) < 0)
        return report->n_moves;
    *ret_busy = 0;
    for (size_t k = 0; k < report->n_moves; k++) {
        if (report->moves[k].arrival == ACT_UNDER_WAY)
            look_at(&now, after_s, &report->moves[k]);
        n += report->moves[k].arrival == ACT_UNDER_WAY;
    }
    for (size_t i = 0; i < now.cluster.fleet.n_guests; i++)
        *ret_busy += now.cluster.about[i].is_busy;
    scene_done(&now);
    return n;
}

/* Why it has not come, where nothing has failed. */
static void explain(const struct request *request, struct act_report *report)
{
    struct scene now = {0};
    struct err why = {0};
    int r = scene_again(request, &now, &why);

    for (size_t k = 0; k < report->n_moves; k++) {
        struct act_move *move = &report->moves[k];
        int guest = r == 0 ? cluster_guest(&now.cluster, move->guest) : FLEET_NOWHERE;
        const struct fleet_guest *of = guest >= 0 ? &now.cluster.fleet.guests[guest] : NULL;

        if (move->arrival != ACT_UNDER_WAY)
            continue;
        engine_failure(now.text ? now.text : "", now.n_text, move->guest, move->reason,
                       sizeof(move->reason));
        if (move->reason[0])
            continue;
        if (r < 0)
            snprintf(move->reason, sizeof(move->reason), "the cluster does not answer: %.200s",
                     why.text);
        else if (!of)
            snprintf(move->reason, sizeof(move->reason), "the cluster has no such guest any more");
        else if (now.cluster.about[guest].is_busy)
            snprintf(move->reason, sizeof(move->reason), "it is still on its way: %.200s",
                     of->why_fixed ? of->why_fixed : "");
        else
            snprintf(move->reason, sizeof(move->reason), "it is on %.60s, and nothing has failed",
                     of->home >= 0 ? now.cluster.fleet.hosts[of->home].name : "no host");
    }
    if (r == 0)
        scene_done(&now);
}

static bool rest(const struct stop *stop)
{
    for (int ms = 0; ms < LOOK_MS; ms += SLICE_MS) {
        if (stop_is_asked(stop))
            return false;
        clock_wait_ms(SLICE_MS);
    }
    return true;
}

void act_wait(const struct request *request, const struct stop *stop, struct act_report *report)
{
    uint64_t begin_ns = clock_monotonic_ns();
    size_t n_busy = 0, n;
    struct err why = {0};
    double after_s;

    do {
        after_s = (double)(clock_monotonic_ns() - begin_ns) / ns_per_s;
        n = look(request, after_s, report, &n_busy);
        /* Who has arrived has yet to be stopped where it came from. */
    } while (n + n_busy > 0 && after_s < request->act.wait_s && rest(stop));
    if (n > 0)
        explain(request, report);
    if (n_busy > 0)
        snprintf(
            report->left, sizeof(report->left),
            "the engine is at work on guests, which could be called back without their wishes");
    else if (act_clear(request, &why) < 0)
        snprintf(report->left, sizeof(report->left), "%s", why.text);
}

static int clear_once(const struct request *request, bool *is_over, struct err *err)
{
    struct scene now = {0};
    struct patch patch = {0};
    char *next = NULL;
    size_t n = 0;
    int r = scene_again(request, &now, err);

    if (r < 0)
        return r;
    *is_over = now.cluster.n_ours == 0;
    if (!*is_over) {
        r = cib_next_version(now.text, now.n_text, &now.cluster, NULL, NULL, &next, &n, err);
        if (r == 0)
            r = patch_make(now.text, now.n_text, next, n, &patch, err);
        if (r == 0 && !cib_is_same(now.text, now.n_text, patch.after, patch.n_after, true))
            r = err_set(err, -EPERM, "the patch would change more than our own wishes");
        if (r == 0)
            r = patch_send(&patch, err);
        *is_over = r == 0;
    }
    patch_done(&patch);
    free(next);
    scene_done(&now);
    return r;
}

int act_clear(const struct request *request, struct err *err)
{
    bool is_over = false;
    int r = 0;

    for (int tries = 0; tries < MOST_TRIES && !is_over; tries++) {
        r = clear_once(request, &is_over, err);
        if (r < 0 && r != -EAGAIN)
            break;
    }
    return r;
}
