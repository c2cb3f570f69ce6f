/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/guest_xml.h"

/* What the agent makes of definitions: names of files on standard input, one line of facts for
 * each. compare_domains.py holds them against a reading of its own. */

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (file && getdelim(&text, &size, '\0', file) < 0 && text)
        text[0] = '\0';
    if (file)
        fclose(file);
    return text;
}

static void print_set(const char *name, bool is_there, bool is_strange, const struct cpuset *set)
{
    static char text[8 * CPUSET_SIZE];

    cpuset_format(set, text, sizeof(text));
    printf("\t%s=%s", name, !is_there ? "none" : is_strange ? "strange" : text);
}

static void print_facts(const struct guest_definition *definition)
{
    const struct memory_definition *memory = &definition->memory;

    printf("\tballoon=%d\tlock=%d\tplugged=%" PRIu64 "\tdevices=%" PRIu64 "\tlimit=%" PRIu64,
           definition->has_balloon, (int)memory->lock, memory->plugged_kib, memory->devices_kib,
           memory->limit_kib);
    print_set("cpuset", definition->has_cpuset, definition->has_strange_cpuset,
              &definition->cpuset);
    for (size_t i = 0; i < definition->n_limits; i++) {
        char name[20];

        snprintf(name, sizeof(name), "vcpu%u", definition->limits[i].vcpu);
        print_set(name, true, definition->limits[i].is_strange, &definition->limits[i].allowed);
    }
}

int main(void)
{
    char *path = NULL;
    size_t size = 0;

    while (getline(&path, &size, stdin) > 0) {
        struct guest_definition definition;
        struct err err = {0};
        char *text;

        path[strcspn(path, "\n")] = '\0';
        text = slurp(path);
        printf("%s", path);
        if (!text || guest_xml_parse(text, &definition, &err) < 0) {
            printf("\terror=%s", err.text);
        } else {
            print_facts(&definition);
            guest_definition_done(&definition);
        }
        putchar('\n');
        free(text);
    }
    free(path);
    return 0;
}
