/* Names that a program may well have, and that the library has too: in the archive they are local. */
int train(void);
int predict_rows(void);
int mem_alloc(void);
int floats_sum(void);
int value_release;

int train(void)
{
    return predict_rows() + mem_alloc() + floats_sum() + value_release;
}

int predict_rows(void)
{
    return 1;
}

int mem_alloc(void)
{
    return 2;
}

int floats_sum(void)
{
    return 3;
}
