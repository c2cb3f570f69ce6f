/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guests' owners write into <metadata>. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/definition_fixture.h"

#define POLICY(inside)                                                                             \
    "<metadata><other xmlns='urn:other'><memory floor='x'/></other>"                               \
    "<e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>" inside "</e:guest></metadata>"

static void policies(void **state)
{
    struct guest_definition definition;
    const struct memory_policy *policy = &definition.policy.memory;
    const struct vcpu_policy *vcpu = &definition.policy.vcpu;

    (void)state;
    definition = parse(POLICY("<e:memory floor='512' ceiling='2048' weight='200'/>"));
    assert_string_equal(definition.policy.memory_error, "");
    assert_string_equal(definition.policy.vcpu_error, "");
    assert_false(vcpu->excluded || vcpu->reserve_permille);
    assert_true(definition.has_policy && policy->has_floor && policy->has_ceiling);
    assert_int_equal(policy->floor_kib, 512 * 1024);
    assert_int_equal(policy->ceiling_kib, 2048 * 1024);
    assert_true(policy->has_weight && policy->weight == 200);
    assert_false(policy->excluded || policy->has_pin);
    guest_definition_done(&definition);
    definition = parse(POLICY("<e:memory unit='GiB' size='3' managed='yes'/>"));
    assert_true(policy->has_pin && !policy->excluded);
    assert_int_equal(policy->pin_kib, 3 * 1024 * 1024);
    guest_definition_done(&definition);
    /* As "virsh metadata --set" makes it: only the outer element has the namespace. */
    definition = parse(POLICY("<memory xmlns='' floor='7'/>"));
    assert_int_equal(policy->floor_kib, 7 * 1024);
    guest_definition_done(&definition);
    definition = parse(POLICY("<e:memory managed='no'/>"));
    assert_true(policy->excluded && !vcpu->excluded);
    guest_definition_done(&definition);
    definition = parse(POLICY("<e:vcpu managed='no'/>"));
    assert_true(!policy->excluded && vcpu->excluded);
    guest_definition_done(&definition);
    definition =
        parse(POLICY("<vcpu xmlns='' e:reserve='35' managed='yes'/><e:memory floor='7'/>"));
    assert_true(policy->has_floor && !vcpu->excluded);
    assert_int_equal(vcpu->reserve_permille, 350);
    assert_string_equal(definition.policy.vcpu_error, "");
    guest_definition_done(&definition);
    definition = parse(POLICY(""));
    assert_true(definition.has_policy && !policy->excluded && !policy->has_floor);
    guest_definition_done(&definition);
    definition = parse("<metadata><other xmlns='urn:other'/></metadata>");
    assert_false(definition.has_policy);
    assert_string_equal(definition.policy.memory_error, "");
    guest_definition_done(&definition);
}

static void wrong_policies_leave_the_guest_alone(void **state)
{
    /* named: by the memory's error, or NULL where that has none; and by the vCPUs'. */
    static const struct {
        const char *inside, *memory, *vcpu;
    } rows[] = {
        {POLICY("<e:memory flor='512'/>"), "'flor'", NULL},
        {POLICY("<e:memory floor='512 MiB'/>"), "512 MiB", NULL},
        {POLICY("<e:memory floor='-1'/>"), "-1", NULL},
        {POLICY("<e:memory floor='0x10'/>"), "0x10", NULL},
        {POLICY("<e:memory floor='nan' weight='7'/>"), "nan", NULL},
        {POLICY("<e:memory floor=''/>"), "floor", NULL},
        {POLICY("<e:memory floor='99999999999999999999'/>"), "floor", NULL},
        {POLICY("<e:memory floor='2' ceiling='1'/>"), "ceiling", NULL},
        {POLICY("<e:memory unit='Mega' floor='1'/>"), "'Mega'", NULL},
        {POLICY("<e:memory weight='0'/>"), "weight", NULL},
        {POLICY("<e:memory weight='10001'/>"), "weight", NULL},
        {POLICY("<e:memory managed='maybe'/>"), "maybe", NULL},
        {POLICY("<e:memory xmlns:o='urn:o' o:floor='1'/>"), "another namespace", NULL},
        {POLICY("<e:cpu/>"), "'cpu'", "'cpu'"},
        {POLICY("<e:cpu/><e:memory managed='yes'/><e:vcpu managed='yes'/>"), "'cpu'", "'cpu'"},
        {POLICY("<memory xmlns='urn:other'/>"), "'memory'", "'memory'"},
        {POLICY("<e:memory/><e:memory/>"), "more than one", NULL},
        {POLICY("<e:memory floor='x'/><e:memory managed='yes'/>"), "'x'", NULL},
        {POLICY("<e:vcpu/><e:vcpu managed='yes'/>"), NULL, "more than one"},
        {POLICY("<e:vcpu reserve='101'/>"), NULL, "101"},
        {POLICY("<e:vcpu reserve='50%'/>"), NULL, "50%"},
        {POLICY("<e:vcpu reserve='-5'/>"), NULL, "-5"},
        {POLICY("<e:vcpu reserve='1e1'/>"), NULL, "1e1"},
        {POLICY("<e:vcpu reserve=' 5'/>"), NULL, "' 5'"},
        {POLICY("<e:vcpu managed='No'/>"), NULL, "'No'"},
        {POLICY("<e:vcpu floor='5'/>"), NULL, "'floor'"},
        {POLICY("<e:vcpu xmlns:o='urn:o' o:managed='no'/>"), NULL, "another namespace"},
        {"<metadata><e:host xmlns:e='tag:evenkeel.dev,2026:guest'/></metadata>", "'host'",
         "'host'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_definition definition = parse(rows[i].inside);
        const struct guest_policy *policy = &definition.policy;

        if (rows[i].memory ? !strstr(policy->memory_error, rows[i].memory)
                           : policy->memory_error[0])
            fail_msg("row %zu: \"%s\" of memory", i, policy->memory_error);
        if (rows[i].vcpu ? !strstr(policy->vcpu_error, rows[i].vcpu) : policy->vcpu_error[0])
            fail_msg("row %zu: \"%s\" of vCPUs", i, policy->vcpu_error);
        assert_int_equal(policy->memory.excluded, rows[i].memory != NULL);
        assert_int_equal(policy->vcpu.excluded, rows[i].vcpu != NULL);
        assert_false(policy->memory.has_floor || policy->memory.has_weight);
        assert_int_equal(policy->vcpu.reserve_permille, 0);
        guest_definition_done(&definition);
    }
}

/* An entity is not replaced, and what is left of its attribute is not believed. */
static void an_entity_in_a_policy_is_a_mistake(void **state)
{
    static const char xml[] =
        "<!DOCTYPE domain [<!ENTITY x '1'>]><domain><metadata>"
        "<e:guest xmlns:e='tag:evenkeel.dev,2026:guest'><e:vcpu reserve='5&x;'/>"
        "<e:memory floor='5&#49;2'/></e:guest></metadata></domain>";
    struct guest_definition definition;
    struct err err = {0};

    (void)state;
    assert_int_equal(guest_xml_parse(xml, &definition, &err), 0);
    assert_true(definition.policy.vcpu.excluded);
    assert_non_null(strstr(definition.policy.vcpu_error, "reserve"));
    assert_int_equal(definition.policy.memory.floor_kib, 512 * 1024);
    guest_definition_done(&definition);
}

/* An attribute that libxml calls invalid, and text that is no XML. */
static void nothing_of_a_definition_is_said_aloud(void **state)
{
    static const char xml[] = "<domain><metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>"
                              "<e:vcpu xml:id='0 hello'/></e:guest></metadata></domain>";
    FILE *said = tmpfile();
    int standard = dup(STDERR_FILENO);
    struct guest_definition definition;
    struct err err = {0};
    int r;

    (void)state;
    assert_non_null(said);
    fflush(stderr);
    dup2(fileno(said), STDERR_FILENO);
    r = guest_xml_parse(xml, &definition, &err);
    if (r == 0)
        guest_definition_done(&definition);
    (void)guest_xml_parse("<domain xml:id='1'><a></domain>", &definition, &err);
    fflush(stderr);
    dup2(standard, STDERR_FILENO);
    close(standard);
    assert_int_equal(r, 0);
    assert_int_equal(fseek(said, 0, SEEK_END), 0);
    assert_int_equal(ftell(said), 0);
    fclose(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies),
        cmocka_unit_test(wrong_policies_leave_the_guest_alone),
        cmocka_unit_test(an_entity_in_a_policy_is_a_mistake),
        cmocka_unit_test(nothing_of_a_definition_is_said_aloud),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
