/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_READ_TREE_H
#define EVENKEEL_AGENT_ONE_READ_TREE_H

#include <stddef.h>

struct _xmlDoc;  /* NOLINT(bugprone-reserved-identifier): libxml's names */
struct _xmlNode; /* NOLINT(bugprone-reserved-identifier): likewise */

/* The document as a tree, but for REQUIREMENTS/VM/HOSTS: there oned lists every host that would do for
 * every VM, 25 million elements for 20,000 VMs on 1,250 hosts, which as a tree would take 6 GiB. They become
 * numbers while the text is read. */
struct read_tree {
    struct _xmlDoc *xml; /* owned; NULL: the text is no such document, or has a document type */
    int *ids;            /* [n_ids] owned */
    size_t n_ids, n_lists;
    size_t *first; /* [n_lists + 1] owned: list k has ids[first[k]] ... */
};

/* 0, -ENOMEM, or -EINVAL: no document, or an ID among those of HOSTS that is none. Fetches nothing, replaces
 * no entity, and says nothing. read_tree_done() is due where it is 0. */
int read_tree(const char *text, size_t n, struct read_tree *ret);
void read_tree_done(struct read_tree *tree);

/* The list of a REQUIREMENTS/VM, or -1. */
int read_tree_list(const struct _xmlNode *vm);

#endif
