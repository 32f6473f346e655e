/* Allocation, growing arrays and arenas, with memory running out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/arena.h"
#include "support/memory.h"
#include "support/vec.h"

static void blocks_come_zeroed(void **state)
{
    (void)state;
    unsigned char *block = mem_alloc(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(block[i], 0);
    mem_free(block);
    block = mem_alloc(0);
    assert_non_null(block);
    mem_free(block);
    assert_null(mem_array(SIZE_MAX / 2, 3));
    assert_null(mem_resize(NULL, SIZE_MAX / 2, 3));
    assert_null(mem_floats(SIZE_MAX / 4));
    assert_null(mem_copy_text("", SIZE_MAX));
}

static void floats_are_aligned_and_padded(void **state)
{
    (void)state;
    for (size_t count = 0; count < 40; count += 13) {
        float *floats = mem_floats(count);
        assert_non_null(floats);
        assert_int_equal((uintptr_t)floats % 64, 0);
        for (size_t i = 0; i < (count + 15) / 16 * 16; i++)
            assert_true(floats[i] >= 0 && floats[i] <= 0);
        mem_free_floats(floats);
    }
}

static void allocations_fail_on_request(void **state)
{
    (void)state;
    unsigned long before = mem_count();
    mem_fail_after(2);
    void *a = mem_alloc(1), *b = mem_array(2, 2), *c = mem_alloc(1), *d = mem_resize(NULL, 1, 1);
    float *e = mem_floats(1);
    mem_fail_after(-1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(c);
    assert_null(d);
    assert_null(e);
    assert_int_equal(mem_count() - before, 5);
    mem_free(a);
    mem_free(b);
    a = mem_alloc(1);
    assert_non_null(a);
    mem_free(a);
}

static void arrays_grow(void **state)
{
    (void)state;
    VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        assert_true(vec_push(&numbers, i));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.at[i], i);
    size_t cap = numbers.cap;
    mem_fail_after(0);
    assert_false(vec_reserve(&numbers, 100000));
    mem_fail_after(-1);
    assert_false(vec_reserve(&numbers, SIZE_MAX / 2));
    assert_int_equal(numbers.cap, cap);
    assert_int_equal(numbers.at[999], 999);
    vec_release(&numbers);
    assert_null(numbers.at);
}

static void arenas_cut_blocks(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    unsigned char *last = NULL;
    for (size_t size = 1; size < 3000000; size = size * 2 + 1) {
        unsigned char *object = arena_alloc(&arena, size);
        assert_non_null(object);
        assert_int_equal((uintptr_t)object % _Alignof(uint64_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(object[i], 0);
        memset(object, 0xff, size);
        assert_ptr_not_equal(object, last);
        last = object;
    }
    assert_string_equal(arena_copy_text(&arena, "coil and more", 4), "coil");
    assert_null(arena_alloc(&arena, SIZE_MAX - 5));
    arena_release(&arena);
    arena_release(&arena);
}

static void arenas_end_at_their_limit(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100);
    assert_non_null(arena_alloc(&arena, 60));
    assert_null(arena_alloc(&arena, 60));
    assert_non_null(arena_alloc(&arena, 30));
    assert_true(arena.used <= 100);
    arena_release(&arena);
    arena_init(&arena, 1000);
    mem_fail_after(0);
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_copy_text(&arena, "a", 1));
    mem_fail_after(-1);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_zeroed),          cmocka_unit_test(floats_are_aligned_and_padded),
        cmocka_unit_test(allocations_fail_on_request), cmocka_unit_test(arrays_grow),
        cmocka_unit_test(arenas_cut_blocks),           cmocka_unit_test(arenas_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
