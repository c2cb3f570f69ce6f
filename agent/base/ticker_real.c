/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/ticker_real.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"

/* The schedule is absolute: an interval that took long does not push the later ones back, and
 * those it ate are counted, not queued. */
struct real_ticker {
    const struct signals *signals;
    int timer_fd;
    uint64_t overruns;
};

static void real_close(void *self)
{
    struct real_ticker *ticker = self;

    if (ticker->timer_fd >= 0)
        close(ticker->timer_fd);
    free(ticker);
}

static bool real_is_stopping(void *self)
{
    const struct real_ticker *ticker = self;

    return signals_are_pending(ticker->signals);
}

static uint64_t real_overruns(void *self)
{
    const struct real_ticker *ticker = self;

    return ticker->overruns;
}

static int real_wait(void *self, struct err *err)
{
    struct real_ticker *ticker = self;
    struct pollfd all[4] = {{.fd = ticker->signals->fd, .events = POLLIN},
                            {.fd = ticker->signals->reload_fd, .events = POLLIN},
                            {.fd = ticker->signals->wake_fd, .events = POLLIN},
                            {.fd = ticker->timer_fd, .events = POLLIN}};
    uint64_t expired = 0;

    while (poll(all, 4, -1) < 0) {
        if (errno != EINTR)
            return err_set(err, -errno, "cannot wait for the next interval: %s", strerror(errno));
    }
    if (all[0].revents || all[1].revents || all[2].revents)
        return 0;
    if (read(ticker->timer_fd, &expired, sizeof(expired)) != (ssize_t)sizeof(expired))
        return err_set(err, -EIO, "cannot read the interval timer: %s", strerror(errno));
    if (expired > 1)
        ticker->overruns += expired - 1;
    return 1;
}

static int open_timer(struct real_ticker *ticker, double interval_s)
{
    uint64_t interval_ns = (uint64_t)(interval_s * 1e9 + 0.5);
    uint64_t now_ns = clock_monotonic_ns();
    struct itimerspec when = {
        .it_interval = {.tv_sec = (time_t)(interval_ns / 1000000000u),
                        .tv_nsec = (long)(interval_ns % 1000000000u)},
        .it_value = {.tv_sec = (time_t)(now_ns / 1000000000u),
                     .tv_nsec = (long)(now_ns % 1000000000u)},
    };

    ticker->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (ticker->timer_fd < 0)
        return -errno;
    return timerfd_settime(ticker->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

int ticker_real(double interval_s, const struct signals *signals, struct ticker *ret,
                struct err *err)
{
    struct real_ticker *ticker = calloc(1, sizeof(*ticker));
    int r;

    if (!ticker)
        return err_set(err, -ENOMEM, "out of memory");
    ticker->signals = signals;
    r = open_timer(ticker, interval_s);
    if (r < 0) {
        real_close(ticker);
        return err_set(err, r, "cannot set up a timer: %s", strerror(-r));
    }
    *ret = (struct ticker){
        .self = ticker,
        .wait = real_wait,
        .is_stopping = real_is_stopping,
        .overruns = real_overruns,
        .close = real_close,
    };
    return 0;
}
