/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/storage.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/xml.h"

/* What is gone already of each datastore; of each host's own disk, whichever datastore it stands for; of
 * each network. */
struct one_storage {
    const struct one_document *document;
    int64_t *store_mib; /* [n_stores] */
    int64_t *host_mib;  /* [n_hosts] */
    int64_t *leases;    /* [n_nets] */
};

struct one_storage *one_storage_new(const struct one_document *document)
{
    struct one_storage *storage = calloc(1, sizeof(*storage));

    if (!storage)
        return NULL;
    storage->document = document;
    storage->store_mib = calloc(document->n_stores + 1, sizeof(*storage->store_mib));
    storage->host_mib = calloc(document->n_hosts + 1, sizeof(*storage->host_mib));
    storage->leases = calloc(document->n_nets + 1, sizeof(*storage->leases));
    if (storage->store_mib && storage->host_mib && storage->leases)
        return storage;
    one_storage_free(storage);
    return NULL;
}

void one_storage_free(struct one_storage *storage)
{
    if (!storage)
        return;
    free(storage->store_mib);
    free(storage->host_mib);
    free(storage->leases);
    free(storage);
}

/* An object that belongs to no cluster serves none. */
static bool is_of_cluster(const xmlNode *node, int64_t cluster)
{
    const xmlNode *list = one_child(node, "CLUSTERS");

    for (const xmlNode *id = one_child(list, "ID"); id; id = one_next(list, id, "ID")) {
        int64_t value;

        if (one_integer(one_content(id), 0, INT_MAX, &value) == 0 && value == cluster)
            return true;
    }
    return false;
}

/* Free of a datastore that is a disk of each host; INT64_MIN: the host has none of it. */
static int64_t local_free(const struct one_host *host, const struct one_store *store)
{
    const xmlNode *all = one_child(one_child(host->node, "HOST_SHARE"), "DATASTORES");

    for (const xmlNode *one = one_child(all, "DS"); one; one = one_next(all, one, "DS")) {
        int64_t id, free_mib = 0, used_mib = 0;

        if (one_integer(one_text(one, "ID"), 0, INT_MAX, &id) < 0 || id != store->id)
            continue;
        if (one_integer(one_text(one, "FREE_MB"), 0, INT64_MAX, &free_mib) < 0)
            return INT64_MIN;
        if (store->limit_mib >= 0 &&
            one_integer(one_text(one, "USED_MB"), 0, INT64_MAX, &used_mib) == 0 &&
            store->limit_mib - used_mib < free_mib)
            free_mib = store->limit_mib - used_mib;
        return free_mib;
    }
    return INT64_MIN;
}

static int64_t left_in(const struct one_document *document, const struct one_storage *storage,
                       const struct one_store *store, const struct one_host *host)
{
    int64_t free_mib = store->is_shared ? store->free_mib : local_free(host, store);

    if (!storage || free_mib == INT64_MIN)
        return free_mib;
    return free_mib - (store->is_shared ? storage->store_mib[store - document->stores]
                                        : storage->host_mib[host - document->hosts]);
}

static void consider(const struct one_document *document, const struct one_storage *storage,
                     const struct one_vm *vm, const struct one_host *host, int64_t id, int *best,
                     int64_t *most)
{
    int index = one_find_store(document, id);
    const struct one_store *store = index < 0 ? NULL : &document->stores[index];
    int64_t left;

    if (!store || !is_of_cluster(store->node, host->cluster))
        return;
    left = left_in(document, storage, store, host);
    if (left >= vm->disk_mib && (*best < 0 || left > *most)) {
        *best = index;
        *most = left;
    }
}

/* The datastore for it, or -1. One that has a place keeps it: a shared one is everywhere, a local one has to
 * have room on the other host. */
static int pick_store(const struct one_document *document, const struct one_storage *storage,
                      const struct one_vm *vm, const struct one_host *host)
{
    const xmlNode *list = one_child(vm->wanted, "DATASTORES");
    int best = -1;
    int64_t most = 0;

    if (vm->store >= 0) {
        int index = one_find_store(document, vm->store);

        if (index >= 0 && document->stores[index].is_shared)
            return is_of_cluster(document->stores[index].node, host->cluster) ? index : -1;
        consider(document, storage, vm, host, vm->store, &best, &most);
        return best;
    }
    for (const xmlNode *id = one_child(list, "ID"); id; id = one_next(list, id, "ID")) {
        int64_t value;

        if (one_integer(one_content(id), 0, INT_MAX, &value) == 0)
            consider(document, storage, vm, host, value, &best, &most);
    }
    return best;
}

static bool is_taken(const struct one_choice *choice, int net)
{
    for (size_t k = 0; k < choice->n_nics; k++)
        if (choice->net[k] == net)
            return true;
    return false;
}

/* A network for one interface, another than those of its other interfaces, or -1. */
static int pick_net(const struct one_document *document, const struct one_storage *storage,
                    const xmlNode *nic, const struct one_host *host,
                    const struct one_choice *choice)
{
    const xmlNode *list = one_child(nic, "VNETS");
    int best = -1;
    int64_t most = 0;

    for (const xmlNode *id = one_child(list, "ID"); id; id = one_next(list, id, "ID")) {
        int64_t value, left;
        int index;

        if (one_integer(one_content(id), 0, INT_MAX, &value) < 0)
            continue;
        index = one_find_net(document, value);
        if (index < 0 || is_taken(choice, (int)value) ||
            !is_of_cluster(document->nets[index].node, host->cluster))
            continue;
        left = document->nets[index].free_leases - (storage ? storage->leases[index] : 0);
        if (left > most) {
            best = index;
            most = left;
        }
    }
    return best;
}

static bool pick_nets(const struct one_document *document, const struct one_storage *storage,
                      const struct one_vm *vm, const struct one_host *host, struct one_choice *ret)
{
    for (const xmlNode *nic = one_child(vm->wanted, "NIC"); nic && vm->store < 0;
         nic = one_next(vm->wanted, nic, "NIC")) {
        int net = pick_net(document, storage, nic, host, ret);
        int64_t id;

        if (net < 0 || ret->n_nics == ONE_MOST_NICS ||
            one_integer(one_text(nic, "ID"), 0, INT_MAX, &id) < 0)
            return false;
        ret->nic[ret->n_nics] = (int)id;
        ret->net[ret->n_nics++] = document->nets[net].id;
    }
    return true;
}

/* In a shared datastore, hosts of a cluster are the same. */
void one_storage_narrow(const struct one_document *document, const struct one_vm *vm, bool *allowed)
{
    int at = one_find_store(document, vm->store);
    bool is_shared = at >= 0 && document->stores[at].is_shared, fits = false;
    int64_t cluster = -2;

    for (size_t p = 0; p < document->n_hosts; p++) {
        const struct one_host *host = &document->hosts[p];
        struct one_choice choice = {0};

        if (!allowed[p])
            continue;
        if (!is_shared || host->cluster != cluster)
            fits = pick_store(document, NULL, vm, host) >= 0 &&
                   pick_nets(document, NULL, vm, host, &choice);
        cluster = host->cluster;
        allowed[p] = fits;
    }
}

bool one_storage_choose(struct one_storage *storage, const struct one_vm *vm,
                        const struct one_host *host, struct one_choice *ret)
{
    const struct one_document *document = storage->document;
    int store = pick_store(document, storage, vm, host);

    *ret = (struct one_choice){0};
    if (store < 0 || !pick_nets(document, storage, vm, host, ret))
        return false;
    ret->store = document->stores[store].id;
    if (!document->stores[store].is_shared)
        storage->host_mib[host - document->hosts] += vm->disk_mib;
    else if (vm->store < 0)
        storage->store_mib[store] += vm->disk_mib;
    for (size_t k = 0; k < ret->n_nics; k++)
        storage->leases[one_find_net(document, ret->net[k])]++;
    return true;
}
