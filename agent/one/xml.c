/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/xml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool one_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *one_next(const xmlNode *of, const xmlNode *after, const char *name)
{
    const xmlNode *node = after ? after->next : of ? of->children : NULL;

    while (node && !one_is(node, name))
        node = node->next;
    return node;
}

const xmlNode *one_child(const xmlNode *of, const char *name)
{
    return one_next(of, NULL, name);
}

/* A value may stand in a CDATA section, with white space around it. */
const char *one_content(const xmlNode *node)
{
    const char *text = "";

    for (const xmlNode *part = node ? node->children : NULL; part; part = part->next) {
        if (part->type == XML_CDATA_SECTION_NODE && part->content)
            return (const char *)part->content;
        if (part->type == XML_TEXT_NODE && part->content && !text[0])
            text = (const char *)part->content;
    }
    return text;
}

const char *one_text(const xmlNode *of, const char *name)
{
    return one_content(one_child(of, name));
}

bool one_is_yes(const char *text)
{
    return strcasecmp(text, "yes") == 0;
}

int one_integer(const char *text, int64_t least, int64_t most, int64_t *ret)
{
    long long value;
    char *end;

    if ((text[0] < '0' || text[0] > '9') && text[0] != '-')
        return -EINVAL;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        return -EINVAL;
    *ret = value;
    return 0;
}

int one_decimal(const char *text, double most, double *ret)
{
    char *end;
    double value;

    if ((text[0] < '0' || text[0] > '9') && text[0] != '.')
        return -EINVAL;
    value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value < 0 || value > most)
        return -EINVAL;
    *ret = value;
    return 0;
}

static void refuse(struct one_reader *reader, const char *name, const char *text)
{
    if (reader->r < 0)
        return;
    reader->r = err_set(reader->err, -EINVAL, "%s %lld: its %s is '%.40s', which makes no sense",
                        reader->what, (long long)reader->id, name, text);
}

void one_read_integer(struct one_reader *reader, const char *name, int64_t least, int64_t most,
                      int64_t *ret)
{
    const char *text = one_text(reader->of, name);

    if (text[0] && one_integer(text, least, most, ret) < 0)
        refuse(reader, name, text);
}

void one_read_decimal(struct one_reader *reader, const char *name, double most, double *ret)
{
    const char *text = one_text(reader->of, name);

    if (text[0] && one_decimal(text, most, ret) < 0)
        refuse(reader, name, text);
}
