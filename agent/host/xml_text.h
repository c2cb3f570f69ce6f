/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_XML_TEXT_H
#define EVENKEEL_AGENT_HOST_XML_TEXT_H

#include <stddef.h>

struct _xmlDoc; /* NOLINT(bugprone-reserved-identifier): libxml's name */

/* The document, for xmlFreeDoc(), or NULL where the text is none. Fetches nothing, replaces no
 * entity, and says nothing: its owner chose the words, and nobody is to read them in our log.
 * flags: further ones of XML_PARSE_*. */
struct _xmlDoc *xml_text_read(const char *text, size_t n, int flags);

#endif
