/* Where the registers are in musl's ucontext_t; checked against <ucontext.h> in context.c. */
#if defined __x86_64__
#define UC_GREGS 40   /* order: r8–r15 rdi rsi rbp rbx rdx rax rcx rsp rip */
#define UC_FPREGS 224
#define UC_SIGMASK 296
#define UC_FPREGS_MEM 424
#define FP_MXCSR 24
#elif defined __aarch64__
#define UC_SIGMASK 40
#define UC_REGS 184   /* x0–x30 sp pc */
#define UC_SP 432
#define UC_PC 440
#define UC_FPSIMD 464 /* magic, size, fpsr, fpcr, q0–q31 */
#define FPSIMD_MAGIC 0x46508001
#define FPSIMD_SIZE 528
#else
#error "No context switch for this architecture"
#endif
