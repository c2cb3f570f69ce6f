/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "agent/client/what_if.h"
#include "agent/client/when.h"

static const int64_t now_s = 1796012345; /* 2026-11-30 04:19:05 UTC */

static int set_zone(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    return 0;
}

static void people_write_times_in_many_ways(void **state)
{
    static const struct {
        const char *text, *meant;
    } times[] = {{"2h", "2026-11-30 02:19:05"},
                 {"2h ago", "2026-11-30 02:19:05"},
                 {"90", "2026-11-30 04:17:35"},
                 {"7d", "2026-11-23 04:19:05"},
                 {"03:12", "2026-11-30 03:12:00"},
                 {"3:12", "2026-11-30 03:12:00"},
                 {"04:19:05", "2026-11-30 04:19:05"},
                 {"04:19:06", "2026-11-29 04:19:06"}, /* it was yesterday */
                 {"23:00", "2026-11-29 23:00:00"},
                 {"2026-11-30", "2026-11-30 00:00:00"},
                 {"2026-11-28 03:12", "2026-11-28 03:12:00"},
                 {"2026-11-28T03:12:07", "2026-11-28 03:12:07"}};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        int64_t at_s = 0;
        char text[40];

        assert_int_equal(when_parse(times[i].text, now_s, &at_s), 0);
        assert_string_equal(when_text(at_s, text, sizeof(text)), times[i].meant);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const texts[] = {"2026-02-31",
                                        "2026-11-31 03:12",
                                        "",
                                        "soon",
                                        "25:00",
                                        "03:60",
                                        "03:12:07:1",
                                        "2026-13-01",
                                        "2026-11-30 ",
                                        "2026-11-30x",
                                        "2026-11",
                                        "2026-11-30T",
                                        "2026-11-30 9am",
                                        "-2h",
                                        "0",
                                        "3h4"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t at_s = 7;

        if (when_parse(texts[i], now_s, &at_s) != -EINVAL)
            fail_msg("'%s' is taken for a time", texts[i]);
        assert_int_equal(at_s, 7);
    }
}

static void a_floor_is_a_guest_and_mib(void **state)
{
    static const char *const wrong[] = {
        "", "web", "=512", "web=", "web=-1", "web=5x", "web= 5", "web=99999999999999999999"};
    struct floor_asked floor;

    (void)state;
    assert_int_equal(what_if_floor("web=512", &floor), 0);
    assert_string_equal(floor.guest, "web");
    assert_int_equal(floor.mib, 512);
    assert_int_equal(what_if_floor("a=b=0", &floor), 0);
    assert_string_equal(floor.guest, "a=b");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(what_if_floor(wrong[i], &floor), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_write_times_in_many_ways),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_floor_is_a_guest_and_mib),
    };

    return cmocka_run_group_tests(tests, set_zone, NULL);
}
