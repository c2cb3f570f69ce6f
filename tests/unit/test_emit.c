/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/report/emit.h"

static char folder[] = "/tmp/emit-XXXXXX";
static char inside[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/emit-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(inside, sizeof(inside), "%s/models", folder);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"vcpu-000001.lp", "vcpu-000002.lp",   "vcpu-000018.lp",
                                        "vcpu-000017.lp", "memory-000040.lp", "vcpu-1x.lp"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", inside, names[i]);
        unlink(path);
    }
    rmdir(inside);
    return rmdir(folder); /* nothing else may have been left there */
}

static struct lp *model(void)
{
    struct lp *lp = lp_new("tiny");

    assert_int_equal(lp_add_column(lp, "x", LP_CONTINUOUS, 1, 2, 3), 0);
    return lp;
}

static bool has_file(const char *name, const char *text)
{
    char path[128], found[4096] = "";
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", inside, name);
    file = fopen(path, "r");
    if (!file)
        return false;
    found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
    fclose(file);
    return strstr(found, text) != NULL;
}

static void touch(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", inside, name);
    fclose(fopen(path, "w"));
}

static void numbered_files_in_a_new_folder(void **state)
{
    struct lp *lp = model();
    struct emit emit;

    (void)state;
    assert_int_equal(emit_open(inside, "vcpu", &emit, NULL), 0);
    assert_int_equal(emit_lp(&emit, NULL, NULL), 0); /* nothing solved: no file */
    assert_int_equal(emit_lp(&emit, lp, NULL), 0);
    assert_int_equal(emit_lp(&emit, lp, NULL), 0);
    assert_true(has_file("vcpu-000001.lp", "Minimize"));
    assert_true(has_file("vcpu-000002.lp", "End"));
    assert_false(has_file("vcpu-000003.lp", ""));
    lp_free(lp);
}

static void earlier_files_are_kept(void **state)
{
    struct lp *lp = model();
    struct emit emit;

    (void)state;
    mkdir(inside, 0755);
    touch("vcpu-000017.lp");
    touch("memory-000040.lp");
    touch("vcpu-1x.lp");
    assert_int_equal(emit_open(inside, "vcpu", &emit, NULL), 0);
    assert_int_equal(emit_lp(&emit, lp, NULL), 0);
    assert_true(has_file("vcpu-000018.lp", "Minimize"));
    assert_false(has_file("vcpu-000017.lp", "Minimize"));
    lp_free(lp);
}

static void nowhere_to_write_is_a_sentence(void **state)
{
    struct emit emit = {.number = 42};
    struct err err = {0};
    char path[96];

    (void)state;
    snprintf(path, sizeof(path), "%s/a/b", folder);
    assert_int_equal(emit_open(path, "vcpu", &emit, &err), -ENOENT);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(emit.number, 42);
}

/* The folder is gone when a model comes: the file is not there, nor a part of it. */
static void a_file_is_whole_or_not_there(void **state)
{
    struct lp *lp = model();
    struct emit emit;
    struct err err = {0};

    (void)state;
    assert_int_equal(emit_open(inside, "vcpu", &emit, NULL), 0);
    assert_int_equal(rmdir(inside), 0);
    assert_int_equal(emit_lp(&emit, lp, &err), -ENOENT);
    assert_non_null(strstr(err.text, "--emit-lp"));
    assert_int_equal(emit.number, 0);
    assert_int_equal(mkdir(inside, 0755), 0);
    assert_int_equal(emit_lp(&emit, lp, &err), 0);
    assert_true(has_file("vcpu-000001.lp", "Minimize"));
    lp_free(lp);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(numbered_files_in_a_new_folder),
        ROW(earlier_files_are_kept),
        ROW(nowhere_to_write_is_a_sentence),
        ROW(a_file_is_whole_or_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
