/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_TICKER_REAL_H
#define EVENKEEL_AGENT_BASE_TICKER_REAL_H

#include "agent/base/signals.h"
#include "agent/base/ticker.h"

/* The ticker of the real world: every interval_s on an absolute schedule, until a signal asks to
 * stop. The signals are borrowed. 0 or a negative errno with a sentence. */
int ticker_real(double interval_s, const struct signals *signals, struct ticker *ret,
                struct err *err);

#endif
