/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/progress.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"

static const uint64_t second_ns = 1000000000;
static const uint64_t silent_ns = 2 * 1000000000ull, line_ns = 10 * 1000000000ull,
                      redraw_ns = 200000000;
enum { USUAL_WIDTH = 80, MAX_BAR = 40, MIN_BAR = 5 };

/* "12 s", "3 min 20 s", "2 h 05 min". */
static void span_text(double seconds, char ret[40])
{
    long long s = seconds < 1e12 ? (long long)ceil(seconds) : 1000000000000;

    if (s < 60)
        snprintf(ret, 40, "%lld s", s);
    else if (s < 3600)
        snprintf(ret, 40, "%lld min %02lld s", s / 60, s % 60);
    else
        snprintf(ret, 40, "%lld h %02lld min", s / 3600, s % 3600 / 60);
}

/* As wide as there is room for, or nothing. */
static void bar_text(double share, size_t room, char ret[MAX_BAR + 4])
{
    size_t width = room < MAX_BAR + 3 ? (room > 3 ? room - 3 : 0) : MAX_BAR;

    ret[0] = '\0';
    if (width < MIN_BAR)
        return;
    ret[0] = '[';
    text_bar(share, 1, width, ret + 1);
    memcpy(ret + 1 + width, "] ", 3);
}

void progress_text(const char *what, double done, double total, double elapsed_s, size_t width,
                   char ret[PROGRESS_TEXT_SIZE])
{
    double share = total > 0 && isfinite(total) && done > 0 ? fmin(1, done / total) : 0;
    char span[40], tail[80], bar[MAX_BAR + 4];
    size_t used;

    if (!(total > 0) || !isfinite(total)) {
        span_text(fmax(0, elapsed_s), span);
        snprintf(ret, PROGRESS_TEXT_SIZE, "%.60s: for %s", what, span);
        return;
    }
    span_text(share > 0 ? fmax(0, elapsed_s) * (1 - share) / share : 0, span);
    snprintf(tail, sizeof(tail), "%3.0f %%%s%s%s", floor(100 * share), share > 0 ? ", " : "",
             share > 0 ? span : "", share > 0 ? " left" : "");
    used = strlen(tail) + strnlen(what, 60) + 1;
    bar_text(share, width > used ? width - used : 0, bar);
    snprintf(ret, PROGRESS_TEXT_SIZE, "%.60s%s %s%s", what, width ? "" : ":", bar, tail);
}

/* The columns of the terminal, less one: the last one would scroll some of them. */
static size_t terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
        return USUAL_WIDTH - 1;
    return size.ws_col - 1u;
}

void progress_begin(struct progress *progress, const char *what, bool is_quiet)
{
    *progress = (struct progress){.what = what, .out = is_quiet ? NULL : stderr};
    progress->is_terminal = !is_quiet && isatty(STDERR_FILENO) == 1;
    progress->width = progress->is_terminal ? terminal_width() : 0;
    progress->start_ns = progress->said_ns = clock_monotonic_ns();
}

void progress_tell(struct progress *progress, double done, double total)
{
    char text[PROGRESS_TEXT_SIZE];
    uint64_t now_ns;

    if (!progress->out)
        return;
    now_ns = clock_monotonic_ns();
    if (now_ns - progress->start_ns < silent_ns ||
        now_ns - progress->said_ns < (progress->is_terminal ? redraw_ns : line_ns))
        return;
    progress->said_ns = now_ns;
    progress_text(progress->what, done, total,
                  (double)(now_ns - progress->start_ns) / (double)second_ns, progress->width, text);
    if (progress->is_terminal)
        fprintf(progress->out, "\r%.*s\033[K", (int)progress->width, text);
    else
        fprintf(progress->out, "%s\n", text);
    fflush(progress->out);
    progress->is_drawn = progress->is_terminal;
}

void progress_end(struct progress *progress)
{
    if (progress->out && progress->is_drawn) {
        fputs("\r\033[K", progress->out);
        fflush(progress->out);
        progress->said_ns = progress->start_ns;
    }
    progress->is_drawn = false;
}
