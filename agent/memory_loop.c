/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/memory_loop.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "agent/base/notify.h"
#include "agent/claims.h"
#include "agent/foreign_sizes.h"
#include "agent/owed.h"
#include "agent/report/news.h"
#include "agent/report/report_json.h"
#include "agent/report/report_memory.h"
#include "agent/restore.h"
#include "agent/roster.h"
#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "planner/memory/check.h"

struct memory_loop {
    struct session *session;
    struct memory_planner *planner;
    struct memory_summary summary;
    struct claims claims;
    struct roster roster;
    struct foreign_sizes foreign;
    struct news news;
    bool has_named_mute;
};

/* sample -> plan; plan and measurements are complete also when the decision is to hold. */
static int decide(struct memory_loop *loop, const struct memory_sample *sample,
                  struct memory_plan *plan, struct interval *interval, struct err *err)
{
    struct session *session = loop->session;
    struct err trouble = {0};
    int r;

    if (session->replay)
        replay_retractions(session->replay, loop->planner);
    session_begin_solve(session);
    r = memory_planner_step(loop->planner, sample, plan, err);
    *interval = session_end_solve(session, sample->at_ns);
    if (session->replay)
        replay_compare_memory(session->replay, r < 0 ? NULL : plan, &session->log);
    if (session->recorder &&
        record_memory(session->recorder, session->at, sample, r < 0 ? NULL : plan, &trouble) < 0)
        session_record_failed(session, &trouble);
    return r;
}

/* The planner hears what was not asked of a guest, or of any (NULL): such a guest is not stuck. A
 * replay has it from the recording. */
static void retract(struct memory_loop *loop, const struct guest_id *guest)
{
    struct session *session = loop->session;
    struct err trouble = {0};

    if (session->replay)
        return;
    memory_planner_retract(loop->planner, guest);
    if (session->recorder && record_retraction(session->recorder, guest, &trouble) < 0)
        session_record_failed(session, &trouble);
}

/* What was not carried out, of one guest; whether that is worth a word. */
static bool undone(void *arg, const struct guest_id *guest, bool is_refused)
{
    struct memory_loop *loop = arg;
    struct session *session = loop->session;
    struct err trouble = {0};
    bool is_news;

    if (session->replay)
        return true;
    if (!is_refused) {
        retract(loop, guest);
        return true;
    }
    is_news = memory_planner_refused(loop->planner, guest);
    if (session->recorder && record_balloon_refusal(session->recorder, guest, &trouble) < 0)
        session_record_failed(session, &trouble);
    return is_news;
}

/* The plan is not carried out: none of its guests was asked. */
static void hold(struct memory_loop *loop, struct memory_plan *plan, enum verdict verdict,
                 const char *note)
{
    retract(loop, NULL);
    memory_plan_hold(plan, verdict, note);
}

/* What the plan is about to change is written down first. */
static int keep(struct session *session, const struct memory_sample *sample,
                const struct memory_plan *plan, struct err *err)
{
    int r;

    if (!(plan->n_reclaims + plan->n_grants) || session->options->dry_run || session->is_paused ||
        !owed_is_kept(session))
        return 0;
    r = restore_keep_memory(&session->originals, sample, plan, err);
    return r < 0 ? r : owed_sync(session, err);
}

/* The gate: nothing reaches the host that the independent checker has not accepted. */
static void check(struct memory_loop *loop, const struct memory_sample *sample,
                  struct memory_plan *plan)
{
    struct session *session = loop->session;
    struct err refusal = {0};

    if (memory_check(&session->options->memory, sample, plan, &refusal) < 0) {
        event_line(&session->log, EVENT_UNSAFE, LOG_ERR, NULL,
                   "plan refused, keeping all sizes: %s", refusal.text);
        hold(loop, plan, VERDICT_HOLD_UNSAFE, refusal.text);
    }
    if (plan->n_reclaims + plan->n_grants && session_is_stopping(session))
        hold(loop, plan, VERDICT_HOLD_STOPPED, "asked to stop: the plan is not applied");
    if (keep(session, sample, plan, &refusal) < 0)
        hold(loop, plan, VERDICT_HOLD_UNSAFE, refusal.text);
}

static void apply(struct memory_loop *loop, const struct memory_plan *plan,
                  struct interval *interval)
{
    const struct session *session = loop->session;
    size_t n = plan->n_reclaims + plan->n_grants;

    if (!interval->dry_run && n)
        interval->tally.made = calloc(n, sizeof(*interval->tally.made));
    if (!interval->dry_run)
        apply_memory_plan(&session->host, plan, &session->options->stop, &session->log,
                          &interval->tally, undone, loop);
    else if (n)
        retract(loop, NULL);
}

/* From being asked to the first report, at most. */
static const double REPORT_S = 2;

/* With --once: whether there is nothing to wait for. Memory is taken from no guest that was only just
 * seen, and some report late. */
static bool is_decided(const struct memory_loop *loop, const struct memory_plan *plan,
                       const struct interval *interval)
{
    const struct memory_settings *settings = &loop->session->options->memory;
    double wait_s = fmax(settings->quiet_s, 2 * settings->interval_s) + 2 * settings->interval_s;
    bool is_early = interval->t_s < wait_s;
    bool may_report = interval->t_s < 2 * settings->interval_s + REPORT_S;

    if (plan->n_reclaims + plan->n_grants)
        return true;
    for (size_t i = 0; i < plan->n_places && is_early; i++) {
        const struct memory_place *place = &plan->places[i];
        bool is_idle = place->actual_kib > place->floor_kib + settings->guest_idle_kib;

        if (place->state == GUEST_LEARNING || (place->state == GUEST_SILENT && may_report) ||
            (place->state == GUEST_OK && is_idle))
            return false;
    }
    return true;
}

static void report(struct memory_loop *loop, const struct memory_sample *sample,
                   const struct memory_plan *plan, const struct interval *interval)
{
    struct session *session = loop->session;
    const struct options *options = session->options;
    struct err trouble = {0};

    if (memory_summary_add(&loop->summary, sample, plan, interval) < 0)
        log_line(&session->log, LOG_WARNING, "out of memory: the summary misses guests");
    if (session->is_served)
        notify_status("%s, %zu guests, %.0f MiB free, %zu sizes%s", verdict_text(plan->verdict),
                      sample->n_guests, (double)plan->host_free_kib / 1024,
                      plan->n_reclaims + plan->n_grants,
                      interval->dry_run ? " would be changed" : " changed");
    if (is_decided(loop, plan, interval))
        session_decided(session, plan->verdict);
    control_tell_memory(session->control, sample, plan, interval);
    if (history_add_memory(session->history, sample, plan, interval, clock_real_s(), &trouble) < 0)
        log_line(&session->log, LOG_WARNING, "%s", trouble.text);
    metrics_tell_memory(session->metrics, sample, plan, interval);
    metrics_file_news(session->metrics_file);
    if (session->text)
        report_memory(session->text,
                      news_of_memory(&loop->news, options->verbosity > 0, plan, interval),
                      options->explain, sample, plan, interval);
    if (options->json)
        session_write_json(session, report_json_memory(plan, interval, options->explain));
    session_tell_journal(session, plan->verdict, plan->n_reclaims + plan->n_grants, plan->objective,
                         plan->bound, plan->gap, interval);
    output_flush(&session->output);
}

/* Guests report their memory only when they are asked to, which is a change as well. */
static void ask_for_stats(struct session *session, struct memory_sample *sample)
{
    const struct host *host = &session->host;
    struct err err = {0};
    int r = 0;

    for (size_t i = 0; i < sample->n_guests && r >= 0 && owed_is_kept(session); i++) {
        const struct memory_reading *reading = &sample->guests[i];

        if (reading->lacks_stats && !reading->policy.excluded)
            r = originals_add(&session->originals, &(struct original){
                                                       .guest = reading->guest,
                                                       .run = reading->number,
                                                       .has_period = true,
                                                       .period_s = reading->stats_period_s,
                                                   });
    }
    if (r < 0)
        log_line(&session->log, LOG_WARNING, "guests are not asked for statistics: out of memory");
    if (r < 0 || owed_sync(session, &err) < 0)
        return;
    for (size_t i = 0; i < sample->n_guests && !session_is_stopping(session); i++) {
        struct memory_reading *reading = &sample->guests[i];

        if (!reading->lacks_stats || reading->policy.excluded || !host->ask_for_stats)
            continue;
        r = host->ask_for_stats(host->self, &reading->guest, HOST_STATS_PERIOD_S, &err);
        if (r >= 0)
            reading->stats_period_s = HOST_STATS_PERIOD_S;
        else
            log_line(&session->log, r == -ENOTCONN ? LOG_WARNING : LOG_DEBUG, "%s", err.text);
        if (r == -ENOTCONN)
            return;
    }
}

/* It reports no memory, or has not for long. */
static bool is_mute(const struct memory_settings *settings, const struct memory_reading *reading)
{
    bool is_told = (reading->has & MEMORY_HAS_UNUSED) &&
                   !((reading->has & MEMORY_HAS_AGE) &&
                     (double)reading->stats_age_ns > 1e9 * settings->stats_age_s);

    return reading->has_balloon && !reading->policy.excluded && reading->run == GUEST_RUNNING &&
           !is_told;
}

/* A dry run asks no guest to report; which ones do not by themselves is worth a word. */
static void name_mute(struct memory_loop *loop, const struct memory_sample *sample)
{
    const struct memory_reading *mute = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sample->n_guests; i++) {
        if (is_mute(&loop->session->options->memory, &sample->guests[i]) && n++ == 0)
            mute = &sample->guests[i];
    }
    if (n == 0 || loop->has_named_mute)
        return;
    loop->has_named_mute = true;
    log_line(&loop->session->log, LOG_WARNING,
             "guest '%s'%s reports no memory now, and a dry run asks for nothing: what it last "
             "reported is used, if anything; 'virsh dommemstat GUEST --period 1 --live' asks",
             mute->guest.name, n > 1 ? " like others" : "");
}

/* One interval. */
static int tick(struct memory_loop *loop, struct err *err)
{
    struct session *session = loop->session;
    const struct host *host = &session->host;
    struct memory_sample sample = {0};
    struct memory_plan plan = {0};
    struct interval interval;
    int r;

    r = host->sample_memory(host->self, &sample, err);
    if (r < 0)
        return r;
    roster_see_memory(&loop->roster, &sample, &session->log);
    if (claims_heed_memory(&loop->claims, session, &sample) < 0) {
        r = err_set(err, -ENOMEM, "out of memory");
        goto out;
    }
    control_mark_memory(session->control, &sample);
    owed_meet_memory(session, &sample);
    if (!session->replay)
        sample.was_put_back = session->has_put_back;
    session->has_put_back = false;
    if (!options_may_change(session->options))
        name_mute(loop, &sample);
    else if (!session->is_paused)
        ask_for_stats(session, &sample);
    r = decide(loop, &sample, &plan, &interval, err);
    if (r < 0)
        goto out;
    interval.asks = options_may_change(session->options);
    check(loop, &sample, &plan);
    foreign_sizes_say(&loop->foreign, &plan, sample.at_ns, !interval.dry_run, &session->log);
    apply(loop, &plan, &interval);
    session_measure(session, &interval.cost);
    report(loop, &sample, &plan, &interval);
    free(interval.tally.made);
    interval.tally.made = NULL;
    session_emit(session, plan.lp);
    session_emit(session, plan.lp_now);
    control_keep_memory(session->control, loop->planner, &session->options->memory, &sample, &plan,
                        &interval);
out:
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    return r;
}

static int put_back(struct session *session, const char *guest, const struct log *log,
                    struct tally *tally, struct err *err)
{
    session->has_put_back = true;
    return restore_memory(&session->originals, guest, &session->host, &session->options->stop,
                          &session->options->memory, log, tally, err);
}

/* A simulated host knows what no other does. */
static void ask_truth(struct memory_loop *loop)
{
    const struct session *session = loop->session;
    const struct simulated *world;

    if (!session->options->simulate || !session->host.self)
        return;
    world = simulated_of(&session->host);
    loop->summary.is_refused_known = true;
    for (size_t i = 0; i < simulated_guests(world); i++) {
        struct simulated_guest guest;

        simulated_guest(world, i, &guest);
        loop->summary.refused += guest.oom_below;
    }
}

static void finish(struct memory_loop *loop)
{
    struct session *session = loop->session;

    owed_put_back(session);
    ask_truth(loop);
    if (session->options->json && loop->summary.intervals)
        session_write_json(session, report_json_memory_summary(&loop->summary));
    if (session->summary && loop->summary.intervals)
        report_memory_summary(session->summary, &loop->summary);
    owed_ask(session);
    output_flush(&session->output);
}

int memory_loop_run(struct session *session, struct err *err)
{
    struct memory_loop loop = {.session = session};
    int r = 0;

    loop.summary.guest_unused_kib = session->options->memory.guest_unused_kib;
    session->put_back = put_back;
    session->things = "sizes";
    session->woken = owed_release;
    loop.planner = memory_planner_new(&session->options->memory);
    if (!loop.planner)
        return err_set(err, -ENOMEM, "out of memory");
    while (!owed_is_all(session) && (r = session_wait(session, err)) > 0) {
        r = session_survive(session, tick(&loop, err), err);
        if (r < 0)
            break;
    }
    if (loop.summary.intervals || owed_is_all(session) || session->originals.n)
        finish(&loop);
    memory_summary_done(&loop.summary);
    memory_planner_free(loop.planner);
    claims_done(&loop.claims);
    roster_done(&loop.roster);
    foreign_sizes_done(&loop.foreign);
    return r;
}
