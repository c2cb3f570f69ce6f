/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/reload.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/notify.h"

bool reload_asked(const struct session *session)
{
    return session->reload && main_loop_take_reload(session->loop);
}

bool reload_is_due(const struct session *session)
{
    return session->reload && session->reload->next;
}

bool reload_read(struct session *session)
{
    struct reload *reload = session->reload;
    struct option_set *next = calloc(1, sizeof(*next));
    struct err err = {0};
    int r;

    if (session->is_served)
        notify_reloading();
    r = next ? options_parse(session->options->program, reload->argc, reload->argv, &next->options,
                             &err)
             : err_set(&err, -ENOMEM, "out of memory");

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
