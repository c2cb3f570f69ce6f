/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/root_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

void root_open(struct root *root)
{
    strcpy(root->path, "/tmp/evenkeel-root-XXXXXX");
    assert_non_null(mkdtemp(root->path));
}

void root_write(const struct root *root, const char *path, const char *text)
{
    char whole[512];
    FILE *file;

    snprintf(whole, sizeof(whole), "%s%s", root->path, path);
    for (char *slash = whole + strlen(root->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        assert_true(mkdir(whole, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(whole, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    assert_int_equal(fclose(file), 0);
}

void root_close(const struct root *root)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", root->path);
    assert_int_equal(system(command), 0);
}
