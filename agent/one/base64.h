/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_BASE64_H
#define EVENKEEL_AGENT_ONE_BASE64_H

#include <stddef.h>

/* Decodes in place: RFC 4648's alphabet with its padding, white space between. *n becomes the number of
 * bytes. 0, or -EINVAL where it is anything else, cut short included. */
int base64_decode(char *text, size_t *n);

#endif
