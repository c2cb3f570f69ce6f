/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/session_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/notify.h"
#include "agent/base/resource_lock.h"
#include "agent/base/ticker_paced.h"
#include "agent/host/host_real.h"
#include "agent/reload.h"
#include "agent/simulated/simulated.h"

/* A solve may use this share of the interval; the rest belongs to sampling and applying. */
static const double solve_share = 1.0 / 3;
/* Of a recording each decision may take this; what is cut short so is not compared. */
static const uint64_t replay_share_ns = UINT64_C(60000000000);

/* Whoever was started by systemd is started again by it: the other one may have ended by then. */
static bool is_service(void)
{
    return getenv("INVOCATION_ID") || getenv("NOTIFY_SOCKET");
}

/* A real host is governed by one program for each resource. */
static int claim(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    struct err trouble = {0};
    int r = host_real_identity(&session->host, session->identity, err);

    if (r < 0 || !session->identity[0] || !options_may_change(options))
        return r;
    r = resource_lock_take(session->identity, options->program == PROGRAM_VCPU ? "vcpus" : "memory",
                           &trouble);
    if (r == -EBUSY) {
        session->bad_argument = !is_service();
        return err_set(err, r, "%s", trouble.text);
    }
    if (r < 0)
        log_line(&session->log, LOG_WARNING, "%s; going on without a lock against a second program",
                 trouble.text);
    session->lock_fd = r < 0 ? 0 : r;
    return 0;
}

/* Until the next interval. 0, or -ECANCELED: there is an end, or another configuration. */
static int wait_for_host(struct session *session, const struct err *trouble, struct err *err)
{
    bool is_woken, is_read;
    int r;

    if (strcmp(session->last_failure, trouble->text) != 0)
        event_line(&session->log, EVENT_OUTAGE, LOG_WARNING, NULL, "%s; waiting for it",
                   trouble->text);
    memcpy(session->last_failure, trouble->text, sizeof(session->last_failure));
    session_is_ready(session);
    notify_status("waiting: %s", trouble->text);
    session_tell_trouble(session, trouble->text);
    notify_turn();
    r = session->ticker.wait(session->ticker.self, err);
    if (r != 0)
        return r < 0 ? r : 0;
    is_woken = main_loop_take_wake(session->loop);
    if (is_woken)
        control_released(session->control, &(struct control_result){.trouble = trouble->text});
    is_read = reload_asked(session);
    if (is_read ? !reload_read(session) : is_woken && !session_is_stopping(session))
        return 0;
    return err_set(err, -ECANCELED, "asked to stop while waiting for libvirt");
}

/* A service is there before its hypervisor, and after it. */
static int open_host(struct session *session, const struct host_real_options *real, struct err *err)
{
    struct err trouble = {0};
    int r;

    while ((r = host_real_open(real, &session->host, &trouble)) < 0) {
        if (!session->is_served || r == -ENOMEM)
            return err_set(err, r, "%s", trouble.text);
        r = wait_for_host(session, &trouble, err);
        if (r < 0)
            return r;
    }
    session->last_failure[0] = '\0';
    return 0;
}

int session_world_open(struct session *session, struct err *err)
{
    struct options *options = session->options;
    struct host_real_options real = {
        .program = options->program,
        .uri = options->connect,
        .match = options->match,
        .n_match = options->n_match,
        .ignores_metadata = options->metadata == METADATA_IGNORE,
        .read_only = !options_may_change(options),
        .log = &session->log,
        .is_stopping = session_is_stopping,
        .stopping_arg = session,
    };
    struct ticker pace;
    int r;

    if (options->solve_limit_s > 0)
        session->backstop.share_ns = (uint64_t)(options->solve_limit_s * 1e9);
    else if (options->vcpu.plain || !(options->replay || options->simulate))
        session->backstop.share_ns = (uint64_t)(options->interval_s * 1e9 * solve_share);
    else if (options->replay)
        session->backstop.share_ns = replay_share_ns;
    /* Reports on a terminal tell as well how far it is. */
    progress_begin(&session->progress, options->replay ? "replay" : "simulation",
                   options->verbosity < 0 || isatty(STDOUT_FILENO) == 1);
    if (options->replay)
        return replay_open(options->replay, options, &session->replay, &session->host,
                           &session->ticker, err);
    if (options->simulate) {
        r = simulated_open(
            options->simulate, options->program == PROGRAM_VCPU ? SIMULATED_VCPU : SIMULATED_MEMORY,
            options->interval_s, &options->stop, &session->host, &session->ticker, err);
        if (r >= 0 && options->pace_s > 0)
            r = main_loop_ticker(session->loop, options->pace_s, &pace, err);
        if (r < 0 || options->pace_s <= 0)
            return r;
        return ticker_paced(&pace, &session->ticker, err);
    }
    r = main_loop_ticker(session->loop, options->interval_s, &session->ticker, err);
    if (r >= 0)
        r = open_host(session, &real, err);
    return r < 0 ? r : claim(session, err);
}

void session_world_tell(struct session *session)
{
    if (session->options->replay)
        progress_tell(&session->progress, replay_share(session->replay), 1);
    else if (session->options->simulate)
        progress_tell(&session->progress, simulated_share(simulated_of(&session->host)), 1);
}
