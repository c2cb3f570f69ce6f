/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_DEFINITION_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_DEFINITION_FIXTURE_H

#include "agent/host/guest_xml.h"

/* What is read from a domain with these elements; the test fails where that cannot be. */
struct guest_definition parse(const char *inside);

#endif
