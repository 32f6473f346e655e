/* DNA: canonical forms, errors at their columns, and properties over random molecules. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bench.h"
#include "support/progress.h"

/* ---- canonical form ---- */

static void spelling_goes(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"T24-~(Si24*2)-(R24|G24)", "T24-~(Si24*2)-(R24|G24)"},
        {"(R8-R8)-R8", "R8*3"},
        {"R8*2-R8", "R8*3"},
        {"((R8*2))*3", "R8*6"},
        {"(R8-T8)-R8-T8", "(R8-T8)*2"},
        {"R8-T8-R8-T8-R8", "(R8-T8)*2-R8"},
        {"R8-R8-T8-R8-R8-T8", "(R8*2-T8)*2"},
        {"((R8|T8)|G8)", "(R8|T8|G8)"},
        {"(R8+(T8+G8))", "(R8+T8+G8)"},
        {"(R8*(T8*G8))", "(R8*T8*G8)"},
        {"(R8*2*T8)", "(R8*2*T8)"},
        {"(R8+(T8|G8))", "(R8+(T8|G8))"},
        {"~(~R8)", "~~R8"},
        {"~((R8))", "~R8"},
        {"~R8*3", "~R8*3"},
        {"~(R8*3)", "~(R8*3)"},
        {"((R8-T8)|G8)", "((R8-T8)|G8)"},
        {"((R8-T8-R8-T8)|G8)", "((R8-T8)*2|G8)"},
        {"R", "R"},
        {"I2-R8-O3", "I2-R8-O3"},
        {"O1[head=step]", "O1[head=step]"},
        {"O1[head=auto]", "O1"},
        {"R8%100", "R8"},
        {"R8%2.50", "R8%2.5"},
        {"R8%0.0001", "R8%1e-4"},
        {"R8%33.33333333333333", "R8%33.33333333333333"},
        {"R256%2", "R256%2"},
        {"D%10", "D%10"},
        {"D%7-D%29-D%57-D%0.7", "D%7-D%29-D%57-D%0.7"},
        {"R8[lr_scale=0.1,init=he,bias=0,l2=1e-4]", "R8[bias=0,init=he,l2=1e-4,lr_scale=0.1]"},
        {"R8[bias=1,init=auto,l1=0,lr_scale=1.0]", "R8"},
        {"Lr8[slope=0.01]-Lr[slope=0.20]", "Lr8-Lr[slope=0.2]"},
        {"Lr8[slope=-2,bias=0]", "Lr8[bias=0,slope=-2]"},
        {"Gt[0,1,2,3,7,8,5]", "Gt[0..3,7,8,5]"},
        {"Gt[3,7]", "Gt[3,7]"},
        {"Gt[4..4]", "Gt[4]"},
        {"Sc256[0..1]", "Sc256[0,1]"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        assert_canonical(forms[i][0], forms[i][1]);
}

static void taps_are_renamed(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"R8:h-T8-(G8+:h)", "R8:a-T8-(G8+:a)"},
        {"R8:q-T8", "R8-T8"},
        {"(R8:h-T8-(G8+:h))*2-L1", "(R8:a-T8-(G8+:a))*2-L1"},
        {"R8:h-T8-(G8+:h)-R8:k-T8-(G8+:k)", "(R8:a-T8-(G8+:a))*2"},
        {"R8:h-T8-(G8+:h)-R8:k-T8-(G8+:h)", "R8:a-T8-(G8+:a)-R8-T8-(G8+:a)"},
        {"S8:h-(G8+:h)-(G8+:h)", "S8:a-(G8+:a)*2"},
        {"R8*3:h-(T8+:h)", "R8*3:a-(T8+:a)"},
        {"R8*2-R8:h-(T8+:h)", "R8*3:a-(T8+:a)"},
        {"R8:h-R8-R8-(T8+:h)", "R8:a-R8*2-(T8+:a)"},
        {"(R8-T8):h-(T8+:h)", "R8-T8:a-(T8+:a)"},
        {"(R8:g-T8:k):h-(T8+:h)", "R8-T8:a-(T8+:a)"},
        {"(R8-T8:k-(S8+:k)):h-(T8+:h)", "R8-T8:a-(S8+:a):b-(T8+:b)"},
        {"R8:x-(T8:x-(G8+:x))-(S8+:x)", "R8:a-T8:b-(G8+:b)-(S8+:a)"},
        {"R8:h-T8:h-(G8+:h)", "R8-T8:a-(G8+:a)"},
        {"R8:h-~(T8-(G8+:h))", "R8:a-~(T8-(G8+:a))"},
        {"R8:h-T8-:h-G8", "R8:a-T8-:a-G8"},
        {"R8:h-T8-:h:k-(G8+:k)", "R8:a-T8-:a-(G8+:a)"},
        {"(R8:h-T8-:h):k-(G8+:k)", "R8:a-T8-:a-(G8+:a)"},
        {"(R8:h|T8)", "(R8|T8)"},
        {"(R8:h-T8:h):h-(:h+G8)", "R8-T8:a-(:a+G8)"},
        {"((R8:x-T8-(:x+G8)):y-(S8+:y))*2", "(R8:a-T8-(:a+G8):b-(S8+:b))*2"},
        {"R8:b-T8:a-(:a+:b)", "R8:a-T8:b-(:b+:a)"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        assert_canonical(forms[i][0], forms[i][1]);
}

/* The 27th name follows z. */
static void names_go_on_after_z(void **state)
{
    (void)state;
    struct text dna = {0}, sum = {0};
    text_add(&sum, "(G8");
    for (int i = 0; i < 28; i++) {
        text_addf(&dna, "%s%d:l%d-", i % 2 ? "R" : "T", i + 1, i);
        text_addf(&sum, "+:l%d", i);
    }
    text_add_str(&dna, text_str(&sum));
    text_add_char(&dna, ')');
    struct text out = {0};
    struct molecule *molecule = decoded(text_chars(&dna));
    dna_encode(molecule, &out);
    assert_non_null(strstr(text_chars(&out), "T25:y-R26:z-T27:z1-R28:z2-(G8+:a+"));
    assert_non_null(strstr(text_chars(&out), "+:z+:z1+:z2)"));
    molecule_release(molecule);
    text_release(&dna);
    text_release(&sum);
    text_release(&out);
}

static void parts_are_printed(void **state)
{
    (void)state;
    struct molecule *molecule = decoded("R8:h-~(T8-T8)-(G8+:h)");
    struct text text = {0};
    dna_encode_part(molecule, 2, &text);
    assert_string_equal(text_chars(&text), "~(T8*2)");
    text_clear(&text);
    dna_encode_part(molecule, 6, &text);
    assert_string_equal(text_chars(&text), "(G8+:a)");
    text_release(&text);
    molecule_release(molecule);
}

/* ---- errors ---- */

struct slip {
    const char *dna;
    uint32_t start, end;
    const char *message, *help;
};

static void errors_stand_at_their_column(void **state)
{
    (void)state;
    static const struct slip slips[] = {
        {"", 0, 0, "expected a gene such as `R8`, a tap such as `:a`, `~` or `(`, found the end", NULL},
        {"R8-", 3, 3, "expected a gene", NULL},
        {"R8-8", 3, 4, "found `8`", NULL},
        {"R8--T8", 3, 4, "expected a gene", NULL},
        {"R8 T8", 2, 3, "expected `-`, `*`, `:` or the end", "no blanks"},
        {"relu8", 0, 4, "expected a gene", "in DNA `relu8` is `R8`"},
        {"T8-leaky_relu[slope=1]", 3, 13, "found `leaky_relu`", "in DNA `leaky_relu` is `Lr`"},
        {"R8->T8", 3, 4, "found `>`", "joined by `-` alone"},
        {"R8-Xy4", 3, 5, "no element has the symbol `Xy`", "the symbols are L linear, R relu, T tanh"},
        {"R8-Re4", 3, 5, "no element has the symbol `Re`", "did you mean `R`, relu?"},
        {"R8-Sj4", 3, 5, "no element has the symbol `Sj`", "did you mean `Si`, sine?"},
        {"R8:h-(T8+:g)", 9, 11, "unknown tap `:g`", "taps that are visible here: `:h`"},
        {"R8:left-(T8+:lef)", 12, 16, "unknown tap `:lef`", "did you mean `:left`?"},
        {"R8-(T8+:long)", 7, 12, "unknown tap `:long`", "name an earlier stage"},
        {"(R8:h-T8)-(G8+:h)", 14, 16, "unknown tap `:h`", NULL},
        {"(R8:h|:h)", 6, 8, "unknown tap `:h`", NULL},
        {"(R8|T8+G8)", 6, 7, "`|` and `+` stand in one bracket", "one operator a bracket: `((R8|T8)+"},
        {"(R8-T8|G8)", 6, 7, "`-` and `|` stand in one bracket", "((R8-T8)|"},
        {"R8|T8", 2, 3, "`|` needs brackets around it", "write `(R8|T8)`"},
        {"R8*T8", 2, 3, "`*` needs brackets around it", NULL},
        {"R8*2*3", 4, 5, "expected a single repeat count a stage", "(R8*2)*3"},
        {"(R8*2*3)", 5, 6, "expected a single repeat count a stage", NULL},
        {"R8*0", 3, 4, "a repeat count is at least 1", NULL},
        {"R8*01", 3, 5, "no leading zeros", NULL},
        {"R8*100001", 3, 9, "a repeat count is at most 100_000", NULL},
        {"(R8-T8)*60000", 7, 13, "this makes more than 100_000 genes", NULL},
        {"(R8", 0, 1, "this `(` is not closed", NULL},
        {"T4-(R8|T8", 3, 4, "this `(` is not closed", NULL},
        {"R8[bias=0", 2, 3, "this `[` is not closed", NULL},
        {"Gt[1,2", 2, 3, "this `[` is not closed", NULL},
        {"R8)", 2, 3, "this `)` closes nothing", NULL},
        {"()", 1, 2, "expected a gene", NULL},
        {"~", 1, 1, "expected a gene", NULL},
        {"R0", 1, 2, "a width is at least 1", NULL},
        {"R08", 1, 3, "no leading zeros", NULL},
        {"R1000001", 1, 8, "a width is at most 1_000_000", NULL},
        {"R99999999999999999999999", 1, 24, "a width is at most 1_000_000", NULL},
        {"R8%", 3, 3, "expected a percentage", NULL},
        {"R8%200", 0, 6, "`density` is from 1e-6 to 1", NULL},
        {"R%20", 1, 2, "`R` is sparse only with a width", NULL},
        {"D", 1, 1, "`D` needs a rate", "D%10"},
        {"D%100", 0, 5, "dropout drops", NULL},
        {"Bn8", 2, 3, "`Bn` has no width", NULL},
        {"O", 0, 1, "an output needs a width, a head or a trait", NULL},
        {"I2%5", 2, 3, "`I2` has no percentage", NULL},
        {"Bn[bias=0]", 0, 10, "a norm has only `lr_scale`", NULL},
        {"I2[bias=0]", 2, 3, "`I2` has no traits", NULL},
        {"Gt", 2, 2, "`Gt` needs indices", "Gt[3,7]"},
        {"Gt[]", 3, 4, "an index", NULL},
        {"Gt[5..3]", 3, 7, "a range of indices ascends", NULL},
        {"Gt[1;2]", 4, 5, "expected `,`, `..` or `]`", NULL},
        {"Sc4[0..4]", 0, 9, "an index lies past the width", NULL},
        {"Gt[1000000]", 3, 10, "an index is at most 999_999", NULL},
        {"R8[bais=0]", 3, 9, "unknown trait `bais`", "did you mean `bias`?"},
        {"R8[slope=1]", 3, 10, "unknown trait `slope`", NULL},
        {"R8[bias=2]", 3, 9, "`bias` is true or false", NULL},
        {"R8[bias]", 7, 8, "expected `=`", NULL},
        {"R8[bias=]", 8, 9, "expected a number or a word", NULL},
        {"R8[bias=0,bias=1]", 10, 16, "`bias` is given twice", NULL},
        {"R8[init=hee]", 3, 11, "unknown initialisation `hee`", "did you mean `he`?"},
        {"R8[l2=-1]", 3, 8, "`l2` is from 0 to", NULL},
        {"R8[l2=1e999]", 6, 11, "this number is too large", NULL},
        {"R[bias=0]", 0, 9, "`bias` belongs to a layer", NULL},
        {"O1[head=stop]", 8, 12, "unknown head `stop`", "did you mean `step`?"},
        {"R8:", 3, 3, "expected a name for this stage", NULL},
        {"R8-:", 4, 4, "expected the name of a tap", NULL},
        {"R8-I2", 3, 5, "an input can only be the first stage", NULL},
        {"(R8|I2)", 4, 6, "an input can only be the first stage", NULL},
        {"O2-R8", 0, 2, "an output can only be the last stage", NULL},
        {"~O2", 1, 3, "an output can only be the last stage", NULL},
        {"R8-\xff", 3, 4, "found byte 255", NULL},
        {"R8-\xc3\xa9", 3, 5, "found `\xc3\xa9`", NULL},
    };
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        const struct slip *slip = &slips[i];
        struct diags diags = {0};
        assert_null(dna_decode(str_of(slip->dna), &table, (struct span){7, 100, 0}, &diags));
        if (diags.count != 1 || diags.at[0].span.start != slip->start + 100 || diags.at[0].span.end != slip->end + 100 ||
            !strstr(diags.at[0].message, slip->message))
            fail_msg("`%s`: %zu errors, [%u, %u) `%s`", slip->dna, diags.count, diags.count ? diags.at[0].span.start - 100 : 0,
                     diags.count ? diags.at[0].span.end - 100 : 0, diags.count ? diags.at[0].message : "");
        assert_int_equal(diags.at[0].span.source, 7);
        if (slip->help && (!diags.at[0].help || !strstr(diags.at[0].help, slip->help)))
            fail_msg("`%s`: help `%s`", slip->dna, diags.at[0].help ? diags.at[0].help : "");
        diags_release(&diags);
    }
}

/* What is wrong in itself is told and stepped over; a broken structure ends the reading. */
static void several_errors_are_told_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *dna, *columns;
    } slips[] = {
        {"Re8-T8-Qz8-(:x+S8)-O1[head=stop]", "0 7 12 27"},
        {"T0-R8[l3=1]-:k:h-(G8|:h)", "1 6 12"},
        {"~Q8*2-(Z8[a(b]-R)-", "1 7 18"},
        {"R0[-(T0", "1"},
        {"R0 T0", "1"},
        {"R0R0-T0", "1 6"},
        {"(R0|T0+G0)", "2 5 6"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct diags diags = {0};
        struct text columns = {0};
        assert_null(decode_len(slips[i].dna, strlen(slips[i].dna), &diags));
        for (size_t k = 0; k < diags.count; k++)
            text_addf(&columns, "%s%u", k ? " " : "", diags.at[k].span.start);
        if (strcmp(text_chars(&columns), slips[i].columns) != 0)
            fail_msg("`%s`: errors at %s", slips[i].dna, text_chars(&columns));
        text_release(&columns);
        diags_release(&diags);
    }
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    char dna[4096];
    struct diags diags = {0};
    for (int kind = 0; kind < 2; kind++) {
        memset(dna, kind ? '(' : '~', 2000);
        memcpy(dna + 2000, "R8", 3);
        assert_null(decode_len(dna, 2002, &diags));
        assert_diag(&diags, "nested more than 1000 deep");
    }
    memset(dna, '~', 300);
    memcpy(dna + 300, "R8", 3);
    assert_null(decode_len(dna, 302, &diags));
    assert_diag(&diags, "nested too deeply");
    memset(dna, '(', 500);
    memcpy(dna + 500, "R8", 2);
    memset(dna + 502, ')', 500);
    assert_dna(decode_len(dna, 1002, &diags), "R8");
    memcpy(dna + 1002, ":h-:h", 5);
    assert_dna(decode_len(dna, 1007, &diags), "R8:a-:a");
}

static void size_is_bounded(void **state)
{
    (void)state;
    struct diags diags = {0};
    assert_canonical("R8*99999", "R8*99999");
    assert_canonical("(R8*2-T8)*33333", "(R8*2-T8)*33333");
    assert_null(decode_len("R8*50000-T8*50001", 17, &diags));
    assert_diag(&diags, "too large");
    assert_null(decode_len("((R8*1000)*1000)*1000", 21, &diags));
    assert_diag(&diags, "this makes more than");
    assert_null(decode_len("Gt[0..999999]*1000", 18, &diags));
    assert_diag(&diags, "this makes more than");
    assert_null(decode_len("Gt[0..999999,0..999999,0..999999,0..999999,0..9]", 48, &diags));
    assert_diag(&diags, "these are more than");
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    static const char dna[] = "R8:h-T8*3-(G8+:h)-Gt[0..4]*2-Lr8[slope=0.5]:k-((R8-T8)|:k|~R8)";
    bool well = false;
    for (long n = 0; n < 200 && !well; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        struct molecule *molecule = decode_len(dna, sizeof dna - 1, &diags);
        mem_fail_after(-1);
        well = molecule;
        assert_true(well || diags.count > 0 || diags.overflowed);
        molecule_release(molecule);
        diags_release(&diags);
    }
    assert_true(well);
    struct molecule *molecule = decoded(dna);
    well = false;
    for (long n = 0; n < 100 && !well; n++) {
        struct text text = {0};
        mem_fail_after(n);
        dna_encode(molecule, &text);
        mem_fail_after(-1);
        well = !text.failed;
        text_release(&text);
    }
    assert_true(well);
    molecule_release(molecule);
}

/* ---- properties ---- */

static void encode_into(const struct molecule *molecule, struct text *text)
{
    text_clear(text);
    dna_encode(molecule, text);
    assert_false(text->failed);
}

/* The same molecule spelled otherwise: brackets around random parts are what the writer knows to add. */
static void respell(struct writer *from, struct writer *to)
{
    to->len = 0;
    write_text(to, "((");
    for (size_t i = 0; i < from->len; i++) {
        char c[3] = {from->text[i], '\0', '\0'};
        if (c[0] == ':')
            c[1] = 'q'; /* another name for every tap */
        write_text(to, c);
    }
    write_text(to, "))");
}

static void random_molecules_survive(void **state)
{
    (void)state;
    static struct writer writer, other;
    struct text text = {0}, again = {0};
    uint64_t previous_hash = 0;
    char previous[sizeof writer.text] = "";
    writer.random = random_stream(1, RANDOM_TEST, 0);
    for (int i = 0; i < 120000; i++) {
        struct molecule *molecule = decoded(random_dna(&writer, 3));
        encode_into(molecule, &text);
        struct molecule *back = decoded(text_chars(&text));
        if (!molecule_equal(molecule, back) || molecule->hash != back->hash)
            fail_msg("`%s` prints as `%s`, which is another molecule", writer.text, text_chars(&text));
        encode_into(back, &again);
        if (strcmp(text_chars(&text), text_chars(&again)) != 0)
            fail_msg("`%s`: `%s` and then `%s`", writer.text, text_chars(&text), text_chars(&again));
        molecule_release(back);
        respell(&writer, &other);
        back = decoded(other.text);
        if (!molecule_equal(molecule, back) || molecule->hash != back->hash)
            fail_msg("`%s` and `%s` differ", writer.text, other.text);
        molecule_release(back);
        if (strcmp(previous, text_chars(&text)) != 0)
            assert_int_not_equal(previous_hash, molecule->hash);
        previous_hash = molecule->hash;
        strcpy(previous, text_chars(&text));
        molecule_release(molecule);
    }
    text_release(&text);
    text_release(&again);
}

/* Each repeat and its unrolled spelling. */
static void unrolled_repeats_are_equal(void **state)
{
    (void)state;
    static struct writer writer;
    writer.random = random_stream(2, RANDOM_TEST, 0);
    for (int i = 0; i < 20000; i++) {
        struct text rolled = {0}, plain = {0};
        const char *part = random_dna(&writer, 2);
        uint32_t times = 2 + random_below(&writer.random, 4);
        text_addf(&rolled, "S8-(%s)*%u-S8", part, times);
        text_add(&plain, "S8");
        for (uint32_t k = 0; k < times; k++)
            text_addf(&plain, "-(%s)", part);
        text_add(&plain, "-S8");
        struct molecule *a = decoded(text_chars(&rolled)), *b = decoded(text_chars(&plain));
        if (!molecule_equal(a, b) || a->hash != b->hash)
            fail_msg("`%s` and `%s` differ", text_chars(&rolled), text_chars(&plain));
        molecule_release(a);
        molecule_release(b);
        text_release(&rolled);
        text_release(&plain);
    }
}

/* A change of one atom is another molecule. */
static void different_molecules_differ(void **state)
{
    (void)state;
    static const char *const different[] = {"R8",
                                            "R9",
                                            "T8",
                                            "R",
                                            "R8-R8",
                                            "(R8|R8)",
                                            "(R8+R8)",
                                            "(R8*R8)",
                                            "~R8",
                                            "R8%50",
                                            "R8[l2=1]",
                                            "R8[l1=1]",
                                            "O8",
                                            "I8",
                                            "D%1",
                                            "D%2",
                                            "Bn",
                                            "Ln",
                                            "Gt[1]",
                                            "Gt[2]",
                                            "Sc8[1]",
                                            "Sc9[1]",
                                            "Lr8[slope=0.5]",
                                            "Lr8",
                                            "Lr",
                                            "Lr[slope=1]",
                                            "R8[bias=0]",
                                            "R8[init=he]",
                                            "O8[head=step]",
                                            "R8:a-T8-(R8+:a)",
                                            "R8-T8:a-(R8+:a)",
                                            "~(R8-T8)",
                                            "~R8-T8"};
    size_t count = sizeof different / sizeof different[0];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            struct molecule *a = decoded(different[i]), *b = decoded(different[k]);
            assert_int_equal(molecule_equal(a, b), i == k);
            assert_int_equal(a->hash == b->hash, i == k);
            molecule_release(a);
            molecule_release(b);
        }
}

/* Bytes that are no DNA mostly: nothing crashes, and what is accepted prints and reads again. */
static void random_bytes_are_safe(void **state)
{
    (void)state;
    static const char alphabet[] = "RTGSDIOLBn8123%[]=,.:abh~-|+*()0e";
    struct random random = random_stream(3, RANDOM_TEST, 0);
    struct text text = {0};
    for (int i = 0; i < 200000; i++) {
        char bytes[24];
        size_t len = random_below(&random, sizeof bytes);
        for (size_t k = 0; k < len; k++)
            bytes[k] = alphabet[random_below(&random, sizeof alphabet - 1)];
        struct diags diags = {0};
        struct molecule *molecule = decode_len(bytes, len, &diags);
        assert_int_equal(molecule == NULL, diags.count > 0);
        if (molecule) {
            encode_into(molecule, &text);
            struct molecule *back = decoded(text_chars(&text));
            assert_true(molecule_equal(molecule, back));
            molecule_release(back);
        }
        molecule_release(molecule);
        diags_release(&diags);
    }
    text_release(&text);
}

/* Any share prints as a decimal that reads back to the very same number. */
static void shares_read_back(void **state)
{
    (void)state;
    struct random random = random_stream(4, RANDOM_TEST, 0);
    struct text text = {0};
    for (int i = 0; i < 100000; i++) {
        double share = i < 1000 ? i / 1000.0 : random_unit(&random) * (i % 3 == 0 ? 1e-5 : i % 3 == 1 ? 1e-3 : 1);
        struct gene gene = gene_of(GENE_DROPOUT, SPAN_NONE);
        gene.rate = share;
        struct diags diags = {0};
        struct molecule *molecule = molecule_atom(gene, NULL, SPAN_NONE, &diags);
        encode_into(molecule, &text);
        struct molecule *back = decoded(text_chars(&text));
        if (back->genes[0].rate != share)
            fail_msg("%.17g prints as %s", share, text_chars(&text));
        molecule_release(back);
        molecule_release(molecule);
    }
    text_release(&text);
}

/* Nothing takes time that grows with the square of the length. */
static void long_molecules_are_quick(void **state)
{
    (void)state;
    struct text dna = {0};
    for (int kind = 0; kind < 3; kind++) {
        text_clear(&dna);
        for (unsigned i = 0; i < 30000; i++)
            if (kind == 0)
                text_addf(&dna, "%sR%u", i ? "-" : "", 1 + i * 7919u % 65537u);
            else if (kind == 1)
                text_addf(&dna, "%sR8:l%u", i ? "-" : "", i);
            else
                text_addf(&dna, "%s%s", i ? "-" : "", (const char *[]){"R8", "T8", "G8"}[(i ^ i >> 3 ^ i >> 7) % 3]);
        if (kind == 1) {
            text_add(&dna, "-(L");
            for (unsigned i = 0; i < 30000; i++)
                text_addf(&dna, "+:l%u", i);
            text_add(&dna, ")");
        }
        double before = clock_seconds();
        struct molecule *molecule = decoded(text_chars(&dna));
        struct text out = {0};
        dna_encode(molecule, &out);
        assert_true(clock_seconds() - before < 5); /* a few hundredths; the square of 30000 takes a second and more */
        struct molecule *back = decoded(text_chars(&out));
        assert_true(molecule_equal(molecule, back));
        molecule_release(back);
        molecule_release(molecule);
        text_release(&out);
    }
    text_release(&dna);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spelling_goes),
        cmocka_unit_test(taps_are_renamed),
        cmocka_unit_test(names_go_on_after_z),
        cmocka_unit_test(parts_are_printed),
        cmocka_unit_test(errors_stand_at_their_column),
        cmocka_unit_test(several_errors_are_told_at_once),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(random_molecules_survive),
        cmocka_unit_test(unrolled_repeats_are_equal),
        cmocka_unit_test(different_molecules_differ),
        cmocka_unit_test(random_bytes_are_safe),
        cmocka_unit_test(shares_read_back),
        cmocka_unit_test(long_molecules_are_quick),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
