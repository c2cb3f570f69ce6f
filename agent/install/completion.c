/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what a shell needs to complete a program's options, from the table of options:
 * completion bash|zsh|fish vcpu_scheduler|memory_coordinator. Used while building only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_table.h"
#include "agent/base/options.h"

struct program_options {
    const char *program;
    const struct option_row *rows[N_OPTIONS];
    size_t n;
};

static bool takes_file(const struct option_row *row)
{
    return row->arg && strstr(row->arg, "FILE");
}

static bool takes_folder(const struct option_row *row)
{
    return row->arg && strcmp(row->arg, "DIR") == 0;
}

/* Text as a shell wants it between single quotes. escaped are characters that get a backslash,
 * quote is what stands for a single quote. */
static void put_quoted(const char *text, const char *escaped, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else if (strchr(escaped, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void put_words(const struct option_row *row)
{
    for (const char *c = row->words; *c; c++)
        putchar(*c == '|' ? ' ' : *c);
}

static void write_bash_case(const struct option_row *row)
{
    if (!row->arg)
        return;
    printf("    --%s) ", row->name);
    if (row->words) {
        printf("mapfile -t COMPREPLY < <(compgen -W '");
        put_words(row);
        printf("' -- \"$cur\"); ");
    } else if (takes_file(row) || takes_folder(row)) {
        printf("mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\"); ", takes_file(row) ? 'f' : 'd');
    }
    printf("return ;;\n");
}

/* Bash takes "--option=value" apart at the equals sign. */
static void write_bash(const struct program_options *of)
{
    printf("_%s() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n"
           "    if [ \"$cur\" = = ]; then cur=''\n"
           "    elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
           "    case $prev in\n",
           of->program);
    for (size_t i = 0; i < of->n; i++)
        write_bash_case(of->rows[i]);
    printf("    esac\n    mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < of->n; i++)
        printf("%s--%s", i ? " " : "", of->rows[i]->name);
    printf("' -- \"$cur\")\n}\ncomplete -o filenames -F _%s %s\n", of->program, of->program);
}

static void write_zsh_row(const struct option_row *row)
{
    if (row->letter)
        printf(" \\\n    '-%c[%s]'", row->letter, row->help);
    printf(" \\\n    '%s--%s%s[", row->kind == IS_MATCH ? "*" : "", row->name, row->arg ? "=" : "");
    put_quoted(row->help, "[]:\\", "'\\''");
    printf("]");
    if (row->arg)
        printf(":%s:", row->arg);
    if (row->words) {
        putchar('(');
        put_words(row);
        putchar(')');
    } else if (takes_file(row) || takes_folder(row)) {
        printf(takes_file(row) ? "_files" : "_files -/");
    }
    putchar('\'');
}

static void write_zsh(const struct program_options *of)
{
    printf("#compdef %s\n_arguments", of->program);
    for (size_t i = 0; i < of->n; i++)
        write_zsh_row(of->rows[i]);
    printf(" \\\n    ':INTERVAL:'\n");
}

static void write_fish(const struct program_options *of)
{
    printf("complete -c %s -f\n", of->program);
    for (size_t i = 0; i < of->n; i++) {
        const struct option_row *row = of->rows[i];

        printf("complete -c %s -l %s ", of->program, row->name);
        if (row->letter)
            printf("-s %c ", row->letter);
        if (takes_file(row) || takes_folder(row))
            printf("-r -F ");
        else if (row->arg)
            printf("-x ");
        if (row->words) {
            printf("-a '");
            put_words(row);
            printf("' ");
        }
        printf("-d '");
        put_quoted(row->help, "\\", "\\'");
        printf("'\n");
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *shell;
        void (*write)(const struct program_options *of);
    } shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};
    struct program_options of = {.program = argc == 3 ? argv[2] : ""};
    int program = strcmp(of.program, program_name(PROGRAM_VCPU)) == 0 ? OF_VCPU : OF_MEMORY;

    if (argc != 3 ||
        (program == OF_MEMORY && strcmp(of.program, program_name(PROGRAM_MEMORY)) != 0))
        return EXIT_FAILURE;
    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = option_row((enum option_key)key);

        if (row->of & program && row->file != ONLY_IN_FILE)
            of.rows[of.n++] = row;
    }
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].shell, argv[1]) == 0) {
            shells[i].write(&of);
            return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    return EXIT_FAILURE;
}
