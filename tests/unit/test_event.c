/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/event.h"
#include "tests/unit/cpuset_fixture.h"

static char sent[20000];
static unsigned n_sent;

static int take(const char *text, size_t n)
{
    snprintf(sent, sizeof(sent), "%.*s", (int)n, text);
    n_sent++;
    return 0;
}

static struct log log_of_journal(void)
{
    n_sent = 0;
    sent[0] = '\0';
    return (struct log){.program = "p",
                        .level = LOG_WARNING,
                        .entries = outlet_new_for(take, 1 << 20),
                        .identifier = "evenkeel-vcpu"};
}

static const struct guest_id guest = {.uuid = {1, 2}, .name = "web-5"};

static void an_hour_has_one_summary(void **state)
{
    struct log log = log_of_journal();
    struct event_hour hour = {0};

    (void)state;
    for (uint64_t s = 0; s < 7202; s += 2)
        event_hour_add(&hour, &log, s * UINT64_C(1000000000), "hold-balanced", 3, 2, 1);
    assert_int_equal(n_sent, 3); /* at 0, 3600 and 7200 s */
    assert_non_null(strstr(sent, "EVENKEEL_INTERVALS=1800\nEVENKEEL_PLANNED=5400\n"
                                 "EVENKEEL_CHANGES=3600\nEVENKEEL_FAILED=1800\n"));
    log_done(&log);
}

static void a_field_is_one_line(void **state)
{
    static char text[4000];
    struct log log = log_of_journal();

    (void)state;
    event_size(&log, &guest, 2048, 1024, "one\nMESSAGE_ID=two", 0);
    assert_non_null(strstr(sent, "\nEVENKEEL_REASON=one?MESSAGE_ID=two\n"));
    assert_non_null(strstr(sent, "\nEVENKEEL_FROM=2048 KiB\nEVENKEEL_TO=1024 KiB\n"));
    memset(text, 'x', sizeof(text) - 1);
    event_size(&log, &guest, 2048, 1024, text, 0);
    assert_non_null(strstr(sent, "\nEVENKEEL_GAP=0.0000\n")); /* it is cut, and the others stay */
    log_done(&log);
}

static void a_vcpu_floats_or_has_pcpus(void **state)
{
    struct log log = log_of_journal();
    struct cpuset to = {0};

    (void)state;
    to = cpuset_of("2-3,8");
    event_pin(&log, &guest, 7, NULL, &to, "r", 0.25);
    assert_non_null(strstr(sent, "\nMESSAGE=web-5 vCPU 7: floating to 2-3,8: r\n"));
    assert_non_null(strstr(sent, "\nEVENKEEL_VCPU=7\nEVENKEEL_FROM=floating\nEVENKEEL_TO=2-3,8\n"));
    event_pin(&log, &guest, 7, &to, NULL, "r", 0.25);
    assert_non_null(strstr(sent, "\nEVENKEEL_FROM=2-3,8\nEVENKEEL_TO=floating\n"));
    event_helper(&log, &guest, 0, NULL, &to, "r", NAN);
    assert_non_null(strstr(sent, "\nMESSAGE=web-5 emulator: floating to 2-3,8: r\n"));
    assert_non_null(strstr(sent, "\nEVENKEEL_IOTHREAD=0\n"));
    assert_null(strstr(sent, "EVENKEEL_VCPU"));
    assert_null(strstr(sent, "EVENKEEL_GAP")); /* it is of no plan */
    event_helper(&log, &guest, 3, NULL, &to, "r", 0.25);
    assert_non_null(strstr(sent, "\nMESSAGE=web-5 I/O thread 3: floating to 2-3,8: r\n"));
    log_done(&log);
}

static void a_quiet_journal_gets_notices(void **state)
{
    struct log log = log_of_journal();

    (void)state;
    event_line(&log, EVENT_RELOADED, LOG_NOTICE, NULL, "read");
    assert_int_equal(n_sent, 1);
    event_line(&log, EVENT_FAILED, LOG_DEBUG, &guest, "said before");
    assert_int_equal(n_sent, 1);
    event_line(&log, EVENT_FAILED, LOG_WARNING, &guest, "no");
    assert_non_null(strstr(sent, "PRIORITY=4\nSYSLOG_IDENTIFIER=evenkeel-vcpu\nMESSAGE=no\n"
                                 "EVENKEEL_DOMAIN=web-5\nEVENKEEL_DOMAIN_UUID=01020000-"));
    log_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_has_one_summary),
        cmocka_unit_test(a_field_is_one_line),
        cmocka_unit_test(a_vcpu_floats_or_has_pcpus),
        cmocka_unit_test(a_quiet_journal_gets_notices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
