/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How what was changed looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/client/past.h"

/* The one line of a change. */
static void assert_shown(const char *change, bool dry_run, const char *wanted)
{
    json_t *lines = json_pack("[{sIsbs[o]}]", "t", (json_int_t)1796012345, "dry_run", dry_run,
                              "changes", json_loads(change, 0, NULL));
    char text[300] = "";
    FILE *said = tmpfile();
    int standard = dup(STDOUT_FILENO);

    fflush(stdout);
    dup2(fileno(said), STDOUT_FILENO);
    past_show_changes(lines, 10);
    fflush(stdout);
    dup2(standard, STDOUT_FILENO);
    close(standard);
    assert_int_equal(fseek(said, 0, SEEK_SET), 0);
    assert_non_null(fgets(text, sizeof(text), said));
    assert_string_equal(text, wanted);
    fclose(said);
    json_decref(lines);
}

static void every_kind_of_change_is_told_as_what_it_is(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    assert_shown("{\"guest\":\"db\",\"do\":\"pin\",\"vcpu\":1,\"from\":null,\"to\":\"4\","
                 "\"reason\":\"it is idle\"}",
                 false, "  2026-11-30 04:19:05  db vCPU 1 pinned to pCPU 4: it is idle\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"free\",\"vcpu\":1,\"from\":\"4\",\"to\":null,"
                 "\"reason\":\"pins are not worth it\"}",
                 true,
                 "  2026-11-30 04:19:05  db vCPU 1 would be set free from pCPU 4: pins are not "
                 "worth it\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"pin\",\"iothread\":0,\"from\":\"0-7\",\"to\":\"4-7\","
                 "\"reason\":\"its vCPUs are there\"}",
                 false,
                 "  2026-11-30 04:19:05  db emulator pinned from pCPU 0-7 to pCPU 4-7: its vCPUs "
                 "are there\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"free\",\"iothread\":2,\"from\":\"4-7\",\"to\":\"0-7\","
                 "\"reason\":\"they float\"}",
                 false,
                 "  2026-11-30 04:19:05  db I/O thread 2 set free from pCPU 4-7 to pCPU 0-7: they "
                 "float\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"put-back\",\"vcpu\":1,\"from\":\"4\",\"to\":\"0-7\","
                 "\"reason\":\"as it was found at first\"}",
                 false,
                 "  2026-11-30 04:19:05  db vCPU 1 put back from pCPU 4 to pCPU 0-7: as it was "
                 "found at first\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"put-back\",\"from_mib\":512,\"to_mib\":640,"
                 "\"reason\":\"as it was found at first\"}",
                 false,
                 "  2026-11-30 04:19:05  db put back from 512 to 640 MiB: as it was found at "
                 "first\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"put-back\",\"vcpu\":1,\"from\":\"4\",\"to\":null,"
                 "\"reason\":\"as it was found at first\",\"failed\":false}",
                 false,
                 "  2026-11-30 04:19:05  db vCPU 1 put back from pCPU 4, to float: as it was found "
                 "at first\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"put-back\",\"vcpu\":1,\"from\":\"4\",\"to\":\"0-3\","
                 "\"reason\":\"refused\",\"failed\":true}",
                 false,
                 "  2026-11-30 04:19:05  db vCPU 1 could not be put back from pCPU 4 to pCPU 0-3: "
                 "refused\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"pin\",\"vcpu\":1,\"from\":null,\"to\":\"4\","
                 "\"reason\":\"it is idle\",\"failed\":true}",
                 false,
                 "  2026-11-30 04:19:05  db vCPU 1 could not be pinned to pCPU 4: it is idle\n");
    assert_shown("{\"guest\":\"db\",\"do\":\"grant\",\"from_mib\":512,\"to_mib\":640,"
                 "\"reason\":\"it grows\"}",
                 false, "  2026-11-30 04:19:05  db grown from 512 to 640 MiB: it grows\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_change_is_told_as_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
