/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_xml.h"

#include <libxml/xpath.h>
#include <stdio.h>
#include <string.h>

#include "agent/host/xml_text.h"

bool host_xml_uuid(const char *xml, char *ret, size_t size)
{
    xmlDoc *document = xml_text_read(xml, strlen(xml), 0);
    xmlXPathContext *context = document ? xmlXPathNewContext(document) : NULL;
    xmlXPathObject *found = NULL;

    if (context)
        found = xmlXPathEvalExpression(BAD_CAST "string(/capabilities/host/uuid)", context);
    snprintf(ret, size, "%s", found && found->stringval ? (const char *)found->stringval : "");
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return ret[0];
}
