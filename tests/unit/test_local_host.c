/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/host/busy_times.h"
#include "agent/host/local_host.h"
#include "tests/unit/root_fixture.h"

enum { N = 6 };

static void make_sample(struct vcpu_sample *sample, struct pcpu_reading pcpus[N])
{
    for (unsigned p = 0; p < N; p++)
        pcpus[p] = (struct pcpu_reading){.id = p < 4 ? p : 4 + p}; /* 0-3, 8, 9 */
    *sample = (struct vcpu_sample){.pcpus = pcpus, .n_pcpus = N};
}

static void assert_uses(const struct pcpu_reading pcpus[N], enum pcpu_use a, enum pcpu_use b,
                        enum pcpu_use c, enum pcpu_use d, enum pcpu_use e, enum pcpu_use f)
{
    const enum pcpu_use uses[N] = {a, b, c, d, e, f};

    for (size_t p = 0; p < N; p++)
        assert_int_equal(pcpus[p].use, uses[p]);
}

static void busy_is_all_but_idle_and_guests_count_once(void **state)
{
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    struct pcpu_reading pcpus[N];
    struct vcpu_sample sample;
    struct root root;

    (void)state;
    root_open(&root);
    make_sample(&sample, pcpus);
    assert_true(busy_times_read(root.path, &sample) < 0);
    /*           user nice system idle iowait irq softirq steal guest guest_nice */
    root_write(&root, "/proc/stat",
               "cpu  1 1 1 1 1 1 1 1 1 1\n"
               "cpu0 100 20 30 9999 8888 4 5 6 90 7\n" /* of user and nice, 97 were guests' */
               "cpu1 0 0 0 5 5 0 0 0 0 0\n"
               "cpu2 7 0 0 5\n" /* an old kernel */
               "cpu7 1 1 1 1 1 1 1 1 1 1\n"
               "cpu9 4000000000 0 0 5 5 0 0 0 0 0\n"
               "intr 12345 0 0\n"
               "cpu8 1 1 1 1 1 1 1 1 1 1");
    assert_int_equal(busy_times_read(root.path, &sample), 0);
    assert_true(pcpus[0].has_busy);
    assert_int_equal(pcpus[0].busy_ns, (100 + 20 + 30 + 4 + 5 + 6) * tick_ns);
    assert_true(pcpus[1].has_busy);
    assert_int_equal(pcpus[1].busy_ns, 0);
    assert_int_equal(pcpus[2].busy_ns, 7 * tick_ns);
    assert_false(pcpus[3].has_busy);
    assert_false(pcpus[4].has_busy);
    assert_int_equal(pcpus[5].busy_ns, UINT64_C(4000000000) * tick_ns);
    root_close(&root);
}

static uint64_t busy_sum_ns(void)
{
    static struct pcpu_reading pcpus[1024];
    struct vcpu_sample sample = {.pcpus = pcpus, .n_pcpus = 1024};
    uint64_t sum_ns = 0;

    for (unsigned p = 0; p < 1024; p++)
        pcpus[p] = (struct pcpu_reading){.id = p};
    assert_int_equal(busy_times_read("", &sample), 0);
    for (unsigned p = 0; p < 1024; p++)
        sum_ns += pcpus[p].busy_ns;
    return sum_ns;
}

/* As long as this test works, somewhere a pCPU is busy. */
static void this_machine_tells_how_busy_it_is(void **state)
{
    uint64_t before_ns = busy_sum_ns();
    volatile unsigned long work = 0;

    (void)state;
    (void)work;
    for (size_t round = 0; busy_sum_ns() == before_ns && round < 10000; round++) {
        for (size_t i = 0; i < 100000; i++)
            work += i;
    }
    assert_true(work > 0);
    assert_true(busy_sum_ns() > before_ns);
}

static void pcpus_that_the_kernel_keeps_out_are_marked(void **state)
{
    struct pcpu_reading pcpus[N];
    struct vcpu_sample sample;
    struct root root;

    (void)state;
    root_open(&root);
    make_sample(&sample, pcpus);
    local_host_pcpus(root.path, &sample);
    assert_uses(pcpus, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE,
                PCPU_USABLE);
    root_write(&root, "/sys/devices/system/cpu/isolated", "");
    root_write(&root, "/sys/devices/system/cpu/nohz_full", "(null)");
    local_host_pcpus(root.path, &sample);
    assert_uses(pcpus, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE, PCPU_USABLE,
                PCPU_USABLE);
    root_write(&root, "/sys/devices/system/cpu/isolated", "1-2,5");
    root_write(&root, "/sys/devices/system/cpu/nohz_full", "2-3");
    root_write(&root, "/sys/fs/cgroup/cpuset.cpus.isolated", "9");
    local_host_pcpus(root.path, &sample);
    assert_uses(pcpus, PCPU_USABLE, PCPU_ISOLATED, PCPU_ISOLATED, PCPU_TICKLESS, PCPU_USABLE,
                PCPU_ISOLATED);
    root_close(&root);
}

static void a_slice_keeps_its_guests_inside(void **state)
{
    struct pcpu_reading pcpus[N];
    struct local_guest guest = {0};
    struct vcpu_sample sample;
    struct root root;

    (void)state;
    root_open(&root);
    make_sample(&sample, pcpus);
    local_host_guest(root.path, "web", 3, "/machine", &guest);
    assert_false(guest.has_pcpus);
    assert_int_equal(guest.quota_permille, 0);
    root_write(&root, "/sys/fs/cgroup/cgroup.controllers", "cpuset cpu");
    root_write(&root, "/sys/fs/cgroup/machine.slice/cpuset.cpus.effective", "1-2,8");
    root_write(&root, "/sys/fs/cgroup/machine.slice/cpu.max", "50000 100000");
    local_host_guest(root.path, "web", 3, "/machine", &guest);
    assert_false(guest.has_pcpus); /* it may live anywhere */
    root_write(&root, "/sys/fs/cgroup/machine.slice/machine-qemu\\x2d3\\x2dweb.scope/cpu.max",
               "max 100000");
    local_host_guest(root.path, "web", 3, "/machine", &guest);
    assert_true(guest.has_pcpus);
    assert_int_equal(guest.quota_permille, 500);
    local_host_mark_outside(&sample, &guest.pcpus);
    assert_uses(pcpus, PCPU_OUTSIDE_SLICE, PCPU_USABLE, PCPU_USABLE, PCPU_OUTSIDE_SLICE,
                PCPU_USABLE, PCPU_OUTSIDE_SLICE);
    root_close(&root);
}

static void only_a_hypervisor_on_this_machine_is_meant(void **state)
{
    static const struct {
        const char *uri;
        bool local;
    } rows[] = {
        {"qemu:///system", true},
        {"qemu:///session", true},
        {"qemu+unix:///system", true},
        {"qemu+ssh://host/system", false},
        {"qemu+tls://host/system", false},
        {"qemu://host/system", false},
        {"test:///default", false},
        {"xen:///system", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(local_host_is_meant(rows[i].uri), rows[i].local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_is_all_but_idle_and_guests_count_once),
        cmocka_unit_test(this_machine_tells_how_busy_it_is),
        cmocka_unit_test(pcpus_that_the_kernel_keeps_out_are_marked),
        cmocka_unit_test(only_a_hypervisor_on_this_machine_is_meant),
        cmocka_unit_test(a_slice_keeps_its_guests_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
