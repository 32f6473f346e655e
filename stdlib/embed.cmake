# Writes OUT, a C file that holds each of FILES as a byte array: struct library_file library_files[], ended by a NULL name.
# Byte arrays and not string literals, since C limits the length of those.
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char file_${number}[] = {${bytes}0x00};\n")
  string(APPEND table "    {\"${name}\", (const char *)file_${number}, ${length}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}.new "/* Generated from stdlib/ by embed.cmake. */
#include <stddef.h>
struct library_file { const char *name, *text; size_t len; };
extern const struct library_file library_files[];
${arrays}const struct library_file library_files[] = {
${table}    {NULL, NULL, 0},
};
")
file(RENAME ${OUT}.new ${OUT})
