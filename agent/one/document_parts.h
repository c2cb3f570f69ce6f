/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_DOCUMENT_PARTS_H
#define EVENKEEL_AGENT_ONE_DOCUMENT_PARTS_H

#include "agent/one/document.h"
#include "agent/one/xml.h"

/* The parts of document.h: each reads one element into a record whose ID is known already. 0 or -EINVAL. */
int one_read_host(const xmlNode *node, struct one_host *ret, struct err *err);
int one_read_vm(const xmlNode *node, struct one_vm *ret, struct err *err);
/* *ret_is_system: false for datastores that no VM runs in. */
int one_read_store(const xmlNode *node, struct one_store *ret, bool *ret_is_system,
                   struct err *err);
int one_read_net(const xmlNode *node, struct one_net *ret, struct err *err);
int one_read_cluster(const xmlNode *node, struct one_cluster *ret, struct err *err);

#endif
