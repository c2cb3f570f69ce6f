/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_CIB_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_CIB_FIXTURE_H

#include "agent/fleet/cib.h"

enum { CIB_FIXTURE_NOW_S = 1764590400 }; /* 2025-12-01T12:00:00Z */

/* A cluster of three nodes a, b, c with 8 CPUs and 16 GiB each and the guests v1 (2 CPUs, 4 GiB, on a), v2 (1, 2, on
 * a), v3 (4, 8, on b), v4 (1, 1, stopped), with gaps in which a test writes. NULL: nothing. */
struct cib_gaps {
    const char *cib;        /* attributes of <cib> */
    const char *properties; /* nvpairs of the cluster */
    const char *node_b;     /* within <node> of b */
    const char *resources;  /* more of them */
    const char *meta;       /* nvpairs of v1's meta_attributes */
    const char *defaults;   /* within rsc_defaults */
    const char *constraints;
    const char *v1_on_a; /* actions instead of v1's start and monitor on a */
    const char *v1_on_b; /* actions of v1 on b */
    const char *state_c; /* attributes of c's node_state instead of those of a member */
    const char *c;       /* within c's node_state */
    const char *on_c;    /* histories of resources there */
    const char *tags;
};
/* malloc'ed. */
char *cib_fixture(const struct cib_gaps *gaps);
/* Has to be read; fails the test else. */
void read_fixture(const struct cib_gaps *gaps, struct cluster *ret);

const struct fleet_guest *guest_of(const struct cluster *cluster, const char *name);
/* Hosts where it may be, as letters. */
const char *allowed_of(const struct cluster *cluster, const char *name);
/* Likewise after the loss of its host. */
const char *restart_of(const struct cluster *cluster, const char *name);
void assert_refused(const struct cluster *cluster, const char *words); /* NULL: nothing is */
void assert_noted(const struct cluster *cluster, const char *words);

#endif
