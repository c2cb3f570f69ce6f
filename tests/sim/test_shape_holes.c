/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host of which guests may use a part only, and which loses two pCPUs of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "tests/accept/drive.h"
#include "tests/sim/shape_scene.h"

/* In the scene: isolated, tickless, outside of the slice; what goes offline, and when. */
static const char NOT_OURS[] = "0-3,8-11,16-31", GOES[] = "6,14", OWNED[] = "4";
static const double GOES_S = 60, INTERVAL_S = 2, FIRST_PIN_S = 8.2;

struct watch {
    struct cpuset not_ours, goes, owned;
    size_t n_on_holes; /* vCPUs that were pinned to pCPUs that are not ours, at any instant */
    size_t n_stranded; /* that had no pCPU left for longer than an interval */
    size_t n_taken;    /* of the owner, not where he pinned them */
    uint64_t calls_before, calls; /* until the pCPUs go, and in all */
};

static bool meets(const struct cpuset *a, const struct cpuset *b)
{
    struct cpuset both = *a;

    cpuset_and(&both, b);
    return cpuset_count(&both) > 0;
}

static void look(void *arg, const struct simulated *world)
{
    double now_s = (double)simulated_now_ns(world) / 1e9;
    struct watch *watch = arg;

    for (size_t v = 0; now_s > FIRST_PIN_S && v < simulated_vcpus(world); v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(world, v, &vcpu);
        if (strcmp(vcpu.guest, "owned") == 0) {
            watch->n_taken += !cpuset_is_equal(&vcpu.affinity, &watch->owned);
            continue;
        }
        watch->n_on_holes += meets(&vcpu.affinity, &watch->not_ours);
        watch->n_stranded +=
            now_s > GOES_S + INTERVAL_S + 0.5 && cpuset_is_subset(&vcpu.affinity, &watch->goes);
    }
    watch->calls = simulated_pin_calls(world);
    if (now_s < GOES_S)
        watch->calls_before = watch->calls;
}

static struct watch play(const char *scene, enum pin_level level)
{
    struct err err = {0, ""};
    struct vcpu_settings settings;
    struct watch watch = {0};
    struct ticker ticker;
    struct host host;

    assert_int_equal(cpuset_parse(NOT_OURS, &watch.not_ours), 0);
    assert_int_equal(cpuset_parse(GOES, &watch.goes), 0);
    assert_int_equal(cpuset_parse(OWNED, &watch.owned), 0);
    vcpu_settings_default(&settings);
    settings.level = level;
    shape_scene_open(scene, &host, &ticker);
    simulated_watch(simulated_of(&host), 0.5, look, &watch);
    assert_int_equal(drive_vcpus(&host, &ticker, &settings, NULL, &err), 0);
    host.close(host.self);
    return watch;
}

static void nobody_is_put_where_guests_may_not_run(void **state)
{
    static const enum pin_level levels[] = {PIN_PCPU, PIN_CORE, PIN_LLC};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct watch told = play("s7_holes", levels[k]), untold = play("s7_untold", levels[k]);

        assert_int_equal(told.n_on_holes, 0);
        assert_int_equal(told.n_taken, 0);
        assert_int_equal(untold.n_taken, 0);
        assert_true(untold.n_on_holes > 0);
    }
}

static void who_loses_his_pcpu_has_another_one_in_the_next_interval(void **state)
{
    struct watch pinned = play("s7_holes", PIN_PCPU), on_caches = play("s7_holes", PIN_LLC);

    (void)state;
    assert_int_equal(pinned.n_stranded, 0);
    assert_true(pinned.calls > pinned.calls_before);
    assert_int_equal(on_caches.n_stranded, 0);
    assert_int_equal(on_caches.calls, on_caches.calls_before); /* caches have pCPUs left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_put_where_guests_may_not_run),
        cmocka_unit_test(who_loses_his_pcpu_has_another_one_in_the_next_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
