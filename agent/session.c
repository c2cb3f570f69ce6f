/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/session.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cost.h"
#include "agent/base/json_values.h"
#include "agent/base/notify.h"
#include "agent/hands_watch.h"
#include "agent/reload.h"
#include "agent/report/evidence.h"
#include "agent/session_world.h"

void session_is_ready(struct session *session)
{
    if (session->is_served)
        notify_ready();
    if (!session->is_reload_told)
        control_tell_config(session->control, session->options);
    if (session->reload && session->reload->can_go_back && !session->is_reload_told)
        control_reloaded(session->control, NULL);
    session->is_reload_told = true;
}

/* Everything that an option names. Only a hypervisor may be out of reach without a bad argument. */
static int open_named(struct session *session, const char *stem, struct err *err)
{
    const struct options *options = session->options;
    int r = emit_open(options->emit_lp, stem, &session->emit, err);

    session->bad_argument = true;
    if (r < 0)
        return r;
    session->bad_argument = options->simulate || options->replay;
    r = session_world_open(session, err);
    if (r < 0 || !options->record)
        return r;
    session->bad_argument = true;
    r = recorder_open(options->record, options, &session->recorder, err);
    if (r >= 0 && strcmp(recorder_path(session->recorder), options->record) != 0)
        log_line(&session->log, LOG_NOTICE, "--record: '%s' exists and is kept, writing to '%s'",
                 options->record, recorder_path(session->recorder));
    return r;
}

/* Text goes to standard output unless that belongs to a machine: JSON, or models. */
static int open_outputs(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    struct output *output = &session->output;
    bool is_taken = options->json || (options->emit_lp && strcmp(options->emit_lp, "-") == 0);

    if (output_open(output, options->interval_s) < 0 ||
        (options->verbosity >= 0 && output_make_page(output, is_taken) < 0))
        return err_set(err, -ENOMEM, "out of memory");
    output->log = &session->log;
    output->wait = session_is_virtual(options) ? &session->asked : NULL;
    session->log.outlet = output->err;
    session->summary = output->page;
    session->text = options->json ? NULL : output->page;
    return 0;
}

static bool was_asked(void *arg)
{
    return session_was_asked(arg);
}

static void set_stops(struct session *session)
{
    struct options *options = session->options;

    session->asked = (struct stop){was_asked, session};
    options->stop = (struct stop){session_is_stopping, session};
    session->backstop.is_stopping = session_is_stopping;
    session->backstop.arg = session;
    options->vcpu.limits.stop = options->memory.limits.stop = backstop_has_passed;
    options->vcpu.limits.clock_ns = options->memory.limits.clock_ns = clock_monotonic_ns;
    options->vcpu.limits.stop_arg = options->memory.limits.stop_arg = &session->backstop;
}

/* Who runs a program in the foreground sees what is done, and may do without control. */
static void say_trouble(const struct session *session, struct err *trouble)
{
    if (trouble && trouble[0].code < 0)
        log_line(&session->log, session->is_served ? LOG_WARNING : LOG_DEBUG,
                 "%s; going on without control", trouble[0].text);
    for (size_t i = 0; trouble && i < SESSION_TROUBLES; i++) {
        if (i > 0 && trouble[i].code < 0)
            log_line(&session->log, LOG_WARNING, "%s", trouble[i].text);
        trouble[i].code = 0;
    }
}

/* Whoever measures does not decide: without them it goes on. */
static void open_metrics(struct session *session)
{
    const char *path = session->options->metrics_file;

    if (!path || !session->metrics)
        return;
    session->metrics_file = metrics_file_open(path, session->metrics, &session->log);
    if (!session->metrics_file)
        log_line(&session->log, LOG_WARNING, "--metrics-file: out of memory; going on without");
}

int session_open(struct session *ret, struct options *options, const struct session_links *links,
                 struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    const char *stem = options->program == PROGRAM_VCPU ? "vcpu" : "memory";
    int r;

    *ret = (struct session){
        .options = options,
        .loop = links->loop,
        .reload = options->config ? links->reload : NULL,
        .control = links->control,
        .history = links->history,
        .metrics = links->metrics,
        .hour = links->hour,
        .is_served = !session_is_virtual(options) && notify_is_heard(),
    };
    if (ret->is_served)
        notify_interval(options->interval_s);
    log_init(&ret->log, stderr, program_name(options->program),
             options->verbosity < 0   ? LOG_WARNING
             : options->verbosity > 0 ? LOG_DEBUG
                                      : LOG_INFO);
    log_open_entries(&ret->log,
                     options->program == PROGRAM_VCPU ? "evenkeel-vcpu" : "evenkeel-memory");
    sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is an error of a write, with a clean end */
    options->memory.explain |= control_is_serving(ret->control); /* whoever asks why is told */
    set_stops(ret);
    r = open_outputs(ret, err);
    if (r >= 0)
        say_trouble(ret, links->trouble);
    if (r >= 0)
        open_metrics(ret);
    if (r >= 0)
        r = open_named(ret, stem, err);
    if (r < 0)
        return r;
    set_stops(ret); /* a replay brings limits of its own */
    ret->emit.out = ret->output.out;
    ret->emit.wait = ret->output.wait;
    return 0;
}

/* Whether nobody will write the file any more. A run that ends by itself leaves its result there. */
static bool is_file_over(const struct session *session)
{
    const char *path = session->options->metrics_file, *next;

    if (!reload_is_due(session))
        return session_was_asked(session);
    next = session->reload->next->options.metrics_file;
    return path && (!next || strcmp(path, next) != 0);
}

void session_close(struct session *session)
{
    metrics_file_close(session->metrics_file, is_file_over(session));
    progress_end(&session->progress);
    output_drain(&session->output, &session->asked);
    if (session->ticker.close)
        session->ticker.close(session->ticker.self);
    if (session->host.close)
        session->host.close(session->host.self);
    recorder_free(session->recorder);
    replay_free(session->replay);
    originals_done(&session->originals);
    originals_done(&session->gone);
    outlet_drain(session->log.entries, &session->asked);
    outlet_free(session->log.entries);
    output_close(&session->output);
    if (session->lock_fd)
        close(session->lock_fd);
    *session = (struct session){0};
}

/* After a wait that ended before its time: whether it was for what is done between intervals. */
static bool goes_on(struct session *session)
{
    bool is_woken = session->loop && main_loop_take_wake(session->loop);

    if (is_woken && session->woken)
        session->woken(session);
    if (reload_asked(session))
        return !reload_read(session);
    return is_woken && !session_is_stopping(session);
}

int session_wait(struct session *session, struct err *err)
{
    int r;

    if (session->is_served && session->intervals)
        notify_turn();
    if (session->finished || session->output.is_closed || session_is_stopping(session))
        return 0;
    do
        r = session->ticker.wait(session->ticker.self, err);
    while (r == 0 && goes_on(session));
    session_world_tell(session);
    session->intervals += r > 0;
    session->began_ns = clock_monotonic_ns();
    session->is_paused = control_is_paused(session->control);
    return r;
}

int session_survive(struct session *session, int r, const struct err *err)
{
    bool again = strcmp(session->last_failure, err->text) == 0;

    if (r >= 0) {
        if (session->failed_in_a_row)
            event_line(&session->log, EVENT_RECOVERED, LOG_NOTICE, NULL,
                       "working again after %" PRIu64 " failed intervals",
                       session->failed_in_a_row);
        session->failed_in_a_row = 0;
        session->last_failure[0] = '\0';
        return 0;
    }
    if (session->is_served)
        notify_status("%s", err->text);
    session_tell_trouble(session, err->text);
    if ((session->intervals == 1 && !session->is_served) || r == -EHOSTDOWN)
        return r;
    session->failed_in_a_row++;
    if (!again && !session_was_asked(session))
        event_line(&session->log, EVENT_OUTAGE, LOG_ERR, NULL,
                   "%s; everything stays as it is, trying again each interval", err->text);
    memcpy(session->last_failure, err->text, sizeof(session->last_failure));
    return 0;
}

void session_tell_journal(struct session *session, enum verdict verdict, size_t changes,
                          double objective, double bound, double gap,
                          const struct interval *interval)
{
    const struct log *log = &session->log;

    if (changes && !interval->dry_run)
        event_plan(log, verdict_text(verdict), changes, objective, bound, gap);
    if (session->hour)
        event_hour_add(session->hour, log, interval->at_ns, verdict_text(verdict), changes,
                       interval->tally.done, interval->tally.failed);
}

void session_decided(struct session *session, enum verdict verdict)
{
    bool waits = verdict == VERDICT_HOLD_OBSERVING || verdict == VERDICT_HOLD_SETTLING;

    if (session->options->once && !waits)
        session->finished = true;
}

void session_begin_solve(struct session *session)
{
    if (session->replay)
        replay_at(session->replay, session->at);
    else if (!session->options->simulate)
        clock_text(session->at);
    backstop_arm(&session->backstop);
    session->solve_began_ns = clock_monotonic_ns();
    session->solve_began_cpu_s = cost_thread_cpu_s();
}

struct interval session_end_solve(struct session *session, uint64_t at_ns)
{
    uint64_t took_ns = clock_monotonic_ns() - session->solve_began_ns;
    struct interval interval;

    session->is_paused |= control_is_overtaken(session->control);
    interval = (struct interval){
        .number = session->intervals,
        .at_ns = at_ns,
        .solve_ms = (double)took_ns / 1e6,
        .overruns = session->ticker.overruns(session->ticker.self),
        .dry_run = session->options->dry_run || session->is_paused,
        .is_paused = session->is_paused && !session->options->dry_run,
        .cost.solve_cpu_s = cost_thread_cpu_s() - session->solve_began_cpu_s,
    };

    hands_watch(session);
    interval.knows_hands = session->host.hands != NULL;
    interval.hands = session->hands;
    if (!session->decided++)
        session->first_at_ns = at_ns;
    interval.t_s = (double)(at_ns - session->first_at_ns) / 1e9;
    memcpy(interval.at, session->at, sizeof(interval.at));
    return interval;
}

void session_measure(struct session *session, struct interval_cost *cost)
{
    const struct host *host = &session->host;

    cost->interval_s = session->options->interval_s;
    cost->took_s = (double)(clock_monotonic_ns() - session->began_ns) / 1e9;
    cost->cpu_s = cost_cpu_s();
    cost->resident_kib = cost_resident_kib();
    cost->calls = host->calls ? host->calls(host->self) : 0;
}

void session_tell_trouble(struct session *session, const char *text)
{
    struct interval_cost cost = {0};

    control_tell_trouble(session->control, text);
    session_measure(session, &cost);
    metrics_tell_trouble(session->metrics, &cost);
    metrics_file_news(session->metrics_file);
}

bool session_was_asked(const struct session *session)
{
    return session->loop && main_loop_is_stopping(session->loop);
}

bool session_may_wait(const struct session *session, unsigned ms)
{
    if (session_is_virtual(session->options) ||
        clock_monotonic_ns() + ms * UINT64_C(1000000) >= session->restore_until_ns)
        return false;
    clock_wait_ms(ms);
    return true;
}

bool session_is_stopping(void *arg)
{
    const struct session *session = arg;

    if (session->restoring)
        return clock_monotonic_ns() >= session->restore_until_ns;
    return session_was_asked(session);
}

void session_begin_restore(struct session *session)
{
    if (session->is_served)
        notify_stopping();
    session->restoring = true;
    session->restore_until_ns =
        session_is_virtual(session->options)
            ? UINT64_MAX
            : clock_monotonic_ns() + SESSION_RESTORE_S * UINT64_C(1000000000);
}

void session_emit(struct session *session, const struct lp *lp)
{
    struct err err = {0};
    int r = emit_lp(&session->emit, lp, &err);

    if (r >= 0 || r == -EAGAIN || session->emit_failed)
        return;
    session->emit_failed = true;
    log_line(&session->log, LOG_WARNING, "%s; going on without", err.text);
}

void session_keep_evidence(struct session *session, const struct lp *lp, const struct lp *lp_given)
{
    const struct lp *models[] = {lp, lp_given};

    for (size_t i = 0; i < 2 && !session->has_evidence; i++) {
        char path[256];
        struct err err = {0};

        if (!models[i])
            continue;
        if (evidence_keep(session->emit.stem, models[i], path, sizeof(path), &err) < 0)
            log_line(&session->log, LOG_WARNING, "%s", err.text);
        else
            log_line(&session->log, LOG_ERR,
                     "GLPK contradicts the plan, all pins are kept: please report it with '%s'",
                     path);
    }
    session->has_evidence = true;
}

void session_record_failed(struct session *session, const struct err *err)
{
    log_line(&session->log, LOG_WARNING, "%s; going on without the recording", err->text);
    recorder_free(session->recorder);
    session->recorder = NULL;
}

void session_write_json(struct session *session, json_t *object)
{
    output_line(&session->output, json_line(object, JSON_DIGITS_SHORT));
}
