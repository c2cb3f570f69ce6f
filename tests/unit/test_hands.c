/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/hands.h"
#include "tests/unit/root_fixture.h"

static unsigned only(enum hand hand)
{
    return 1u << hand;
}

/* A host where the first process is seen. */
static void begin(struct root *root)
{
    root_open(root);
    root_write(root, "/proc/1/comm", "systemd");
}

static void processes_are_known_by_their_names(void **state)
{
    static const struct {
        const char *comm;
        enum hand hand;
    } rows[] = {{"numad", HAND_NUMAD},       {"irqbalance", HAND_IRQBALANCE},
                {"ksmtuned", HAND_KSMTUNED}, {"momd", HAND_MOM},
                {"vdsmd", HAND_VDSM},        {"pvestatd", HAND_PROXMOX}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct root root;

        begin(&root);
        root_write(&root, "/proc/813/comm", rows[i].comm);
        root_write(&root, "/proc/self/comm", "numad");
        assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 1), only(rows[i].hand));
        root_close(&root);
    }
}

static void what_only_looks_alike_is_nobody(void **state)
{
    struct root root;

    (void)state;
    begin(&root);
    root_write(&root, "/proc/2/comm", "numad-exporter");
    root_write(&root, "/proc/3/comm", "python3");
    root_write(&root, "/proc/4/cmdline", "numad");
    root_write(&root, "/proc/sys/kernel/numa_balancing", "0");
    root_write(&root, "/sys/kernel/sched_ext/state", "disabled");
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 1), 0);
    root_close(&root);
}

static void a_second_instance_is_one_of_the_same_program(void **state)
{
    struct root root;

    (void)state;
    begin(&root);
    root_write(&root, "/proc/70/comm", "memory_coordina"); /* as the kernel cuts it */
    root_write(&root, "/proc/71/comm", "vcpu_scheduler");
    assert_int_equal(hands_read(root.path, PROGRAM_MEMORY, 70), 0);
    assert_int_equal(hands_read(root.path, PROGRAM_MEMORY, 12), only(HAND_SECOND));
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 71), 0);
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 70), only(HAND_SECOND));
    root_close(&root);
}

/* Words of a command line end with a zero byte each. */
static void write_words(const struct root *root, const char *path, const char *words, size_t n)
{
    char whole[512];
    FILE *file;

    root_write(root, path, "");
    snprintf(whole, sizeof(whole), "%s%s", root->path, path);
    file = fopen(whole, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(words, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void one_that_only_looks_is_no_second_instance(void **state)
{
#define WORDS(text) text, sizeof(text)
    static const struct {
        const char *words;
        size_t n;
        bool is_second;
    } rows[] = {
        {WORDS("vcpu_scheduler\0"
               "2"),
         true},
        {WORDS("vcpu_scheduler\0"
               "--level=auto\0"
               "2"),
         true},
        {WORDS("vcpu_scheduler\0"
               "2\0"
               "--simulate\0"
               "demo-cpu"),
         false},
        {WORDS("vcpu_scheduler\0"
               "--simulate=demo-cpu\0"
               "2"),
         false},
        {WORDS("/usr/sbin/vcpu_scheduler\0"
               "--config\0"
               "x\0"
               "--check-config"),
         false},
        {WORDS("vcpu_scheduler\0"
               "--dry-run\0"
               "2"),
         false},
        {WORDS("vcpu_scheduler\0"
               "--replay\0"
               "r.jsonl"),
         false},
        {WORDS("vcpu_scheduler\0"
               "--record\0"
               "r.jsonl\0"
               "2"),
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct root root;

        begin(&root);
        root_write(&root, "/proc/71/comm", "vcpu_scheduler");
        write_words(&root, "/proc/71/cmdline", rows[i].words, rows[i].n);
        assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 70),
                         rows[i].is_second ? only(HAND_SECOND) : 0);
        root_close(&root);
    }
}

static void the_kernel_tells_of_itself(void **state)
{
    struct root root;

    (void)state;
    begin(&root);
    root_write(&root, "/proc/sys/kernel/numa_balancing", "1");
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 1), only(HAND_NUMA_BALANCING));
    root_write(&root, "/sys/kernel/sched_ext/state", "enabled");
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 1),
                     only(HAND_NUMA_BALANCING) | only(HAND_SCHED_EXT));
    root_close(&root);
}

/* As with hidepid: nobody is seen, which is not the same as that nobody is there. */
static void processes_that_are_hidden_are_not_absent(void **state)
{
    struct root root;

    (void)state;
    root_open(&root);
    root_write(&root, "/proc/70/comm", "vcpu_scheduler");
    assert_int_equal(hands_read(root.path, PROGRAM_VCPU, 70), only(HAND_HIDDEN));
    assert_true(hand_is_rival(HAND_HIDDEN, PROGRAM_VCPU) &&
                hand_is_rival(HAND_HIDDEN, PROGRAM_MEMORY));
    root_close(&root);
}

static void each_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (int h = 0; h < HANDS; h++)
        assert_true(strlen(hand_name((enum hand)h)) > 2 && strlen(hand_advice((enum hand)h)) > 20);
    assert_true(hand_is_rival(HAND_NUMAD, PROGRAM_VCPU));
    assert_false(hand_is_rival(HAND_NUMAD, PROGRAM_MEMORY));
    assert_true(hand_is_rival(HAND_MOM, PROGRAM_MEMORY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_known_by_their_names),
        cmocka_unit_test(what_only_looks_alike_is_nobody),
        cmocka_unit_test(a_second_instance_is_one_of_the_same_program),
        cmocka_unit_test(one_that_only_looks_is_no_second_instance),
        cmocka_unit_test(the_kernel_tells_of_itself),
        cmocka_unit_test(processes_that_are_hidden_are_not_absent),
        cmocka_unit_test(each_has_a_name_and_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
