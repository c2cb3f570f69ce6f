/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program: from its parsing of options on, allocation number FAIL_AT fails, with
 * FAIL_ALL set all later ones as well, and COUNT_FILE gets how many there were. jansson's reader may
 * abort by itself then, so it is told when it was at work. glibc alone. */
#include <argp.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool is_armed, is_reading;
static atomic_long count;
static long fail_at;
static bool fails_all;

static bool fails(void)
{
    static const char reader[] = "an allocation fails in jansson's reader\n";
    static atomic_bool is_told;
    long number;

    if (!atomic_load(&is_armed))
        return false;
    number = atomic_fetch_add(&count, 1) + 1;
    if (number != fail_at && !(fails_all && fail_at && number > fail_at))
        return false;
    if (atomic_load(&is_reading) && !is_told)
        is_told = write(STDERR_FILENO, reader, sizeof(reader) - 1) > 0;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    void *block = fails() ? NULL : __libc_memalign(alignment, size);

    if (!block)
        return ENOMEM;
    *ret = block;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *json_loads(const char *text, size_t flags, void *error);
void *json_loads(const char *text, size_t flags, void *error)
{
    void *(*real)(const char *, size_t, void *);
    void *json;

    *(void **)&real = dlsym(RTLD_NEXT, "json_loads");
    atomic_store(&is_reading, true);
    json = real(text, flags, error);
    atomic_store(&is_reading, false);
    return json;
}

error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *ret,
                   void *input)
{
    error_t (*real)(const struct argp *, int, char **, unsigned, int *, void *);
    const char *at = getenv("FAIL_AT");

    *(void **)&real = dlsym(RTLD_NEXT, "argp_parse");
    fail_at = at ? atol(at) : 0;
    fails_all = getenv("FAIL_ALL") != NULL;
    atomic_store(&is_armed, true);
    return real(argp, argc, argv, flags, ret, input);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("COUNT_FILE");
    char text[32];
    int fd, n;

    atomic_store(&is_armed, false);
    if (!path)
        return;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    n = snprintf(text, sizeof(text), "%ld\n", atomic_load(&count));
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        _exit(97);
    close(fd);
}
