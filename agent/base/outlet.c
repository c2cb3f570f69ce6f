/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/outlet.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/slice.h"

enum { SLICE_MS = 20 };
enum { GRACE_MS = 100 };    /* what flows has been written by then */
enum { FAREWELL_MS = 300 }; /* for what is still queued when a stop is asked */

struct item {
    struct item *next;
    size_t n;
    char text[];
};

struct outlet {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    int fd;
    int (*send)(const char *text, size_t n); /* instead of fd; or NULL */
    bool owns_fd;
    size_t max_bytes, queued_bytes;
    struct item *first, **last;
    uint64_t put, written; /* items; the one under way is the first that is not written */
    uint64_t left_out;
    int patience_ms;
    int error;     /* of a write that nobody has heard of; negative errno or 0 */
    bool is_torn;  /* the last item was cut short */
    bool is_stuck; /* an item was not written within its grace; until the queue is empty again */
    bool is_ending, is_abandoned;
    bool has_ended;
    unsigned references;
};

static void destroy(struct outlet *outlet)
{
    while (outlet->first) {
        struct item *next = outlet->first->next;

        free(outlet->first);
        outlet->first = next;
    }
    if (outlet->owns_fd)
        close(outlet->fd);
    pthread_cond_destroy(&outlet->changed);
    pthread_mutex_destroy(&outlet->lock);
    free(outlet);
}

/* Writes all of it; *done says how far it came. A descriptor that somebody made non-blocking is
 * waited for as any other. */
static int write_all(int fd, const char *text, size_t n, size_t *done)
{
    while (*done < n) {
        struct pollfd writable = {.fd = fd, .events = POLLOUT};
        ssize_t taken = write(fd, text + *done, n - *done);

        if (taken >= 0)
            *done += (size_t)taken;
        else if (errno == EAGAIN)
            poll(&writable, 1, -1);
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

/* Called without the lock: only this thread writes, and the first item stays until it is done. */
static int write_item(struct outlet *outlet, const struct item *item)
{
    size_t done = 0;
    int r = 0;

    if (outlet->send)
        return outlet->send(item->text, item->n);
    if (outlet->is_torn)
        r = write_all(outlet->fd, "\n", 1, &done);
    if (r < 0)
        return r;
    done = 0;
    r = write_all(outlet->fd, item->text, item->n, &done);
    outlet->is_torn = r < 0 && done > 0;
    return r;
}

static void take_first(struct outlet *outlet, int result)
{
    struct item *item = outlet->first;

    outlet->first = item->next;
    if (!outlet->first) {
        outlet->last = &outlet->first;
        outlet->is_stuck = false;
    }
    outlet->queued_bytes -= item->n;
    outlet->written++;
    if (result < 0)
        outlet->error = result;
    free(item);
}

static void *work(void *arg)
{
    struct outlet *outlet = arg;
    bool is_abandoned;

    pthread_mutex_lock(&outlet->lock);
    while (outlet->first || !outlet->is_ending) {
        int result;

        if (!outlet->first) {
            pthread_cond_wait(&outlet->changed, &outlet->lock);
            continue;
        }
        pthread_mutex_unlock(&outlet->lock);
        result = write_item(outlet, outlet->first);
        pthread_mutex_lock(&outlet->lock);
        take_first(outlet, result);
        pthread_cond_broadcast(&outlet->changed);
    }
    outlet->has_ended = true;
    pthread_cond_broadcast(&outlet->changed);
    is_abandoned = outlet->is_abandoned;
    pthread_mutex_unlock(&outlet->lock);
    if (is_abandoned)
        destroy(outlet);
    return NULL;
}

static struct outlet *start(int fd, int (*send)(const char *text, size_t n), size_t max_bytes)
{
    struct outlet *outlet = calloc(1, sizeof(*outlet));

    if (!outlet)
        return NULL;
    outlet->fd = fd;
    outlet->send = send;
    outlet->max_bytes = max_bytes;
    outlet->patience_ms = GRACE_MS;
    outlet->last = &outlet->first;
    outlet->references = 1;
    pthread_mutex_init(&outlet->lock, NULL);
    slice_condition(&outlet->changed);
    if (pthread_create(&outlet->thread, NULL, work, outlet) != 0) {
        destroy(outlet);
        return NULL;
    }
    return outlet;
}

struct outlet *outlet_new(int fd, size_t max_bytes, bool owns_fd)
{
    struct outlet *outlet = start(fd, NULL, max_bytes);

    if (outlet)
        outlet->owns_fd = owns_fd;
    return outlet;
}

struct outlet *outlet_new_for(int (*send)(const char *text, size_t n), size_t max_bytes)
{
    return start(-1, send, max_bytes);
}

void outlet_set_patience(struct outlet *outlet, int ms)
{
    pthread_mutex_lock(&outlet->lock);
    outlet->patience_ms = ms;
    pthread_mutex_unlock(&outlet->lock);
}

struct outlet *outlet_share(struct outlet *outlet)
{
    if (!outlet)
        return NULL;
    pthread_mutex_lock(&outlet->lock);
    outlet->references++;
    pthread_mutex_unlock(&outlet->lock);
    return outlet;
}

void outlet_free(struct outlet *outlet)
{
    bool has_ended;

    if (!outlet)
        return;
    pthread_mutex_lock(&outlet->lock);
    if (--outlet->references) {
        pthread_mutex_unlock(&outlet->lock);
        return;
    }
    outlet->is_ending = true;
    pthread_cond_broadcast(&outlet->changed);
    for (int ms = 0; !outlet->has_ended && !outlet->is_stuck && ms < GRACE_MS; ms += SLICE_MS)
        slice_wait(&outlet->changed, &outlet->lock, SLICE_MS);
    has_ended = outlet->has_ended;
    outlet->is_abandoned = !has_ended;
    if (!has_ended)
        pthread_detach(outlet->thread);
    pthread_mutex_unlock(&outlet->lock);
    if (has_ended) {
        pthread_join(outlet->thread, NULL);
        destroy(outlet);
    }
}

static bool append(struct outlet *outlet, const char *text, size_t n)
{
    struct item *item = malloc(sizeof(*item) + n);

    if (!item)
        return false;
    item->next = NULL;
    item->n = n;
    memcpy(item->text, text, n);
    *outlet->last = item;
    outlet->last = &item->next;
    outlet->queued_bytes += n;
    outlet->put++;
    pthread_cond_broadcast(&outlet->changed);
    return true;
}

static void await_room(struct outlet *outlet, size_t n, const struct stop *wait)
{
    while (wait && outlet->first && outlet->queued_bytes + n > outlet->max_bytes &&
           !stop_is_asked(wait))
        slice_wait(&outlet->changed, &outlet->lock, SLICE_MS);
}

static void await_written(struct outlet *outlet, const struct stop *wait)
{
    int left_ms = outlet->patience_ms;
    uint64_t mine = outlet->put;

    while (outlet->written < mine && !stop_is_asked(wait) &&
           (wait || (left_ms > 0 && !outlet->is_stuck))) {
        int slice_ms = wait || left_ms > SLICE_MS ? SLICE_MS : left_ms;

        slice_wait(&outlet->changed, &outlet->lock, slice_ms);
        left_ms -= wait ? 0 : slice_ms;
    }
    if (outlet->written < mine)
        outlet->is_stuck = true;
}

int outlet_put(struct outlet *outlet, const char *text, size_t n, const struct stop *wait)
{
    int r;

    pthread_mutex_lock(&outlet->lock);
    await_room(outlet, n, wait);
    r = outlet->first && outlet->queued_bytes + n > outlet->max_bytes ? -EAGAIN
        : append(outlet, text, n)                                     ? 0
                                                                      : -ENOMEM;
    if (r < 0)
        outlet->left_out++;
    else
        await_written(outlet, wait);
    if (r == 0) {
        r = outlet->error;
        outlet->error = 0;
    }
    pthread_mutex_unlock(&outlet->lock);
    return r;
}

uint64_t outlet_left_out(struct outlet *outlet)
{
    uint64_t n = 0;

    pthread_mutex_lock(&outlet->lock);
    if (!outlet->first) {
        n = outlet->left_out;
        outlet->left_out = 0;
    }
    pthread_mutex_unlock(&outlet->lock);
    return n;
}

void outlet_drain(struct outlet *outlet, const struct stop *stop)
{
    int asked_ms = 0;

    if (!outlet)
        return;
    pthread_mutex_lock(&outlet->lock);
    while (outlet->first && asked_ms < FAREWELL_MS) {
        slice_wait(&outlet->changed, &outlet->lock, SLICE_MS);
        if (stop_is_asked(stop))
            asked_ms += SLICE_MS;
    }
    pthread_mutex_unlock(&outlet->lock);
}
