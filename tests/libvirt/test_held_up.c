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

#include "agent/host/host_libvirt_guest.h"
#include "tests/libvirt/libvirt_fixture.h"

/* A guest that holds calls up. libvirt's test driver has none, so its questions are answered
 * here: this program's definitions come before the library's. */
static virDomainControlInfo control;
enum { ONLY_THE_SOURCE_TELLS = -2 };
static int job_type = -1; /* -1: the driver does not tell */

int virDomainGetControlInfo(virDomainPtr domain, virDomainControlInfoPtr ret, unsigned int flags)
{
    (void)domain, (void)flags;
    *ret = control;
    return 0;
}

int virDomainGetJobInfo(virDomainPtr domain, virDomainJobInfoPtr ret)
{
    (void)domain;
    if (control.state != VIR_DOMAIN_CONTROL_OK)
        fail_msg("this question would wait for the monitor");
    memset(ret, 0, sizeof(*ret));
    ret->type = job_type;
    return job_type < 0 ? -1 : 0;
}

/* How a guest runs, and since what. */
static int run_reason;
int virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned int flags)
{
    (void)domain, (void)flags;
    *state = VIR_DOMAIN_RUNNING;
    *reason = run_reason;
    return 0;
}

/* A change that makes no sense to the driver. */
static bool is_refused;
int virDomainSetMemoryFlags(virDomainPtr domain, unsigned long memory, unsigned int flags)
{
    (void)domain, (void)memory, (void)flags;
    return is_refused ? -1 : 0;
}

int virGetLastErrorCode(void)
{
    const virError *error = virGetLastError();

    if (job_type == ONLY_THE_SOURCE_TELLS)
        return VIR_ERR_OPERATION_UNSUPPORTED;
    return is_refused ? VIR_ERR_OPERATION_INVALID : error ? error->code : VIR_ERR_OK;
}

static int is_active;
int virDomainIsActive(virDomainPtr domain)
{
    (void)domain;
    return is_active;
}

static const struct row {
    unsigned state;
    unsigned long long state_ms;
    int job_type;
    bool is_free;
} rows[] = {
    {VIR_DOMAIN_CONTROL_OK, 0, -1, true},
    {VIR_DOMAIN_CONTROL_OK, 0, VIR_DOMAIN_JOB_NONE, true},
    {VIR_DOMAIN_CONTROL_OK, 0, VIR_DOMAIN_JOB_COMPLETED, true},
    {VIR_DOMAIN_CONTROL_OK, 0, VIR_DOMAIN_JOB_UNBOUNDED, false}, /* migrating */
    {VIR_DOMAIN_CONTROL_OK, 0, VIR_DOMAIN_JOB_BOUNDED, false},
    {VIR_DOMAIN_CONTROL_OK, 0, ONLY_THE_SOURCE_TELLS, false}, /* it is the target of a migration */
    {VIR_DOMAIN_CONTROL_OCCUPIED, 5000, VIR_DOMAIN_JOB_NONE, false}, /* its monitor hangs */
    {VIR_DOMAIN_CONTROL_ERROR, 5000, VIR_DOMAIN_JOB_NONE, false},
};

static void set_world(const struct row *row)
{
    control = (virDomainControlInfo){.state = row->state, .stateTime = row->state_ms};
    job_type = row->job_type;
}

static void no_call_waits_for_a_guest(void **state)
{
    struct world *world = *state;
    struct vcpu_sample sample = sample_vcpus(world);
    const struct guest_id guest = find_vcpu(&sample, "test", 0)->guest;
    const struct cpuset everywhere = find_vcpu(&sample, "test", 0)->allowed;
    struct err err = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int expected = rows[i].is_free ? 0 : -EBUSY;

        set_world(&rows[i]);
        assert_int_equal(world->host.set_balloon(world->host.self, &guest, 2097152, &err),
                         expected);
        assert_int_equal(world->host.set_affinity(world->host.self, &guest, 0, &everywhere, &err),
                         expected);
        if (!rows[i].is_free)
            assert_non_null(strstr(err.text, "'test'"));
    }
    set_world(&rows[0]);
    vcpu_sample_done(&sample);
}

/* What sampling asks of one guest. */
static void nor_does_a_sample(void **state)
{
    struct libvirt *libvirt = libvirt_new(false);
    struct active_guests active = {0};
    struct err err = {0};

    (void)state;
    assert_non_null(libvirt);
    assert_int_equal(libvirt_connect(libvirt, URI, false, &err), 0);
    assert_int_equal(libvirt_guests(libvirt, LIBVIRT_BALLOONS, &active, &err), 0);
    assert_int_equal(active.n, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct active_guest *guest = &active.guests[0];

        set_world(&rows[i]);
        guest->stats.has_actual = false;
        assert_int_equal(libvirt_is_free(guest), rows[i].is_free);
        assert_int_equal(libvirt_balloon(libvirt, guest, false, &err),
                         rows[i].is_free ? 0 : -EBUSY);
        assert_int_equal(libvirt_set_stats_period(libvirt, &guest->id, LIBVIRT_ANY_RUN, 1, &err),
                         rows[i].is_free ? 0 : -EBUSY);
    }
    set_world(&rows[0]);
    libvirt_guests_done(&active);
    libvirt_free(libvirt);
}

/* Who were taken for ended would be forgotten, with what it is owed. */
static void who_does_not_tell_has_not_ended(void **state)
{
    static const int expected[][2] = {{1, -EIO}, {0, -ENOENT}, {-1, -EIO}};
    struct world *world = *state;
    struct vcpu_sample sample = sample_vcpus(world);
    const struct guest_id guest = find_vcpu(&sample, "test", 0)->guest;
    struct err err = {0};

    is_refused = true;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        is_active = expected[i][0];
        assert_int_equal(world->host.set_balloon(world->host.self, &guest, 1, &err),
                         expected[i][1]);
    }
    is_refused = false;
    vcpu_sample_done(&sample);
}

/* A crash comes later than a beginning, whichever that was. */
static void how_a_run_began(void **state)
{
    static const int begun[][2] = {{VIR_DOMAIN_RUNNING_BOOTED, RUN_BOOTED},
                                   {VIR_DOMAIN_RUNNING_RESTORED, RUN_RETURNED},
                                   {VIR_DOMAIN_RUNNING_FROM_SNAPSHOT, RUN_RETURNED},
                                   {VIR_DOMAIN_RUNNING_MIGRATED, RUN_RETURNED},
                                   {VIR_DOMAIN_RUNNING_UNPAUSED, RUN_UNTOLD},
                                   {VIR_DOMAIN_RUNNING_CRASHED, RUN_UNTOLD},
                                   {VIR_DOMAIN_RUNNING_WAKEUP, RUN_UNTOLD}};
    struct world *world = *state;
    struct vcpu_sample sample = sample_vcpus(world);
    const struct guest_id guest = find_vcpu(&sample, "test", 0)->guest;

    for (size_t i = 0; i < sizeof(begun) / sizeof(begun[0]); i++) {
        enum run_origin origin = RUN_UNTOLD;

        run_reason = begun[i][0];
        assert_int_equal(world->host.origin_of(world->host.self, &guest, &origin, NULL), 0);
        assert_int_equal(origin, begun[i][1]);
    }
    vcpu_sample_done(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_call_waits_for_a_guest, set_up, tear_down),
        cmocka_unit_test(nor_does_a_sample),
        cmocka_unit_test_setup_teardown(who_does_not_tell_has_not_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(how_a_run_began, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
