/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_WORKER_H
#define EVENKEEL_AGENT_HOST_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>

/* A thread for calls that may never return: a hypervisor's daemon that hangs, a guest whose monitor
 * does not answer. The caller waits with a limit and goes on without the worker; what the worker
 * owns is freed by itself should the call come back one day. */

struct worker;

/* state belongs to the worker from now on. *strays counts the workers that were left behind; it has
 * to live until it is 0. NULL (state stays the caller's): no thread. */
struct worker *worker_new(void *state, void (*free_state)(void *state), atomic_uint *strays);

struct worker_job {
    int (*run)(void *state, void *request);
    void *request;
    void (*free_request)(void *request);
    const atomic_uint *progress; /* of the state, counted up by run(); NULL: it is one call */
};
/* Runs one job and returns its result; request stays the caller's. Or -ETIMEDOUT once timeout_ms
 * have passed without progress, -ECANCELED soon after stopping(arg) is true (may be NULL): worker
 * and request are then gone and must not be used. */
int worker_run(struct worker *worker, const struct worker_job *job, unsigned timeout_ms,
               bool (*is_stopping)(void *arg), void *arg);
void worker_free(struct worker *worker); /* idle, or NULL */

#endif
