/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_NOTE_H
#define EVENKEEL_PLANNER_VCPU_NOTE_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Appends a sentence to a plan's note, where it fits as a whole. */
void note_say(struct vcpu_plan *plan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "name/vcpu", as sentences call a vCPU. */
struct note_label {
    char text[GUEST_SHOWN_SIZE + 12];
};
struct note_label note_label(const struct vcpu_reading *reading);

#endif
