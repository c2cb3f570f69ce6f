/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CIB_IDS_H
#define EVENKEEL_AGENT_FLEET_CIB_IDS_H

#include <libxml/hash.h>
#include <libxml/tree.h>

/* The ids of a document, of which no two elements may share one. */

/* Those that are in it. NULL: out of memory. xmlHashFree(ids, NULL) ends it. */
xmlHashTable *cib_ids_new(const xmlNode *root);
/* An id for a new element and those in it, which have suffixes (a list that ends with NULL, "" first): the name,
 * or, where one of these is taken, with a number behind it. It is taken from now on. 0, -ENOMEM. */
int cib_ids_take(xmlHashTable *ids, const char *name, const char *const *suffixes, char *ret,
                 size_t size);

#endif
