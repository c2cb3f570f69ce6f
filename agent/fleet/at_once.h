/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_AT_ONCE_H
#define EVENKEEL_AGENT_FLEET_AT_ONCE_H

#include <stddef.h>

/* Calls run(arg, i) for i from 0 to n - 1, all at once, each in a thread of its own (or here, where none can
 * be had), and returns when the last has ended. */
void at_once(size_t n, void (*run)(void *arg, size_t i), void *arg);

#endif
