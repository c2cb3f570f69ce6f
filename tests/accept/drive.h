/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_DRIVE_H
#define EVENKEEL_TESTS_ACCEPT_DRIVE_H

#include "agent/base/host.h"
#include "agent/base/ticker.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* Runs a program's own loop on a host until the ticker ends. 0 or the failure that ended it.
 * ret_note: what the scheduler said to people in its last interval, or ""; may be NULL. */
int drive_vcpus(const struct host *host, const struct ticker *ticker,
                const struct vcpu_settings *settings, char ret_note[200], struct err *err);
int drive_memory(const struct host *host, const struct ticker *ticker,
                 const struct memory_settings *settings, struct err *err);

#endif
