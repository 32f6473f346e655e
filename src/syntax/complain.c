#include "syntax/complain.h"
void complain_unexpected(struct parser *parser, const bool *expected)
{
    (void)expected;
    if (!parser->token.mended) diag_error(parser->scanner.diags, parser->token.span, "unexpected");
}
