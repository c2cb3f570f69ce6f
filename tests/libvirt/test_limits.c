/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libvirt/libvirt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/libvirt/libvirt_fixture.h"
#include "tests/unit/root_fixture.h"

/* What a guest's owner and the kernel allow, from libvirt and from the files of an invented
 * host. */

static const struct guest_reading *find_whole(const struct vcpu_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->n_guests; i++) {
        if (strcmp(sample->guests[i].guest.name, name) == 0)
            return &sample->guests[i];
    }
    return NULL;
}

static void quotas_of_a_definition_are_in_the_sample(void **state)
{
    struct world *world = *state;
    virDomainPtr capped = add_guest(world, "capped",
                                    "<vcpu>2</vcpu><cputune><period>100000</period>"
                                    "<quota>20000</quota><global_period>100000</global_period>"
                                    "<global_quota>30000</global_quota></cputune>",
                                    true);
    struct vcpu_sample sample = sample_vcpus(world);

    assert_int_equal(find_vcpu(&sample, "capped", 1)->quota_permille, 200);
    assert_int_equal(find_whole(&sample, "capped")->quota_permille, 300);
    assert_int_equal(find_whole(&sample, "capped")->run, (int)virDomainGetID(capped));
    assert_int_equal(find_vcpu(&sample, "test", 0)->quota_permille, 0);
    assert_int_equal(find_whole(&sample, "test")->quota_permille, 0);
    vcpu_sample_done(&sample);
    remove_guest(capped);
}

static void numbers_beyond_every_pcpu_are_offline_pcpus(void **state)
{
    struct world *world = *state;
    virDomainPtr far = add_guest(world, "far",
                                 "<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='2,16383'/>"
                                 "<vcpupin vcpu='1' cpuset='16383'/></cputune>",
                                 true);
    struct vcpu_sample sample = sample_vcpus(world);

    assert_cpus(&find_vcpu(&sample, "far", 0)->allowed, "2");
    assert_cpus(&find_vcpu(&sample, "far", 1)->allowed, "");
    assert_false(find_vcpu(&sample, "far", 0)->has_strange_limits);
    vcpu_sample_done(&sample);
    remove_guest(far);
}

static void open_with_root(struct world *world, const struct root *root, struct host *ret)
{
    struct host_real_options options = {.uri = URI, .root = root->path, .log = &world->log};
    struct err err = {0};

    if (host_real_open(&options, ret, &err) < 0)
        fail_msg("%s", err.text);
}

static void the_kernels_word_on_pcpus_is_in_the_sample(void **state)
{
    struct world *world = *state;
    struct vcpu_sample sample = {0};
    struct cpuset allowed = {0};
    struct host host;
    struct root root;

    root_open(&root);
    root_write(&root, "/proc/stat", "cpu0 100 0 0 5\ncpu2 0 0 0 5\ncpu4 0 50 0 5");
    root_write(&root, "/sys/devices/system/cpu/isolated", "4");
    root_write(&root, "/sys/fs/cgroup/cgroup.controllers", "cpuset cpu");
    root_write(&root, "/sys/fs/cgroup/cpuset.cpus.effective", "2-4");
    root_write(&root, "/sys/fs/cgroup/cpu.max", "150000 100000");
    root_write(&root, "/run/libvirt/qemu/test.pid", "7");
    root_write(&root, "/proc/7/cgroup", "0::/");
    open_with_root(world, &root, &host);
    assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
    assert_int_equal(sample.n_pcpus, 3);
    assert_int_equal(sample.pcpus[0].use, PCPU_OUTSIDE_SLICE);
    assert_int_equal(sample.pcpus[1].use, PCPU_USABLE);
    assert_int_equal(sample.pcpus[2].use, PCPU_ISOLATED);
    for (size_t p = 0; p < 3; p++)
        assert_true(sample.pcpus[p].has_busy);
    assert_int_equal(sample.pcpus[0].busy_ns, 2 * sample.pcpus[2].busy_ns);
    cpuset_add(&allowed, 2);
    cpuset_add(&allowed, 4);
    assert_true(cpuset_is_equal(&find_vcpu(&sample, "test", 0)->allowed, &allowed));
    assert_int_equal(find_whole(&sample, "test")->quota_permille, 1500);
    vcpu_sample_done(&sample);
    host.close(host.self);
    root_close(&root);
}

static void tell_group(const struct root *root, const char *name, int pid, const char *stat)
{
    char path[256], group[128], text[160];

    snprintf(group, sizeof(group), "/machine.slice/machine-qemu\\x2d%d\\x2d%s.scope", pid, name);
    snprintf(path, sizeof(path), "/run/libvirt/qemu/%s.pid", name);
    snprintf(text, sizeof(text), "%d", pid);
    root_write(root, path, text);
    snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
    snprintf(text, sizeof(text), "0::%s/libvirt/emulator", group);
    root_write(root, path, text);
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.numa_stat", group);
    root_write(root, path, stat);
}

/* The definition binds one guest; the kernel tells of one guest in each sample how much is where. */
static void where_memory_lies_is_in_the_sample(void **state)
{
    struct world *world = *state;
    virDomainPtr bound =
        add_guest(world, "bound",
                  "<vcpu>1</vcpu><numatune><memory mode='strict' nodeset='0-1'/></numatune>", true);
    const struct guest_memory *memory;
    struct vcpu_sample sample = {0};
    struct host host;
    struct root root;

    root_open(&root);
    root_write(&root, "/sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory");
    root_write(&root, "/sys/devices/system/node/online", "0-1");
    tell_group(&root, "test", 7, "anon N0=180 N1=820");
    tell_group(&root, "bound", 8, "anon N0=0 N1=5");
    open_with_root(world, &root, &host);
    for (size_t n_known = 1; n_known <= 2; n_known++) {
        size_t n = 0;

        assert_int_equal(host.sample_vcpus(host.self, &sample, NULL), 0);
        for (size_t g = 0; g < sample.n_guests; g++)
            n += sample.guests[g].memory.is_known;
        assert_int_equal(n, n_known);
        memory = &find_whole(&sample, "bound")->memory;
        assert_true(memory->is_bound);
        assert_cpus(&memory->bound, "0-1");
        if (n_known == 1)
            vcpu_sample_done(&sample);
    }
    memory = &find_whole(&sample, "test")->memory;
    assert_false(memory->is_bound);
    assert_int_equal(memory->at[0].node, 1);
    assert_int_equal(memory->at[0].permille, 820);
    assert_int_equal(find_whole(&sample, "bound")->memory.at[0].permille, 1000);
    vcpu_sample_done(&sample);
    host.close(host.self);
    root_close(&root);
    remove_guest(bound);
}

/* This hypervisor's counters stand still whatever runs. */
static void busy_times_that_never_move_are_not_believed(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 3; i++) {
        struct vcpu_sample sample = sample_vcpus(world);

        for (size_t p = 0; p < sample.n_pcpus; p++)
            assert_false(sample.pcpus[p].has_busy);
        vcpu_sample_done(&sample);
    }
}

/* A transient guest has one definition, and that shows a pin as if its owner had asked for it. An
 * earlier process of ours made this one, and wrote down what was there before. */
static void what_an_earlier_process_found_binds(void **state)
{
    struct world *world = *state;
    virDomainPtr domain = add_guest(world, "passing", "<vcpu>2</vcpu>", false);
    struct originals originals = {0};
    struct original original = {.run = (int)virDomainGetID(domain), .has_mask = true};
    unsigned char zero = 1;

    assert_int_equal(virDomainPinVcpu(domain, 0, &zero, 1), 0);
    virDomainGetUUID(domain, original.guest.uuid);
    cpuset_add(&original.mask, 0);
    cpuset_add(&original.mask, 2);
    assert_int_equal(originals_add(&originals, &original), 0);
    for (int is_bound = 0; is_bound < 2; is_bound++) {
        struct host host = world->host;
        struct vcpu_sample sample;

        assert_int_equal(open_host(world, NULL, 0, false), 0);
        if (is_bound)
            assert_int_equal(host_real_bind(&world->host, &originals), 0);
        sample = sample_vcpus(world);
        assert_cpus(&find_vcpu(&sample, "passing", 0)->affinity, "0");
        assert_cpus(&find_vcpu(&sample, "passing", 0)->allowed, is_bound ? "0,2" : "0");
        vcpu_sample_done(&sample);
        world->host.close(world->host.self);
        world->host = host;
    }
    originals_done(&originals);
    remove_guest(domain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_an_earlier_process_found_binds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quotas_of_a_definition_are_in_the_sample, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(numbers_beyond_every_pcpu_are_offline_pcpus, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_kernels_word_on_pcpus_is_in_the_sample, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(where_memory_lies_is_in_the_sample, set_up, tear_down),
        cmocka_unit_test_setup_teardown(busy_times_that_never_move_are_not_believed, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
