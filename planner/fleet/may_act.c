/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/may_act.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { INFINITE_SCORE = 1000000 }; /* Pacemaker's */

__attribute__((format(printf, 2, 3))) static void say(char why[ACT_WHY_SIZE], const char *format,
                                                      ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, ACT_WHY_SIZE, format, args);
    va_end(args);
}

static enum act_verdict on_fencing(const struct act_cluster *cluster, char why[ACT_WHY_SIZE])
{
    if (cluster->unclean) {
        say(why, "node '%.60s' is unclean: it has to be fenced, or to come back, first",
            cluster->unclean);
        return ACT_UNCLEAN;
    }
    if (cluster->fencing_pending) {
        say(why, "the fencing of '%.60s' is not over yet", cluster->fencing_pending);
        return ACT_FENCING_PENDING;
    }
    if (cluster->fencing_failed) {
        say(why,
            "the last fencing of '%.60s' has failed: see to it, then "
            "'stonith_admin --cleanup --history' of that node",
            cluster->fencing_failed);
        return ACT_FENCING_FAILED;
    }
    return ACT_MAY;
}

static enum act_verdict on_work(const struct act_cluster *cluster, char why[ACT_WHY_SIZE])
{
    if (cluster->joining) {
        say(why, "node '%.60s' is about to join: wait until it has", cluster->joining);
        return ACT_JOINING;
    }
    if (cluster->busy) {
        say(why, "the engine is at work on '%.60s': wait until that is over", cluster->busy);
        return ACT_BUSY;
    }
    if (cluster->fails_to_move) {
        say(why,
            "a migration of '%.60s' has failed: see to it, then 'crm_resource --cleanup' of that "
            "guest",
            cluster->fails_to_move);
        return ACT_FAILED_MOVE;
    }
    return ACT_MAY;
}

enum act_verdict act_on_cluster(const struct act_cluster *cluster, char why[ACT_WHY_SIZE])
{
    enum act_verdict verdict;

    why[0] = '\0';
    if (!cluster->is_told) {
        say(why, "the engine does not say how the cluster is");
        return ACT_NOT_TOLD;
    }
    if (!cluster->has_quorum) {
        say(why, "the cluster has no quorum");
        return ACT_NO_QUORUM;
    }
    if (cluster->is_maintained || cluster->is_stopped) {
        say(why, "the cluster is %s",
            cluster->is_maintained ? "in maintenance mode" : "told to stop all resources");
        return ACT_MAINTENANCE;
    }
    verdict = on_fencing(cluster, why);
    return verdict == ACT_MAY ? on_work(cluster, why) : verdict;
}

static bool is_recent(const struct act_guest *guest, int64_t now_s, int64_t hold_s)
{
    return guest->arrived_s > 0 && guest->arrived_s > now_s - hold_s;
}

enum act_guest_verdict act_on_guest(const struct act_guest *guest, bool is_running, int64_t now_s,
                                    int64_t hold_s, char why[ACT_WHY_SIZE])
{
    why[0] = '\0';
    if (guest->stickiness <= guest->preference) {
        say(why,
            "its resource-stickiness of %" PRId64 " does not exceed its other preferences, which "
            "add up to %" PRId64 ": it would go back",
            guest->stickiness, guest->preference);
        return ACT_GUEST_NOT_HELD;
    }
    if (!is_running)
        return ACT_GUEST_MAY;
    if (guest->has_failed_move) {
        say(why, "a migration of it has failed: see to it, then 'crm_resource --cleanup' of it");
        return ACT_GUEST_FAILED;
    }
    if (guest->has_host_device) {
        say(why, "it has a device of the host");
        return ACT_GUEST_DEVICE;
    }
    if (guest->has_job) {
        say(why, "a job of libvirt is at work on it");
        return ACT_GUEST_JOB;
    }
    if (is_recent(guest, now_s, hold_s)) {
        int64_t ago_s = now_s > guest->arrived_s ? now_s - guest->arrived_s : 0;

        say(why, "it was moved %" PRId64 " s ago, and is left alone for %" PRId64 " s", ago_s,
            hold_s);
        return ACT_GUEST_RECENT;
    }
    return ACT_GUEST_MAY;
}

enum act_host_verdict act_on_host(const struct act_host *host, char why[ACT_WHY_SIZE])
{
    why[0] = '\0';
    if (!host->is_told || host->incoming_mib <= host->free_mib - host->reserve_mib)
        return ACT_HOST_MAY;
    say(why,
        "%" PRId64 " MiB would come, and of %" PRId64 " MiB that are free %" PRId64
        " MiB are the host's own",
        host->incoming_mib, host->free_mib, host->reserve_mib);
    return ACT_HOST_FULL;
}

enum act_worth_verdict act_worth(const struct act_worth *worth, char why[ACT_WHY_SIZE])
{
    why[0] = '\0';
    if (worth->is_due)
        return ACT_WORTH_IT;
    if (worth->deviation_pct < worth->threshold_pct) {
        say(why, "the largest deviation is %.1f points, below the threshold of %.1f",
            worth->deviation_pct, worth->threshold_pct);
        return ACT_BELOW_THRESHOLD;
    }
    if (!(worth->hold - worth->objective >= worth->margin * worth->hold)) {
        say(why, "the plan costs %.2f and doing nothing %.2f: less than the margin of %.0f %%",
            worth->objective, worth->hold, 100 * worth->margin);
        return ACT_BELOW_MARGIN;
    }
    return ACT_WORTH_IT;
}

bool act_score_is_sound(int64_t score, int64_t stickiness, int64_t preference)
{
    return score > 0 && score < INFINITE_SCORE && score > stickiness && score > preference;
}
