/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTION_PLACE_H
#define EVENKEEL_AGENT_BASE_OPTION_PLACE_H

#include "agent/base/options.h"

/* Puts all that was given into its place, the later over the earlier; what came with a layer
 * replaces the globs of the layers before. 0, or a negative errno with a sentence that begins with
 * file and line where the value is from a file. */
int option_put_all(struct options *options, struct err *err);

#endif
