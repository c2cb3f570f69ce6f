/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/program.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/notify.h"
#include "agent/base/option_show.h"
#include "agent/base/state_folder.h"
#include "agent/base/text.h"
#include "agent/control/control.h"
#include "agent/owed.h"
#include "agent/reload.h"
#include "agent/simulated/builtin.h"
#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "agent/topology_show.h"

enum { EXIT_USAGE = 2, MAX_PATH_BYTES = 4096 };

static int show(const struct options *options)
{
    switch (options->action) {
    case OPTIONS_HELP:
        options_help(options->program, stdout);
        break;
    case OPTIONS_VERSION:
        printf("%s (evenkeel) %s\n", program_name(options->program), EVENKEEL_VERSION);
        break;
    case OPTIONS_SCENARIOS:
        builtin_list(stdout);
        break;
    case OPTIONS_SHOW_CONFIG:
        if (option_show(options, stdout) < 0)
            return EXIT_FAILURE;
        break;
    case OPTIONS_CHECK_CONFIG:
    case OPTIONS_RUN:
        break;
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* False when a replayed plan differed, or nothing was there to compare. */
static bool say_replay(const struct session *session)
{
    struct replay_result result;

    if (!session->replay)
        return true;
    result = replay_result(session->replay);
    log_line(&session->log, result.different ? LOG_ERR : LOG_INFO,
             "replayed: %" PRIu64 " plans equal, %" PRIu64 " different, %" PRIu64
             " cut short by the clock and not compared",
             result.equal, result.different, result.cut_short);
    return result.different == 0;
}

/* A guest that the simulated kernel killed is just not there any more. */
static void say_killed(const struct session *session)
{
    struct simulated_memory memory;

    if (!session->options->simulate || !session->host.self)
        return;
    simulated_memory(simulated_of(&session->host), &memory);
    if (memory.host_oom_kills > 0)
        log_line(&session->log, LOG_WARNING,
                 "the simulated host ran out of memory: its kernel killed %u guests, '%s' first, "
                 "at %.1f s",
                 memory.host_oom_kills, memory.first_killed, memory.first_kill_s);
}

struct program_run {
    struct main_loop *loop;
    struct control *control;
    struct history *history;
    struct metrics *metrics;
    struct event_hour hour;
    struct err trouble[SESSION_TROUBLES];
    int (*run)(struct session *session, struct err *err);
};

static int run_session(void *arg, struct options *options, struct reload *reload, bool *is_open)
{
    struct program_run *program = arg;
    const struct session_links links = {program->loop,    reload,           program->control,
                                        program->history, program->metrics, &program->hour,
                                        program->trouble};
    struct session session;
    struct err err = {0};
    int status = EXIT_SUCCESS;
    int r;

    r = session_open(&session, options, &links, &err);
    if (r >= 0)
        r = owed_open(&session, &err);
    if (r < 0 && !session.bad_argument && !session.host.self && owed_is_nothing(options)) {
        log_line(&session.log, LOG_INFO, "%s, but nothing was found that is owed to anybody",
                 err.text);
        session_close(&session);
        return options->guest ? PROGRAM_GUEST_UNKNOWN : EXIT_SUCCESS;
    }
    *is_open = r >= 0 || reload->next;
    if (r >= 0)
        session_is_ready(&session);
    else if (!*is_open)
        control_reloaded(program->control, err.text);
    if (r < 0)
        status = session.bad_argument && r != -ENOMEM ? EXIT_USAGE : EXIT_FAILURE;
    else if ((r = program->run(&session, &err)) < 0)
        status = EXIT_FAILURE;
    if (r < 0 && (session_was_asked(&session) || reload->next))
        status = EXIT_SUCCESS; /* it failed at nothing but its end */
    else if (r < 0)
        log_line(&session.log, LOG_ERR, "%s%s", err.text,
                 reload->can_go_back && !*is_open ? "; what was in force before stays" : "");
    say_killed(&session);
    if (r >= 0 && !say_replay(&session))
        status = EXIT_FAILURE;
    if (session.owes)
        status = EXIT_FAILURE;
    session_close(&session);
    return status;
}

/* err's sentence, before there is a log. */
static int complain(enum program program, struct err *err, int status)
{
    text_printable(err->text);
    fprintf(stderr, "%s: %s\n", program_name(program), err->text);
    return status;
}

/* Whether somebody may ask it: it runs in real time, be it on a simulated host. */
static bool may_be_asked(const struct options *options)
{
    return (!options->simulate || options->pace_s > 0) && !options->replay &&
           !options->show_topology;
}

/* NULL: nothing is remembered. In the foreground nothing is written unless a folder is named; but what puts
 * back what a service did writes beside it, where nobody else does. */
static struct history *open_history(const struct options *options, struct err *trouble)
{
    struct history *history = may_be_asked(options) ? history_new(options->program) : NULL;
    char folder[MAX_PATH_BYTES];
    struct err ignored;

    if (options->simulate)
        return history;
    if (history && state_folder_named(options->state, folder, sizeof(folder)) == 0)
        history_keep(history, folder, clock_real_s(), trouble);
    else if (history && options->restore && options->once &&
             state_folder_usual(NULL, folder, sizeof(folder)) == 0 && access(folder, F_OK) == 0)
        history_keep(history, folder, clock_real_s(), &ignored);
    return history;
}

/* NULL: nobody can ask, and nothing is paused. In the foreground a bus is looked for once: later the name may
 * be that of a service. */
static struct control *open_control(const struct options *options, struct program_run *program)
{
    struct control *control = may_be_asked(options)
                                  ? control_new(options->program, options->config != NULL,
                                                program->history, program->metrics)
                                  : NULL;
    char folder[MAX_PATH_BYTES] = "";

    if (!control)
        return NULL;
    control_wakes(control, program->loop->wake_fd);
    state_folder_usual(options->state, folder, sizeof(folder));
    control_serve(control, options->simulate ? NULL : folder, notify_is_heard(),
                  &program->trouble[1], &program->trouble[0]);
    return control;
}

static int run_all(struct option_set *first, int argc, char **argv,
                   int (*run)(struct session *session, struct err *err))
{
    const struct options *options = &first->options;
    struct main_loop loop;
    struct program_run program = {.loop = &loop,
                                  .run = options->show_topology ? topology_show : run};
    struct err err = {0};
    int status;

    if (main_loop_open(&loop, options->config && !options->simulate, &err) < 0)
        return complain(options->program, &err, EXIT_FAILURE);
    program.history = open_history(options, &program.trouble[2]);
    program.metrics = metrics_new(options->program);
    program.control = open_control(options, &program);
    status = reload_run_all(first, argc, argv, &(struct reload_run){run_session, &program});
    control_free(program.control);
    metrics_free(program.metrics);
    history_free(program.history);
    main_loop_close(&loop);
    return status;
}

/* Descriptors 0 to 2 that the caller closed are opened, so that no recording and no socket becomes
 * standard error and gets its lines. */
static bool has_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

int program_main(enum program program, int argc, char **argv,
                 int (*run)(struct session *session, struct err *err))
{
    struct option_set first = {0};
    struct err err = {0};
    int r, status;

    if (!has_standard_descriptors())
        return EXIT_FAILURE;
    r = options_parse(program, argc, argv, &first.options, &err);
    if (r < 0)
        return complain(program, &err, r == -ENOMEM ? EXIT_FAILURE : EXIT_USAGE);
    status = first.options.action == OPTIONS_RUN ? run_all(&first, argc, argv, run)
                                                 : show(&first.options);
    options_done(&first.options);
    return status;
}
