/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_SLICE_H
#define EVENKEEL_AGENT_BASE_SLICE_H

#include <pthread.h>

/* Waiting for another thread in slices, so that what is asked between them is asked soon. */

/* A condition that no change of the time of day disturbs. */
void slice_condition(pthread_cond_t *ret);
/* Waits for the condition, a slice of slice_ms at most. The lock is held. */
void slice_wait(pthread_cond_t *changed, pthread_mutex_t *lock, int slice_ms);

#endif
