/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/cpuset_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct cpuset cpuset_of(const char *list)
{
    struct cpuset set;

    assert_int_equal(cpuset_parse(list, &set), 0);
    return set;
}
