/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_CPUSET_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_CPUSET_FIXTURE_H

#include "planner/base/cpuset.h"

/* "0-3,8"; fails the test on anything else. */
struct cpuset cpuset_of(const char *list);

#endif
