/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_FLEET_FAMILIES_H
#define EVENKEEL_TESTS_MODEL_FLEET_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fleets of guests on hosts, drawn at random, of many kinds. Guests are of 1 to 24 GiB and 1 to 16
 * vCPUs, or up to 8 where there are ten and more of them for each host.
 *
 * Everybody runs, at 60 % mean load, and hosts have no limit of vCPUs:
 *   ret       a host came back empty, memory 72 % full
 *   grow      balanced, 75 % full, then a tenth of the guests wants 1.5 to 3 times as much
 *   drift     placed by memory alone, 80 % full
 *   tight     the same, 95 % full
 *   uneq      hosts of 1/2, 1 and 2, with memory that does not go with it, 80 % full
 *   aff       75 % full, 40 % of the guests in pairs and triples that keep apart, 30 % bound to one half
 *             of the hosts
 *   odd       85 % full, and every size has an overhead of its own: no common unit
 * Nobody runs, and room is memory and vCPUs:
 *   packNNN   hosts filled with guests up to NNN percent: a complete packing exists
 *   cutNNN    hosts cut into guests without a crumb left; likewise
 *   cutovr    cut100 and two guests more
 * One host is lost, its guests stopped, the others fill NN percent of what is left:
 *   lostNN */
struct fleet_case {
    size_t n_items, n_bins;
    int *load_permille;  /* [n_items] of the mean host */
    int *share_permille; /* [n_bins] a host's CPU capacity, of the mean host */
    int *size;           /* [n_items * 2] MiB, vCPUs */
    int *room;           /* [n_bins * 2] */
    int *home;           /* [n_items] -1: stopped */
    int *price;          /* [n_items] 1 + GiB */
    bool *allowed;       /* [n_items * n_bins], or NULL: everywhere */
    size_t n_apart;
    int *apart_first, *apart_item; /* as in models/packing/packing.h */
};

enum { FLEET_MEMORY, FLEET_VCPUS, FLEET_ROOMS };

/* The same for the same arguments everywhere. pack and cut have as many guests as come of it, lost has
 * one host less. False: no such family, or no such fleet was found (or no memory). */
bool fleet_case_new(const char *family, size_t hosts, size_t guests, unsigned seed,
                    struct fleet_case *ret);
void fleet_case_done(struct fleet_case *fleet);

#endif
