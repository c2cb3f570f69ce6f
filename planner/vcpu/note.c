/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void note_say(struct vcpu_plan *plan, const char *format, ...)
{
    size_t used = strlen(plan->note);
    size_t at = used;
    va_list arguments;
    int n;

    if (used > 0 && used + 2 < sizeof(plan->note)) {
        memcpy(plan->note + used, "; ", 3);
        at += 2;
    }
    va_start(arguments, format);
    n = vsnprintf(plan->note + at, sizeof(plan->note) - at, format, arguments);
    va_end(arguments);
    if (n < 0 || at + (size_t)n >= sizeof(plan->note))
        plan->note[used] = '\0';
}

struct note_label note_label(const struct vcpu_reading *reading)
{
    struct note_label label;

    snprintf(label.text, sizeof(label.text), "%s/%u", reading->guest.name, reading->vcpu);
    return label;
}
