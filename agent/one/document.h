/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_DOCUMENT_H
#define EVENKEEL_AGENT_ONE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/one/read_tree.h"
#include "planner/base/err.h"

/* What OpenNebula's oned hands to a scheduler: SCHEDULER_DRIVER_ACTION of its published schema (share/doc/
 * xsd in OpenNebula/one), as tables in the order of IDs. An ID that is -1 is nobody's. Texts and nodes
 * live as long as the document. */
enum { ONE_MOST_BYTES = 512 << 20, ONE_MOST_HOSTS = 4096, ONE_MOST_VMS = 65536 };
enum { ONE_MOST_STORES = 65536 }; /* and networks */

/* States of a VM, as the schema numbers them. */
enum { ONE_PENDING = 1, ONE_ACTIVE = 3, ONE_SUSPENDED = 5, ONE_POWEROFF = 8, ONE_LCM_RUNNING = 3 };

struct one_host {
    int id;
    const char *name;
    int64_t state, cluster;
    /* Hundredths of a CPU and KiB: what the machine has, what oned may hand out of it, what it has handed
     * out; and what was measured. */
    int64_t total_cpu, max_cpu, cpu_usage, used_cpu;
    int64_t max_mem_kib, mem_usage_kib;
    const struct _xmlNode *node;
};

struct one_vm {
    int id;
    const char *name;
    int64_t state, lcm_state;
    int64_t resched; /* 1: it has to leave its host */
    bool is_blocked, has_pci,
        is_pinned; /* its owner's word; devices; pinned to CPUs or NUMA nodes */
    double cpu;    /* CPUs handed out to it */
    int64_t memory_mib;
    int64_t disk_mib;              /* what its disks take of a system datastore */
    bool is_measured;              /* cpu_pct is known */
    double cpu_pct, forecast_pct;  /* of a CPU */
    int64_t host, store;           /* where it is, of its last history record; or -1 */
    int64_t group;                 /* VM group, or -1 */
    const char *role;              /* of the group */
    const struct _xmlNode *wanted; /* REQUIREMENTS/VM, or NULL: nobody asks about it */
};

/* System datastores alone. */
struct one_store {
    int id;
    bool is_shared; /* else a disk of each host, which HOST/HOST_SHARE/DATASTORES tells of */
    int64_t free_mib, limit_mib; /* limit -1: none */
    const struct _xmlNode *node;
};

struct one_net {
    int id;
    int64_t free_leases;
    const struct _xmlNode *node;
};

/* CLUSTER/TEMPLATE/ONE_DRS. */
struct one_cluster {
    int64_t id;
    bool is_pack;       /* POLICY=PACK */
    int64_t most_moves; /* -1: any number */
    double predictive, usage_weight, cpu_weight, other_weight;
};

struct one_document {
    struct one_host *hosts;
    struct one_vm *vms;
    struct one_store *stores;
    struct one_net *nets;
    size_t n_hosts, n_vms, n_stores, n_nets;
    struct one_cluster cluster;
    const struct _xmlNode *groups; /* VM_GROUP_POOL */
    struct read_tree tree;
};

/* text is base64 of the document, and is overwritten. has_cluster: the first cluster's settings are read. 0,
 * -ENOMEM, or -EINVAL with a sentence. */
int one_document_read(char *text, size_t n, bool has_cluster, struct one_document *ret,
                      struct err *err);
void one_document_done(struct one_document *document);

/* The hosts that oned found to meet a VM's requirements: IDs, *ret_n of them. */
const int *one_hosts_of(const struct one_document *document, const struct one_vm *vm,
                        size_t *ret_n);

/* Its index, or -1. */
int one_find_host(const struct one_document *document, int64_t id);
int one_find_vm(const struct one_document *document, int64_t id);
int one_find_store(const struct one_document *document, int64_t id);
int one_find_net(const struct one_document *document, int64_t id);

#endif
