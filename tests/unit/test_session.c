/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What outlives a session, as where the configuration is read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/session.h"

static unsigned n_summaries;

static int take(const char *text, size_t n)
{
    char entry[2000] = "";

    memcpy(entry, text, n < sizeof(entry) ? n : sizeof(entry) - 1);
    n_summaries += strstr(entry, "EVENKEEL_INTERVALS=") != NULL;
    return 0;
}

static void an_hour_goes_on_when_the_configuration_is_read_again(void **state)
{
    char program[] = "vcpu_scheduler", seconds[] = "2", simulate[] = "--simulate",
         scene[] = "demo-cpu", quiet[] = "--quiet";
    char *argv[] = {program, seconds, simulate, scene, quiet, NULL};
    struct event_hour hour = {0};
    const struct session_links links = {.hour = &hour};
    struct options options;
    struct err err = {0};

    (void)state;
    assert_int_equal(options_parse(PROGRAM_VCPU, 5, argv, &options, &err), 0);
    for (uint64_t run = 0; run < 3; run++) {
        const struct interval interval = {.at_ns = run * UINT64_C(60000000000)};
        struct session session;

        assert_int_equal(session_open(&session, &options, &links, &err), 0);
        session.log.entries = outlet_new_for(take, 1 << 20);
        session_tell_journal(&session, VERDICT_HOLD_BALANCED, 0, 0, 0, 0, &interval);
        session_close(&session);
    }
    assert_int_equal(n_summaries, 1);
    assert_int_equal(hour.intervals, 2);
    options_done(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_goes_on_when_the_configuration_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
