/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loop has to do itself: asked by the thread. Putting back what was found, and reading the
 * configuration again, also where SIGHUP is ignored. */
#include <errno.h>
#include <stdio.h>

#include "agent/control/state.h"

void control_wakes(struct control *control, int fd)
{
    control->loop_fd = fd;
}

int control_ask_release(struct control *control, const char *guest)
{
    bool is_busy;

    pthread_mutex_lock(&control->lock);
    is_busy = control->is_release_asked || control->is_release_done;
    if (!is_busy)
        snprintf(control->release_guest, sizeof(control->release_guest), "%s", guest);
    control->is_release_asked |= !is_busy;
    pthread_mutex_unlock(&control->lock);
    if (is_busy)
        return -EBUSY;
    control_wake(control->loop_fd);
    return 0;
}

bool control_take_release(struct control *control, char ret[PAUSE_NAME_SIZE])
{
    bool is_asked;

    if (!control)
        return false;
    pthread_mutex_lock(&control->lock);
    is_asked = control->is_release_asked;
    snprintf(ret, PAUSE_NAME_SIZE, "%s", control->release_guest);
    pthread_mutex_unlock(&control->lock);
    return is_asked;
}

void control_ask_reload(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    control->is_reload_asked = true;
    pthread_mutex_unlock(&control->lock);
    control_wake(control->loop_fd);
}

bool control_take_reload(struct control *control)
{
    bool is_asked;

    if (!control)
        return false;
    pthread_mutex_lock(&control->lock);
    is_asked = control->is_reload_asked;
    control->is_reload_asked = false;
    pthread_mutex_unlock(&control->lock);
    return is_asked;
}

void control_released(struct control *control, const struct control_result *result)
{
    if (!control)
        return;
    pthread_mutex_lock(&control->lock);
    control->release = *result;
    control->release.trouble = NULL;
    snprintf(control->release_trouble, sizeof(control->release_trouble), "%s",
             result->trouble ? result->trouble : "");
    control->is_release_done = control->is_release_asked;
    control->is_release_asked = false;
    pthread_mutex_unlock(&control->lock);
    control_wake(control->wake_fd);
}
