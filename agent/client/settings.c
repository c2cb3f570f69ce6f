/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evenkeelctl show-config. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/config.h"
#include "agent/base/option_show.h"
#include "agent/client/ask.h"

enum { MAX_PATH_BYTES = 4096 };

/* Takes the settings over. */
static void show(struct asking *asking, json_t *shown)
{
    if (shown && asking->line->json)
        json_array_append(asking->all, shown);
    else if (shown)
        option_show_text(shown, stdout);
    json_decref(shown);
}

int client_read_config(const struct request_line *line, enum program program, struct options *ret,
                       struct err *err)
{
    char path[MAX_PATH_BYTES], name[] = "evenkeelctl", show_it[] = "--show-config",
                               option[] = "--config";
    char *argv[] = {name, show_it, option, path, NULL};

    if (line->config)
        snprintf(path, sizeof(path), "%s", line->config);
    else if (!config_installed(path, sizeof(path)))
        return err_set(err, -ENOENT, "the configuration is not found: name it with --config");
    return options_parse(program, 4, argv, ret, err);
}

static void show_files(struct asking *asking, enum program program)
{
    struct options options;
    struct err err = {0};

    if (client_read_config(asking->line, program, &options, &err) < 0) {
        asking->n_failed++;
        asking_say(asking, "%s: %s", program_name(program), err.text);
        return;
    }
    show(asking, option_show_json(&options));
    asking->n_running++;
    asking->n_done++;
    options_done(&options);
}

static void one(struct asking *asking, enum program program)
{
    if (!asking->line->config)
        show(asking, asking_json(asking_call(asking, program, false, "Config", "")));
    if (program == PROGRAM_VCPU || asking->n_running)
        return;
    if (!asking->line->json && !asking->line->config)
        printf("; neither program runs: this is what the files say\n");
    show_files(asking, PROGRAM_VCPU);
    show_files(asking, PROGRAM_MEMORY);
}

int client_show_config(const struct request_line *line)
{
    return asking_run(line, ASKING_ALONE, one);
}
