/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_GIVEN_H
#define EVENKEEL_AGENT_BASE_GIVEN_H

#include <stddef.h>

#include "agent/base/option_table.h"

/* Values as they were given, in their order: files first, then the command line. The last one for a
 * place in struct options holds. */
enum { GIVEN_BY_HAND = 1 << 20 }; /* the layer of the command line, beyond that of any file */
struct given_value {
    enum option_key key;
    int layer;    /* counts files */
    char *text;   /* "yes" and "no" of a switch */
    char *origin; /* "/etc/evenkeel/evenkeel.conf:12", "--penalty", "argument" */
};
struct given {
    struct given_value *list;
    size_t n;
};

/* Takes copies. 0 or -ENOMEM. */
int given_add(struct given *given, enum option_key key, int layer, const char *text,
              const char *origin);
/* The value that decided on the option: its own last one, or that of one that goes to the same place
 * and came behind it, as "verbose = yes" for "quiet". NULL: it has its default. */
const struct given_value *given_last(const struct given *given, enum option_key key);
void given_done(struct given *given);

#endif
