/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/restore_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"

void pin(struct originals *originals, struct fake_host *fake, unsigned i, unsigned pcpu)
{
    struct vcpu_pin one = {.guest = fake_guest(i), .to_place = pcpu};
    struct vcpu_plan plan = {.pins = &one, .n_pins = 1};
    struct host host = fake_host(fake);
    struct vcpu_sample sample = {0};
    struct tally tally = {0};

    cpuset_add(&one.to, pcpu);
    assert_int_equal(host.sample_vcpus(fake, &sample, NULL), 0);
    assert_int_equal(restore_keep_vcpus(originals, &sample, &plan, NULL), 0);
    apply_vcpu_plan(&host, &plan, NULL, NULL, &tally, NULL, NULL);
    vcpu_sample_done(&sample);
}

void resize(struct originals *originals, struct fake_host *fake, unsigned i, uint64_t to_kib)
{
    struct balloon_step step = {.guest = fake_guest(i), .to_kib = to_kib};
    struct memory_plan plan = {.grants = &step, .n_grants = 1};
    struct host host = fake_host(fake);
    struct memory_sample sample = {0};

    assert_int_equal(host.sample_memory(fake, &sample, NULL), 0);
    assert_int_equal(restore_keep_memory(originals, &sample, &plan, NULL), 0);
    memory_sample_done(&sample);
    fake->actual_kib[i] = to_kib;
}

struct fake_host four_guests(void)
{
    struct fake_host fake = {.n_guests = 4, .total_kib = 8192 * MIB, .free_kib = 1000 * MIB};

    for (unsigned i = 0; i < 4; i++) {
        fake.actual_kib[i] = 512 * MIB;
        fake.unused_kib[i] = 200 * MIB;
    }
    return fake;
}
