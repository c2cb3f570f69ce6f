/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_LIBVIRT_EVENTS_H
#define EVENKEEL_AGENT_HOST_HOST_LIBVIRT_EVENTS_H

#include "agent/host/host_libvirt.h"

/* A thread that runs libvirt's event loop: it notices lost peers and hears events. Once in a process,
 * before its first connection. NULL: none, calls may wait for a lost peer for ever, and nothing may be
 * listened for. It ends soon after it is asked to. */
struct libvirt_events;
struct libvirt_events *libvirt_events_start(void);
void libvirt_events_stop(struct libvirt_events *events); /* or NULL */

/* Has libvirt tell from now on when somebody changes a guest, whoever it is, as long as the connection
 * lives; whether it does. Of the drivers, QEMU's can. It tells of
 *   pins, quotas and shares of the running guest, a definition that is made, changed or removed as a
 *   whole, metadata of ours, and devices that come and go;
 * but not of <vcpupin> and the like in the persistent definition alone, I/O threads that come and go,
 * <memtune>, <numatune>, or how often the balloon reports. */
void libvirt_listen(struct libvirt *libvirt);
bool libvirt_tells(const struct libvirt *libvirt);
void libvirt_stop_listening(struct libvirt *libvirt);
/* The next guest that was touched since this was asked: pins of its vCPUs alone, or whatever else its
 * definition shows as well. */
enum libvirt_touch { LIBVIRT_NOBODY, LIBVIRT_PINS, LIBVIRT_DEFINITION, LIBVIRT_ANYBODY };
enum libvirt_touch libvirt_next_touched(struct libvirt *libvirt, unsigned char ret_uuid[16]);

#endif
