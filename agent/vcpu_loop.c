/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/vcpu_loop.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/notify.h"
#include "agent/claims.h"
#include "agent/foreign.h"
#include "agent/owed.h"
#include "agent/report/news.h"
#include "agent/report/report_json.h"
#include "agent/report/report_vcpu.h"
#include "agent/restore.h"
#include "agent/roster.h"
#include "agent/shape.h"
#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "planner/vcpu/check.h"

struct vcpu_loop {
    struct session *session;
    struct vcpu_planner *planner;
    struct vcpu_summary summary;
    struct shape shape;
    struct claims claims;
    struct roster roster;
    struct foreign foreign;
    struct news news;
};

/* sample -> plan; plan and measurements are complete also when the decision is to hold. */
static int decide(struct vcpu_loop *loop, const struct vcpu_sample *sample, struct vcpu_plan *plan,
                  struct interval *interval, struct err *err)
{
    struct session *session = loop->session;
    struct err trouble = {0};
    int r;

    if (session->replay)
        replay_refusals(session->replay, loop->planner);
    session_begin_solve(session);
    r = vcpu_planner_step(loop->planner, sample, plan, err);
    *interval = session_end_solve(session, sample->at_ns);
    if (session->replay)
        replay_compare_vcpu(session->replay, r < 0 ? NULL : plan, &session->log);
    if (session->recorder &&
        record_vcpu(session->recorder, session->at, sample, r < 0 ? NULL : plan, &trouble) < 0)
        session_record_failed(session, &trouble);
    return r;
}

/* The planner hears of a pin that failed, and plans without it for a while. A replay has it from
 * the recording. */
static void refused(void *arg, const struct vcpu_pin *pin)
{
    struct vcpu_loop *loop = arg;
    struct session *session = loop->session;
    struct err trouble = {0};

    if (session->replay)
        return;
    vcpu_planner_refused(loop->planner, &pin->guest, pin->vcpu,
                         cpuset_count(&pin->to) == 1 ? (int)cpuset_next(&pin->to, 0) : -1);
    if (session->recorder && record_refusal(session->recorder, pin, &trouble) < 0)
        session_record_failed(session, &trouble);
}

static void refused_helpers(void *arg, const struct helper_pin *pin)
{
    struct vcpu_loop *loop = arg;
    struct session *session = loop->session;
    struct err trouble = {0};

    if (session->replay)
        return;
    vcpu_planner_refused_helpers(loop->planner, &pin->guest);
    if (session->recorder && record_helper_refusal(session->recorder, pin, &trouble) < 0)
        session_record_failed(session, &trouble);
}

/* What the plan is about to change is written down first. */
static int keep(struct session *session, const struct vcpu_sample *sample,
                const struct vcpu_plan *plan, struct err *err)
{
    int r;

    if (!(plan->n_pins + plan->n_helper_pins) || session->is_paused || !owed_is_kept(session))
        return 0;
    r = restore_keep_vcpus(&session->originals, sample, plan, err);
    return r < 0 ? r : owed_sync(session, err);
}

/* Nothing reaches the host that the independent checker has not accepted. */
static void check(struct vcpu_loop *loop, const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    struct session *session = loop->session;
    struct err refusal = {0};

    if (vcpu_check(sample, plan, &refusal) < 0) {
        event_line(&session->log, EVENT_UNSAFE, LOG_ERR, NULL, "plan refused, keeping all pins: %s",
                   refusal.text);
        vcpu_plan_hold(plan, VERDICT_HOLD_UNSAFE, refusal.text);
    }
    if (vcpu_plan_actions(plan) && session_is_stopping(session))
        vcpu_plan_hold(plan, VERDICT_HOLD_STOPPED, "asked to stop: the plan is not applied");
    if (keep(session, sample, plan, &refusal) < 0)
        vcpu_plan_hold(plan, VERDICT_HOLD_UNSAFE, refusal.text);
}

static void report(struct vcpu_loop *loop, const struct vcpu_sample *sample,
                   const struct vcpu_plan *plan, const struct interval *interval)
{
    struct session *session = loop->session;
    struct err trouble = {0};

    vcpu_summary_add(&loop->summary, plan, interval);
    if (session->is_served)
        notify_status("%s, %zu guests, sigma %.1f %%, %zu moves%s", verdict_text(plan->verdict),
                      sample->n_guests, plan->ran.sigma_pct, vcpu_plan_actions(plan),
                      interval->dry_run ? " would be made" : "");
    session_decided(session, plan->verdict);
    control_tell_vcpu(session->control, sample, plan, interval);
    if (history_add_vcpus(session->history, sample, plan, interval, clock_real_s(), &trouble) < 0)
        log_line(&session->log, LOG_WARNING, "%s", trouble.text);
    metrics_tell_vcpu(session->metrics, sample, plan, interval);
    metrics_file_news(session->metrics_file);
    if (session->text)
        report_vcpu(
            session->text,
            news_of_vcpus(&loop->news, session->options->verbosity > 0, sample, plan, interval),
            sample, plan, interval);
    if (session->options->json)
        session_write_json(session, report_json_vcpu(sample, plan, interval));
    session_tell_journal(session, plan->verdict, vcpu_plan_actions(plan), plan->objective,
                         plan->bound, plan->gap, interval);
    output_flush(&session->output);
}

/* What the operator keeps for the host is part of the sample, and so of a recording. */
static void reserve(struct vcpu_sample *sample, const struct cpuset *reserved)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (sample->pcpus[p].use == PCPU_USABLE && cpuset_has(reserved, sample->pcpus[p].id))
            sample->pcpus[p].use = PCPU_RESERVED;
    }
}

/* A plan that was held back, or is only shown, answers nobody. A replay has it from the recording. */
static void unapplied(struct vcpu_loop *loop)
{
    struct session *session = loop->session;
    struct err trouble = {0};

    if (session->recorder && record_unapplied(session->recorder, &trouble) < 0)
        session_record_failed(session, &trouble);
}

static void apply(struct vcpu_loop *loop, const struct vcpu_sample *sample,
                  const struct vcpu_plan *plan, struct interval *interval)
{
    struct session *session = loop->session;

    if (vcpu_plan_actions(plan) == 0)
        return;
    interval->tally.made = calloc(vcpu_plan_actions(plan), sizeof(*interval->tally.made));
    restore_release_vcpus(&session->originals, &session->host, sample, plan,
                          &session->options->stop, &session->log, &interval->tally);
    apply_vcpu_plan(&session->host, plan, &session->options->stop, &session->log, &interval->tally,
                    refused, loop);
    foreign_applied(&loop->foreign, plan, &interval->tally);
    apply_helper_pins(&session->host, plan, &session->options->stop, &session->log,
                      &interval->tally, refused_helpers, loop);
    vcpu_planner_applied(loop->planner);
}

/* Whether pins may be on other things than single pCPUs, or be taken back. */
static bool is_above_contract(const struct session *session)
{
    return session->options->vcpu.level != PIN_PCPU;
}

/* What was carried out holds for whoever asks what would be done now. */
static void follow(const struct session *session, const struct vcpu_plan *plan,
                   struct vcpu_sample *sample)
{
    restore_follow(&session->originals, plan, sample);
    vcpu_sample_sort(sample);
    restore_mark_ours(&session->originals, is_above_contract(session), sample);
}

/* One interval. */
static int tick(struct vcpu_loop *loop, struct err *err)
{
    struct session *session = loop->session;
    const struct host *host = &session->host;
    struct vcpu_sample sample = {0};
    struct vcpu_plan plan = {0};
    struct interval interval;
    bool has_plan;
    int r;

    r = host->sample_vcpus(host->self, &sample, err);
    if (r < 0)
        return r;
    roster_see_vcpus(&loop->roster, &sample, &session->log);
    reserve(&sample, &session->options->reserve);
    if (!session->replay)
        control_mark_vcpus(session->control, &sample);
    shape_mark(&loop->shape, session, &sample);
    if (claims_heed_vcpus(&loop->claims, session, &sample) < 0) {
        r = err_set(err, -ENOMEM, "out of memory");
        goto out;
    }
    owed_meet_vcpus(session, &sample);
    if (!session->replay) {
        restore_mark_ours(&session->originals, is_above_contract(session), &sample);
        if (session->has_put_back)
            foreign_forget_all(&loop->foreign);
        session->has_put_back = false;
        foreign_mark(&loop->foreign, &sample, &session->log);
    }
    r = decide(loop, &sample, &plan, &interval, err);
    if (r < 0)
        goto out;
    foreign_warn(&loop->foreign, &sample, &plan, &session->log);
    has_plan = plan.n_pins + plan.n_releases > 0;
    check(loop, &sample, &plan);
    if (has_plan && (interval.dry_run || vcpu_plan_actions(&plan) == 0))
        unapplied(loop);
    if (!interval.dry_run)
        apply(loop, &sample, &plan, &interval);
    session_measure(session, &interval.cost);
    report(loop, &sample, &plan, &interval);
    session_emit(session, plan.lp);
    session_emit(session, plan.lp_given);
    if (plan.is_evidence)
        session_keep_evidence(session, plan.lp, plan.lp_given);
    free(interval.tally.made);
    interval.tally.made = NULL;
    if (!interval.dry_run && interval.tally.done == vcpu_plan_actions(&plan))
        follow(session, &plan, &sample);
    control_keep_vcpus(session->control, loop->planner, &session->options->vcpu, &sample, &plan,
                       &interval);
out:
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    return r;
}

static int put_back(struct session *session, const char *guest, const struct log *log,
                    struct tally *tally, struct err *err)
{
    session->has_put_back = true;
    return restore_vcpus(&session->originals, guest, &session->host, &session->options->stop, log,
                         tally, err);
}

/* A simulated host knows what no other does. */
static void ask_truth(struct vcpu_loop *loop)
{
    struct session *session = loop->session;
    struct simulated_cpu cpu;

    if (!session->options->simulate || !session->host.self)
        return;
    simulated_cpu(simulated_of(&session->host), &cpu);
    loop->summary.is_served_known = true;
    loop->summary.wanted_s = cpu.wanted_s;
    loop->summary.unserved_s = cpu.unserved_s;
}

static void finish(struct vcpu_loop *loop)
{
    struct session *session = loop->session;

    owed_put_back(session);
    ask_truth(loop);
    if (session->options->json && loop->summary.intervals)
        session_write_json(session, report_json_vcpu_summary(&loop->summary));
    if (session->summary && loop->summary.intervals)
        report_vcpu_summary(session->summary, &loop->summary);
    owed_ask(session);
    output_flush(&session->output);
}

int vcpu_loop_run(struct session *session, struct err *err)
{
    struct vcpu_loop loop = {.session = session};
    int r = 0;

    session->put_back = put_back;
    session->things = "affinities";
    session->woken = owed_release;
    loop.planner = vcpu_planner_new(&session->options->vcpu);
    if (!loop.planner)
        return err_set(err, -ENOMEM, "out of memory");
    while (!owed_is_all(session) && (r = session_wait(session, err)) > 0) {
        r = session_survive(session, tick(&loop, err), err);
        if (r < 0)
            break;
    }
    if (loop.summary.intervals || owed_is_all(session) || session->originals.n)
        finish(&loop);
    vcpu_planner_free(loop.planner);
    shape_done(&loop.shape);
    claims_done(&loop.claims);
    roster_done(&loop.roster);
    foreign_done(&loop.foreign);
    return r;
}
