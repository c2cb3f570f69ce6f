/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/definition_fixture.h"

static void devices(void **state)
{
    static const struct {
        const char *inside;
        bool has_balloon, locked;
        unsigned period_s;
    } rows[] = {
        {"", false, false, 0},
        {"<devices><memballoon model='virtio'/></devices>", true, false, 0},
        {"<devices><memballoon model='none'/></devices>", false, false, 0},
        {"<devices><memballoon model='virtio'><stats period='5'/></memballoon></devices>", true,
         false, 5},
        {"<memoryBacking><locked/></memoryBacking>", false, true, 0},
        {"<memoryBacking><hugepages/></memoryBacking>", false, true, 0},
        {"<memoryBacking><nosharepages/></memoryBacking>", false, false, 0},
        {"<devices><hostdev mode='subsystem' type='pci'/></devices>", false, true, 0},
        {"<devices><hostdev mode='subsystem' type='mdev'/></devices>", false, true, 0},
        {"<devices><hostdev mode='subsystem' type='usb'/></devices>", false, false, 0},
        {"<devices><interface type='hostdev'/></devices>", false, true, 0},
        {"<devices><interface type='network'/></devices>", false, false, 0},
        {"<devices><disk type='nvme'/></devices>", false, true, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_definition definition = parse(rows[i].inside);

        assert_int_equal(definition.has_balloon, rows[i].has_balloon);
        assert_int_equal(definition.locked, rows[i].locked);
        assert_int_equal(definition.stats_period_s, rows[i].period_s);
        guest_definition_done(&definition);
    }
}

static void assert_allowed(const struct guest_definition *definition, unsigned vcpu,
                           const char *online, const char *expected)
{
    struct cpuset set, allowed;
    char text[64];

    set = cpuset_of(online);
    guest_definition_allowed(definition, vcpu, &set, &allowed);
    cpuset_format(&allowed, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void pins_before_process_before_host(void **state)
{
    struct guest_definition free_guest = parse("<vcpu>2</vcpu>");
    struct guest_definition bound =
        parse("<vcpu placement='static' cpuset='0-7' current='2'>4</vcpu>"
              "<cputune><emulatorpin cpuset='6'/><vcpupin vcpu='1' cpuset='300,8191'/>"
              "<vcpupin vcpu='3' cpuset='0'/></cputune>");

    (void)state;
    assert_allowed(&free_guest, 0, "0-3", "0-3");
    assert_allowed(&bound, 0, "0-3,9", "0-3");
    assert_allowed(&bound, 1, "0-300", "300");
    assert_allowed(&bound, 1, "0-3", ""); /* all of them offline: nowhere, and not anywhere */
    assert_allowed(&bound, 3, "0-3", "0");
    assert_allowed(&bound, 2, "5-9", "5-7");
    guest_definition_done(&bound);
    guest_definition_done(&free_guest);
}

#define POLICY(inside)                                                                             \
    "<metadata><other xmlns='urn:other'><memory floor='x'/></other>"                               \
    "<e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>" inside "</e:guest></metadata>"

static void not_a_definition(void **state)
{
    static const char *const rows[] = {"", "<domain>", "text", "<network/>"};
    struct guest_definition definition;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};

        assert_int_equal(guest_xml_parse(rows[i], &definition, &err), -EINVAL);
        assert_true(err.text[0]);
    }
}

static void quotas_partition_and_helpers_of_a_definition(void **state)
{
    struct guest_definition capped =
        parse("<vcpu>2</vcpu><resource><partition>/machine/prod</partition></resource>"
              "<cputune><quota>20000</quota><global_period>50000</global_period>"
              "<global_quota>75000</global_quota><emulatorpin cpuset='2,9000'/></cputune>");
    struct guest_definition plain = parse("<cputune><period>100000</period><quota>-1</quota>"
                                          "<emulatorpin cpuset='all'/></cputune>");

    (void)state;
    assert_int_equal(capped.vcpu_quota_permille, 200); /* of the period that is usual */
    assert_int_equal(capped.guest_quota_permille, 1500);
    assert_string_equal(capped.partition, "/machine/prod");
    assert_true(capped.helpers.list[0].is_pinned && cpuset_has(&capped.helpers.list[0].pcpus, 2));
    assert_int_equal(plain.vcpu_quota_permille, 0);
    assert_int_equal(plain.guest_quota_permille, 0);
    assert_string_equal(plain.partition, "");
    assert_false(plain.helpers.list[0].is_pinned);
    assert_true(plain.helpers.list[0].is_owners); /* a list that nobody can read is left alone */
    guest_definition_done(&capped);
    guest_definition_done(&plain);
}

static void iothreads_have_the_numbers_that_libvirt_gives_them(void **state)
{
    struct guest_definition definition =
        parse("<iothreads>4</iothreads>"
              "<iothreadids><iothread id='7'/><iothread id='2'/></iothreadids>"
              "<cputune><iothreadpin iothread='7' cpuset='1-2'/></cputune>");
    static const unsigned numbers[] = {0, 1, 2, 3, 7};

    (void)state;
    assert_int_equal(definition.helpers.n, 5);
    for (size_t h = 0; h < 5; h++) {
        assert_int_equal(definition.helpers.list[h].iothread, numbers[h]);
        assert_int_equal(definition.helpers.list[h].is_owners, numbers[h] == 7);
    }
    assert_true(cpuset_has(&definition.helpers.list[4].pcpus, 2));
    guest_definition_done(&definition);
}

static void who_decided_on_helpers_is_told_by_the_persistent_definition(void **state)
{
    static const char pinned[] = "<iothreads>1</iothreads><cputune><emulatorpin cpuset='1'/>"
                                 "<iothreadpin iothread='1' cpuset='1'/></cputune>";
    struct guest_definition live = parse(pinned), persistent = parse("<iothreads>1</iothreads>");
    struct guest_definition later = parse(pinned), merged = {0};
    struct guest_definition automatic = parse("<vcpu placement='auto'>2</vcpu>");

    (void)state;
    guest_definition_merge(&live, &persistent, &merged);
    for (size_t h = 0; h < 2; h++)
        assert_true(merged.helpers.list[h].is_pinned && !merged.helpers.list[h].is_owners);
    guest_definition_keep_limits(&later, &merged); /* as of a transient guest that we pinned */
    assert_true(later.helpers.list[1].is_pinned && !later.helpers.list[1].is_owners);
    assert_true(automatic.helpers.list[0].is_owners); /* numad's, and it is not told where */
    helpers_disown(&automatic.helpers, 0);            /* an earlier process pinned it */
    assert_false(automatic.helpers.list[0].is_owners);
    guest_definition_done(&merged);
    guest_definition_done(&later);
    guest_definition_done(&automatic);
}

static bool is_readable(const struct guest_definition *definition, unsigned vcpu)
{
    struct cpuset online = {{0xff}}, allowed;

    return guest_definition_allowed(definition, vcpu, &online, &allowed);
}

/* A number that no pCPU here has is a pCPU that is offline; anything else unknown is no licence. */
static void limits_with_large_numbers_bind_and_strange_ones_are_told(void **state)
{
    struct guest_definition definition =
        parse("<vcpu cpuset='0,2,16383'>4</vcpu><cputune><vcpupin vcpu='0' cpuset='2,16383'/>"
              "<vcpupin vcpu='1' cpuset='16383'/><vcpupin vcpu='2' cpuset='node0'/></cputune>");
    struct guest_definition strange = parse("<vcpu cpuset='some'>2</vcpu><cputune>"
                                            "<vcpupin vcpu='1' cpuset='3'/></cputune>");

    (void)state;
    assert_allowed(&definition, 0, "0-7", "2");
    assert_allowed(&definition, 1, "0-7", "");
    assert_allowed(&definition, 3, "0-7", "0,2");
    assert_true(is_readable(&definition, 0) && is_readable(&definition, 1));
    assert_false(is_readable(&definition, 2));
    assert_false(is_readable(&strange, 0));
    assert_true(is_readable(&strange, 1));
    guest_definition_done(&definition);
    guest_definition_done(&strange);
}

static void a_transient_definition_binds_as_it_was_first_read(void **state)
{
    struct guest_definition first = parse("<vcpu cpuset='0-3'>2</vcpu><cputune>"
                                          "<vcpupin vcpu='0' cpuset='0-1'/></cputune>");
    struct guest_definition again = parse("<vcpu cpuset='0-3'>2</vcpu><cputune>"
                                          "<vcpupin vcpu='0' cpuset='1'/>"
                                          "<vcpupin vcpu='1' cpuset='3'/></cputune>");
    struct guest_definition kept, merged;

    (void)state;
    guest_definition_merge(&first, NULL, &kept);
    guest_definition_merge(&again, NULL, &merged);
    assert_true(kept.is_transient && merged.is_transient);
    assert_allowed(&kept, 0, "0-7", "0-1");
    guest_definition_keep_limits(&merged, &kept);
    assert_allowed(&merged, 0, "0-7", "0-1");
    assert_allowed(&merged, 1, "0-7", "0-3");
    guest_definition_done(&kept);
    guest_definition_done(&merged);
}

static void live_and_persistent_definition_together(void **state)
{
    struct guest_definition live =
        parse("<cputune><vcpupin vcpu='0' cpuset='1'/></cputune>"
              "<devices><memballoon model='virtio'/></devices>" POLICY("<e:memory floor='1'/>"));
    struct guest_definition persistent =
        parse("<cputune><vcpupin vcpu='0' cpuset='0-3'/></cputune>"
              "<memoryBacking><locked/></memoryBacking>" POLICY("<e:memory floor='2'/>"));
    struct guest_definition both;

    (void)state;
    guest_definition_merge(&live, &persistent, &both);
    assert_allowed(&both, 0, "0-7", "0-3"); /* the live pin does not limit */
    assert_true(both.has_balloon);
    assert_false(both.locked); /* only after a restart */
    assert_int_equal(both.policy.memory.floor_kib, 1024);
    guest_definition_done(&both);
    live = parse("<vcpu cpuset='0-5'>1</vcpu>");
    persistent = parse("<vcpu cpuset='0-7'>1</vcpu>" POLICY("<e:memory floor='2'/>"));
    guest_definition_merge(&live, &persistent, &both);
    assert_allowed(&both, 0, "0-9", "0-5"); /* pins never change it: the live one binds */
    guest_definition_done(&both);
    live = parse("");
    persistent = parse("<vcpu cpuset='4'>1</vcpu>" POLICY("<e:memory floor='2'/>"));
    guest_definition_merge(&live, &persistent, &both);
    assert_int_equal(both.policy.memory.floor_kib, 2048);
    guest_definition_done(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices),
        cmocka_unit_test(pins_before_process_before_host),
        cmocka_unit_test(not_a_definition),
        cmocka_unit_test(quotas_partition_and_helpers_of_a_definition),
        cmocka_unit_test(iothreads_have_the_numbers_that_libvirt_gives_them),
        cmocka_unit_test(who_decided_on_helpers_is_told_by_the_persistent_definition),
        cmocka_unit_test(limits_with_large_numbers_bind_and_strange_ones_are_told),
        cmocka_unit_test(a_transient_definition_binds_as_it_was_first_read),
        cmocka_unit_test(live_and_persistent_definition_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
