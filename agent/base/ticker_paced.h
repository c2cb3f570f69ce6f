/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_TICKER_PACED_H
#define EVENKEEL_AGENT_BASE_TICKER_PACED_H

#include "agent/base/ticker.h"

/* Virtual time that people can follow: each tick of the ticker waits for one of the pace, which is in real
 * time. Both are taken over, and the result is in *inout. 0, or -ENOMEM with a sentence: then the pace is
 * closed, and the ticker as it was. */
int ticker_paced(const struct ticker *pace, struct ticker *inout, struct err *err);

#endif
