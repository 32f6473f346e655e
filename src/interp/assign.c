/* Indexing, and assignment. Lists and records have value semantics: assigning to a part makes a new whole where somebody else holds
   the old one, and changes it in place where only the variable does. */
#include "interp/evaluate.h"
#include "interp/unknown.h"
#include "support/number.h"
#include "support/suggest.h"

static bool list_position(struct eval *eval, const struct list *list, struct value index, struct span span, size_t *at)
{
    if (index.kind != VALUE_NUMBER) {
        eval_error_type(eval, span, "a number", index);
        return false;
    }
    double number = index.number < 0 ? index.number + (double)list->count : index.number; /* -1 is the last */
    if (!(number >= 0 && number < (double)list->count)) {
        struct text written = {0};
        value_print(eval, index, false, &written);
        if (list->count == 0)
            eval_error(eval, span, "there is no item %s: the list is empty", text_chars(&written));
        else
            eval_error_help(eval, span,
                            number == (double)list->count ? "`-1` is the last; a range such as `0..2` has both its ends" : NULL,
                            "there is no item %s: the list has %zu, counted from 0", text_chars(&written), list->count);
        text_release(&written);
        return false;
    }
    *at = (size_t)number;
    if ((double)*at == number)
        return true;
    eval_error(eval, span, "an index is a whole number");
    return false;
}

/* An index into what nel check does not know, or by a number that it does not: what all items have in common. */
static struct value index_unknown(struct eval *eval, struct value object, struct value index, struct span object_span,
                                  struct span index_span)
{
    enum value_kind kind = value_content(object), by = value_content(index);
    bool keyed = kind == VALUE_RECORD || kind == VALUE_TABLE, anything = kind == VALUE_UNKNOWN || by == VALUE_UNKNOWN;
    if (kind != VALUE_LIST && kind != VALUE_RECORD && kind != VALUE_TABLE && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, object_span, "a list, a record or a table", object);
    if (!anything && by != VALUE_NUMBER && !(keyed && by == VALUE_STRING))
        return eval_error_type(eval, index_span, keyed ? "a text" : "a number", index);
    if (object.kind == VALUE_TABLE && index.kind == VALUE_STRING)
        return value_member(eval, object, string_str(index.string), index_span);
    if (by == VALUE_STRING)
        return value_unknown();
    if (object.kind == VALUE_LIST)
        return list_item_join(eval, object.list);
    return object.kind == VALUE_TABLE ? table_row_join(eval, object.table) : value_unknown();
}

struct value value_index(struct eval *eval, struct value object, struct value index, struct span object_span,
                         struct span index_span)
{
    bool open = (object.kind == VALUE_LIST && object.list->open) || (object.kind == VALUE_TABLE && object.table->open);
    if (open || object.kind == VALUE_UNKNOWN || index.kind == VALUE_UNKNOWN)
        return index_unknown(eval, object, index, object_span, index_span);
    if (object.kind == VALUE_LIST) {
        size_t at;
        return list_position(eval, object.list, index, index_span, &at) ? object.list->items[at] : value_failed();
    }
    if (object.kind == VALUE_RECORD && index.kind == VALUE_NUMBER) { /* of names that are numbers, such as those of classes */
        struct text name = {0};
        number_write(&name, index.number);
        index = value_text(eval, &name);
    }
    if (failed(index))
        return index;
    if (object.kind == VALUE_RECORD && index.kind == VALUE_STRING) {
        const struct value *field = record_get(object.record, string_str(index.string));
        return field ? *field : eval_error(eval, index_span, "there is no field `%.*s`", STR_ARG(string_str(index.string)));
    }
    if (object.kind == VALUE_TABLE && index.kind == VALUE_NUMBER) {
        const struct table_object *table = object.table;
        double number = index.number < 0 ? index.number + (double)table->rows : index.number;
        if (!(number >= 0 && number < (double)table->rows))
            return eval_error(eval, index_span, "there is no row %g: the table has %zu, counted from 0", index.number, table->rows);
        struct value row = value_record(eval);
        for (size_t c = 0; !failed(row) && c < table->columns; c++)
            if (!record_set(eval, row.record, string_str(table->names[c]), table->cells[(size_t)number * table->columns + c]))
                row = value_failed();
        return row;
    }
    if (object.kind == VALUE_TABLE && index.kind == VALUE_STRING)
        return value_member(eval, object, string_str(index.string), index_span);
    if (object.kind == VALUE_TABLE || object.kind == VALUE_RECORD)
        return eval_error_type(eval, index_span,
                               object.kind == VALUE_TABLE ? "the number of a row or the name of a column" : "the name of a field",
                               index);
    return eval_error_type(eval, object_span, "a list, a record or a table", object);
}

static struct value copy_list(struct eval *eval, const struct list *list)
{
    struct value copy = value_list(eval);
    for (size_t i = 0; !failed(copy) && i < list->count; i++)
        if (!list_add(eval, copy.list, list->items[i]))
            copy = value_failed();
    return copy;
}

static struct value copy_record(struct eval *eval, const struct record *record)
{
    struct value copy = value_record(eval);
    for (size_t i = 0; !failed(copy) && i < record->count; i++)
        if (!record_set(eval, copy.record, string_str(record->fields[i].key), record->fields[i].value))
            copy = value_failed();
    return copy;
}

/* The binding that an assignment to `name` changes; a sweep's cell must not change what lies outside it. */
static struct binding *assignable(struct eval *eval, const struct node *name)
{
    for (struct frame *frame = eval->frame; frame; frame = frame->parent) {
        struct binding *binding = frame_find_here(frame, name->text);
        if (!binding)
            continue;
        if (frame == eval->state->builtins) {
            eval_error_help(eval, name->span, "`let` makes a name of your own", "`%.*s` is built in and cannot be assigned",
                            STR_ARG(name->text));
            return NULL;
        }
        if (frame->number <= eval->outside) {
            eval_error_help(eval, name->span, "the cells run side by side: let the body end with what you want to keep",
                            "a sweep cannot assign `%.*s`, which lies outside it", STR_ARG(name->text));
            return NULL;
        }
        return binding;
    }
    struct suggestion suggestion;
    suggest_start(&suggestion, name->text);
    for (struct frame *frame = eval->frame; frame && frame != eval->state->builtins; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++)
            suggest_offer(&suggestion, frame->bindings[i].name);
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else
        text_addf(&help, "`let %.*s = …` makes it", STR_ARG(name->text));
    eval_error_help(eval, name->span, text_chars(&help), "unknown name `%.*s`", STR_ARG(name->text));
    text_release(&help);
    return NULL;
}

static bool assign_to(struct eval *eval, const struct node *target, struct value value);

/* nel check: one of the items is changed, and which one is not known. */
static bool assign_somewhere(struct eval *eval, const struct node *target, struct value whole, struct value value)
{
    if (whole.kind != VALUE_LIST && whole.kind != VALUE_RECORD) {
        eval_error_type(eval, target->items[0]->span, "a list or a record", whole);
        return false;
    }
    if (whole.kind == VALUE_RECORD)
        return assign_to(eval, target->items[0], value_unknown_of(VALUE_RECORD));
    struct value item = value_join(eval, list_item_join(eval, whole.list), value);
    struct value changed = failed(item) ? item : list_of_unknown(eval, item);
    return !failed(changed) && assign_to(eval, target->items[0], changed);
}

static bool assign_item(struct eval *eval, const struct node *target, struct value whole, bool own, struct value value)
{
    struct value index = eval_node(eval, target->items[1]);
    if (failed(index))
        return false;
    if (eval->state->checking && (index.kind == VALUE_UNKNOWN || (whole.kind == VALUE_LIST && whole.list->open)))
        return assign_somewhere(eval, target, whole, value);
    if (whole.kind == VALUE_RECORD && index.kind == VALUE_STRING) {
        struct value changed = own ? whole : copy_record(eval, whole.record);
        return !failed(changed) && record_set(eval, changed.record, string_str(index.string), value) &&
               (own || assign_to(eval, target->items[0], changed));
    }
    if (whole.kind != VALUE_LIST) {
        eval_error_type(eval, target->items[0]->span, "a list or a record", whole);
        return false;
    }
    size_t at;
    struct value changed = own ? whole : copy_list(eval, whole.list);
    if (failed(changed) || !list_position(eval, changed.list, index, target->items[1]->span, &at))
        return false;
    struct value before = changed.list->items[at];
    changed.list->items[at] = value_retain(value);
    value_release(before);
    return own || assign_to(eval, target->items[0], changed);
}

static bool assign_field(struct eval *eval, const struct node *target, struct value whole, bool own, struct value value)
{
    if (whole.kind != VALUE_RECORD) {
        eval_error_help(eval, target->span, "only records have fields that can be assigned", "%s is never changed",
                        value_article(whole));
        return false;
    }
    struct value changed = own ? whole : copy_record(eval, whole.record);
    return !failed(changed) && record_set(eval, changed.record, target->text, value) &&
           (own || assign_to(eval, target->items[0], changed));
}

static bool assign_to(struct eval *eval, const struct node *target, struct value value)
{
    if (target->kind == NODE_NAME) {
        struct binding *binding = assignable(eval, target);
        if (!binding)
            return false;
        struct value before = binding->value;
        if (eval->uncertain)
            value = value_join(eval, before, value);
        binding->value = value_retain(value);
        value_release(before);
        return !failed(value);
    }
    if (target->kind != NODE_INDEX && target->kind != NODE_MEMBER) {
        eval_error_help(eval, target->span, "a name, an item `xs[0]` or a field `r.x` can", "this cannot be assigned");
        return false;
    }
    const struct node *root = target->items[0];
    struct binding *binding = root->kind == NODE_NAME ? assignable(eval, root) : NULL;
    if (root->kind == NODE_NAME && !binding)
        return false;
    struct value whole = binding ? binding->value : eval_node(eval, root);
    if (failed(whole) || whole.kind == VALUE_UNKNOWN)
        return !failed(whole);
    bool own = binding && VALUE_IS_OBJECT(whole) && whole.object->references == 1 && !eval->uncertain;
    return target->kind == NODE_INDEX ? assign_item(eval, target, whole, own, value)
                                      : assign_field(eval, target, whole, own, value);
}

struct value eval_assign(struct eval *eval, const struct node *node)
{
    struct value value = eval_node(eval, node->items[1]);
    if (failed(value)) {
        if (eval->state->checking) /* so that what follows from one error is not told as others */
            assign_to(eval, node->items[0], value_unknown());
        return value;
    }
    return assign_to(eval, node->items[0], value) ? value_none() : value_failed();
}
