/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/main_loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/base/clock.h"

/* An interval may begin so late for the sake of other timers; 0 would mean sd-event's usual 250 ms. */
static const uint64_t accuracy_us = 1;

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    bool *is_asked = userdata;

    (void)source, (void)info;
    *is_asked = true;
    return 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct main_loop *loop = userdata;
    uint64_t taken;

    (void)source, (void)events;
    loop->is_woken |= read(fd, &taken, sizeof(taken)) > 0;
    return 0;
}

/* One that was ignored stays ignored: blocked and read from a descriptor it would arrive all the same. */
static int listen_to(struct main_loop *loop, int number, bool *is_asked)
{
    struct sigaction action;

    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        return 0;
    return sd_event_add_signal(loop->event, NULL, number | SD_EVENT_SIGNAL_PROCMASK, on_signal,
                               is_asked);
}

int main_loop_open(struct main_loop *ret, bool can_reload, struct err *err)
{
    int r;

    *ret = (struct main_loop){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    r = ret->wake_fd < 0 ? -errno : sd_event_new(&ret->event);
    if (r >= 0)
        r = sd_event_add_io(ret->event, NULL, ret->wake_fd, EPOLLIN, on_wake, ret);
    if (r >= 0)
        r = listen_to(ret, SIGINT, &ret->is_asked_to_stop);
    if (r >= 0)
        r = listen_to(ret, SIGTERM, &ret->is_asked_to_stop);
    if (r >= 0)
        r = listen_to(ret, SIGHUP, can_reload ? &ret->is_asked_to_reload : &ret->is_asked_to_stop);
    if (r >= 0)
        return 0;
    main_loop_close(ret);
    return err_set(err, r, "cannot listen to signals: %s", strerror(-r));
}

/* Without waiting. */
static int take_all(struct main_loop *loop)
{
    int r;

    do
        r = sd_event_run(loop->event, 0);
    while (r > 0);
    return r;
}

bool main_loop_is_stopping(struct main_loop *loop)
{
    take_all(loop); /* a loop that fails is named by the next wait */
    return loop->is_asked_to_stop;
}

bool main_loop_take_reload(struct main_loop *loop)
{
    bool is_asked = loop->is_asked_to_reload;

    loop->is_asked_to_reload = false;
    return is_asked;
}

bool main_loop_take_wake(struct main_loop *loop)
{
    bool is_woken = loop->is_woken;

    loop->is_woken = false;
    return is_woken;
}

void main_loop_close(struct main_loop *loop)
{
    if (loop->event)
        take_all(loop);
    sd_event_unref(loop->event);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
}

/* The schedule is absolute: an interval that took long does not push the later ones back, and
 * those it ate are counted, not made up for. */
struct main_ticker {
    struct main_loop *loop;
    sd_event_source *timer; /* fires once for each interval */
    uint64_t interval_ns, next_ns;
    uint64_t overruns;
    bool is_due;
};

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct main_ticker *ticker = userdata;

    (void)source, (void)usec;
    ticker->is_due = true;
    return 0;
}

static bool has_news(const struct main_loop *loop)
{
    return loop->is_asked_to_stop || loop->is_asked_to_reload || loop->is_woken;
}

/* Until something has come and nothing more is there. */
static int await(struct main_ticker *ticker)
{
    int r;

    r = sd_event_source_set_time(ticker->timer, (ticker->next_ns + 999) / 1000);
    if (r >= 0)
        r = sd_event_source_set_enabled(ticker->timer, SD_EVENT_ONESHOT);
    while (r >= 0 && !ticker->is_due && !has_news(ticker->loop))
        r = sd_event_run(ticker->loop->event, UINT64_MAX);
    return r < 0 ? r : take_all(ticker->loop);
}

static int ticker_wait(void *self, struct err *err)
{
    struct main_ticker *ticker = self;
    uint64_t missed;
    int r = await(ticker);

    if (r < 0)
        return err_set(err, r, "cannot wait for the next interval: %s", strerror(-r));
    if (has_news(ticker->loop))
        return 0;
    missed = (clock_monotonic_ns() - ticker->next_ns) / ticker->interval_ns;
    ticker->overruns += missed;
    ticker->next_ns += (missed + 1) * ticker->interval_ns;
    ticker->is_due = false;
    return 1;
}

static uint64_t ticker_overruns(void *self)
{
    const struct main_ticker *ticker = self;

    return ticker->overruns;
}

static void ticker_close(void *self)
{
    struct main_ticker *ticker = self;

    sd_event_source_disable_unref(ticker->timer);
    free(ticker);
}

int main_loop_ticker(struct main_loop *loop, double interval_s, struct ticker *ret, struct err *err)
{
    struct main_ticker *ticker = calloc(1, sizeof(*ticker));
    int r;

    if (!ticker)
        return err_set(err, -ENOMEM, "out of memory");
    ticker->loop = loop;
    ticker->interval_ns = (uint64_t)(interval_s * 1e9 + 0.5);
    ticker->next_ns = clock_monotonic_ns();
    r = sd_event_add_time(loop->event, &ticker->timer, CLOCK_MONOTONIC, 0, accuracy_us, on_time,
                          ticker);
    if (r < 0) {
        ticker_close(ticker);
        return err_set(err, r, "cannot set up a timer: %s", strerror(-r));
    }
    *ret = (struct ticker){
        .self = ticker,
        .wait = ticker_wait,
        .overruns = ticker_overruns,
        .close = ticker_close,
    };
    return 0;
}
