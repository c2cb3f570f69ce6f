/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_GROUP_MEMBERS_H
#define EVENKEEL_AGENT_ONE_GROUP_MEMBERS_H

#include "agent/one/document.h"

/* Who has which role of which VM group, and the lists of words in which rules are written. */
struct one_roles {
    const struct one_document *document;
    int *order; /* [n_order] owned: VMs in groups, by group, role and ID */
    size_t n_order;
};
/* The VMs order[first] ... of one role. */
struct one_members {
    size_t first, n;
};

/* 0 or -ENOMEM; one_roles_done() is due in any case. */
int one_roles_new(const struct one_document *document, struct one_roles *ret);
void one_roles_done(struct one_roles *roles);
struct one_members one_members(const struct one_roles *roles, int64_t group, const char *role,
                               size_t n_role);

/* Names of roles or numbers of hosts, with commas between: the next one, or false. */
bool one_next_word(const char **text, const char **word, size_t *n);
bool one_names_host(const char *list, int id);

#endif
