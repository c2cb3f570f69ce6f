/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/input.h"
#include "agent/host/capabilities_xml.h"
#include "agent/simulated/synthetic.h"

static const size_t max_bytes = 16u << 20;

static int read_text(const char *path, const struct stop *stop, char **ret, struct err *err)
{
    struct input *input;
    ssize_t n = input_open(path, stop, &input);

    if (n >= 0) {
        n = input_all(input, max_bytes, ret);
        input_free(input);
    }
    if (n >= 0)
        return 0;
    return err_set(err, n == -ENOMEM || n == -ECANCELED ? (int)n : -EINVAL,
                   "topology '%.160s' cannot be read: %s", path,
                   n == -EFBIG ? "it is too long" : strerror((int)-n));
}

static int read_capabilities(const char *path, const struct stop *stop,
                             struct topology_facts *facts, struct err *err)
{
    struct err why = {0};
    char *xml = NULL;
    int r = read_text(path, stop, &xml, err);

    if (r == 0 && (r = capabilities_xml_parse(xml, facts, &why)) < 0)
        err_set(err, r, "'%.120s': %s", path, why.text);
    free(xml);
    return r;
}

static int read_map(const char *path, const struct stop *stop, struct topology_facts *facts,
                    struct err *err)
{
    struct err why = {0};
    char *text = NULL;
    int r = read_text(path, stop, &text, err);

    if (r == 0 && (r = cpu_map_parse(text, facts, &why)) < 0)
        err_set(err, r, "'%.120s': %s", path, why.text);
    free(text);
    return r;
}

/* The map beside a capabilities file: the same name with another end. Empty where there is none. */
static void find_map(const char *path, char ret[PLACE_PATH_SIZE])
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    size_t n = dot && dot > slash ? (size_t)(dot - path) : strlen(path);

    if ((size_t)snprintf(ret, PLACE_PATH_SIZE, "%.*s.cpumap", (int)n, path) >= PLACE_PATH_SIZE ||
        access(ret, F_OK) != 0)
        ret[0] = '\0';
}

static int read_files(struct topology_facts *facts, const char *capabilities, const char *map,
                      const struct scenario_place *place, struct err *err)
{
    char path[PLACE_PATH_SIZE], map_path[PLACE_PATH_SIZE];
    int r = place_path(place, "topology", capabilities, path, err);

    if (r < 0)
        return r;
    find_map(path, map_path);
    if (map)
        place_path(place, "cpumap", map, map_path, err);
    r = read_capabilities(path, place->stop, facts, err);
    if (r == 0 && map_path[0])
        r = read_map(map_path, place->stop, facts, err);
    return r;
}

/* Without a map all that is in a cell is online, as in a tree made of the same facts. */
static int complete(struct topology_facts *facts, struct err *err)
{
    for (size_t c = 0; c < facts->n_cells && !facts->has_map; c++)
        cpuset_or(&facts->online, &facts->cells[c].pcpus);
    facts->has_map = true;
    cpuset_or(&facts->mentioned, &facts->online);
    return cpuset_count(&facts->online) > 0
               ? 0
               : err_set(err, -EINVAL, "scenario: \"topology\" names no pCPU that is online");
}

static bool is_name(const json_t *value)
{
    return !value || (json_is_string(value) && json_string_length(value) > 0 &&
                      json_string_length(value) < PLACE_NAME_SIZE);
}

int scenario_topology_parse(struct scenario *scenario, const json_t *topology, const json_t *cpumap,
                            const struct scenario_place *place, struct err *err)
{
    const char *text = json_string_value(topology), *map = json_string_value(cpumap);
    int r;

    if (!topology && !cpumap)
        return 0;
    if (!topology || !is_name(topology) || !is_name(cpumap) || (cpumap && synthetic_is(text)))
        return err_set(err, -EINVAL,
                       "scenario: \"topology\" must be a capabilities file, perhaps with a "
                       "\"cpumap\", or a text like 'node:2 llc:8 core:8 pu:2'");
    scenario->topology = calloc(1, sizeof(*scenario->topology));
    if (!scenario->topology)
        return err_set(err, -ENOMEM, "out of memory");
    r = synthetic_is(text) ? synthetic_parse(text, scenario->topology, err)
                           : read_files(scenario->topology, text, map, place, err);
    return r < 0 ? r : complete(scenario->topology, err);
}
