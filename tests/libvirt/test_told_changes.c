/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libvirt/libvirt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/host_libvirt_events.h"
#include "tests/libvirt/libvirt_fixture.h"

/* How late what changed is noticed: in the next sample where libvirt tells of it, within a minute where
 * it does not, and within ten seconds where it tells of nothing. The driver is made to look like QEMU's;
 * its events are the test's. */

/* A guest whose UUID ends with 0 has its turn when a period begins, 50 s after this. */
static const uint64_t begin_ns = UINT64_C(6010000000000);
static uint64_t now_ns;
uint64_t __wrap_clock_monotonic_ns(void);
uint64_t __wrap_clock_monotonic_ns(void)
{
    return now_ns;
}

enum { NONE = -1 };
static int refused = NONE; /* this kind of events is not to be had */
static struct listener {
    virConnectDomainEventGenericCallback callback;
    void *arg;
    virFreeCallback free_arg;
} listeners[64];

const char *virConnectGetType(virConnectPtr connection)
{
    (void)connection;
    return "QEMU";
}

int virConnectDomainEventRegisterAny(virConnectPtr connection, virDomainPtr domain, int event,
                                     virConnectDomainEventGenericCallback callback, void *arg,
                                     virFreeCallback free_arg)
{
    (void)connection, (void)domain;
    if (event == refused)
        return -1;
    listeners[event] = (struct listener){callback, arg, free_arg};
    return event;
}

int virConnectDomainEventDeregisterAny(virConnectPtr connection, int id)
{
    (void)connection;
    listeners[id].free_arg(listeners[id].arg);
    listeners[id] = (struct listener){0};
    return 0;
}

/* ---- What libvirt tells, in the way of each kind ---- */

static void tell_lifecycle(virDomainPtr domain, int event)
{
    struct listener *listener = &listeners[VIR_DOMAIN_EVENT_ID_LIFECYCLE];

    ((virConnectDomainEventCallback)(void (*)(void))listener->callback)(NULL, domain, event, 0,
                                                                        listener->arg);
}

static void tell_defined(virDomainPtr domain)
{
    tell_lifecycle(domain, VIR_DOMAIN_EVENT_DEFINED);
}

static void tell_undefined(virDomainPtr domain)
{
    tell_lifecycle(domain, VIR_DOMAIN_EVENT_UNDEFINED);
}

static void tell_resumed(virDomainPtr domain)
{
    tell_lifecycle(domain, VIR_DOMAIN_EVENT_RESUMED);
}

static void tell_of(virDomainPtr domain, int type, const char *uri)
{
    struct listener *listener = &listeners[VIR_DOMAIN_EVENT_ID_METADATA_CHANGE];

    ((virConnectDomainEventMetadataChangeCallback)(void (*)(void))listener->callback)(
        NULL, domain, type, uri, listener->arg);
}

static void tell_metadata(virDomainPtr domain)
{
    tell_of(domain, VIR_DOMAIN_METADATA_ELEMENT, "tag:evenkeel.dev,2026:guest");
}

static void tell_metadata_of_others(virDomainPtr domain)
{
    tell_of(domain, VIR_DOMAIN_METADATA_ELEMENT, "tag:example.org,2026:guest");
}

static void tell_title(virDomainPtr domain)
{
    tell_of(domain, VIR_DOMAIN_METADATA_TITLE, NULL);
}

static void tell_device(virDomainPtr domain, int event)
{
    struct listener *listener = &listeners[event];

    ((virConnectDomainEventDeviceAddedCallback)(void (*)(void))listener->callback)(
        NULL, domain, "balloon0", listener->arg);
}

static void tell_added(virDomainPtr domain)
{
    tell_device(domain, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED);
}

static void tell_removed(virDomainPtr domain)
{
    tell_device(domain, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED);
}

static void tell_tunable(virDomainPtr domain, const char *what)
{
    struct listener *listener = &listeners[VIR_DOMAIN_EVENT_ID_TUNABLE];
    virTypedParameter params[1] = {{.type = VIR_TYPED_PARAM_ULLONG, .value.ul = 1}};

    strncpy(params[0].field, what, sizeof(params[0].field) - 1);
    ((virConnectDomainEventTunableCallback)(void (*)(void))listener->callback)(NULL, domain, params,
                                                                               1, listener->arg);
}

static void tell_quota(virDomainPtr domain)
{
    tell_tunable(domain, "cputune.vcpu_quota");
}

static void tell_other_pin(virDomainPtr domain)
{
    tell_tunable(domain, "cputune.emulatorpin");
}

static void tell_pin(virDomainPtr domain)
{
    tell_tunable(domain, "cputune.vcpupin0");
}

static void tell_nothing(virDomainPtr domain)
{
    (void)domain;
}

/* ---- A balloon that reports, or not ---- */

static bool is_silent;
int virDomainMemoryStats(virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned int n,
                         unsigned int flags)
{
    (void)domain, (void)flags;
    assert_true(n >= 2);
    stats[0].tag = VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON;
    stats[0].val = 2097152;
    stats[1].tag = VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE;
    stats[1].val = is_silent ? 1 : now_ns / 1000000000;
    return 2;
}

/* ---- A change, and whether samples know it ---- */

static const char before[] = "<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>";
static const char after[] =
    "<vcpu>2</vcpu><cputune><quota>20000</quota><vcpupin vcpu='0' cpuset='2'/>"
    "<vcpupin vcpu='1' cpuset='4'/></cputune>"
    "<metadata><e:guest xmlns:e='tag:evenkeel.dev,2026:guest'><e:memory managed='no'/></e:guest>"
    "</metadata>";

static virDomainPtr define(struct world *world, const char *inside)
{
    char xml[1024];
    virDomainPtr domain;

    snprintf(xml, sizeof(xml),
             "<domain type='test'><name>owned</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e1900"
             "</uuid><memory>2097152</memory><os><type>hvm</type></os>%s</domain>",
             inside);
    domain = virDomainDefineXML(world->admin, xml);
    assert_non_null(domain);
    return domain;
}

static bool knows_vcpus(struct world *world)
{
    struct vcpu_sample sample = sample_vcpus(world);
    const struct vcpu_reading *reading = find_vcpu(&sample, "owned", 1);
    bool is_known;

    assert_non_null(reading);
    is_known = cpuset_count(&reading->allowed) == 1;
    vcpu_sample_done(&sample);
    return is_known;
}

static bool knows_memory(struct world *world)
{
    struct memory_sample sample = sample_memory(world);
    const struct memory_reading *reading = find_guest(&sample, "owned");
    bool is_known;

    assert_non_null(reading);
    is_known = reading->policy.excluded;
    memory_sample_done(&sample);
    return is_known;
}

/* Seconds until the change is known that libvirt tells of, with samples of one kind each second. The host
 * is a new one: it counts from its own first sample. */
static unsigned noticed_s(struct world *world, bool (*knows)(struct world *world),
                          void (*tell)(virDomainPtr domain))
{
    virDomainPtr domain = define(world, before);
    unsigned s = 0;

    now_ns = begin_ns;
    world->host.close(world->host.self);
    assert_int_equal(open_host(world, NULL, 0, false), 0);
    assert_int_equal(virDomainCreate(domain), 0);
    assert_false(knows(world));
    assert_false(knows(world));
    virDomainFree(define(world, after));
    tell(domain);
    while (s < 100 && !knows(world)) {
        now_ns += 1000000000;
        s++;
    }
    remove_guest(domain);
    return s;
}

static void what_is_told_is_known_in_the_next_sample(void **state)
{
    static void (*const tells[])(virDomainPtr) = {tell_defined,  tell_undefined, tell_metadata,
                                                  tell_added,    tell_removed,   tell_quota,
                                                  tell_other_pin};

    for (size_t i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
        assert_int_equal(noticed_s(*state, knows_vcpus, tells[i]), 0);
        assert_int_equal(noticed_s(*state, knows_memory, tells[i]), 0);
    }
}

/* Pins of vCPUs change no wish, others' metadata none either, and a guest that goes on has the same
 * definition. */
static void what_nobody_tells_is_known_within_a_minute(void **state)
{
    static void (*const tells[])(virDomainPtr) = {tell_nothing, tell_pin, tell_resumed,
                                                  tell_metadata_of_others, tell_title};

    for (size_t i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
        assert_int_equal(noticed_s(*state, knows_vcpus, tells[i]), 50);
        assert_int_equal(noticed_s(*state, knows_memory, tells[i]), 50);
    }
}

/* Somebody may have changed how often it reports, which is not told. */
static void the_definition_of_a_silent_balloon_is_read_more_often(void **state)
{
    is_silent = true;
    assert_in_range(noticed_s(*state, knows_memory, tell_nothing), 10, 20);
    is_silent = false;
}

static void without_some_kind_of_events_ten_seconds_are_enough(void **state)
{
    static const int kinds[] = {
        VIR_DOMAIN_EVENT_ID_LIFECYCLE,       VIR_DOMAIN_EVENT_ID_TUNABLE,
        VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
        VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        refused = kinds[i];
        assert_in_range(noticed_s(*state, knows_vcpus, tell_nothing), 1, 10);
        assert_in_range(noticed_s(*state, knows_memory, tell_nothing), 1, 10);
    }
    refused = NONE;
}

static void where_nobody_runs_the_loop_nothing_is_told(void **state)
{
    (void)state;
    for (int has_events = 0; has_events <= 1; has_events++) {
        struct libvirt *libvirt = libvirt_new(has_events);
        struct err err = {0};

        assert_non_null(libvirt);
        assert_int_equal(libvirt_connect(libvirt, URI, false, &err), 0);
        libvirt_listen(libvirt);
        assert_int_equal(libvirt_tells(libvirt), has_events);
        libvirt_free(libvirt);
    }
}

enum { MANY = 300 }; /* more than are remembered */
static virDomainPtr others[MANY];

static void tell_of_many_others(virDomainPtr domain)
{
    (void)domain;
    for (size_t i = 0; i < MANY; i++)
        tell_defined(others[i]);
}

static void more_guests_than_are_remembered_are_all(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < MANY; i++) {
        char xml[200];

        snprintf(xml, sizeof(xml),
                 "<domain type='test'><name>other-%zu</name><memory>2097152</memory>"
                 "<os><type>hvm</type></os></domain>",
                 i);
        others[i] = virDomainDefineXML(world->admin, xml);
        assert_non_null(others[i]);
    }
    assert_int_equal(noticed_s(world, knows_vcpus, tell_of_many_others), 0);
    for (size_t i = 0; i < MANY; i++) {
        virDomainUndefine(others[i]);
        virDomainFree(others[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_told_is_known_in_the_next_sample, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_tells_is_known_within_a_minute, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_definition_of_a_silent_balloon_is_read_more_often,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_some_kind_of_events_ten_seconds_are_enough, set_up,
                                        tear_down),
        cmocka_unit_test(where_nobody_runs_the_loop_nothing_is_told),
        cmocka_unit_test_setup_teardown(more_guests_than_are_remembered_are_all, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
