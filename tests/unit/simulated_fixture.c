/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/simulated_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"

void kit_open(struct kit *kit, enum simulated_kind kind, double interval_s, const char *json)
{
    struct err err = {0};

    if (simulated_open_text(json, kind, interval_s, &kit->host, &kit->ticker, &err) < 0)
        fail_msg("%s", err.text);
    kit->world = simulated_of(&kit->host);
}

void kit_close(struct kit *kit)
{
    kit->ticker.close(kit->ticker.self);
    kit->host.close(kit->host.self);
}

void kit_wait(struct kit *kit, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(kit->ticker.wait(kit->ticker.self, NULL), 1);
}

struct simulated_guest kit_guest(const struct kit *kit, size_t index)
{
    struct simulated_guest guest;

    simulated_guest(kit->world, index, &guest);
    return guest;
}

struct simulated_vcpu kit_vcpu(const struct kit *kit, size_t index)
{
    struct simulated_vcpu vcpu;

    simulated_vcpu(kit->world, index, &vcpu);
    return vcpu;
}

struct guest_id kit_id(const struct kit *kit, const char *name)
{
    struct memory_sample sample = {0};
    struct guest_id id = {0};

    assert_int_equal(kit->host.sample_memory(kit->host.self, &sample, NULL), 0);
    for (size_t i = 0; i < sample.n_guests; i++)
        if (strcmp(sample.guests[i].guest.name, name) == 0)
            id = sample.guests[i].guest;
    memory_sample_done(&sample);
    assert_string_equal(id.name, name);
    return id;
}

double kit_usage(struct kit *kit, size_t vcpu, double interval_s)
{
    uint64_t before = kit_vcpu(kit, vcpu).time_ns;

    kit_wait(kit, 1);
    return (double)(kit_vcpu(kit, vcpu).time_ns - before) / (1e9 * interval_s);
}

int kit_pin(struct kit *kit, const char *guest, unsigned vcpu, const char *pcpus)
{
    struct guest_id id = kit_id(kit, guest);
    struct cpuset set;

    set = cpuset_of(pcpus);
    return kit->host.set_affinity(kit->host.self, &id, vcpu, &set, NULL);
}

int kit_balloon(struct kit *kit, const char *guest, double mib)
{
    struct guest_id id = kit_id(kit, guest);

    return kit->host.set_balloon(kit->host.self, &id, (uint64_t)(mib * 1024), NULL);
}
