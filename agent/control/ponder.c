/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/ponder.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Behind everything that has an interval to keep. */
enum { NICE = 10 };

struct pondering {
    pthread_t thread;
    const struct scene *scene; /* borrowed */
    struct question question;
    int wake_fd;
    uint64_t until_ns;
    atomic_bool is_ending, is_done;
    char *answer;
    struct err err;
};

static bool must_stop(void *arg)
{
    struct pondering *pondering = arg;

    return atomic_load(&pondering->is_ending) || clock_monotonic_ns() > pondering->until_ns;
}

static void *ponder(void *arg)
{
    struct pondering *pondering = arg;
    const uint64_t one = 1;

    setpriority(PRIO_PROCESS, 0,
                NICE); /* on Linux of this thread alone; without it, it is done too */
    pondering->answer = scene_answer(pondering->scene, &pondering->question, &pondering->err);
    atomic_store(&pondering->is_done, true);
    return write(pondering->wake_fd, &one, sizeof(one)) < 0 ? NULL : arg;
}

struct pondering *ponder_begin(const struct scene *scene, struct question *question, int wake_fd)
{
    struct pondering *pondering = calloc(1, sizeof(*pondering));

    if (!pondering) {
        question_done(question);
        return NULL;
    }
    pondering->scene = scene;
    pondering->question = *question;
    *question = (struct question){0};
    pondering->question.stop = must_stop;
    pondering->question.stop_arg = pondering;
    pondering->wake_fd = wake_fd;
    pondering->until_ns = clock_monotonic_ns() + PONDER_S * UINT64_C(1000000000);
    if (pthread_create(&pondering->thread, NULL, ponder, pondering) == 0)
        return pondering;
    question_done(&pondering->question);
    free(pondering);
    return NULL;
}

bool ponder_is_done(struct pondering *pondering)
{
    return atomic_load(&pondering->is_done);
}

char *ponder_end(struct pondering *pondering, struct err *err)
{
    char *answer;

    atomic_store(&pondering->is_ending, true);
    pthread_join(pondering->thread, NULL);
    answer = pondering->answer;
    *err = pondering->err;
    question_done(&pondering->question);
    free(pondering);
    return answer;
}
