/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/host/host_xml.h"

static void a_host_has_a_uuid_or_none(void **state)
{
    char uuid[64];

    (void)state;
    assert_true(host_xml_uuid("<capabilities><host><uuid>a-b</uuid></host></capabilities>", uuid,
                              sizeof(uuid)));
    assert_string_equal(uuid, "a-b");
    assert_false(host_xml_uuid("<capabilities><host/></capabilities>", uuid, sizeof(uuid)));
    assert_string_equal(uuid, "");
    assert_false(host_xml_uuid("no XML", uuid, sizeof(uuid)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_has_a_uuid_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
