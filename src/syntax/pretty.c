/* See pretty.h. */
#include "syntax/pretty.h"

#include <stdint.h>

enum pretty_kind { PRETTY_TEXT, PRETTY_JOIN, PRETTY_LINE, PRETTY_IF_BROKEN, PRETTY_SUFFIX, PRETTY_NEST, PRETTY_GROUP };

struct pretty {
    uint8_t kind;
    bool breaks;
    bool hard;        /* of a line */
    uint32_t columns; /* that it takes on one line */
    struct str text;  /* of a text or suffix; of a line, what stands there flat; of `if_broken`, its flat text */
    struct str broken;
    const struct pretty *first, *second;
};

static const struct pretty *make(struct pretty_maker *maker, struct pretty content)
{
    struct pretty *made = arena_alloc(maker->arena, sizeof *made);
    size_t columns = content.kind == PRETTY_SUFFIX ? 0 : text_columns(content.text);
    if (content.first)
        columns += content.first->columns;
    if (content.second)
        columns += content.second->columns;
    content.columns = columns < UINT32_MAX ? (uint32_t)columns : UINT32_MAX;
    if (made)
        *made = content;
    else
        maker->failed = true;
    return made;
}

const struct pretty *pretty_text(struct pretty_maker *maker, struct str text)
{
    return make(maker, (struct pretty){.kind = PRETTY_TEXT, .text = text});
}

const struct pretty *pretty_join(struct pretty_maker *maker, const struct pretty *first, const struct pretty *second)
{
    if (!first || !second)
        return first ? first : second;
    bool breaks = first->breaks || second->breaks;
    return make(maker, (struct pretty){.kind = PRETTY_JOIN, .breaks = breaks, .first = first, .second = second});
}

const struct pretty *pretty_line(struct pretty_maker *maker)
{
    return make(maker, (struct pretty){.kind = PRETTY_LINE, .text = STR(" ")});
}

const struct pretty *pretty_soft_line(struct pretty_maker *maker)
{
    return make(maker, (struct pretty){.kind = PRETTY_LINE});
}

const struct pretty *pretty_hard_line(struct pretty_maker *maker)
{
    return make(maker, (struct pretty){.kind = PRETTY_LINE, .breaks = true, .hard = true});
}

const struct pretty *pretty_break(struct pretty_maker *maker)
{
    return make(maker, (struct pretty){.kind = PRETTY_TEXT, .breaks = true});
}

const struct pretty *pretty_if_broken(struct pretty_maker *maker, struct str broken, struct str flat)
{
    return make(maker, (struct pretty){.kind = PRETTY_IF_BROKEN, .text = flat, .broken = broken});
}

const struct pretty *pretty_suffix(struct pretty_maker *maker, struct str comment)
{
    return make(maker, (struct pretty){.kind = PRETTY_SUFFIX, .breaks = true, .text = comment});
}

const struct pretty *pretty_nest(struct pretty_maker *maker, const struct pretty *inside)
{
    return inside ? make(maker, (struct pretty){.kind = PRETTY_NEST, .breaks = inside->breaks, .first = inside}) : NULL;
}

const struct pretty *pretty_group(struct pretty_maker *maker, const struct pretty *inside)
{
    return inside ? make(maker, (struct pretty){.kind = PRETTY_GROUP, .breaks = inside->breaks, .first = inside}) : NULL;
}

bool pretty_breaks(const struct pretty *document)
{
    return document && document->breaks;
}

/* ---- layout ---- */

#define INDENT 2

/* A document still to be printed, at an indentation, flat or broken. */
struct task {
    const struct pretty *document;
    unsigned indent;
    bool flat;
};

struct printer {
    VEC(struct task) tasks;   /* the last one is next */
    VEC(struct task) ahead;   /* of `fits` */
    VEC(struct str) suffixes; /* waiting for the end of the line */
    struct text *out;
    struct pretty_comments *comments;
    size_t line_start; /* of the line being printed, in `out` */
    unsigned width, column;
    bool failed;
};

#define PUSH(printer, stack, ...) ((printer)->failed |= !vec_push(&(printer)->stack, ((struct task){__VA_ARGS__})))

/* Whether `task` and what follows it up to the next possible end of line fit in the rest of this line. */
static bool fits(struct printer *printer, struct task first)
{
    size_t rest = printer->tasks.count;
    size_t left = printer->width > printer->column ? printer->width - printer->column : 0;
    if (first.document->columns > left)
        return false;
    printer->ahead.count = 0;
    PUSH(printer, ahead, first.document, first.indent, first.flat);
    while (!printer->failed && (printer->ahead.count || rest)) {
        struct task task = printer->ahead.count ? printer->ahead.at[--printer->ahead.count] : printer->tasks.at[--rest];
        const struct pretty *document = task.document;
        struct str text = document->text;
        switch ((enum pretty_kind)document->kind) {
        case PRETTY_LINE:
            if (!task.flat)
                return true;
            break;
        case PRETTY_IF_BROKEN:
            text = task.flat ? document->text : document->broken;
            break;
        case PRETTY_JOIN:
            PUSH(printer, ahead, document->second, task.indent, task.flat);
            PUSH(printer, ahead, document->first, task.indent, task.flat);
            continue;
        case PRETTY_NEST:
        case PRETTY_GROUP:
            PUSH(printer, ahead, document->first, task.indent, task.flat && !document->breaks);
            continue;
        case PRETTY_SUFFIX:
            continue;
        case PRETTY_TEXT:
            break;
        }
        size_t columns = text_columns(text);
        if (columns > left)
            return false;
        left -= columns;
    }
    return true;
}

static void print_text(struct printer *printer, struct str text)
{
    text_add_str(printer->out, text);
    printer->column += (unsigned)text_columns(text);
}

static void print_suffixes(struct printer *printer)
{
    size_t code = printer->out->len;
    for (size_t i = 0; i < printer->suffixes.count; i++) {
        text_add(printer->out, "  ");
        if (i == 0)
            printer->failed |=
                !vec_push(&printer->comments->list, ((struct pretty_comment){printer->line_start, code, printer->out->len}));
        text_add_str(printer->out, printer->suffixes.at[i]);
    }
    printer->suffixes.count = 0;
}

/* An empty line keeps no indentation, which is why it is added with the first text behind it. */
static void print_line(struct printer *printer, unsigned indent)
{
    print_suffixes(printer);
    while (printer->out->len && printer->out->at[printer->out->len - 1] == ' ')
        printer->out->at[--printer->out->len] = '\0';
    text_add_char(printer->out, '\n');
    printer->line_start = printer->out->len;
    text_add_repeat(printer->out, " ", indent);
    printer->column = indent;
}

static void print_task(struct printer *printer, struct task task)
{
    const struct pretty *document = task.document;
    switch ((enum pretty_kind)document->kind) {
    case PRETTY_TEXT:
        print_text(printer, document->text);
        break;
    case PRETTY_JOIN:
        PUSH(printer, tasks, document->second, task.indent, task.flat);
        PUSH(printer, tasks, document->first, task.indent, task.flat);
        break;
    case PRETTY_LINE:
        if (task.flat && !document->hard)
            print_text(printer, document->text);
        else
            print_line(printer, task.indent);
        break;
    case PRETTY_IF_BROKEN:
        print_text(printer, task.flat ? document->text : document->broken);
        break;
    case PRETTY_SUFFIX:
        printer->failed |= !vec_push(&printer->suffixes, document->text);
        break;
    case PRETTY_NEST:
        PUSH(printer, tasks, document->first, task.indent + INDENT, task.flat);
        break;
    case PRETTY_GROUP: {
        struct task inside = {document->first, task.indent, true};
        inside.flat = !document->breaks && (task.flat || fits(printer, inside));
        PUSH(printer, tasks, inside.document, inside.indent, inside.flat);
        break;
    }
    }
}

bool pretty_print(const struct pretty *document, unsigned width, struct text *out, struct pretty_comments *comments)
{
    struct printer printer = {.out = out, .comments = comments, .width = width};
    printer.line_start = out->len;
    if (document)
        PUSH(&printer, tasks, document, 0, false);
    while (printer.tasks.count && !printer.failed)
        print_task(&printer, printer.tasks.at[--printer.tasks.count]);
    print_suffixes(&printer);
    vec_release(&printer.tasks);
    vec_release(&printer.ahead);
    vec_release(&printer.suffixes);
    return !printer.failed && !out->failed;
}
