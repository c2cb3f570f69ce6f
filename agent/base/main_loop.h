/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_MAIN_LOOP_H
#define EVENKEEL_AGENT_BASE_MAIN_LOOP_H

#include <stdbool.h>

#include "agent/base/ticker.h"

/* The event loop of the main thread, sd-event(3): when intervals begin, SIGINT, SIGTERM and SIGHUP, and
 * threads that have something for it. What was asked for stays so, and everybody who looks, in the middle of a
 * solve or at the next wait, gets the same answer. SIGHUP is a closed terminal and asks to stop as well, so that
 * --restore still works. A signal that is ignored when the program starts, as by nohup, stays ignored.
 *
 * The watchdog is not fed here, as sd_event_set_watchdog(3) would: the loop also turns in the middle of a
 * solve, and while libvirt is waited for, and so would say that all is well of an interval that never ends. Only
 * notify_turn() speaks, after a whole one. */
struct main_loop {
    struct sd_event *event;
    int wake_fd; /* written to by a thread that has something for the loop (eventfd) */
    bool is_asked_to_stop, is_asked_to_reload, is_woken;
};

/* Blocks the signals for this thread and those it starts later. can_reload: SIGHUP asks to read the
 * configuration again, and not to stop. The loop must not be moved. 0, or a negative errno with a sentence. */
int main_loop_open(struct main_loop *ret, bool can_reload, struct err *err);
/* Whether a signal has asked to stop. Never waits. Only the thread that opened the loop may ask. */
bool main_loop_is_stopping(struct main_loop *loop);
/* Whether SIGHUP asked to reload since this was asked last. */
bool main_loop_take_reload(struct main_loop *loop);
/* Whether a thread woke the loop since this was asked last. */
bool main_loop_take_wake(struct main_loop *loop);
/* The ticker of the real world: every interval_s on an absolute schedule, the first at once. wait() returns 0
 * when a signal or a thread wants something. The time is CLOCK_MONOTONIC, as that of the samples and of systemd's
 * watchdog: nobody sets it, and while the host sleeps it stands still with the guests, so that the interval goes on
 * where it was. The loop is borrowed. 0, or a negative errno with a sentence. */
int main_loop_ticker(struct main_loop *loop, double interval_s, struct ticker *ret,
                     struct err *err);
/* Takes what is pending and unblocks what was blocked. */
void main_loop_close(struct main_loop *loop);

#endif
