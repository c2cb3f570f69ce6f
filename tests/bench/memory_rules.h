/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_MEMORY_RULES_H
#define EVENKEEL_TESTS_BENCH_MEMORY_RULES_H

#include "planner/base/sample.h"

/* What other programs do by their published rules: each fills sizes_kib [sample->n_guests]. */

/* oVirt's MOM, balloon.rules: below 20 % free on the host everyone gives up to 5 % of its size, and
 * keeps 20 % of it unused (5 % where less than 5 % are free); otherwise everyone grows by 5 %. */
void memory_rule_mom(const struct memory_sample *sample, double *sizes_kib);

/* Proxmox VE's auto-ballooning: towards 80 % of the host in use, at most 100 MiB a guest, equal shares
 * above each guest's minimum (a quarter of its maximum here). Who has idle memory gives first and
 * gets last. Once in 10 s. */
void memory_rule_proxmox(const struct memory_sample *sample, double *sizes_kib);

#endif
