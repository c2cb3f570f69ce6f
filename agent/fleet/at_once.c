/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/at_once.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* It waits, and little more. */
enum { STACK_SIZE = 512 * 1024 };

struct task {
    void (*run)(void *arg, size_t i);
    void *arg;
    size_t i;
    pthread_t thread;
    bool is_started;
};

static void *work(void *arg)
{
    struct task *task = arg;

    task->run(task->arg, task->i);
    return NULL;
}

void at_once(size_t n, void (*run)(void *arg, size_t i), void *arg)
{
    struct task *tasks = n > 1 ? calloc(n, sizeof(*tasks)) : NULL;
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    for (size_t i = 0; tasks && i < n; i++) {
        tasks[i] = (struct task){.run = run, .arg = arg, .i = i};
        tasks[i].is_started = pthread_create(&tasks[i].thread, &attributes, work, &tasks[i]) == 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (tasks && tasks[i].is_started)
            pthread_join(tasks[i].thread, NULL);
        else
            run(arg, i);
    }
    pthread_attr_destroy(&attributes);
    free(tasks);
}
