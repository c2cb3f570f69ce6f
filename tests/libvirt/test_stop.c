/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/libvirt/stop_states.h"

/* What is promised is a second, and bench_stop tells how it is kept. Here only that it ends at
 * all. */
static const double limit_s = 5;

static void sigterm_ends_it_in_whatever_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_stop_states; i++) {
        int status;

        if (stop_state_play(&stop_states[i], limit_s, &status) < 0)
            fail_msg("%s: not ended after %.0f s", stop_states[i].name, limit_s);
        if (status != 0)
            fail_msg("%s: exit status %d", stop_states[i].name, status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sigterm_ends_it_in_whatever_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
