/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OPTION_SHOW_H
#define EVENKEEL_AGENT_BASE_OPTION_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "agent/base/options.h"

/* The configuration that is in force, each key with where it is from. */

/* {"section": "vcpu", "settings": [{"key", "value", "origin"}]}: values as a file has them, null where
 * there is none to write. NULL: out of memory. */
json_t *option_show_json(const struct options *options);
/* The same as a file of its own, with origins in comments. */
void option_show_text(const json_t *shown, FILE *out);
/* Both. 0 or -ENOMEM. */
int option_show(const struct options *options, FILE *out);

#endif
