/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_STORAGE_H
#define EVENKEEL_AGENT_ONE_STORAGE_H

#include "agent/one/document.h"

/* Where disks of VMs go: a system datastore that oned found to meet the VM's requirements, of the host's
 * cluster, with room. A VM that is somewhere already keeps the datastore that it is in. And which network
 * each of its interfaces with NETWORK_MODE=auto gets. */

/* Takes the hosts out of allowed, of which there is one for each host, where no datastore, or no network for one
 * of its interfaces, would do for the VM. */
void one_storage_narrow(const struct one_document *document, const struct one_vm *vm,
                        bool *allowed);

/* The same for one VM after the other: what is chosen is gone for those that follow. Of several that would
 * do, the one with most left, then the lowest ID. */
struct one_storage;
struct one_storage *one_storage_new(const struct one_document *document); /* NULL: out of memory */
void one_storage_free(struct one_storage *storage);

enum { ONE_MOST_NICS = 64 };
struct one_choice {
    int store;
    size_t n_nics;
    int nic[ONE_MOST_NICS], net[ONE_MOST_NICS];
};
/* False: nothing is left that would do. */
bool one_storage_choose(struct one_storage *storage, const struct one_vm *vm,
                        const struct one_host *host, struct one_choice *ret);

#endif
