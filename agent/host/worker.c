/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "agent/base/slice.h"

enum { SLICE_MS = 50 };          /* how often is_stopping() is asked */
enum { STOP_PATIENCE_MS = 400 }; /* a call under way may end by itself when asked to stop */

enum phase { IDLE, ASKED, DONE, ENDING, ABANDONED };

struct worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum phase phase;
    struct worker_job job;
    int result;
    void *state;
    void (*free_state)(void *state);
    atomic_uint *strays;
};

static void destroy(struct worker *worker)
{
    worker->free_state(worker->state);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    enum phase phase;

    pthread_mutex_lock(&worker->lock);
    while (worker->phase != ENDING) {
        int result;

        if (worker->phase != ASKED) {
            pthread_cond_wait(&worker->changed, &worker->lock);
            continue;
        }
        pthread_mutex_unlock(&worker->lock);
        result = worker->job.run(worker->state, worker->job.request);
        pthread_mutex_lock(&worker->lock);
        if (worker->phase == ABANDONED)
            break;
        worker->result = result;
        worker->phase = DONE;
        pthread_cond_broadcast(&worker->changed);
    }
    phase = worker->phase;
    pthread_mutex_unlock(&worker->lock);
    if (phase == ABANDONED) {
        atomic_uint *strays = worker->strays;

        worker->job.free_request(worker->job.request);
        destroy(worker);
        atomic_fetch_sub(strays, 1);
    }
    return NULL;
}

struct worker *worker_new(void *state, void (*free_state)(void *state), atomic_uint *strays)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    if (!worker)
        return NULL;
    worker->state = state;
    worker->free_state = free_state;
    worker->strays = strays;
    pthread_mutex_init(&worker->lock, NULL);
    slice_condition(&worker->changed);
    if (pthread_create(&worker->thread, NULL, work, worker) == 0)
        return worker;
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
    return NULL;
}

int worker_run(struct worker *worker, const struct worker_job *job, unsigned timeout_ms,
               bool (*is_stopping)(void *arg), void *arg)
{
    unsigned waited_ms = 0, stopping_ms = 0, seen = 0;
    int r;

    pthread_mutex_lock(&worker->lock);
    worker->job = *job;
    worker->phase = ASKED;
    pthread_cond_broadcast(&worker->changed);
    while (worker->phase != DONE && waited_ms < timeout_ms && stopping_ms < STOP_PATIENCE_MS) {
        slice_wait(&worker->changed, &worker->lock, SLICE_MS);
        waited_ms += SLICE_MS;
        if (job->progress && atomic_load(job->progress) != seen) {
            seen = atomic_load(job->progress);
            waited_ms = 0;
        }
        if (is_stopping && is_stopping(arg))
            stopping_ms += SLICE_MS;
    }
    if (worker->phase == DONE) {
        r = worker->result;
        worker->phase = IDLE;
    } else {
        r = waited_ms < timeout_ms ? -ECANCELED : -ETIMEDOUT;
        worker->phase = ABANDONED;
        atomic_fetch_add(worker->strays, 1);
        pthread_detach(worker->thread);
    }
    pthread_mutex_unlock(&worker->lock);
    return r;
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->phase = ENDING;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    destroy(worker);
}
