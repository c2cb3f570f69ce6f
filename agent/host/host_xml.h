/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_XML_H
#define EVENKEEL_AGENT_HOST_HOST_XML_H

#include <stdbool.h>
#include <stddef.h>

/* The host's UUID in libvirt's capabilities XML; false, and ret empty, where it is not told. */
bool host_xml_uuid(const char *xml, char *ret, size_t size);

#endif
