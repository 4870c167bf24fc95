/* getcontext, setcontext and the way out of a context, for aarch64. Saved is what a function must preserve and the
   signal mask. Contexts are entered by `ret`: `br` would need a landing pad at its target. */
#include "context.h"

#define REG(n) (UC_REGS + 8 * (n))
#define FPSR (UC_FPSIMD + 8)
#define Q(n) (UC_FPSIMD + 16 + 16 * (n))
#define SIG_BLOCK 0
#define SIG_SETMASK 2
#define SYS_rt_sigprocmask 135

	.text
	.globl getcontext
	.hidden getcontext
	.type getcontext, %function
	.balign 4
getcontext:
	.cfi_startproc
	hint #34 /* bti c */
	str xzr, [x0, #REG(0)]
	stp x18, x19, [x0, #REG(18)]
	stp x20, x21, [x0, #REG(20)]
	stp x22, x23, [x0, #REG(22)]
	stp x24, x25, [x0, #REG(24)]
	stp x26, x27, [x0, #REG(26)]
	stp x28, x29, [x0, #REG(28)]
	str x30, [x0, #REG(30)]
	mov x1, sp
	stp x1, x30, [x0, #UC_SP]
	ldr w1, =FPSIMD_MAGIC
	mov w2, #FPSIMD_SIZE
	add x3, x0, #UC_FPSIMD
	stp w1, w2, [x3]
	mrs x1, fpsr
	mrs x2, fpcr
	stp w1, w2, [x3, #8]
	stp q8, q9, [x3, #Q(8) - UC_FPSIMD]
	stp q10, q11, [x3, #Q(10) - UC_FPSIMD]
	stp q12, q13, [x3, #Q(12) - UC_FPSIMD]
	stp q14, q15, [x3, #Q(14) - UC_FPSIMD]
	add x2, x0, #UC_SIGMASK
	mov x0, #SIG_BLOCK
	mov x1, #0
	mov x3, #8
	mov x8, #SYS_rt_sigprocmask
	svc #0
	mov x0, #0
	ret
	.cfi_endproc
	.size getcontext, . - getcontext

	.globl setcontext
	.hidden setcontext
	.type setcontext, %function
	.balign 4
setcontext:
	.cfi_startproc
	hint #34 /* bti c */
	mov x9, x0
	add x1, x0, #UC_SIGMASK
	mov x0, #SIG_SETMASK
	mov x2, #0
	mov x3, #8
	mov x8, #SYS_rt_sigprocmask
	svc #0
	add x3, x9, #UC_FPSIMD
	ldp w1, w2, [x3, #8]
	msr fpsr, x1
	msr fpcr, x2
	ldp q8, q9, [x3, #Q(8) - UC_FPSIMD]
	ldp q10, q11, [x3, #Q(10) - UC_FPSIMD]
	ldp q12, q13, [x3, #Q(12) - UC_FPSIMD]
	ldp q14, q15, [x3, #Q(14) - UC_FPSIMD]
	.cfi_def_cfa x9, 0
	ldp x18, x19, [x9, #REG(18)]
	ldp x20, x21, [x9, #REG(20)]
	ldp x22, x23, [x9, #REG(22)]
	ldp x24, x25, [x9, #REG(24)]
	ldp x26, x27, [x9, #REG(26)]
	ldp x28, x29, [x9, #REG(28)]
	ldr x30, [x9, #REG(30)]
	ldp x10, x16, [x9, #UC_SP]
	mov sp, x10
	ldp x6, x7, [x9, #REG(6)]
	ldp x4, x5, [x9, #REG(4)]
	ldp x2, x3, [x9, #REG(2)]
	ldp x0, x1, [x9, #REG(0)]
	ret x16
	.cfi_endproc
	.size setcontext, . - setcontext

	/* makecontext() left uc_link in x19, which the context's function has preserved. */
	.globl context_return
	.hidden context_return
	.type context_return, %function
	.balign 4
context_return:
	.cfi_startproc
	.cfi_undefined x30
	hint #36 /* bti j */
	cbz x19, 1f
	mov x0, x19
	bl setcontext
1:	mov x0, #0
	bl exit
	brk #1
	.cfi_endproc
	.size context_return, . - context_return

	.section .note.GNU-stack, "", %progbits

	/* NT_GNU_PROPERTY_TYPE_0: GNU_PROPERTY_AARCH64_FEATURE_1_AND = BTI | PAC. */
	.section .note.gnu.property, "a", %note
	.balign 8
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000000, 4, 3, 0
