/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_HTML_H
#define EVENKEEL_AGENT_PAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A page in one file: no script, nothing from elsewhere. Whoever reads it may be in a mail program. */

/* Text as text: nothing in it opens or closes anything, in an attribute as well. */
void html_text(FILE *out, const char *text);

/* Both are plain text. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);

#endif
