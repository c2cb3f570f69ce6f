/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_ENGINE_H
#define EVENKEEL_AGENT_FLEET_ENGINE_H

#include "agent/fleet/cluster.h"

/* What Pacemaker would do, by its own word: crm_simulate, asked offline with a document. */

/* What becomes of each guest: where it is then, FLEET_NOWHERE: stopped. */
struct engine_word {
    int *host_of;          /* [n_guests] owned */
    size_t n_other;        /* actions on guests that are no start and no migration: stop, restart */
    char first_other[120]; /* one of them */
    bool *is_other;        /* [n_guests] owned: there is one on the guest */
    size_t n_foreign;      /* actions on other resources */
    char first_foreign[120]; /* one of them */
};
void engine_word_done(struct engine_word *word);

/* lost: the host that is lost, or FLEET_NOWHERE. 0, -ENOENT: there is no crm_simulate here; -EIO and
 * other errors with a sentence. */
int engine_ask(const char *text, size_t n, const struct cluster *cluster, int lost,
               struct engine_word *ret, struct err *err);

#endif
