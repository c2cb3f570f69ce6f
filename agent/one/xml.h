/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_XML_H
#define EVENKEEL_AGENT_ONE_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

#include "planner/base/err.h"

/* OpenNebula's documents: values are the text of elements, in upper-case words. NULL has no children. */

bool one_is(const xmlNode *node, const char *name);
/* The next child element of that name after one (NULL: the first), or NULL. */
const xmlNode *one_next(const xmlNode *of, const xmlNode *after, const char *name);
const xmlNode *one_child(const xmlNode *of, const char *name);
/* Text of an element, of a child; "" where there is none. It lives as long as the document. */
const char *one_content(const xmlNode *node);
const char *one_text(const xmlNode *of, const char *name);
bool one_is_yes(const char *text);

/* A whole number, a number of at least 0; 0 or -EINVAL. */
int one_integer(const char *text, int64_t least, int64_t most, int64_t *ret);
int one_decimal(const char *text, double most, double *ret);

/* Numbers that are children of `of`, which is called what ("host") and id in a refusal. A missing or empty
 * one leaves *ret as it is; the first mistake is kept in r and err. */
struct one_reader {
    const xmlNode *of;
    const char *what;
    int64_t id;
    int r;
    struct err *err;
};
void one_read_integer(struct one_reader *reader, const char *name, int64_t least, int64_t most,
                      int64_t *ret);
void one_read_decimal(struct one_reader *reader, const char *name, double most, double *ret);

#endif
