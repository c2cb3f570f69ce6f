/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/fold.h"

#include <stdarg.h>
#include <string.h>

#include "agent/base/text.h"

enum { MAX_LINE = 1200 };

struct fold fold_begin(FILE *out, size_t column, size_t indent)
{
    return (struct fold){out, column, indent};
}

/* A number and its unit stand together. */
static size_t word_length(const char *word)
{
    size_t n = strcspn(word, " ");

    return strncmp(word + n, " %", 2) == 0 ? n + 1 + strcspn(word + n + 1, " ") : n;
}

void fold_text(struct fold *fold, const char *text)
{
    while (*text) {
        size_t spaces = strspn(text, " "), n = word_length(text + spaces);
        size_t columns = spaces + text_columns(text + spaces, n);

        if (fold->column > fold->indent && fold->column + columns > FOLD_COLUMNS) {
            fprintf(fold->out, "\n%*s", (int)fold->indent, "");
            fold->column = fold->indent;
            columns -= spaces;
            text += spaces;
            spaces = 0;
        }
        fwrite(text, 1, spaces + n, fold->out);
        fold->column += columns;
        text += spaces + n;
    }
}

void fold_print(struct fold *fold, const char *format, ...)
{
    char text[MAX_LINE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fold_text(fold, text);
}

void fold_end(struct fold *fold)
{
    fputc('\n', fold->out);
    fold->column = 0;
}

void fold_line(FILE *out, size_t indent, const char *format, ...)
{
    struct fold fold = fold_begin(out, 0, indent);
    char text[MAX_LINE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fold_text(&fold, text);
    fold_end(&fold);
}
