/* See model_bundle.h. */
#include "export/model_bundle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/model_fields.h"
#include "export/model_file.h"
#include "export/model_report.h"
#include "support/memory.h"

static const char *const kinds[BUNDLE_KINDS] = {
    [BUNDLE_TRIALS] = "trials", [BUNDLE_FOLDS] = "folds", [BUNDLE_AVERAGE] = "average", [BUNDLE_VOTE] = "vote"};

struct member_name {
    char text[32];
};

static struct member_name member_name(size_t i)
{
    struct member_name name;
    snprintf(name.text, sizeof name.text, "member.%zu", i);
    return name;
}

static void note_number(struct tensors *tensors, const char *key, size_t number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", number);
    tensors_note(tensors, key, str_of(digits));
}

static void note_judged(const struct bundle *bundle, struct tensors *tensors)
{
    struct text text = {0};
    scores_note(bundle->scores, &text);
    tensors->failed = tensors->failed || text.failed;
    tensors_note(tensors, "scores", text_str(&text));
    text_clear(&text);
    reports_note(bundle->reports, &text);
    tensors->failed = tensors->failed || text.failed;
    tensors_note(tensors, "reports", text_str(&text));
    text_release(&text);
}

bool bundle_write(struct bundle *bundle, struct text *out, struct span span, struct diags *diags)
{
    struct tensors *tensors = &bundle->tensors;
    note_number(tensors, "nel", MODEL_FILE_VERSION);
    tensors_note(tensors, "together", str_of(kinds[bundle->kind]));
    if (bundle->weights)
        note_judged(bundle, tensors);
    if (bundle->weights)
        tensors_add(tensors, "weights", TENSOR_F64, 0, bundle->count, bundle->weights);
    else
        note_number(tensors, "wanted", bundle->wanted);
    for (size_t i = 0; i < bundle->count; i++)
        tensors_add(tensors, member_name(i).text, TENSOR_U8, 0, bundle->members[i].len, bundle->members[i].at);
    return tensors_write(tensors, out, span, diags);
}

static bool refuse(const char *path, struct span span, struct diags *diags, const char *why)
{
    diag_note(diag_error(diags, span, "`%s` does not hold together", path), "%s", why);
    return false;
}

/* Copies the weights, which need not stand at a boundary of doubles; what is wrong with them, NULL: nothing. */
static const char *read_weights(const struct tensor *tensor, size_t count, double *weights)
{
    if (!tensor || tensor->type != TENSOR_F64 || tensor->dimensions != 1 || tensor->shape[0] != count)
        return "its tensor `weights` is not a number for each member";
    memcpy(weights, tensor->data, count * sizeof *weights);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0 && weights[i] <= 1))
            return "a member's weight is not from 0 to 1";
        sum += weights[i];
    }
    return fabs(sum - 1) < 1e-6 ? NULL : "the weights of its members do not sum to 1";
}

/* What is wrong with the members, NULL: nothing. `members` and `weights` have room for all tensors. */
static const char *read_members(struct bundle *bundle, struct str *members, double *weights)
{
    const struct tensors *tensors = &bundle->tensors;
    const bool ensemble = bundle->kind == BUNDLE_AVERAGE || bundle->kind == BUNDLE_VOTE;
    const size_t count = tensors->list.count - (ensemble && tensors->list.count > 0);
    if (count == 0)
        return "it has no members";
    for (size_t i = 0; i < count; i++) {
        const struct tensor *tensor = tensors_find(tensors, member_name(i).text);
        if (!tensor || tensor->type != TENSOR_U8)
            return "its tensors are not `member.0`, `member.1` and so on, of bytes";
        members[i] = (struct str){tensor->data, tensor->bytes};
    }
    bundle->members = members;
    bundle->count = count;
    if (ensemble) {
        bundle->weights = weights;
        return read_weights(tensors_find(tensors, "weights"), count, weights);
    }
    const char *wanted = tensors_text(tensors, "wanted");
    if (!wanted || strlen(wanted) > 9 || strspn(wanted, "0123456789") != strlen(wanted))
        return "it does not tell how many runs were `wanted`";
    bundle->wanted = (size_t)strtoul(wanted, NULL, 10);
    return bundle->wanted < count ? "it holds more runs than were `wanted`" : NULL;
}

bool bundle_read(struct bundle *bundle, struct str bytes, const char *path, struct span span, struct diags *diags)
{
    struct tensors *tensors = &bundle->tensors;
    if (!tensors_read(tensors, bytes, path, span, diags))
        return false;
    const char *together = tensors_text(tensors, "together");
    if (!together)
        return true;
    if (!model_version_check(tensors, path, span, diags))
        return false;
    size_t kind = 0;
    while (kind < BUNDLE_KINDS && strcmp(together, kinds[kind]) != 0)
        kind++;
    if (kind == BUNDLE_KINDS)
        return refuse(path, span, diags, "its `together` is a word that is not known");
    bundle->kind = (enum bundle_kind)kind;
    double *weights = mem_array(tensors->list.count + 1, sizeof *weights + sizeof(struct str));
    bundle->room = weights;
    if (!weights)
        return diag_out_of_memory(diags, span);
    const char *why = read_members(bundle, (struct str *)(weights + tensors->list.count + 1), weights);
    return !why || refuse(path, span, diags, why);
}

/* What is wrong with the figures of a part; NULL: nothing, or (*memory is false then) memory is exhausted. */
static const char *read_judged(const struct json *scores, const struct json *report, const struct recipe *recipe,
                               struct scores **to, struct report **report_to, bool *memory)
{
    const char *name = NULL;
    if (!scores)
        return report ? "it has a report on a part that it has no `scores` of" : NULL;
    *to = mem_alloc(sizeof **to);
    *memory = *to;
    if (!*memory)
        return NULL;
    if (!fields_read(score_fields, scores, *to, &name) || (*to)->count == 0)
        return "its `scores` cannot be used";
    const bool classes = recipe_tells_classes(recipe);
    if (!classes || !report)
        return classes == (report != NULL) ? NULL : "its `scores` and `reports` are not of one kind";
    *report_to = report_read(report, (*to)->count, recipe->outputs, memory);
    return *report_to || !*memory ? NULL : "its `reports` cannot be used";
}

bool bundle_judged(const struct bundle *bundle, const struct recipe *recipe, const char *path,
                   struct scores *scores[static SET_COUNT], struct report *reports[static SET_COUNT], struct span span,
                   struct diags *diags)
{
    const char *texts[] = {tensors_text(&bundle->tensors, "scores"), tensors_text(&bundle->tensors, "reports")}, *why = NULL;
    if (!texts[0])
        return true;
    struct json *all = json_read(str_of(texts[0]), &why), *told = all && texts[1] ? json_read(str_of(texts[1]), &why) : NULL;
    bool memory = true;
    for (enum sample_set set = SET_TRAIN; !why && memory && set < SET_COUNT; set++)
        why = read_judged(json_member(all, set_names[set]), json_member(told, set_names[set]), recipe, &scores[set], &reports[set],
                          &memory);
    json_release(all);
    json_release(told);
    if (!memory)
        return diag_out_of_memory(diags, span);
    return !why || refuse(path, span, diags, why);
}

void bundle_close(struct bundle *bundle)
{
    tensors_release(&bundle->tensors);
    mem_free(bundle->room);
    *bundle = (struct bundle){0};
}
