/* getcontext, setcontext and the way out of a context, for x86_64. Saved is what a function must preserve and the
   signal mask. Contexts are entered by `ret`: an indirect jump would need an endbr64 at its target. */
#include "context.h"

#define GREG(n) (UC_GREGS + 8 * (n))
#define SIG_BLOCK 0
#define SIG_SETMASK 2
#define SYS_rt_sigprocmask 14

	.text
	.globl getcontext
	.hidden getcontext
	.type getcontext, @function
getcontext:
	.cfi_startproc
	endbr64
	movq %r12, GREG(4)(%rdi)
	movq %r13, GREG(5)(%rdi)
	movq %r14, GREG(6)(%rdi)
	movq %r15, GREG(7)(%rdi)
	movq %rbp, GREG(10)(%rdi)
	movq %rbx, GREG(11)(%rdi)
	leaq 8(%rsp), %rcx
	movq %rcx, GREG(15)(%rdi)
	movq (%rsp), %rcx
	movq %rcx, GREG(16)(%rdi)
	leaq UC_FPREGS_MEM(%rdi), %rcx
	movq %rcx, UC_FPREGS(%rdi)
	fnstcw UC_FPREGS_MEM(%rdi)
	stmxcsr (UC_FPREGS_MEM + FP_MXCSR)(%rdi)
	leaq UC_SIGMASK(%rdi), %rdx
	xorl %esi, %esi
	movl $SIG_BLOCK, %edi
	movl $8, %r10d
	movl $SYS_rt_sigprocmask, %eax
	syscall
	xorl %eax, %eax
	ret
	.cfi_endproc
	.size getcontext, . - getcontext

	.globl setcontext
	.hidden setcontext
	.type setcontext, @function
setcontext:
	.cfi_startproc
	endbr64
	movq %rdi, %r8
	leaq UC_SIGMASK(%rdi), %rsi
	xorl %edx, %edx
	movl $SIG_SETMASK, %edi
	movl $8, %r10d
	movl $SYS_rt_sigprocmask, %eax
	syscall
	movq %r8, %rax
	fldcw UC_FPREGS_MEM(%rax)
	ldmxcsr (UC_FPREGS_MEM + FP_MXCSR)(%rax)
	movq GREG(0)(%rax), %r8
	movq GREG(1)(%rax), %r9
	movq GREG(4)(%rax), %r12
	movq GREG(5)(%rax), %r13
	movq GREG(6)(%rax), %r14
	movq GREG(7)(%rax), %r15
	movq GREG(8)(%rax), %rdi
	movq GREG(9)(%rax), %rsi
	movq GREG(10)(%rax), %rbp
	movq GREG(11)(%rax), %rbx
	movq GREG(12)(%rax), %rdx
	movq GREG(14)(%rax), %rcx
	.cfi_def_cfa %rax, 0
	movq GREG(15)(%rax), %rsp
	pushq GREG(16)(%rax)
	xorl %eax, %eax
	ret
	.cfi_endproc
	.size setcontext, . - setcontext

	/* makecontext() left uc_link in rbx, which the context's function has preserved. */
	.globl context_return
	.hidden context_return
	.type context_return, @function
context_return:
	.cfi_startproc
	.cfi_undefined %rip
	endbr64
	movq %rbx, %rdi
	testq %rbx, %rbx
	je 1f
	call setcontext
1:	xorl %edi, %edi
	call exit@PLT
	hlt
	.cfi_endproc
	.size context_return, . - context_return

	.section .note.GNU-stack, "", @progbits

	/* NT_GNU_PROPERTY_TYPE_0: GNU_PROPERTY_X86_FEATURE_1_AND = IBT. No SHSTK: the shadow stack is not switched. */
	.section .note.gnu.property, "a", @note
	.balign 8
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 1, 0
