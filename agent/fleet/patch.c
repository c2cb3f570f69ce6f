/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/patch.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/child.h"
#include "agent/fleet/cib.h"
#include "agent/fleet/cib_wish.h"

enum { DIFF_LIMIT_MS = 30000, SEND_LIMIT_MS = 40000 };
enum { DIFF_NONE = 0, DIFF_SOME = 1 }; /* crm_diff's exit statuses */
/* cibadmin's: the patch is of another version (CRM_EX_OLD), or does not fit (CRM_EX_ERROR, as the digest
 * of what would come out is another). */
enum { SENT = 0, DOES_NOT_FIT = 1, OTHER_VERSION = 103 };

void patch_done(struct patch *patch)
{
    free(patch->text);
    free(patch->after);
    *patch = (struct patch){0};
}

/* A file without a name, which the child finds by the number of ours. */
static FILE *lend(const char *text, size_t n, char *ret, size_t size, struct err *err)
{
    FILE *file = tmpfile();

    assert(text);
    if (!file || fwrite(text, 1, n, file) != n || fflush(file) != 0) {
        err_set(err, -EIO, "a temporary file cannot be written: %s", strerror(errno));
        if (file)
            fclose(file);
        return NULL;
    }
    snprintf(ret, size, "/proc/self/fd/%d", fileno(file));
    return file;
}

/* crm_diff with one text as its input and another as a file. */
static int diff(const char *input, size_t n_input, const char *option, const char *text, size_t n,
                char **ret, size_t *ret_n, struct err *err)
{
    char path[40];
    int status = 0;
    FILE *file = lend(text, n, path, sizeof(path), err);
    /* --cib: with the versions and with a digest of what comes out. */
    const char *argv[] = {"crm_diff", "--cib", "--original", "/dev/stdin", option, path, NULL};
    const struct child_job job = {.argv = argv,
                                  .input = input,
                                  .n_input = n_input,
                                  .most_output = CIB_MOST_BYTES,
                                  .limit_ms = DIFF_LIMIT_MS,
                                  .status = &status};
    int r = file ? child_run(&job, ret, ret_n, err) : -EIO;

    if (file)
        fclose(file);
    if (r == 0 && status != DIFF_NONE && status != DIFF_SOME) {
        free(*ret);
        *ret = NULL;
        r = err_set(err, -EIO, "'crm_diff' failed with exit status %d", status);
    }
    return r;
}

int patch_make(const char *from, size_t n_from, const char *to, size_t n_to, struct patch *ret,
               struct err *err)
{
    struct patch patch = {0};
    int r = diff(from, n_from, "--new", to, n_to, &patch.text, &patch.n, err);

    if (r == 0)
        r = diff(from, n_from, "--patch", patch.text, patch.n, &patch.after, &patch.n_after, err);
    if (r == 0 && !cib_is_same(to, n_to, patch.after, patch.n_after, false))
        r = err_set(err, -EINVAL,
                    "crm_diff's patch does not make the document that was meant: nothing is sent");
    if (r < 0)
        patch_done(&patch);
    else
        *ret = patch;
    return r;
}

int patch_send(const struct patch *patch, struct err *err)
{
    static const char *const argv[] = {"cibadmin",    "--patch",      "--xml-pipe",
                                       "--sync-call", "--timeout=30", NULL};
    int status = 0;
    const struct child_job job = {.argv = argv,
                                  .input = patch->text,
                                  .n_input = patch->n,
                                  .most_output = CIB_MOST_BYTES,
                                  .limit_ms = SEND_LIMIT_MS,
                                  .status = &status};
    char *said = NULL;
    size_t n = 0;
    int r = child_run(&job, &said, &n, err);

    free(said);
    if (r < 0 || status == SENT)
        return r;
    if (status == OTHER_VERSION || status == DOES_NOT_FIT)
        return -EAGAIN;
    return -EIO;
}
