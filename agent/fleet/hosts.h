/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_HOSTS_H
#define EVENKEEL_AGENT_FLEET_HOSTS_H

#include "agent/fleet/cluster.h"

/* Hosts by their libvirt connections, all of them read-only, and all asked at once. Each has a time limit:
 * those that do not answer cost a refusal and that time, however many they are. */

struct hosts;

/* Reads the list and looks at each host once. 0, or a negative errno with a sentence. */
int hosts_open(const char *path, struct hosts **ret, struct err *err);
/* What they are without an engine: a cluster in which whoever may migrate may be anywhere. by_floor: a
 * guest counts with the floor of its definition, where that has one. The hosts are to outlive it. */
int hosts_cluster(struct hosts *hosts, bool by_floor, struct cluster *ret, struct err *err);
/* Likewise for an engine's guests, by their names. -EINVAL where the engine itself counts sizes. */
int hosts_floors(const struct hosts *hosts, struct cluster *cluster, struct err *err);
/* Reads CPU times for so long, and makes them the loads of the guests that have those names, or of
 * those of hosts_cluster(). */
void hosts_measure(struct hosts *hosts, double window_s, struct cluster *cluster);
/* What each host says of itself and of its guests right now; seen is NULL where it does not answer. */
struct seen_host;
typedef void hosts_each(void *arg, const char *name, int64_t reserve_mib,
                        const struct seen_host *seen);
void hosts_now(struct hosts *hosts, hosts_each *each, void *arg);
void hosts_free(struct hosts *hosts);

#endif
