/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what a shell needs to complete a program's options, from the table of options:
 * completion bash|zsh|fish PROGRAM. Used while building only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_table.h"
#include "agent/base/options.h"
#include "agent/client/client.h"
#include "agent/fleet/request_line.h"
#include "agent/one/run.h"

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

/* evenkeelctl: a command, then what it takes; its few options are told as they are. */
static const char ctl_options[] =
    "--json --for --since --once --batch --csv --every --output --from --to --quiet --without "
    "--reserve --floor --config --connect "
    "--state --help --version";

static void put_commands(void)
{
    for (size_t i = 0; i < n_client_commands; i++)
        printf("%s%s", i ? " " : "", client_commands[i].name);
}

static void write_ctl_bash(void)
{
    printf("_evenkeelctl() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n"
           "    case $prev in\n"
           "    --config | --output | -o | report) mapfile -t COMPREPLY < <(compgen -f -- "
           "\"$cur\"); return ;;\n"
           "    --state) mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n"
           "    --for | --since | --every | --from | --to | --without | --reserve | --floor | "
           "--connect) "
           "return ;;\n"
           "    why | history | pause | resume | release) return ;;\n"
           "    reload) mapfile -t COMPREPLY < <(compgen -W 'vcpu memory' -- \"$cur\"); return ;;\n"
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W '%s ",
           ctl_options);
    put_commands();
    printf("' -- \"$cur\")\n}\ncomplete -F _evenkeelctl evenkeelctl\n");
}

static void write_ctl_zsh(void)
{
    printf("#compdef evenkeelctl\n_arguments '--json[answers as JSON]' '--for=[how long a pause "
           "lasts]:TIME:' '--since=[from when on history is shown]:TIME:' '--once[top: one look as "
           "text]' '--batch[top: looks as text]' '--csv[top: as values]' '--every=[top: from one "
           "look to the next]:TIME:' '(-o "
           "--output)'{-o,--output=}'[where "
           "the page of report goes]:FILE:_files' '--from=[from when on a report is]:TIME:' "
           "'--to=[until when a report is]:TIME:' '(-q --quiet)'{-q,--quiet}'[tell no progress]' "
           "'*--without=[plan "
           "without this guest]:GUEST:' '--reserve=[plan with these pCPUs kept free]:PCPUS:' "
           "'*--floor=[plan with no less for this guest]:GUEST=MIB:' '--config=[the "
           "configuration to look at]:FILE:_files' '--connect=[connection of release]:URI:' "
           "'--state=[folder of release]:DIR:_files -/' '--help[print this help]' "
           "'--version[print the version]' '1:command:(");
    put_commands();
    printf(")' '2:argument:_files'\n");
}

static void write_ctl_fish(void)
{
    printf("complete -c evenkeelctl -f\n"
           "complete -c evenkeelctl -l json -d 'answers as JSON'\n"
           "complete -c evenkeelctl -l for -x -d 'how long a pause lasts'\n"
           "complete -c evenkeelctl -l since -x -d 'from when on history is shown'\n"
           "complete -c evenkeelctl -l once -d 'top: one look as text'\n"
           "complete -c evenkeelctl -l batch -d 'top: looks as text'\n"
           "complete -c evenkeelctl -l csv -d 'top: as values'\n"
           "complete -c evenkeelctl -l every -x -d 'top: from one look to the next'\n"
           "complete -c evenkeelctl -n '__fish_seen_subcommand_from report' -F\n"
           "complete -c evenkeelctl -l output -s o -r -F -d 'where the page of report goes'\n"
           "complete -c evenkeelctl -l from -x -d 'from when on a report is'\n"
           "complete -c evenkeelctl -l to -x -d 'until when a report is'\n"
           "complete -c evenkeelctl -l quiet -s q -d 'tell no progress'\n"
           "complete -c evenkeelctl -l without -x -d 'plan without this guest'\n"
           "complete -c evenkeelctl -l reserve -x -d 'plan with these pCPUs kept free'\n"
           "complete -c evenkeelctl -l floor -x -d 'plan with no less for this guest'\n"
           "complete -c evenkeelctl -l config -r -F -d 'the configuration to look at'\n"
           "complete -c evenkeelctl -l connect -x -d 'connection of release'\n"
           "complete -c evenkeelctl -l state -r -F -d 'folder of release'\n"
           "complete -c evenkeelctl -l help -s h -d 'print this help'\n"
           "complete -c evenkeelctl -l version -d 'print the version'\n");
    for (size_t i = 0; i < n_client_commands; i++)
        printf("complete -c evenkeelctl -n __fish_use_subcommand -a %s -d '%s'\n",
               client_commands[i].name, client_commands[i].help);
}

/* evenkeel-fleet and evenkeel-one: a command, and options of which most name a file. */
struct word {
    const char *name, *help;
};
struct commander {
    const char *program, *function; /* bash's functions have no hyphens */
    const struct argp_option *options;
    struct word commands[16];
};

static struct commander fleet_commander(void)
{
    struct commander of = {
        .program = "evenkeel-fleet", .function = "_evenkeel_fleet", .options = request_options};

    for (size_t k = 0; request_commands[k].name; k++)
        of.commands[k] = (struct word){request_commands[k].name, request_commands[k].help};
    return of;
}

static struct commander one_commander(void)
{
    struct commander of = {
        .program = "evenkeel-one", .function = "_evenkeel_one", .options = one_options};

    for (size_t k = 0; one_commands[k].name; k++)
        of.commands[k] = (struct word){one_commands[k].name, one_commands[k].help};
    return of;
}

static bool names_file(const struct argp_option *option)
{
    return option->arg && strcmp(option->arg, "FILE") == 0;
}

static void write_commander_bash(const struct commander *of)
{
    printf("%s() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n"
           "    case $prev in\n",
           of->function);
    for (const struct argp_option *option = of->options; option->name; option++) {
        if (names_file(option))
            printf("    --%s) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n",
                   option->name);
        else if (option->arg)
            printf("    --%s) return ;;\n", option->name);
    }
    printf("    esac\n    mapfile -t COMPREPLY < <(compgen -W '");
    for (const struct argp_option *option = of->options; option->name; option++)
        printf("--%s ", option->name);
    for (const struct word *command = of->commands; command->name; command++)
        printf("%s ", command->name);
    printf("' -- \"$cur\")\n}\ncomplete -F %s %s\n", of->function, of->program);
}

static void write_commander_zsh(const struct commander *of)
{
    printf("#compdef %s\n_arguments", of->program);
    for (const struct argp_option *option = of->options; option->name; option++) {
        printf(" \\\n    '*--%s%s[", option->name, option->arg ? "=" : "");
        put_quoted(option->doc, "[]:\\", "'\\''");
        printf("]");
        if (option->arg)
            printf(":%s:%s", option->arg, names_file(option) ? "_files" : "");
        putchar('\'');
    }
    printf(" \\\n    '1:command:(");
    for (const struct word *command = of->commands; command->name; command++)
        printf("%s ", command->name);
    printf(")'\n");
}

static void write_commander_fish(const struct commander *of)
{
    printf("complete -c %s -f\n", of->program);
    for (const struct argp_option *option = of->options; option->name; option++) {
        printf("complete -c %s -l %s %s-d '", of->program, option->name,
               names_file(option) ? "-r -F "
               : option->arg      ? "-x "
                                  : "");
        put_quoted(option->doc, "\\", "\\'");
        printf("'\n");
    }
    for (const struct word *command = of->commands; command->name; command++)
        printf("complete -c %s -n __fish_use_subcommand -a %s -d '%s'\n", of->program,
               command->name, command->help);
}

static struct program_options options_of(const char *program)
{
    struct program_options of = {.program = program};
    int which = strcmp(program, program_name(PROGRAM_VCPU)) == 0     ? OF_VCPU
                : strcmp(program, program_name(PROGRAM_MEMORY)) == 0 ? OF_MEMORY
                                                                     : 0;

    for (int key = 0; key < N_OPTIONS; key++) {
        const struct option_row *row = option_row((enum option_key)key);

        if (row->of & which && row->file != ONLY_IN_FILE)
            of.rows[of.n++] = row;
    }
    return of;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *shell;
        void (*write)(const struct program_options *of);
        void (*write_ctl)(void);
        void (*write_commander)(const struct commander *of);
    } shells[] = {{"bash", write_bash, write_ctl_bash, write_commander_bash},
                  {"zsh", write_zsh, write_ctl_zsh, write_commander_zsh},
                  {"fish", write_fish, write_ctl_fish, write_commander_fish}};
    struct program_options of = options_of(argc == 3 ? argv[2] : "");
    bool is_ctl = argc == 3 && strcmp(argv[2], "evenkeelctl") == 0;
    const struct commander commanders[] = {fleet_commander(), one_commander()}, *commander = NULL;

    for (size_t i = 0; argc == 3 && i < sizeof(commanders) / sizeof(commanders[0]); i++)
        if (strcmp(argv[2], commanders[i].program) == 0)
            commander = &commanders[i];
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]) && (of.n || is_ctl || commander);
         i++) {
        if (strcmp(shells[i].shell, argv[1]) != 0)
            continue;
        if (commander)
            shells[i].write_commander(commander);
        else if (is_ctl)
            shells[i].write_ctl();
        else
            shells[i].write(&of);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return EXIT_FAILURE;
}
