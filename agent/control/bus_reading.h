/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_BUS_READING_H
#define EVENKEEL_AGENT_CONTROL_BUS_READING_H

#include <systemd/sd-bus.h>

/* The interface for reading: methods that change nothing, properties and the signal. Its userdata is the
 * struct control; the thread of the bus alone uses this. */
extern const sd_bus_vtable bus_reading[];

#endif
