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

/* For what the compiler turns into good code for the widest registers alone: written for those, beside a kernel for the others, and called
   where WIDEST_HERE. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define WIDEST      __attribute__((target("arch=x86-64-v4")))
#define WIDEST_HERE __builtin_cpu_supports("x86-64-v4")
#endif

/* A part of kernels, compiled into each of them. */
#define INLINE static inline __attribute__((always_inline))

#endif
