/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest whose definition cannot be read is still there: its load counts, and nobody touches
 * it. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/planner.h"
#include "tests/libvirt/libvirt_fixture.h"

/* This program's definition comes before the library's: of the guest "odd" it tells this. */
static char *(*odd)(void);

char *virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags)
{
    char *(*real)(virDomainPtr, unsigned int);

    *(void **)&real = dlsym(RTLD_NEXT, "virDomainGetXMLDesc");
    return odd && strcmp(virDomainGetName(domain), "odd") == 0 ? odd() : real(domain, flags);
}

static char *no_xml(void)
{
    return strdup("<domain><name>odd</domain>");
}

static char *nothing(void)
{
    return NULL;
}

static char *nested(size_t depth, size_t bytes)
{
    size_t size = 2000 + depth * 7 + bytes, used;
    char *xml = malloc(size);

    used = (size_t)snprintf(xml, size, "<domain><name>odd</name><vcpu>1</vcpu><metadata>");
    for (size_t i = 0; i < depth; i++)
        used += (size_t)snprintf(xml + used, size - used, "<x>");
    memset(xml + used, 'a', bytes);
    used += bytes;
    for (size_t i = 0; i < depth; i++)
        used += (size_t)snprintf(xml + used, size - used, "</x>");
    snprintf(xml + used, size - used,
             "</metadata><devices><memballoon model='virtio'/></devices></domain>");
    return xml;
}

static char *deep(void)
{
    return nested(300, 0);
}

static char *large(void)
{
    return nested(1, 3500000);
}

static char *too_large(void)
{
    return nested(1, 17 << 20);
}

static const struct {
    char *(*xml)(void);
    bool is_known;
    enum memory_lock lock;
} rows[] = {
    {no_xml, false, MEMORY_LOCK_UNREADABLE}, {too_large, false, MEMORY_LOCK_UNREADABLE},
    {nothing, false, MEMORY_LOCK_UNREAD}, /* the call failed: it is asked again */
    {deep, true, MEMORY_LOCK_UNTOLD},        {large, true, MEMORY_LOCK_UNTOLD},
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static void it_stays_in_the_sample_and_is_left_alone(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(
        world, "odd", "<vcpu>1</vcpu><devices><memballoon model='virtio'/></devices>", true);

    for (size_t i = 0; i < N_ROWS; i++) {
        struct host host = world->host;
        struct vcpu_sample vcpus;
        struct memory_sample memory;
        const struct vcpu_reading *vcpu;
        const struct memory_reading *reading;

        assert_int_equal(open_host(world, NULL, 0, true), 0);
        odd = rows[i].xml;
        vcpus = sample_vcpus(world);
        vcpu = find_vcpu(&vcpus, "odd", 0);
        assert_non_null(vcpu);
        assert_true(vcpu->running);
        assert_int_equal(vcpu->has_strange_limits, !rows[i].is_known);
        assert_false(find_vcpu(&vcpus, "test", 0)->has_strange_limits);
        memory = sample_memory(world);
        reading = find_guest(&memory, "odd");
        assert_non_null(reading);
        assert_int_equal(reading->actual_kib, 1048576);
        assert_true(reading->has_balloon);
        assert_int_equal(reading->lock, rows[i].lock);
        assert_int_equal(reading->locked, !rows[i].is_known);
        vcpu_sample_done(&vcpus);
        memory_sample_done(&memory);
        world->host.close(world->host.self);
        world->host = host;
    }
    odd = NULL;
    remove_guest(domain);
}

/* Named once, and not in each interval. */
static void it_is_named(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "odd", "<vcpu>1</vcpu>", true);
    struct host host = world->host;
    char *said = NULL;
    size_t size = 0;

    log_init(&world->log, open_memstream(&said, &size), "test", LOG_WARNING);
    assert_int_equal(open_host(world, NULL, 0, true), 0);
    odd = no_xml;
    for (int i = 0; i < 3; i++) {
        struct vcpu_sample vcpus = sample_vcpus(world);

        vcpu_sample_done(&vcpus);
    }
    odd = NULL;
    world->host.close(world->host.self);
    world->host = host;
    fclose(world->log.stream);
    log_init(&world->log, stderr, "test", -1);
    assert_non_null(strstr(said, "guest 'odd' is left as it is"));
    assert_ptr_equal(strchr(said, '\n'), said + size - 1);
    free(said);
    remove_guest(domain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_stays_in_the_sample_and_is_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_is_named, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
