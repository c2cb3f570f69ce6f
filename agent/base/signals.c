/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/signals.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A signal that was ignored when the program started stays ignored, as nohup asks: blocked and read
 * from a descriptor it would arrive all the same. */
static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Ignored ones are left out of the set. */
static void take_in(sigset_t *set, const int *numbers, size_t n)
{
    sigemptyset(set);
    for (size_t i = 0; i < n; i++)
        if (!is_ignored(numbers[i]))
            sigaddset(set, numbers[i]);
}

int signals_open(struct signals *ret, bool can_reload, struct err *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct signals signals = {.fd = -1, .reload_fd = -1, .wake_fd = -1};
    sigset_t all, stop, reload;
    int r;

    take_in(&all, numbers, 3);
    take_in(&stop, numbers, can_reload ? 2 : 3);
    take_in(&reload, numbers + 2, 1);
    r = -pthread_sigmask(SIG_BLOCK, &all, &signals.old_mask);
    if (r < 0)
        return err_set(err, r, "cannot block signals: %s", strerror(-r));
    signals.fd = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals.fd >= 0 && can_reload)
        signals.reload_fd = signalfd(-1, &reload, SFD_NONBLOCK | SFD_CLOEXEC);
    signals.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (signals.fd < 0 || (can_reload && signals.reload_fd < 0) || signals.wake_fd < 0) {
        r = err_set(err, -errno, "cannot listen to signals: %s", strerror(errno));
        signals_close(&signals);
        return r;
    }
    *ret = signals;
    return 0;
}

bool signals_are_pending(const struct signals *signals)
{
    struct pollfd readable = {.fd = signals->fd, .events = POLLIN};

    return poll(&readable, 1, 0) > 0;
}

static bool drain(int fd)
{
    struct signalfd_siginfo taken;
    bool has_any = false;

    while (fd >= 0 && read(fd, &taken, sizeof(taken)) > 0)
        has_any = true;
    return has_any;
}

bool signals_take_reload(const struct signals *signals)
{
    return drain(signals->reload_fd);
}

bool signals_take_wake(const struct signals *signals)
{
    uint64_t taken;

    return read(signals->wake_fd, &taken, sizeof(taken)) > 0;
}

void signals_close(struct signals *signals)
{
    drain(signals->fd);
    drain(signals->reload_fd);
    if (signals->fd >= 0)
        close(signals->fd);
    if (signals->reload_fd >= 0)
        close(signals->reload_fd);
    if (signals->wake_fd >= 0)
        close(signals->wake_fd);
    pthread_sigmask(SIG_SETMASK, &signals->old_mask, NULL);
}
