/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_CONFIG_TEXT_H
#define EVENKEEL_AGENT_BASE_CONFIG_TEXT_H

#include <stddef.h>

#include "planner/base/err.h"

/* One file of the configuration, as evenkeel.conf(5) tells: INI, read by inih, and strictly. What
 * inih would cut, join or pass over is refused: lines that are too long or indented, keys before
 * the first section, other sections, keys that are there twice. */

/* What is done with a key of the section. 0, or a negative errno with a sentence that does not name
 * the line: config_text() puts that before it. */
struct config_taker {
    int (*take)(void *arg, const char *key, const char *value, int line, struct err *err);
    void *arg;
};

/* Gives each key of the section to the taker. name is the file's, for sentences. 0, -EINVAL with
 * "NAME:LINE: ...", or what the taker returned. */
int config_text(const char *name, const char *text, size_t n, const char *section,
                const struct config_taker *taker, struct err *err);

#endif
