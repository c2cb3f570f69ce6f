/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "agent/host/guest_stats.h"
#include "tests/libvirt/libvirt_fixture.h"

static void sparse_pcpus_and_floating_vcpus(void **state)
{
    struct vcpu_sample sample = sample_vcpus(*state);

    assert_int_equal(sample.n_pcpus, 3);
    assert_int_equal(sample.pcpus[0].id, 0);
    assert_int_equal(sample.pcpus[1].id, 2);
    assert_int_equal(sample.pcpus[2].id, 4);
    assert_int_equal(sample.n_vcpus, 2);
    assert_true(sample.at_ns > 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_string_equal(sample.vcpus[i].guest.name, "test");
        assert_int_equal(sample.vcpus[i].vcpu, i);
        assert_true(sample.vcpus[i].running);
        assert_false(sample.vcpus[i].has_delay); /* this driver does not tell */
        assert_true(sample.vcpus[i].cpu_time_ns > 0);
        assert_cpus(&sample.vcpus[i].allowed, "0,2,4");
        assert_int_equal(sample.vcpus[i].pcpu, -1);
    }
    vcpu_sample_done(&sample);
}

static void a_pin_sticks_and_touches_nothing_else(void **state)
{
    struct world *world = *state;
    struct vcpu_sample before = sample_vcpus(world), after;
    struct cpuset target = {0};
    struct err err = {0};

    cpuset_add(&target, 4);
    assert_int_equal(
        world->host.set_affinity(world->host.self, &before.vcpus[1].guest, 1, &target, &err), 0);
    after = sample_vcpus(world);
    assert_int_equal(find_vcpu(&after, "test", 1)->pcpu, 4);
    assert_cpus(&find_vcpu(&after, "test", 1)->allowed, "0,2,4");
    assert_true(cpuset_is_equal(&find_vcpu(&after, "test", 0)->affinity,
                                &find_vcpu(&before, "test", 0)->affinity));
    /* ... and back, as --restore does. */
    assert_int_equal(world->host.set_affinity(world->host.self, &before.vcpus[1].guest, 1,
                                              &before.vcpus[1].affinity, &err),
                     0);
    vcpu_sample_done(&after);
    after = sample_vcpus(world);
    assert_int_equal(find_vcpu(&after, "test", 1)->pcpu, -1);
    vcpu_sample_done(&before);
    vcpu_sample_done(&after);
}

static void persistent_pins_limit_and_live_pins_do_not(void **state)
{
    struct world *world = *state;
    virDomainPtr bound = add_guest(world, "bound",
                                   "<vcpu cpuset='0-2'>3</vcpu><cputune>"
                                   "<vcpupin vcpu='1' cpuset='4'/></cputune>",
                                   true);
    virDomainPtr passing = add_guest(world, "passing",
                                     "<vcpu>1</vcpu><cputune>"
                                     "<vcpupin vcpu='0' cpuset='2'/></cputune>",
                                     false);
    struct vcpu_sample sample = sample_vcpus(world);

    assert_cpus(&find_vcpu(&sample, "bound", 0)->allowed, "0,2");
    assert_cpus(&find_vcpu(&sample, "bound", 1)->allowed, "4");
    assert_int_equal(find_vcpu(&sample, "bound", 1)->pcpu, 4);
    assert_cpus(&find_vcpu(&sample, "bound", 2)->allowed, "0,2");
    /* A transient guest has no definition beside the live one: what it said first binds. */
    assert_cpus(&find_vcpu(&sample, "passing", 0)->allowed, "2");
    assert_int_equal(find_vcpu(&sample, "passing", 0)->pcpu, 2);
    vcpu_sample_done(&sample);
    remove_guest(bound);
    remove_guest(passing);
}

static void current_below_maximum_and_paused(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "small", "<vcpu current='1'>4</vcpu>", false);
    struct vcpu_sample vcpus = sample_vcpus(world);
    struct memory_sample memory;
    size_t seen = 0;

    for (size_t i = 0; i < vcpus.n_vcpus; i++)
        seen += strcmp(vcpus.vcpus[i].guest.name, "small") == 0;
    assert_int_equal(seen, 1);
    assert_true(find_vcpu(&vcpus, "small", 0)->running);
    vcpu_sample_done(&vcpus);
    assert_int_equal(virDomainSuspend(domain), 0);
    vcpus = sample_vcpus(world);
    memory = sample_memory(world);
    assert_false(find_vcpu(&vcpus, "small", 0)->running);
    assert_int_equal(find_guest(&memory, "small")->run, GUEST_PAUSED);
    vcpu_sample_done(&vcpus);
    memory_sample_done(&memory);
    remove_guest(domain);
}

static void a_balloon_target_sticks(void **state)
{
    struct world *world = *state;
    struct memory_sample sample = sample_memory(world);
    const struct memory_reading *reading = find_guest(&sample, "test");
    struct err err = {0};

    assert_int_equal(reading->run, GUEST_RUNNING);
    assert_int_equal(reading->actual_kib, 2097152);
    assert_int_equal(reading->maximum_kib, 8388608);
    assert_true(reading->has & MEMORY_HAS_UNUSED);
    assert_int_equal(reading->unused_kib, 1048576);
    assert_true(sample.host_total_kib > 0);
    assert_int_equal(world->host.set_balloon(world->host.self, &reading->guest, 1500 * 1024, &err),
                     0);
    memory_sample_done(&sample);
    sample = sample_memory(world);
    reading = find_guest(&sample, "test");
    assert_int_equal(reading->actual_kib, 1500 * 1024);
    assert_int_equal(world->host.set_balloon(world->host.self, &reading->guest, 2097152, &err), 0);
    /* More than the definition allows is refused, by name. */
    assert_true(world->host.set_balloon(world->host.self, &reading->guest, 8388609, &err) < 0);
    assert_non_null(strstr(err.text, "'test'"));
    memory_sample_done(&sample);
}

/* This driver dates every guest's statistics 1989. */
static void old_statistics_show_their_age(void **state)
{
    struct memory_sample sample = sample_memory(*state);
    const struct memory_reading *reading = find_guest(&sample, "test");

    assert_true(reading->has & MEMORY_HAS_AGE);
    memory_sample_done(&sample);
}

static void policy_and_devices_from_the_definition(void **state)
{
    struct world *world = *state;
    virDomainPtr kept = add_guest(world, "kept",
                                  "<metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>"
                                  "<e:memory floor='512' weight='300'/></e:guest></metadata>"
                                  "<vcpu>1</vcpu><devices><memballoon model='virtio'/></devices>",
                                  true);
    virDomainPtr wrong = add_guest(world, "wrong",
                                   "<metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>"
                                   "<e:memory flor='512'/></e:guest></metadata><vcpu>1</vcpu>",
                                   true);
    struct memory_sample sample = sample_memory(world);
    const struct memory_policy *policy = &find_guest(&sample, "kept")->policy;

    assert_true(find_guest(&sample, "kept")->has_balloon);
    assert_true(policy->has_floor && policy->has_weight && !policy->has_ceiling);
    assert_int_equal(policy->floor_kib, 512 * 1024);
    assert_int_equal(policy->weight, 300);
    assert_true(find_guest(&sample, "wrong")->policy.excluded);
    memory_sample_done(&sample);
    remove_guest(kept);
    remove_guest(wrong);
}

/* The command that the manual page shows. */
static void policy_set_with_virsh_metadata(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "set", "<vcpu>1</vcpu>", true);
    struct memory_sample sample;

    assert_int_equal(virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT,
                                          "<guest><memory floor='512'/></guest>", "evenkeel",
                                          "tag:evenkeel.dev,2026:guest",
                                          VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG),
                     0);
    sample = sample_memory(world);
    assert_true(find_guest(&sample, "set")->policy.has_floor);
    assert_int_equal(find_guest(&sample, "set")->policy.floor_kib, 512 * 1024);
    memory_sample_done(&sample);
    remove_guest(domain);
}

static void a_guest_that_vanished_is_gone(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "brief", "<vcpu>1</vcpu>", false);
    struct vcpu_sample sample = sample_vcpus(world);
    struct guest_id guest = find_vcpu(&sample, "brief", 0)->guest;
    struct cpuset target = sample.vcpus[0].allowed;
    struct err err = {0};

    remove_guest(domain);
    assert_int_equal(world->host.set_affinity(world->host.self, &guest, 0, &target, &err), -ENOENT);
    assert_non_null(strstr(err.text, "'brief'"));
    assert_int_equal(world->host.set_balloon(world->host.self, &guest, 204800, &err), -ENOENT);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(world);
    assert_null(find_vcpu(&sample, "brief", 0));
    vcpu_sample_done(&sample);
}

/* The same UUID stopped and started again, as a persistent guest is. */
static void a_stopped_guest_refuses_and_comes_back(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = virDomainLookupByName(world->admin, "test");
    struct vcpu_sample sample = sample_vcpus(world);
    struct guest_id guest = sample.vcpus[0].guest;
    struct cpuset target = sample.vcpus[0].allowed;
    struct err err = {0};

    assert_int_equal(virDomainDestroy(domain), 0);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(world);
    assert_int_equal(sample.n_vcpus, 0);
    assert_int_equal(sample.n_pcpus, 3);
    assert_int_equal(world->host.set_affinity(world->host.self, &guest, 0, &target, &err), -ENOENT);
    assert_int_equal(virDomainCreate(domain), 0);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(world);
    assert_int_equal(sample.n_vcpus, 2);
    assert_int_equal(guest_compare(&sample.vcpus[0].guest, &guest), 0);
    vcpu_sample_done(&sample);
    virDomainFree(domain);
}

/* A plan is for the run that was seen. The next one has what its definition says, and nobody has written that
 * down yet. */
static void a_guest_that_was_started_again_is_not_changed(void **state)
{
    struct world *world = *state;
    void *self = world->host.self;
    virDomainPtr domain = add_guest(world, "brief", "<vcpu>1</vcpu>", true);
    struct vcpu_sample sample = sample_vcpus(world);
    const struct guest_id guest = find_vcpu(&sample, "brief", 0)->guest;
    struct cpuset target = {0};
    struct err err = {0};

    vcpu_sample_done(&sample);
    cpuset_add(&target, 2);
    assert_int_equal(virDomainDestroy(domain), 0);
    assert_int_equal(virDomainCreate(domain), 0);
    assert_int_equal(world->host.set_affinity(self, &guest, 0, &target, &err), -ENOENT);
    assert_int_equal(world->host.set_helpers(self, &guest, 0, &target, &err), -ENOENT);
    assert_int_equal(world->host.set_balloon(self, &guest, 65536, &err), -ENOENT);
    assert_int_equal(world->host.ask_for_stats(self, &guest, 1, &err), -ENOENT);
    assert_non_null(strstr(err.text, "started again"));
    sample = sample_vcpus(world);
    assert_int_equal(find_vcpu(&sample, "brief", 0)->pcpu, -1);
    vcpu_sample_done(&sample);
    assert_int_equal(world->host.set_affinity(self, &guest, 0, &target, &err), 0);
    remove_guest(domain);
}

/* The host has "test" with two vCPUs, and web1 and web2 with one each. */
static void only_the_guests_that_match(void **state)
{
    static const struct {
        const char *globs[2];
        size_t n, n_vcpus;
    } rows[] = {
        {{"web?", "db*"}, 2, 2},   {{"!web?"}, 1, 2},          {{"web?", "!web2"}, 2, 1},
        {{"!web2", "web?"}, 2, 1}, {{"!web1", "!web2"}, 2, 2}, {{"!*", "web1"}, 2, 0},
        {{"!db*"}, 1, 4},
    };
    struct world *world = *state;
    virDomainPtr first = add_guest(world, "web1", "<vcpu>1</vcpu>", false);
    virDomainPtr second = add_guest(world, "web2", "<vcpu>1</vcpu>", false);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world other = {.log = world->log};
        struct vcpu_sample sample;

        assert_int_equal(open_host(&other, rows[i].globs, rows[i].n, false), 0);
        sample = sample_vcpus(&other);
        if (sample.n_vcpus != rows[i].n_vcpus)
            fail_msg("row %zu: %zu vCPUs", i, sample.n_vcpus);
        if (i == 2)
            assert_string_equal(sample.vcpus[0].guest.name, "web1");
        vcpu_sample_done(&sample);
        other.host.close(other.host.self);
    }
    remove_guest(first);
    remove_guest(second);
}

static void read_only_cannot_change_anything(void **state)
{
    struct world other = {.log = ((struct world *)*state)->log};
    struct vcpu_sample sample;
    struct cpuset target = {0};
    struct err err = {0};

    assert_int_equal(open_host(&other, NULL, 0, true), 0);
    sample = sample_vcpus(&other);
    assert_int_equal(sample.n_vcpus, 2);
    cpuset_add(&target, 2);
    assert_true(other.host.set_affinity(other.host.self, &sample.vcpus[0].guest, 0, &target, &err) <
                0);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(&other);
    assert_int_equal(sample.vcpus[0].pcpu, -1);
    vcpu_sample_done(&sample);
    other.host.close(other.host.self);
}

static void no_connection_is_a_sentence(void **state)
{
    struct world *world = *state;
    struct host_real_options options = {.uri = "test:///nowhere/at-all.xml", .log = &world->log};
    struct host host;
    struct err err = {0};

    assert_int_equal(host_real_open(&options, &host, &err), -ENOTCONN);
    assert_non_null(strstr(err.text, "test:///nowhere/at-all.xml"));
}

/* guest_stats.c knows the states without libvirt's header. */
static void states_are_the_abi(void **state)
{
    static const struct {
        int state, reason;
        enum guest_run run;
    } rows[] = {
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED, GUEST_RUNNING},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, GUEST_MIGRATING},
        {VIR_DOMAIN_BLOCKED, 0, GUEST_RUNNING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, GUEST_PAUSED},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, GUEST_MIGRATING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, GUEST_MIGRATING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, GUEST_STARTING},
        {VIR_DOMAIN_SHUTDOWN, 0, GUEST_OTHER},
        {VIR_DOMAIN_CRASHED, 0, GUEST_OTHER},
        {VIR_DOMAIN_PMSUSPENDED, 0, GUEST_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_stats stats = {.state = rows[i].state, .reason = rows[i].reason};

        assert_int_equal(guest_stats_run(&stats), rows[i].run);
    }
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(sparse_pcpus_and_floating_vcpus),
        ROW(a_pin_sticks_and_touches_nothing_else),
        ROW(persistent_pins_limit_and_live_pins_do_not),
        ROW(current_below_maximum_and_paused),
        ROW(a_balloon_target_sticks),
        ROW(old_statistics_show_their_age),
        ROW(policy_and_devices_from_the_definition),
        ROW(policy_set_with_virsh_metadata),
        ROW(a_guest_that_vanished_is_gone),
        ROW(a_stopped_guest_refuses_and_comes_back),
        ROW(a_guest_that_was_started_again_is_not_changed),
        ROW(only_the_guests_that_match),
        ROW(read_only_cannot_change_anything),
        ROW(no_connection_is_a_sentence),
        ROW(states_are_the_abi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
