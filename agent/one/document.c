/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/document.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/base64.h"
#include "agent/one/document_parts.h"

/* Records begin with their IDs. */
static int by_id(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;

    return (left > right) - (left < right);
}

static int find(int64_t id, const void *list, size_t n, size_t size)
{
    int key = (int)id;
    const char *found =
        n > 0 && id >= 0 && id <= INT_MAX ? bsearch(&key, list, n, size, by_id) : NULL;

    return found ? (int)((size_t)(found - (const char *)list) / size) : -1;
}

int one_find_host(const struct one_document *document, int64_t id)
{
    return find(id, document->hosts, document->n_hosts, sizeof(*document->hosts));
}

int one_find_vm(const struct one_document *document, int64_t id)
{
    return find(id, document->vms, document->n_vms, sizeof(*document->vms));
}

int one_find_store(const struct one_document *document, int64_t id)
{
    return find(id, document->stores, document->n_stores, sizeof(*document->stores));
}

int one_find_net(const struct one_document *document, int64_t id)
{
    return find(id, document->nets, document->n_nets, sizeof(*document->nets));
}

/* Elements of one kind, and how they become records. */
struct pool {
    const char *pool, *element, *what;
    size_t size, most;
    int (*read)(const xmlNode *node, void *record, bool *keep, struct err *err);
};

static int read_host(const xmlNode *node, void *record, bool *keep, struct err *err)
{
    (void)keep;
    return one_read_host(node, record, err);
}

static int read_vm(const xmlNode *node, void *record, bool *keep, struct err *err)
{
    (void)keep;
    return one_read_vm(node, record, err);
}

static int read_store(const xmlNode *node, void *record, bool *keep, struct err *err)
{
    return one_read_store(node, record, keep, err);
}

static int read_net(const xmlNode *node, void *record, bool *keep, struct err *err)
{
    (void)keep;
    return one_read_net(node, record, err);
}

static const struct pool host_pool = {"HOST_POOL",    "HOST",   "host", sizeof(struct one_host),
                                      ONE_MOST_HOSTS, read_host};
static const struct pool vm_pool = {"VM_POOL",    "VM",   "VM", sizeof(struct one_vm),
                                    ONE_MOST_VMS, read_vm};
static const struct pool store_pool = {"DATASTORE_POOL",         "DATASTORE",     "datastore",
                                       sizeof(struct one_store), ONE_MOST_STORES, read_store};
static const struct pool net_pool = {"VNET_POOL",     "VNET",  "network", sizeof(struct one_net),
                                     ONE_MOST_STORES, read_net};

static int check_order(const struct pool *pool, char *records, size_t n, struct err *err)
{
    if (n > 0)
        qsort(records, n, pool->size, by_id);
    for (size_t k = 1; k < n; k++) {
        int id;

        memcpy(&id, records + k * pool->size, sizeof(id));
        if (by_id(records + (k - 1) * pool->size, records + k * pool->size) == 0)
            return err_set(err, -EINVAL, "there are two of %s %d", pool->what, id);
    }
    return 0;
}

static int read_pool(const xmlNode *root, const struct pool *pool, void **ret, size_t *ret_n,
                     struct err *err)
{
    const xmlNode *of = one_child(root, pool->pool);
    size_t n = 0, kept = 0;
    char *records;
    int r = 0;

    if (!of)
        return err_set(err, -EINVAL, "the document has no %s", pool->pool);
    for (const xmlNode *node = one_child(of, pool->element); node;
         node = one_next(of, node, pool->element))
        n++;
    if (n > pool->most)
        return err_set(err, -EINVAL, "the document has more than %zu of %s", pool->most,
                       pool->element);
    *ret = records = calloc(n + 1, pool->size);
    if (!records)
        return err_set(err, -ENOMEM, "out of memory");
    for (const xmlNode *node = one_child(of, pool->element); node && r == 0;
         node = one_next(of, node, pool->element)) {
        char *record = records + kept * pool->size;
        bool keep = true;
        int64_t id;
        int number;

        if (one_integer(one_text(node, "ID"), 0, INT_MAX, &id) < 0)
            return err_set(err, -EINVAL, "a %s has no ID: '%.40s'", pool->what,
                           one_text(node, "ID"));
        memset(record, 0, pool->size);
        number = (int)id;
        memcpy(record, &number, sizeof(number));
        r = pool->read(node, record, &keep, err);
        kept += keep;
    }
    *ret_n = kept;
    return r < 0 ? r : check_order(pool, records, kept, err);
}

static int read_requirements(const xmlNode *root, struct one_document *document, struct err *err)
{
    const xmlNode *of = one_child(root, "REQUIREMENTS");

    if (!of)
        return err_set(err, -EINVAL, "the document has no REQUIREMENTS");
    for (const xmlNode *node = one_child(of, "VM"); node; node = one_next(of, node, "VM")) {
        int64_t id = -1;
        int vm;

        if (one_integer(one_text(node, "ID"), 0, INT_MAX, &id) < 0)
            return err_set(err, -EINVAL, "a VM of REQUIREMENTS has no ID: '%.40s'",
                           one_text(node, "ID"));
        vm = one_find_vm(document, id);
        if (vm < 0 || document->vms[vm].wanted)
            return err_set(err, -EINVAL, "REQUIREMENTS names VM %d, which is %s", (int)id,
                           vm < 0 ? "not in VM_POOL" : "there twice");
        document->vms[vm].wanted = node;
    }
    return 0;
}

static int read_all(const xmlNode *root, bool has_cluster, struct one_document *document,
                    struct err *err)
{
    void *list[4] = {NULL};
    int r = read_pool(root, &host_pool, &list[0], &document->n_hosts, err);

    if (r == 0)
        r = read_pool(root, &vm_pool, &list[1], &document->n_vms, err);
    if (r == 0)
        r = read_pool(root, &store_pool, &list[2], &document->n_stores, err);
    if (r == 0)
        r = read_pool(root, &net_pool, &list[3], &document->n_nets, err);
    document->hosts = list[0];
    document->vms = list[1];
    document->stores = list[2];
    document->nets = list[3];
    if (r == 0)
        r = read_requirements(root, document, err);
    document->groups = one_child(root, "VM_GROUP_POOL");
    document->cluster = (struct one_cluster){.id = -1, .most_moves = -1, .usage_weight = 1};
    if (r == 0 && has_cluster)
        r = one_read_cluster(one_child(one_child(root, "CLUSTER_POOL"), "CLUSTER"),
                             &document->cluster, err);
    return r;
}

const int *one_hosts_of(const struct one_document *document, const struct one_vm *vm, size_t *ret_n)
{
    const struct read_tree *tree = &document->tree;
    int list = read_tree_list(vm->wanted);

    *ret_n = list < 0 ? 0 : tree->first[list + 1] - tree->first[list];
    return list < 0 ? NULL : &tree->ids[tree->first[list]];
}

/* No such document has a document type, and one can make little text grow without end. */
int one_document_read(char *text, size_t n, bool has_cluster, struct one_document *ret,
                      struct err *err)
{
    struct one_document document = {0};
    const xmlNode *root;
    int r;

    if (base64_decode(text, &n) < 0 || n == 0)
        return err_set(err, -EINVAL, "standard input is not base64 of a document");
    r = read_tree(text, n, &document.tree);
    root = r < 0 ? NULL : xmlDocGetRootElement(document.tree.xml);
    if (r == -ENOMEM)
        return err_set(err, r, "out of memory");
    if (root && one_is(root, "SCHEDULER_DRIVER_ACTION"))
        r = read_all(root, has_cluster, &document, err);
    else
        r = err_set(
            err, -EINVAL,
            "this is not what oned hands to a scheduler: XML with <SCHEDULER_DRIVER_ACTION>, "
            "whole, and without a document type");
    if (r < 0)
        one_document_done(&document);
    else
        *ret = document;
    return r;
}

void one_document_done(struct one_document *document)
{
    free(document->hosts);
    free(document->vms);
    free(document->stores);
    free(document->nets);
    read_tree_done(&document->tree);
    *document = (struct one_document){0};
}
