/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/xml_text.h"

#include <libxml/parser.h>
#include <libxml/xmlversion.h>
#include <limits.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *complaint;
#else
typedef xmlError *complaint;
#endif

static void say_nothing(void *arg, complaint error)
{
    (void)arg;
    (void)error;
}

xmlDoc *xml_text_read(const char *text, size_t n, int flags)
{
    xmlParserCtxt *context = n <= INT_MAX ? xmlNewParserCtxt() : NULL;
    xmlDoc *document = NULL;

    if (!context)
        return NULL;
    /* XML_PARSE_NOERROR alone leaves what libxml calls errors of validity, as of xml:id. */
    if (context->sax)
        context->sax->serror = say_nothing;
    document = xmlCtxtReadMemory(context, text, (int)n, NULL, NULL,
                                 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | flags);
    xmlFreeParserCtxt(context);
    return document;
}
