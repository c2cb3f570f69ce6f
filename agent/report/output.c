/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_QUEUED_BYTES = 64 << 10 }; /* as much as a pipe holds */
enum { MAX_PATIENCE_MS = 100 }; /* what flows has been written by then, on a busy machine too */

int output_open(struct output *ret, double interval_s)
{
    int patience_ms =
        interval_s < MAX_PATIENCE_MS / 50.0 ? (int)(interval_s * 50) : MAX_PATIENCE_MS;

    ret->out = outlet_new(STDOUT_FILENO, MAX_QUEUED_BYTES, false);
    ret->err = outlet_new(STDERR_FILENO, MAX_QUEUED_BYTES, false);
    if (!ret->out || !ret->err)
        return -ENOMEM;
    outlet_set_patience(ret->out, patience_ms);
    outlet_set_patience(ret->err, patience_ms);
    return 0;
}

int output_make_page(struct output *output, bool is_taken)
{
    output->to = is_taken ? output->err : output->out;
    output->page = open_memstream(&output->text, &output->size);
    return output->page ? 0 : -ENOMEM;
}

void output_drain(struct output *output, const struct stop *stop)
{
    outlet_drain(output->out, stop);
    outlet_drain(output->err, stop);
}

void output_close(struct output *output)
{
    if (output->page)
        fclose(output->page);
    free(output->text);
    outlet_free(output->out);
    outlet_free(output->err);
    *output = (struct output){0};
}

/* Nobody reading any more is a request to stop; any other trouble is said once, and the host is
 * kept on an even keel without a report. */
static void fail(struct output *output, int error)
{
    if (error == EPIPE)
        output->is_closed = true;
    else if (!output->has_failed)
        log_line(output->log, LOG_WARNING, "cannot write the report: %s; going on without",
                 strerror(error));
    output->has_failed |= error != EPIPE;
}

/* What was left out is told once somebody reads again, beside the reports and not among them. */
static void put(struct output *output, struct outlet *to, const char *text, size_t n)
{
    uint64_t left_out = outlet_left_out(to);
    int r = 0;

    if (left_out)
        log_line(output->log, LOG_WARNING, "%" PRIu64 " reports were not taken", left_out);
    if (!output->is_closed)
        r = outlet_put(to, text, n, output->wait);
    if (r < 0 && r != -EAGAIN)
        fail(output, -r);
}

void output_flush(struct output *output)
{
    bool is_whole;

    if (!output->page)
        return;
    is_whole = fflush(output->page) == 0 && !ferror(output->page) && output->text;
    if (!is_whole)
        fail(output, ENOMEM);
    else if (output->size)
        put(output, output->to, output->text, output->size);
    clearerr(output->page);
    fseeko(output->page, 0, SEEK_SET);
}

void output_line(struct output *output, char *line)
{
    if (line)
        put(output, output->out, line, strlen(line));
    else
        fail(output, ENOMEM);
    free(line);
}
