/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a host and its guests, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libvirt/libvirt.h>

#include "tests/libvirt/libvirt_fixture.h"

/* The guest's first ones. */
static const struct helper_reading *find_helpers(const struct vcpu_sample *sample, const char *name)
{
    for (size_t h = 0; h < sample->n_helpers; h++)
        if (strcmp(sample->helpers[h].guest.name, name) == 0)
            return &sample->helpers[h];
    return NULL;
}

/* Whoever runs is listed, with or without a definition to come back to; who does not is not. */
static void active_guests_of_every_kind_are_listed(void **state)
{
    struct world *world = *state;
    virDomainPtr kept = add_guest(world, "kept", "<vcpu>1</vcpu>", true);
    virDomainPtr passing = add_guest(world, "passing", "<vcpu>1</vcpu>", false);
    virDomainPtr off = add_guest(world, "off", "<vcpu>1</vcpu>", true);
    struct memory_sample memory;
    struct vcpu_sample vcpus;

    assert_int_equal(virDomainDestroy(off), 0);
    vcpus = sample_vcpus(world);
    memory = sample_memory(world);
    assert_non_null(find_vcpu(&vcpus, "kept", 0));
    assert_non_null(find_vcpu(&vcpus, "passing", 0));
    assert_null(find_vcpu(&vcpus, "off", 0));
    assert_non_null(find_guest(&memory, "kept"));
    assert_non_null(find_guest(&memory, "passing"));
    assert_null(find_guest(&memory, "off"));
    vcpu_sample_done(&vcpus);
    memory_sample_done(&memory);
    assert_int_equal(virDomainCreate(off), 0);
    remove_guest(off);
    remove_guest(passing);
    remove_guest(kept);
}

/* libvirt tells the total in KiB and what is free in bytes. */
static void the_host_is_read_in_kib(void **state)
{
    struct world *world = *state;
    struct memory_sample sample = sample_memory(world);
    virNodeInfo node;

    assert_int_equal(virNodeGetInfo(world->admin, &node), 0);
    assert_int_equal(sample.host_total_kib, node.memory);
    assert_int_equal(sample.host_free_kib, virNodeGetFreeMemory(world->admin) >> 10);
    assert_true(sample.host_free_kib > 0 && sample.host_free_kib <= sample.host_total_kib);
    memory_sample_done(&sample);
}

/* What its definitions say of its emulator, and what was made of it since. */
static void threads_beside_vcpus_are_read_and_pinned(void **state)
{
    struct world *world = *state;
    virDomainPtr kept = add_guest(world, "kept",
                                  "<vcpu>1</vcpu><iothreads>1</iothreads>"
                                  "<cputune><iothreadpin iothread='1' cpuset='0'/></cputune>",
                                  true);
    struct vcpu_sample sample = sample_vcpus(world);
    const struct helper_reading *helpers = find_helpers(&sample, "kept");
    struct cpuset one = {0};
    struct err err = {0};
    int r;

    assert_non_null(helpers);
    assert_int_equal(helpers[0].iothread, 0);
    assert_false(helpers[0].is_owners);
    assert_int_equal(cpuset_count(&helpers[0].affinity), sample.n_pcpus);
    assert_int_equal(helpers[1].iothread, 1);
    assert_true(helpers[1].is_owners);
    assert_int_equal(cpuset_count(&helpers[1].affinity), 1);
    cpuset_add(&one, sample.pcpus[1].id);
    r = world->host.set_helpers(world->host.self, &helpers[0].guest, 0, &one, &err);
    vcpu_sample_done(&sample);
    sample = sample_vcpus(world);
    helpers = find_helpers(&sample, "kept");
    if (r < 0) /* a driver that cannot says so, and nothing is believed to have changed */
        assert_non_null(strstr(err.text, "'kept': cannot pin its emulator"));
    assert_int_equal(cpuset_count(&helpers[0].affinity), r < 0 ? sample.n_pcpus : 1);
    vcpu_sample_done(&sample);
    remove_guest(kept);
}

/* Once, and not by the scheduler, which does not leave the guest alone. */
static void a_wrong_policy_is_said_to_whom_it_matters(void **state)
{
    struct world *world = *state;
    virDomainPtr wrong = add_guest(world, "wrong",
                                   "<metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>"
                                   "<e:memory flor='512'/></e:guest></metadata><vcpu>1</vcpu>",
                                   true);

    for (int memory = 0; memory < 2; memory++) {
        struct world other = {.admin = world->admin};
        char *said = NULL, *first;
        size_t size = 0;
        FILE *stream = open_memstream(&said, &size);

        log_init(&other.log, stream, "test", LOG_INFO);
        assert_int_equal(open_host(&other, NULL, 0, false), 0);
        for (int look = 0; look < 3; look++) {
            struct memory_sample sizes = {0};
            struct vcpu_sample vcpus = {0};

            if (memory)
                sizes = sample_memory(&other);
            else
                vcpus = sample_vcpus(&other);
            memory_sample_done(&sizes);
            vcpu_sample_done(&vcpus);
        }
        other.host.close(other.host.self);
        fclose(stream);
        first = strstr(said, "policy");
        assert_int_equal(first != NULL, memory);
        assert_true(!first || !strstr(first + 1, "policy"));
        free(said);
    }
    remove_guest(wrong);
}

#define ALONE(inside)                                                                              \
    "<metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'>" inside                             \
    "</e:guest></metadata><vcpu>1</vcpu>"

/* Each resource by itself. */
static void guests_are_left_alone_as_their_definitions_say(void **state)
{
    struct world *world = *state;
    virDomainPtr apart = add_guest(world, "apart", ALONE("<e:vcpu managed='no'/>"), true);
    virDomainPtr fixed = add_guest(world, "fixed", ALONE("<e:memory managed='no'/>"), true);
    virDomainPtr odd = add_guest(world, "odd", ALONE("<e:vcpu manged='yes'/>"), true);
    virDomainPtr kept = add_guest(world, "kept", ALONE("<e:vcpu reserve='40'/>"), true);

    for (int ignores = 0; ignores < 2; ignores++) {
        struct world other = {
            .admin = world->admin, .log = world->log, .ignores_metadata = ignores};
        struct vcpu_sample vcpus;
        struct memory_sample memory;

        assert_int_equal(open_host(&other, NULL, 0, false), 0);
        vcpus = sample_vcpus(&other);
        memory = sample_memory(&other);
        assert_int_equal(find_vcpu(&vcpus, "apart", 0) != NULL, ignores);
        assert_int_equal(find_vcpu(&vcpus, "odd", 0) != NULL, ignores);
        assert_non_null(find_vcpu(&vcpus, "fixed", 0));
        assert_int_equal(find_vcpu(&vcpus, "kept", 0)->reserve_permille, ignores ? 0 : 400);
        assert_int_equal(find_vcpu(&vcpus, "fixed", 0)->reserve_permille, 0);
        assert_false(find_guest(&memory, "apart")->policy.excluded);
        assert_false(find_guest(&memory, "odd")->policy.excluded);
        assert_int_equal(find_guest(&memory, "fixed")->policy.excluded, !ignores);
        vcpu_sample_done(&vcpus);
        memory_sample_done(&memory);
        other.host.close(other.host.self);
    }
    remove_guest(kept);
    remove_guest(odd);
    remove_guest(fixed);
    remove_guest(apart);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(active_guests_of_every_kind_are_listed),
        ROW(threads_beside_vcpus_are_read_and_pinned),
        ROW(the_host_is_read_in_kib),
        ROW(a_wrong_policy_is_said_to_whom_it_matters),
        ROW(guests_are_left_alone_as_their_definitions_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
