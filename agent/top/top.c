/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/top.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/top/draw.h"
#include "agent/top/feed.h"
#include "agent/top/list.h"
#include "agent/top/screen.h"

static const uint64_t us_per_s = 1000000;

struct top {
    const struct top_options *options;
    sd_event *event;
    struct screen *screen; /* NULL: text */
    struct feed *feed;
    struct top_model model;
    struct top_view view;
    uint64_t n_looks;
    bool is_due; /* text of this look is still to be written */
};

static bool is_known(const struct top *top)
{
    return top->model.sides[PROGRAM_VCPU].presence == TOP_THERE ||
           top->model.sides[PROGRAM_MEMORY].presence == TOP_THERE;
}

static void redraw(struct top *top)
{
    struct canvas canvas;
    int rows, columns;

    screen_size(top->screen, &rows, &columns);
    if (canvas_new(rows, columns, &canvas) < 0)
        return;
    draw_screen(&top->model, &top->view, clock_real_s(), &canvas);
    screen_show(top->screen, &canvas);
    canvas_done(&canvas);
}

/* What is read by nobody any more ends. */
static void write_look(struct top *top)
{
    bool ok;

    top->is_due = false;
    if (top->options->csv)
        list_csv(stdout, &top->model, &top->view, clock_real_s(), top->n_looks == 0);
    else
        list_text(stdout, &top->model, &top->view, clock_real_s());
    top->n_looks++;
    ok = fflush(stdout) == 0;
    if (top->options->once || !ok)
        sd_event_exit(top->event, ok || errno == EPIPE ? 0 : -EIO);
}

static void on_news(void *arg, const char *said)
{
    struct top *top = arg;

    if (said)
        snprintf(top->view.said, sizeof(top->view.said), "%s", said);
    if (top->screen)
        redraw(top);
    else if (top->is_due && feed_is_idle(top->feed))
        write_look(top);
}

/* Whose why is on the screen. */
static const struct top_guest *asked_about(const struct top *top)
{
    size_t n, *rows = view_rows(&top->model, &top->view, &n);
    const struct top_guest *guest =
        rows && n && top->view.pane == PANE_WHY
            ? &top->model.guests[rows[view_chosen(&top->model, &top->view, rows, n)]]
            : NULL;

    free(rows);
    return guest;
}

static void look(struct top *top)
{
    const struct top_guest *guest = asked_about(top);

    top->is_due = true;
    feed_ask(top->feed, guest ? guest->true_name : NULL);
}

static int on_time(sd_event_source *source, uint64_t at_us, void *userdata)
{
    struct top *top = userdata;
    uint64_t every_us = (top->options->every_s ? top->options->every_s : 1) * us_per_s;

    (void)at_us;
    look(top);
    sd_event_source_set_time_relative(source, every_us);
    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    return 0;
}

static int on_key(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct top *top = userdata;
    int key;

    (void)source, (void)fd;
    while ((key = screen_key(top->screen)) >= 0) {
        enum top_action action = view_key(&top->view, &top->model, key);

        if (action == ACTION_QUIT)
            return sd_event_exit(top->event, 0);
        if (action == ACTION_TELL)
            feed_pause(top->feed, top->view.guest, top->view.ends_pause);
    }
    if (events & EPOLLHUP)
        return sd_event_exit(top->event, 0);
    if (top->view.pane == PANE_WHY)
        look(top);
    redraw(top);
    return 0;
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)source, (void)info;
    redraw(userdata);
    return 0;
}

static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
enum { N_ENDS = sizeof(ends) / sizeof(ends[0]) };

/* Signals are taken by the loop, so that a screen is always put back: before there is one. */
static void block_signals(void)
{
    sigset_t taken;

    sigemptyset(&taken);
    sigaddset(&taken, SIGWINCH);
    for (size_t i = 0; i < N_ENDS; i++)
        sigaddset(&taken, ends[i]);
    sigprocmask(SIG_BLOCK, &taken, NULL);
}

static int listen_to(struct top *top)
{
    int r = 0;

    for (size_t i = 0; i < N_ENDS && r >= 0; i++)
        r = sd_event_add_signal(top->event, NULL, ends[i], NULL, NULL);
    if (r >= 0 && top->screen)
        r = sd_event_add_signal(top->event, NULL, SIGWINCH, on_resize, top);
    if (r >= 0 && top->screen)
        r = sd_event_add_io(top->event, NULL, STDIN_FILENO, EPOLLIN, on_key, top);
    if (r >= 0)
        r = sd_event_add_time(top->event, NULL, CLOCK_MONOTONIC, 0, 0, on_time, top);
    return r;
}

enum top_end top_run(const struct top_options *options)
{
    struct top top = {.options = options};
    bool is_text = options->once || options->batch || options->csv;
    enum top_end end = TOP_DONE;
    int r;

    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    block_signals();
    if (sd_event_new(&top.event) < 0)
        return TOP_FAILED;
    top.feed = feed_new(top.event, &top.model, on_news, &top);
    if (!is_text)
        top.screen = screen_open();
    if (!top.feed)
        end = TOP_FAILED;
    else if (!is_text && !top.screen)
        end = TOP_NO_TERMINAL;
    if (end == TOP_DONE) {
        r = listen_to(&top);
        if (r >= 0)
            r = sd_event_loop(top.event);
        end = r < 0 ? TOP_FAILED : options->once && !is_known(&top) ? TOP_NONE_RUNS : TOP_DONE;
    }
    screen_close(top.screen);
    feed_free(top.feed);
    top_model_done(&top.model);
    sd_event_unref(top.event);
    return end;
}
