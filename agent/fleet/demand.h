/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_DEMAND_H
#define EVENKEEL_AGENT_FLEET_DEMAND_H

#include "agent/fleet/cluster.h"

/* What guests ask of CPUs, measured: their means are planned with, 95th percentiles are told. */

/* Of a file of JSON: {"guests": [{"guest": NAME, "mean_cpus": CPUS, "p95_cpus": CPUS}]}. Guests that
 * the cluster has not got are passed over; those that the file has not got keep what is configured.
 * 0, or a negative errno with a sentence that names the file. */
int demand_read(const char *path, struct cluster *cluster, struct err *err);

/* Says in a note whose load is configured and not measured. */
void demand_note(struct cluster *cluster);

/* The mean of a guest's load and the value that 95 % of the readings do not exceed (nearest rank);
 * of n > 0 readings, which are sorted. */
void demand_of_readings(int64_t *milli, size_t n, int64_t *ret_mean, int64_t *ret_p95);

#endif
