/* Functions that are compiled several times, once for each width of vector register, of which the loader picks the widest that the
   processor has. What is in them is plain C with loops that the compiler turns into vector code. */
#ifndef NEL_SUPPORT_KERNEL_H
#define NEL_SUPPORT_KERNEL_H

/* The thread sanitizer cannot run the function that picks a version. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

/* A part of kernels, compiled into each of them. */
#define INLINE static inline __attribute__((always_inline))

#endif
