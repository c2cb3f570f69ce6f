/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_DOCTOR_H
#define EVENKEEL_AGENT_CLIENT_DOCTOR_H

#include "agent/client/ask.h"

/* evenkeelctl doctor: one finding after another, each with the way out. */
enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

/* A line for people, or with --json an element of the asking's list. way_out may be NULL. Failures are
 * counted in the asking. */
void doctor_find(struct asking *asking, enum finding finding, const char *check,
                 const char *way_out, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What libvirt and the kernel show: who may connect, what guests and pCPUs tell. */
void doctor_look_at_host(struct asking *asking, const struct options *options);
/* What else moves guests on this host (host/hands.h). root as in root_file.h. */
void doctor_look_for_others(struct asking *asking, const char *root);

#endif
