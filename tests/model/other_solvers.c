/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* mkstemps */
#include "tests/model/other_solvers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int run(const char *command)
{
    int status = system(command);

    return status == -1 ? -1 : status >> 8;
}

bool has_program(const char *name)
{
    char command[200];

    snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", name);
    return run(command) == 0;
}

bool skipped_without(const char *name)
{
    bool is_there = has_program(name);

    if (!is_there)
        printf("skipped: %s is not installed\n", name);
    return !is_there;
}

char *temporary_file(const char *suffix, const char *text)
{
    char *path = calloc(1, 100);
    FILE *file = NULL;
    int fd;

    if (!path)
        abort();
    snprintf(path, 100, "/tmp/evenkeel-XXXXXX%s", suffix);
    fd = mkstemps(path, (int)strlen(suffix));
    if (fd >= 0)
        file = fdopen(fd, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return path;
}

static void forget(char *path)
{
    unlink(path);
    free(path);
}

/* The line "s mip ROWS COLUMNS STATUS OBJECTIVE" of a solution file; o is optimal. */
static double glpsol_objective(const char *path)
{
    char line[200], status = 'u';
    double objective = NAN;
    FILE *file = fopen(path, "r");

    if (!file)
        return NAN;
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "s mip %*d %*d %c %lf", &status, &objective) == 2)
            break;
        /* "s bas ROWS COLUMNS PRIMAL DUAL OBJECTIVE": no integer in it */
        if (sscanf(line, "s bas %*d %*d f %c %lf", &status, &objective) == 2) {
            status = status == 'f' ? 'o' : 'u';
            break;
        }
    }
    fclose(file);
    return status == 'o' ? objective : NAN;
}

static double glpsol(const char *arguments)
{
    char *solution = temporary_file(".sol", ""), command[600];
    double objective;

    snprintf(command, sizeof(command), "timeout 60 glpsol %s --write %s >/dev/null 2>&1", arguments,
             solution);
    objective = run(command) == 0 ? glpsol_objective(solution) : NAN;
    forget(solution);
    return objective;
}

double glpsol_lp(const char *text)
{
    char *path = temporary_file(".lp", text), arguments[200];
    double objective;

    snprintf(arguments, sizeof(arguments), "--lp %s", path);
    objective = glpsol(arguments);
    forget(path);
    return objective;
}

double glpsol_math(const char *model_path, const char *data)
{
    char *path = temporary_file(".dat", data), arguments[400];
    double objective;

    snprintf(arguments, sizeof(arguments), "--math %s --data %s", model_path, path);
    objective = glpsol(arguments);
    forget(path);
    return objective;
}

bool cbc_lp(const char *text, int seconds, double *ret_objective)
{
    char *path = temporary_file(".lp", text), *solution = temporary_file(".sol", "");
    char command[600];
    bool is_optimal = false;
    FILE *file;

    snprintf(command, sizeof(command),
             "timeout %d cbc %s -sec %d -ratio 0 -allow 0 -solve -solu %s >/dev/null 2>&1",
             seconds + 5, path, seconds, solution);
    if (run(command) == 0 && (file = fopen(solution, "r"))) {
        is_optimal = fscanf(file, "Optimal - objective value %lf", ret_objective) == 1;
        fclose(file);
    }
    forget(path);
    forget(solution);
    return is_optimal;
}
