/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TOPOLOGY_GUESTS_H
#define EVENKEEL_TESTS_BENCH_TOPOLOGY_GUESTS_H

#include "tests/bench/options.h"

/* Whole guests on last-level caches, solved without the planner: how fast, and how well proven.
 * False: a plan was refused by the certificate. */
bool topology_guests(const struct options *options);

#endif
