/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/notify.h"
#include "agent/base/state_folder.h"

enum { MAX_PATH_BYTES = 4096 };

bool reload_asked(const struct session *session)
{
    bool is_asked = session->loop && main_loop_take_reload(session->loop);

    return (control_take_reload(session->control) || is_asked) && session->reload;
}

bool reload_is_due(const struct session *session)
{
    return session->reload && session->reload->next;
}

/* What was found at first is in the folder. With another one our own pins and sizes would be found. */
static int check_state(const struct options *now, const struct options *next, struct err *err)
{
    char from[MAX_PATH_BYTES] = "", to[MAX_PATH_BYTES] = "";

    state_folder_usual(now->state, from, sizeof(from));
    state_folder_usual(next->state, to, sizeof(to));
    if (strcmp(from, to) == 0)
        return 0;
    return err_set(err, -EINVAL,
                   "--state: what is owed to guests is in '%.100s': stop, move it to '%.100s', and "
                   "start again",
                   from, to);
}

static int read_next(const struct session *session, struct options *ret, struct err *err)
{
    struct reload *reload = session->reload;
    int r = options_parse(session->options->program, reload->argc, reload->argv, ret, err);

    if (r < 0)
        return r;
    r = check_state(session->options, ret, err);
    if (r < 0)
        options_done(ret);
    return r;
}

bool reload_read(struct session *session)
{
    struct reload *reload = session->reload;
    struct option_set *next = calloc(1, sizeof(*next));
    struct err err = {0};
    int r;

    if (session->is_served)
        notify_reloading();
    r = next ? read_next(session, &next->options, &err) : err_set(&err, -ENOMEM, "out of memory");

    if (r < 0) {
        free(next);
        event_line(&session->log, EVENT_NOT_RELOADED, LOG_ERR, NULL, "%s; what is in force stays",
                   err.text);
        if (session->is_served)
            notify_ready();
        control_reloaded(session->control, err.text);
        return false;
    }
    event_line(&session->log, EVENT_RELOADED, LOG_NOTICE, NULL, "the configuration was read again");
    reload->next = next;
    return true;
}

int reload_run_all(struct option_set *first, int argc, char **argv, const struct reload_run *run)
{
    struct option_set *newest = first, *current = first, *previous = NULL;
    bool is_open = false;
    int status;

    for (;;) {
        struct reload reload = {argc, argv, previous != NULL, NULL};

        status = run->run_one(run->arg, &current->options, &reload, &is_open);
        if (!is_open && previous) {
            current = previous; /* what could not be opened is given up */
            previous = NULL;
            continue;
        }
        if (!reload.next)
            break;
        reload.next->before = newest;
        newest = reload.next;
        previous = current;
        current = newest;
    }
    while (newest != first) {
        struct option_set *set = newest;

        newest = set->before;
        options_done(&set->options);
        free(set);
    }
    return status;
}
