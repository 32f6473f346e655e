/* Text that is no token: what the scanner says about it, and the token it goes on with. Internal to the scanner. */
#ifndef NEL_SYNTAX_STRAY_H
#define NEL_SYNTAX_STRAY_H

#include "syntax/scan.h"

/* Bytes that are not UTF-8: the first one is reported. Called once, before the scan, which then passes over them. False where the
   text is no text at all (UTF-16, or with zeros in it) and better not scanned. */
bool stray_bytes(struct str text, uint32_t source, struct diags *diags);

/* Each reports [start, end) and returns the token to go on with, mended (YYerror where nothing plausible was meant). */
struct token stray_meant(struct scanner *scanner, int kind, uint32_t start, uint32_t end, const char *help);
struct token stray_number(struct scanner *scanner, uint32_t start, uint32_t end); /* 12abc, 1. */
struct token stray_zeros(struct scanner *scanner, uint32_t start, uint32_t end);  /* 007, 1,000 */
struct token stray_percent(struct scanner *scanner, uint32_t start);              /* 7 % 3, 5 %, %5 */
struct token stray_assign(struct scanner *scanner, uint32_t start, uint32_t end); /* x <- 3, x := 3 */
struct token stray_update(struct scanner *scanner, uint32_t start, uint32_t end); /* x += 3, x++ */
struct token stray_point(struct scanner *scanner, uint32_t start, uint32_t end);  /* .5 */
void stray_return(struct scanner *scanner, uint32_t start);               /* a carriage return without a line feed: told once */
struct token stray_quote(struct scanner *scanner, uint32_t start);        /* 'text', “text” */
struct token stray_block_string(struct scanner *scanner, uint32_t start); /* """text""" */
struct token stray_open_dna(struct scanner *scanner, uint32_t start);     /* `R8 */
struct token stray_character(struct scanner *scanner, uint32_t start, uint32_t end); /* § */

/* A string whose piece [start, end) the line's end cut off. */
struct token stray_open_string(struct scanner *scanner, bool head, uint32_t start, uint32_t end);

/* Whether the line ends at `at` in the hole of a string, which was then reported. */
bool stray_hole_at_line_end(struct scanner *scanner, uint32_t at);

/* Text that is passed over after the report; a comment up to what is returned. */
uint32_t stray_comment(struct scanner *scanner, uint32_t start, uint32_t end);
bool stray_prefix(struct scanner *scanner, uint32_t start); /* f"text"; false where the quote closes a string begun a line before */
void stray_blank(struct scanner *scanner, uint32_t start, uint32_t end);

/* A bracket that is still open where it cannot be: `found` is what stands there, `help` may be NULL. */
void stray_open_bracket(struct scanner *scanner, const struct bracket *bracket, struct span found, const char *note);

#endif
