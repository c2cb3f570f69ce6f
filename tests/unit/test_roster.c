/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/roster.h"

static const struct guest_id a = {.uuid = {1}, .name = "a"}, b = {.uuid = {2}, .name = "b"},
                             c = {.uuid = {3}, .name = "c"};

/* One line for each guest that is missing, and none for those that come, stay or get another
 * name. */
static void who_is_missing_is_named_once(void **state)
{
    struct vcpu_reading first[] = {
        {.guest = a}, {.guest = b}, {.guest = b, .vcpu = 1}, {.guest = c}};
    struct vcpu_reading second[] = {{.guest = b}};
    const struct vcpu_sample samples[] = {{.vcpus = first, .n_vcpus = 4},
                                          {.vcpus = second, .n_vcpus = 1},
                                          {.vcpus = second, .n_vcpus = 1},
                                          {.n_vcpus = 0}};
    struct memory_reading guests[] = {{.guest = a}, {.guest = c}};
    const struct memory_sample sizes[] = {{.guests = guests, .n_guests = 2},
                                          {.guests = guests, .n_guests = 1}};
    struct roster roster = {0};
    struct log log;
    char *said = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&said, &size);

    (void)state;
    strcpy(second[0].guest.name, "other");
    log_init(&log, stream, "test", LOG_NOTICE);
    for (size_t i = 0; i < 4; i++)
        roster_see_vcpus(&roster, &samples[i], &log);
    roster_done(&roster);
    for (size_t i = 0; i < 2; i++)
        roster_see_memory(&roster, &sizes[i], &log);
    roster_done(&roster);
    fclose(stream);
    assert_string_equal(said, "test: guest 'a' is no longer there\n"
                              "test: guest 'c' is no longer there\n"
                              "test: guest 'other' is no longer there\n"
                              "test: guest 'c' is no longer there\n");
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_missing_is_named_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
