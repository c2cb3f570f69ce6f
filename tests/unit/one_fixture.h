/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_ONE_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_ONE_FIXTURE_H

#include "agent/one/picture.h"

/* A document of oned: cluster 100 with hosts 1 to 3 of 8 CPUs and 16 GiB, in shared system datastore 0; VMs
 * 10 and 11 run on host 1, 12 on host 2. What is NULL is as it is in every such document. */
struct one_gaps {
    const char *state10;         /* STATE, LCM_STATE and RESCHED of VM 10 */
    const char *template10;      /* more of its TEMPLATE */
    const char *user10;          /* of its USER_TEMPLATE */
    const char *role11, *role12; /* TEMPLATE/VMGROUP of VMs 11 and 12 */
    const char *history10;
    const char *usage1;  /* MEM_USAGE and CPU_USAGE of host 1 */
    const char *disks1;  /* HOST_SHARE/DATASTORES of host 1 */
    const char *shared;  /* SHARED of datastore 0 */
    const char *nets;    /* in VNET_POOL */
    const char *groups;  /* in VM_GROUP_POOL */
    const char *drs;     /* in ONE_DRS */
    const char *hosts10; /* in HOSTS of VM 10 */
    const char *nics10;  /* further elements of VM 10 in REQUIREMENTS */
    const char *last;    /* behind REQUIREMENTS */
};
char *one_fixture(const struct one_gaps *gaps); /* XML, to be freed */
/* Base64 of n bytes, to be freed. */
char *one_base64(const char *text, size_t n);
/* Reads n bytes of XML as evenkeel-one would. 0 or -EINVAL, with a sentence in any case of the latter. */
int one_read(const char *xml, size_t n, bool has_cluster, struct one_document *ret);
/* Fails the test where it is refused. */
void one_read_fixture(const struct one_gaps *gaps, struct one_document *ret);
/* By a VM's number. */
const struct fleet_guest *one_guest(const struct one_document *document,
                                    const struct one_picture *picture, int vm);

#endif
