/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_STOP_H
#define EVENKEEL_AGENT_BASE_STOP_H

#include <stdbool.h>
#include <stddef.h>

/* Whom to ask whether to give up, in everything that may last. Never asked where is_asked is
 * NULL. */
struct stop {
    bool (*is_asked)(void *arg);
    void *arg;
};

static inline bool stop_is_asked(const struct stop *stop)
{
    return stop && stop->is_asked && stop->is_asked(stop->arg);
}

#endif
