/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/guest_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct guest_store {
    pthread_mutex_t lock;
    unsigned references;
    struct guest_table table;
    int worker;   /* the one that counts */
    bool is_busy; /* with the calls of one guest: */
    unsigned char uuid[16];
    int number;
};

struct guest_store *guest_store_new(void)
{
    struct guest_store *store = calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    pthread_mutex_init(&store->lock, NULL);
    store->references = 1;
    return store;
}

struct guest_store *guest_store_share(struct guest_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->references++;
    pthread_mutex_unlock(&store->lock);
    return store;
}

void guest_store_free(struct guest_store *store)
{
    bool is_last;

    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    is_last = --store->references == 0;
    pthread_mutex_unlock(&store->lock);
    if (!is_last)
        return;
    guest_table_done(&store->table);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

static int copy_entry(const struct guest_entry *from, struct guest_entry *ret)
{
    struct guest_entry copy = *from;
    size_t n = from->definition.n_limits;

    copy.facts = (struct vcpu_facts){0};
    copy.definition.limits = calloc(n + 1, sizeof(*copy.definition.limits));
    if (!copy.definition.limits)
        return -ENOMEM;
    if (n)
        memcpy(copy.definition.limits, from->definition.limits,
               n * sizeof(*from->definition.limits));
    if (helpers_copy(&from->definition.helpers, &copy.definition.helpers) < 0) {
        free(copy.definition.limits);
        return -ENOMEM;
    }
    *ret = copy;
    return 0;
}

/* Puts a copy of the entry into the table. */
static int put(struct guest_table *table, const struct guest_entry *entry)
{
    struct guest_entry copy, *place;

    if (copy_entry(entry, &copy) < 0)
        return -ENOMEM;
    place = guest_table_see(table, entry->uuid, entry->id);
    if (!place) {
        guest_definition_done(&copy.definition);
        return -ENOMEM;
    }
    guest_definition_done(&place->definition);
    *place = copy;
    return 0;
}

void guest_store_put(struct guest_store *store, int worker, const struct guest_entry *entry)
{
    pthread_mutex_lock(&store->lock);
    if (worker == store->worker)
        put(&store->table, entry);
    pthread_mutex_unlock(&store->lock);
}

static void sweep(struct guest_table *ours, const struct guest_table *table)
{
    for (size_t i = 0; i < ours->n; i++)
        ours->entries[i].seen = guest_table_find(table, ours->entries[i].uuid) != NULL;
    guest_table_sweep(ours);
}

void guest_store_sweep(struct guest_store *store, int worker, const struct guest_table *table)
{
    pthread_mutex_lock(&store->lock);
    if (worker == store->worker)
        sweep(&store->table, table);
    pthread_mutex_unlock(&store->lock);
}

int guest_store_take_over(struct guest_store *store, struct guest_table *ret)
{
    int r = 0;

    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->table.n && r >= 0; i++)
        r = put(ret, &store->table.entries[i]);
    store->is_busy = false;
    if (r >= 0)
        r = ++store->worker;
    pthread_mutex_unlock(&store->lock);
    return r;
}

void guest_store_leave_behind(struct guest_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->worker++;
    pthread_mutex_unlock(&store->lock);
}

bool guest_store_is_left_behind(struct guest_store *store, int worker)
{
    bool is_left_behind;

    pthread_mutex_lock(&store->lock);
    is_left_behind = worker != store->worker;
    pthread_mutex_unlock(&store->lock);
    return is_left_behind;
}

static void set_busy(struct guest_store *store, const unsigned char uuid[16], int number)
{
    store->is_busy = uuid != NULL;
    store->number = number;
    if (uuid)
        memcpy(store->uuid, uuid, sizeof(store->uuid));
}

void guest_store_begin(struct guest_store *store, int worker, const unsigned char uuid[16],
                       int number)
{
    pthread_mutex_lock(&store->lock);
    if (worker == store->worker)
        set_busy(store, uuid, number);
    pthread_mutex_unlock(&store->lock);
}

bool guest_store_blame(struct guest_store *store, uint64_t until_ns)
{
    struct guest_entry *entry = NULL;

    pthread_mutex_lock(&store->lock);
    if (store->is_busy)
        entry = guest_table_see(&store->table, store->uuid, store->number);
    if (entry)
        entry->hangs_until_ns = until_ns;
    store->is_busy = false;
    pthread_mutex_unlock(&store->lock);
    return entry != NULL;
}
