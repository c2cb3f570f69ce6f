/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --reserve: pCPUs kept for the host, through the whole loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "agent/vcpu_loop.h"

/* Six busy guests float over four pCPUs. */
static const char floating[] = "{\"duration_s\": 40, \"host\": {\"pcpus\": 4}, \"guests\": ["
                               "{\"name\": \"web\", \"count\": 6, \"pct\": 30}]}";

enum { N_GUESTS = 6, N_PCPUS = 4 };

/* How many guests end on each pCPU where these are reserved. */
static void play(const char *reserved, size_t ret_guests[N_PCPUS])
{
    struct options options = {.program = PROGRAM_VCPU, .interval_s = 2};
    struct session session = {.options = &options};
    struct err err = {0};

    vcpu_settings_default(&options.vcpu);
    if (reserved[0])
        assert_int_equal(cpuset_parse(reserved, &options.reserve), 0);
    if (simulated_open_text(floating, SIMULATED_VCPU, 2, &session.host, &session.ticker, &err) <
            0 ||
        vcpu_loop_run(&session, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t v = 0; v < N_GUESTS; v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(simulated_of(&session.host), v, &vcpu);
        assert_int_equal(cpuset_count(&vcpu.affinity), 1);
        ret_guests[cpuset_next(&vcpu.affinity, 0)]++;
    }
    session.host.close(session.host.self);
}

static void reserved_pcpus_get_no_guest_and_others_share(void **state)
{
    size_t guests[N_PCPUS] = {0};

    (void)state;
    play("0,2", guests);
    assert_int_equal(guests[0], 0);
    assert_int_equal(guests[2], 0);
    assert_int_equal(guests[1], 3);
    assert_int_equal(guests[3], 3);
}

static void without_the_option_all_pcpus_are_used(void **state)
{
    size_t guests[N_PCPUS] = {0};

    (void)state;
    play("", guests);
    for (size_t p = 0; p < N_PCPUS; p++)
        assert_in_range(guests[p], 1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_pcpus_get_no_guest_and_others_share),
        cmocka_unit_test(without_the_option_all_pcpus_are_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
