/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "tests/libvirt/libvirt_fixture.h"

/* libvirt calls an operation invalid both where a guest has ended and where it runs and lacks what
 * is needed. Its test driver never says so of a pin, so that pins are answered by this program:
 * whoever has no persistent definition cannot have its memory changed in it. */
int virDomainPinVcpu(virDomainPtr domain, unsigned int vcpu, unsigned char *map, int map_bytes)
{
    int r = virDomainSetMemoryFlags(domain, 1024, VIR_DOMAIN_AFFECT_CONFIG);

    (void)vcpu, (void)map, (void)map_bytes;
    assert_int_equal(r, -1);
    assert_int_equal(virGetLastErrorCode(), VIR_ERR_OPERATION_INVALID);
    return r;
}

/* The definition of a guest called "broken" cannot be had. */
int virDomainIsPersistent(virDomainPtr domain)
{
    return strcmp(virDomainGetName(domain), "broken") == 0 ? -1 : 1;
}

static void who_cannot_be_read_is_left_alone_and_the_others_are_not(void **state)
{
    struct world *world = *state;
    virDomainPtr broken = add_guest(world, "broken", "<vcpu>1</vcpu>", true);

    for (int look = 0; look < 2; look++) {
        struct vcpu_sample vcpus = sample_vcpus(world);
        struct memory_sample memory = sample_memory(world);

        assert_true(find_vcpu(&vcpus, "broken", 0)->has_strange_limits);
        assert_true(find_guest(&memory, "broken")->locked);
        assert_false(find_vcpu(&vcpus, "test", 0)->has_strange_limits);
        assert_false(find_guest(&memory, "test")->locked);
        vcpu_sample_done(&vcpus);
        memory_sample_done(&memory);
    }
    remove_guest(broken);
}

static void what_cannot_be_done_is_not_the_end_of_a_guest(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "passing", "<vcpu>1</vcpu>", false);
    struct vcpu_sample sample = sample_vcpus(world);
    const struct guest_id guest = find_vcpu(&sample, "passing", 0)->guest;
    struct cpuset target = {0};
    struct err err = {0};

    cpuset_add(&target, 4);
    assert_int_equal(world->host.set_affinity(world->host.self, &guest, 0, &target, &err), -EIO);
    assert_non_null(strstr(err.text, "'passing'"));
    remove_guest(domain);
    assert_int_equal(world->host.set_affinity(world->host.self, &guest, 0, &target, &err), -ENOENT);
    vcpu_sample_done(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_cannot_be_read_is_left_alone_and_the_others_are_not,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_done_is_not_the_end_of_a_guest, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
