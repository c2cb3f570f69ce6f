/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_VCPU_LOOP_H
#define EVENKEEL_AGENT_VCPU_LOOP_H

#include "agent/session.h"

/* Runs intervals until asked to stop, prints the summary and puts back what --restore asks for. 0,
 * or a negative errno with the sentence that ended it. */
int vcpu_loop_run(struct session *session, struct err *err);

#endif
