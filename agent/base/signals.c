/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A signal that was ignored when the program started stays ignored, as nohup asks: blocked and read
 * from a descriptor it would arrive all the same. */
static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int signals_open(struct signals *ret, struct err *err)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
    struct signals signals;
    sigset_t stop;
    int r;

    sigemptyset(&stop);
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        if (!is_ignored(stops[i]))
            sigaddset(&stop, stops[i]);
    r = -pthread_sigmask(SIG_BLOCK, &stop, &signals.old_mask);
    if (r < 0)
        return err_set(err, r, "cannot block signals: %s", strerror(-r));
    signals.fd = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals.fd < 0) {
        r = err_set(err, -errno, "cannot listen to signals: %s", strerror(errno));
        pthread_sigmask(SIG_SETMASK, &signals.old_mask, NULL);
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

void signals_close(struct signals *signals)
{
    struct signalfd_siginfo taken;

    while (read(signals->fd, &taken, sizeof(taken)) > 0)
        ;
    close(signals->fd);
    pthread_sigmask(SIG_SETMASK, &signals->old_mask, NULL);
}
