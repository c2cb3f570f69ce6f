/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/definition_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct guest_definition parse(const char *inside)
{
    struct guest_definition definition;
    struct err err = {0};
    char xml[4096];

    snprintf(xml, sizeof(xml), "<domain type='kvm'><name>a</name>%s</domain>", inside);
    if (guest_xml_parse(xml, &definition, &err) < 0)
        fail_msg("%s", err.text);
    return definition;
}
