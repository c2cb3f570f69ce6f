/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests whose memory lies on another node. Lost is in pCPUs' worth: waiting, and work far from
 * memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/shape_scene.h"

/* A mask that somebody set would hold guests where they are: only the price does here. */
static struct vcpu_settings at_nodes(bool price_memory)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = PIN_NODE;
    settings.keep_masks = false;
    settings.price_memory = price_memory;
    settings.limits.max_kcells = 20000; /* 1.5 s for all scenes; 10 s with all that a proof takes */
    return settings;
}

static struct shape_result play(const char *scene, bool price_memory)
{
    struct vcpu_settings settings = at_nodes(price_memory);

    return shape_scene(scene, &settings, 0.75);
}

/* Nine tenths of a guest's memory are on the other node, which is ten points fuller. */
static void a_guest_goes_to_its_memory(void **state)
{
    struct shape_result home = play("s5_home", true), away = play("s5_home", false);

    (void)state;
    if (!(home.remote_pct < 5 && away.remote_pct > 15 && home.lost < away.lost))
        fail_msg("remote %g and %g %%, lost %g and %g", home.remote_pct, away.remote_pct, home.lost,
                 away.lost);
}

/* That node would be 90 % full. */
static void where_vcpus_would_wait_longer_it_does_not(void **state)
{
    struct shape_result priced = play("s5_far_memory", true);

    (void)state;
    if (!(priced.remote_pct > 15 && priced.lost < 1.5))
        fail_msg("remote %g %%, lost %g, moves %u", priced.remote_pct, priced.lost, priced.moves);
}

/* Where it is known that no memory is nearer to a set, waiting there buys nothing. */
static void pins_that_bring_no_memory_nearer_are_not_made(void **state)
{
    struct vcpu_settings settings;
    struct shape_result result, blind;

    (void)state;
    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    result = shape_scene("s13_interleaved", &settings, 0.5);
    settings.gate_memory = false;
    blind = shape_scene("s13_interleaved", &settings, 0.5);
    assert_int_equal(result.pins, 0);
    assert_true(blind.pins > 0);
    assert_true(blind.lost > result.lost);
}

/* Somebody holds a guest far from its memory. Pins of ours would not change that, and neither would taking
 * them back: the others go to their memory as they do without it. Where the others wait for each other, they
 * would not be pinned either. */
static void who_is_held_by_his_owner_does_not_decide_about_others(void **state)
{
    static const char *const scenes[] = {"s16_owned_far", "s17_owned_crowd"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct vcpu_settings settings;
        struct shape_result result, blind;

        vcpu_settings_default(&settings);
        settings.level = PIN_AUTO;
        result = shape_scene(scenes[k], &settings, 0.5);
        settings.gate_owners = false;
        blind = shape_scene(scenes[k], &settings, 0.5);
        if (!(result.floating == 0 && result.last_pin_s < 10 && blind.floating > 0))
            fail_msg("%s: floating %zu and %zu, last pin at %g s", scenes[k], result.floating,
                     blind.floating, result.last_pin_s);
        if (k == 0 && !(result.remote_pct + 15 < blind.remote_pct && result.lost < blind.lost))
            fail_msg("remote %g and %g %%", result.remote_pct, blind.remote_pct);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_goes_to_its_memory),
        cmocka_unit_test(where_vcpus_would_wait_longer_it_does_not),
        cmocka_unit_test(pins_that_bring_no_memory_nearer_are_not_made),
        cmocka_unit_test(who_is_held_by_his_owner_does_not_decide_about_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
