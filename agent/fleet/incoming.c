/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/incoming.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/host/owner_list.h"
#include "agent/host/root_file.h"
#include "agent/host/xml_text.h"

/* libvirt's own limit for a definition is 10 MiB. */
enum { MOST_BYTES = 10 << 20, STEP_BYTES = 65536 };

static bool is_called(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && !node->ns &&
           strcmp((const char *)node->name, name) == 0;
}

static bool is_pin(const xmlNode *node)
{
    return is_called(node, "vcpupin") || is_called(node, "emulatorpin") ||
           is_called(node, "iothreadpin");
}

/* A list that cannot be read is libvirt's to refuse. */
static bool is_impossible(const xmlNode *pin, const struct cpuset *online)
{
    xmlChar *text = xmlGetNoNsProp(pin, BAD_CAST "cpuset");
    struct cpuset pcpus;
    bool is_list = text && owner_list_parse((const char *)text, &pcpus);

    if (is_list)
        cpuset_and(&pcpus, online);
    xmlFree(text);
    return is_list && cpuset_count(&pcpus) == 0;
}

static size_t take_out(xmlNode *tune, const struct cpuset *online)
{
    xmlNode *next;
    size_t n = 0;

    for (xmlNode *one = tune->children; one; one = next) {
        next = one->next;
        if (!is_pin(one) || !is_impossible(one, online))
            continue;
        xmlUnlinkNode(one);
        xmlFreeNode(one);
        n++;
    }
    return n;
}

static int write_out(xmlDoc *document, char **ret, size_t *ret_n)
{
    xmlBuffer *buffer = xmlBufferCreate();
    int r = -ENOMEM;

    /* Without a declaration, as libvirt writes it. */
    if (buffer && xmlNodeDump(buffer, document, xmlDocGetRootElement(document), 0, 0) > 0) {
        *ret_n = (size_t)xmlBufferLength(buffer);
        *ret = strndup((const char *)xmlBufferContent(buffer), *ret_n);
        r = *ret ? 1 : -ENOMEM;
    }
    xmlBufferFree(buffer);
    return r;
}

int incoming_filter(const char *xml, size_t n, const struct cpuset *online, char **ret,
                    size_t *ret_n)
{
    xmlDoc *document = n <= MOST_BYTES ? xml_text_read(xml, n, 0) : NULL;
    xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    size_t n_out = 0;
    int r = -EINVAL;

    if (root && is_called(root, "domain")) {
        for (xmlNode *one = root->children; one; one = one->next)
            if (is_called(one, "cputune"))
                n_out += take_out(one, online);
        r = n_out ? write_out(document, ret, ret_n) : 0;
    }
    xmlFreeDoc(document);
    return r;
}

/* NULL: too much, or no memory. */
static char *read_all(FILE *in, size_t *ret_n)
{
    char *text = malloc(STEP_BYTES), *more;
    size_t room = STEP_BYTES, n = 0, got;

    while (text && (got = fread(text + n, 1, room - n, in)) > 0) {
        n += got;
        if (n < room)
            continue;
        more = room < MOST_BYTES ? realloc(text, room *= 2) : NULL;
        if (!more)
            free(text);
        text = more;
    }
    *ret_n = n;
    return text;
}

int incoming_run(void)
{
    struct cpuset online;
    char *text = NULL, *made = NULL;
    size_t n = 0, n_made = 0;

    text = read_all(stdin, &n);
    if (text && root_file_cpuset("", "/sys/devices/system/cpu/online", &online) == 0 &&
        cpuset_count(&online) > 0 && incoming_filter(text, n, &online, &made, &n_made) == 1)
        fwrite(made, 1, n_made, stdout);
    free(made);
    free(text);
    return EXIT_SUCCESS;
}
