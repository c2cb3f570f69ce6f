/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/drive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/originals.h"
#include "agent/memory_loop.h"
#include "agent/vcpu_loop.h"

/* ret_text: what the program printed, to be freed; or NULL. The session is put together here and
 * not opened by options, because the host is the caller's. */
static int run(struct options *options, const struct host *host, const struct ticker *ticker,
               int (*loop)(struct session *session, struct err *err), char **ret_text,
               struct err *err)
{
    struct session session = {.options = options, .host = *host, .ticker = *ticker};
    size_t size;
    int r;

    session.text = ret_text ? open_memstream(ret_text, &size) : NULL;
    if (ret_text && !session.text)
        return err_set(err, -ENOMEM, "out of memory");
    log_init(&session.log, stderr, program_name(options->program), LOG_EMERG);
    r = loop(&session, err);
    originals_done(&session.originals);
    if (session.text && fclose(session.text) != 0)
        return err_set(err, -ENOMEM, "out of memory");
    return r;
}

/* What was noted last, as one line. An interval with nothing new repeats nothing. */
static void last_note(const char *text, char ret[200])
{
    static const char mark[] = "\n  note: ", next_line[] = "\n     ";
    const char *note = NULL;
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, mark)); at++)
        note = at + sizeof(mark) - 1;
    for (; note && *note && n + 1 < 200; note++) {
        if (strncmp(note, next_line, sizeof(next_line) - 1) == 0)
            note += sizeof(next_line) - 1;
        if (*note == '\n')
            break;
        ret[n++] = *note;
    }
    ret[n] = '\0';
}

int drive_vcpus(const struct host *host, const struct ticker *ticker,
                const struct vcpu_settings *settings, char ret_note[200], struct err *err)
{
    struct options options = {.program = PROGRAM_VCPU, .interval_s = 1, .vcpu = *settings};
    char *text = NULL;
    int r = run(&options, host, ticker, vcpu_loop_run, ret_note ? &text : NULL, err);

    if (ret_note)
        last_note(text ? text : "", ret_note);
    free(text);
    return r;
}

int drive_memory(const struct host *host, const struct ticker *ticker,
                 const struct memory_settings *settings, struct err *err)
{
    struct options options = {
        .program = PROGRAM_MEMORY, .interval_s = settings->interval_s, .memory = *settings};

    return run(&options, host, ticker, memory_loop_run, NULL, err);
}
