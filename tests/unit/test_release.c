/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting back while the program runs: who asked gets his own answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/control/state.h"

/* As where the bus is lost while the loop waits for libvirt, and another one asks on the next bus. */
static void one_is_done_before_another_is_asked(void **state)
{
    struct control *control = control_new(PROGRAM_MEMORY, false, NULL, NULL);
    char guest[PAUSE_NAME_SIZE];

    (void)state;
    assert_int_equal(control_ask_release(control, "first"), 0);
    assert_true(control_take_release(control, guest));
    assert_int_equal(control_ask_release(control, "second"), -EBUSY);
    assert_true(control_take_release(control, guest));
    assert_string_equal(guest, "first");
    control_released(control, &(struct control_result){.done = 7});
    assert_false(control_take_release(control, guest));
    /* Nobody has told yet what came of it. */
    assert_int_equal(control_ask_release(control, "second"), -EBUSY);
    control->is_release_done = false;
    assert_int_equal(control_ask_release(control, "second"), 0);
    assert_true(control_take_release(control, guest));
    assert_string_equal(guest, "second");
    control_free(control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_done_before_another_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
