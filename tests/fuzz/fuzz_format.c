/* Any bytes that parse as a script: the layout parses to the same tree, keeps the comments and is its own layout. */
/* links: nel_syntax */
#include "../unit/syntax/formatted.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct str text = {(const char *)bytes, len};
    struct text layout = {0};
    if (parse_told(text, NULL, NULL) == 0 && format_fault(text, &layout))
        __builtin_trap();
    text_release(&layout);
    return 0;
}
