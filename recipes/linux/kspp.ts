import type { Arch } from "../../src/recipe/mod.ts";

/** Option (without `CONFIG_`) → value; `n` is "not set", absent included. */
type Settings = Readonly<Record<string, string>>;

/** Where and why a configuration of ours is not what the project recommends. */
export interface Deviation {
  option: string;
  /** What it is instead. */
  value: string;
  because: string;
  arch?: Arch;
  /** In this configuration only. */
  configuration?: string;
}

/**
 * The settings that the Kernel Self Protection Project recommends (https://kspp.github.io/Recommended_Settings), for
 * kernels from 6.12 on and the architectures that we build for, under 6.12's names.
 */
export const recommended: Readonly<Record<"any" | Arch, Settings>> = {
  any: {
    BUG: "y",
    STRICT_KERNEL_RWX: "y",
    DEBUG_WX: "y",
    STACKPROTECTOR: "y",
    STACKPROTECTOR_STRONG: "y",
    DEVMEM: "n",
    SYN_COOKIES: "y",
    LIST_HARDENED: "y",
    DEBUG_NOTIFIERS: "y",
    DEBUG_LIST: "y",
    DEBUG_SG: "y",
    DEBUG_VIRTUAL: "y",
    BUG_ON_DATA_CORRUPTION: "y",
    SCHED_STACK_END_CHECK: "y",
    SECCOMP: "y",
    SECCOMP_FILTER: "y",
    LDISC_AUTOLOAD: "n",
    SECURITY: "y",
    SECURITY_YAMA: "y",
    SECURITY_LANDLOCK: "y",
    SECURITY_SELINUX_BOOTPARAM: "n",
    SECURITY_SELINUX_DEVELOP: "n",
    SECURITY_SELINUX_DEBUG: "n",
    SECURITY_LOCKDOWN_LSM: "y",
    SECURITY_LOCKDOWN_LSM_EARLY: "y",
    LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY: "y",
    HARDENED_USERCOPY: "y",
    SLAB_FREELIST_RANDOM: "y",
    SLAB_FREELIST_HARDENED: "y",
    SLAB_BUCKETS: "y",
    RANDOM_KMALLOC_CACHES: "y",
    SLAB_MERGE_DEFAULT: "n",
    SHUFFLE_PAGE_ALLOCATOR: "y",
    PAGE_TABLE_CHECK: "y",
    SLUB_DEBUG: "y",
    PAGE_POISONING: "y",
    INIT_ON_ALLOC_DEFAULT_ON: "y",
    INIT_ON_FREE_DEFAULT_ON: "y",
    INIT_STACK_ALL_ZERO: "y",
    VMAP_STACK: "y",
    FORTIFY_SOURCE: "y",
    SECURITY_DMESG_RESTRICT: "y",
    UBSAN: "y",
    KFENCE: "y",
    RANDOMIZE_KSTACK_OFFSET_DEFAULT: "y",
    WERROR: "y",
    EFI_DISABLE_PCI_DMA: "y",
    IOMMU_SUPPORT: "y",
    IOMMU_DEFAULT_DMA_STRICT: "y",
    IOMMU_DEFAULT_PASSTHROUGH: "n",
    HW_RANDOM_TPM: "y",
    RANDSTRUCT_FULL: "y",
    SCHED_CORE: "y",
    ZERO_CALL_USED_REGS: "y",
    RESET_ATTACK_MITIGATION: "y",
    STATIC_USERMODEHELPER: "y",
    COMPAT_BRK: "n",
    PROC_KCORE: "n",
    COMPAT_VDSO: "n",
    KEXEC: "n",
    HIBERNATION: "n",
    INET_DIAG: "n",
    BINFMT_MISC: "n",
    LEGACY_PTYS: "n",
    LEGACY_TIOCSTI: "n",
    PANIC_ON_OOPS: "y",
    PANIC_TIMEOUT: "-1",
    MAGIC_SYSRQ_DEFAULT_ENABLE: "176",
    MODULES: "n",
    RANDOMIZE_BASE: "y",
    COMPAT: "n",
    CFI_CLANG: "y",
    GCC_PLUGIN_LATENT_ENTROPY: "y",
    GCC_PLUGIN_STACKLEAK: "y",
  },
  x86_64: {
    DEFAULT_MMAP_MIN_ADDR: "65536",
    X86_MSR: "n",
    RANDOMIZE_MEMORY: "y",
    X86_VSYSCALL_EMULATION: "n",
    LEGACY_VSYSCALL_NONE: "y",
    MITIGATION_PAGE_TABLE_ISOLATION: "y",
    X86_KERNEL_IBT: "y",
    X86_USER_SHADOW_STACK: "y",
    IA32_EMULATION: "n",
    X86_X32_ABI: "n",
    MODIFY_LDT_SYSCALL: "n",
    INTEL_IOMMU: "y",
    INTEL_IOMMU_DEFAULT_ON: "y",
    INTEL_IOMMU_SVM: "y",
    AMD_IOMMU: "y",
    MITIGATION_SLS: "y",
  },
  aarch64: {
    DEFAULT_MMAP_MIN_ADDR: "32768",
    ARM64_SW_TTBR0_PAN: "y",
    UNMAP_KERNEL_AT_EL0: "y",
    SHADOW_CALL_STACK: "y",
    UNWIND_PATCH_PAC_INTO_SCS: "y",
    ARM64_PTR_AUTH: "y",
    ARM64_PTR_AUTH_KERNEL: "y",
    ARM64_BTI: "y",
    ARM64_BTI_KERNEL: "y",
    ARM64_MTE: "y",
    KASAN_HW_TAGS: "y",
    ARM64_E0PD: "y",
    ARM64_EPAN: "y",
  },
};

/** What the project recommends for kernels that need modules. */
export const recommendedWithModules: Settings = {
  STRICT_MODULE_RWX: "y",
  MODULE_SIG: "y",
  MODULE_SIG_FORCE: "y",
  MODULE_SIG_ALL: "y",
  MODULE_SIG_SHA512: "y",
  MODULE_SIG_KEY: '"certs/signing_key.pem"',
  MODULE_FORCE_LOAD: "n",
};

const plugins = "needs a plugin of the compiler, so C++ in the toolchain, which is C alone";

export const deviations: readonly Deviation[] = [
  {
    option: "DEBUG_LIST",
    value: "n",
    because: "LIST_HARDENED makes the checks that stop attacks, without the slow rest",
  },
  { option: "DEBUG_VIRTUAL", value: "n", because: "a debugging aid that slows every address translation" },
  {
    option: "LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY",
    value: "n",
    because:
      "integrity is forced instead: confidentiality also takes BPF's and perf's reads, which Cilium, Tetragon and profilers need",
  },
  {
    option: "RANDOM_KMALLOC_CACHES",
    value: "n",
    because: "sixteen copies of each general cache are megabytes on a machine of 256 MB",
  },
  { option: "PAGE_TABLE_CHECK", value: "n", because: "costs 0.4 % of all memory and time at each page fault" },
  {
    option: "SLUB_DEBUG",
    value: "n",
    because: "only makes a debugging option of the command line possible, which would be slow",
  },
  { option: "PAGE_POISONING", value: "n", because: "init_on_alloc clears pages already, and is always on" },
  {
    option: "INIT_ON_FREE_DEFAULT_ON",
    value: "n",
    because: "costs 3 to 5 % on top of init_on_alloc; `init_on_free=1` turns it on",
  },
  {
    option: "UBSAN",
    value: "n",
    because: "a false alarm in a driver that no test here reaches would reboot the machine",
  },
  {
    option: "KFENCE",
    value: "n",
    because: "2 MB of memory and code patched ten times a second to find bugs by luck, on machines nobody watches",
  },
  { option: "WERROR", value: "n", because: "a new compiler's new warning must not stop a security update" },
  {
    option: "EFI_DISABLE_PCI_DMA",
    value: "n",
    because: "some firmware hangs on it; virtual machines have nothing to gain",
  },
  { option: "RANDSTRUCT_FULL", value: "n", because: `${plugins}; and the seed of a reproducible build is public` },
  {
    option: "RESET_ATTACK_MITIGATION",
    value: "n",
    because: "without a program that clears the request at shutdown, firmware wipes all memory at each reboot",
  },
  {
    option: "STATIC_USERMODEHELPER",
    value: "n",
    because: "Hyper-V's shutdown and core dumps start programs by their own paths; the root they come from is verified",
  },
  { option: "INET_DIAG", value: "y", because: "its leak of addresses ended with 4.1; ss and Cilium need it" },
  {
    option: "PANIC_TIMEOUT",
    value: "10",
    because: "ten seconds in which a console can be read, then a reboot as well",
  },
  {
    option: "MAGIC_SYSRQ_DEFAULT_ENABLE",
    value: "0x0",
    because: "stricter: nothing at all by key; root has /proc/sysrq-trigger",
  },
  { option: "CFI_CLANG", value: "n", because: "needs Clang; on x86_64 the processor's own branch tracking is on" },
  {
    option: "GCC_PLUGIN_LATENT_ENTROPY",
    value: "n",
    because: `${plugins}; the firmware, the processor and virtio give entropy`,
  },
  { option: "GCC_PLUGIN_STACKLEAK", value: "n", because: `${plugins}; stack variables are zero from the start` },
  {
    option: "INTEL_IOMMU_SVM",
    value: "n",
    because: "shares a program's memory map with devices, which nothing here uses: less code",
    arch: "x86_64",
  },
  {
    option: "SHADOW_CALL_STACK",
    value: "n",
    because: "return addresses are signed where the processor can; a second stack costs every call",
    arch: "aarch64",
  },
  { option: "UNWIND_PATCH_PAC_INTO_SCS", value: "n", because: "needs Clang", arch: "aarch64" },
  { option: "ARM64_BTI_KERNEL", value: "n", because: "the kernel refuses GCC for it", arch: "aarch64" },
  {
    option: "KASAN_HW_TAGS",
    value: "n",
    because: "makes each allocation slower where a processor has tags of memory; a debugging aid first",
    arch: "aarch64",
  },
  {
    option: "MODULES",
    value: "y",
    because: "broad hardware would be many megabytes in memory; only signed modules load",
    configuration: "edge",
  },
  {
    option: "MODULE_SIG_ALL",
    value: "n",
    because: "a step after the build signs, so that the build needs no key",
    configuration: "edge",
  },
  {
    option: "MODULE_SIG_KEY",
    value: '""',
    because:
      "a key made by each build would make each build another kernel; the vendor's certificate is put in afterwards",
    configuration: "edge",
  },
];

/** Names that changed after 6.12. */
export const renamed: Readonly<Record<string, Partial<Record<string, string>>>> = {
  CFI_CLANG: { "7.2": "CFI" },
  GCC_PLUGIN_STACKLEAK: { "7.2": "KSTACK_ERASE" },
  RANDOM_KMALLOC_CACHES: { "7.2": "KMALLOC_PARTITION_CACHES" },
};

export interface Expectation {
  option: string;
  recommended: string;
  /** What the configuration must hold; differs from what is recommended only with a reason. */
  value: string;
  because?: string;
}

/** What a configuration must hold, option by option, sorted. */
export function expectations(of: { arch: Arch; series: string; configuration: string }): Expectation[] {
  const modules = deviationOf("MODULES", of)?.value === "y";
  const settings = { ...recommended.any, ...recommended[of.arch], ...(modules ? recommendedWithModules : {}) };
  return Object.entries(settings)
    .map(([name, value]) => {
      const option = renamed[name]?.[of.series] ?? name;
      const deviation = deviationOf(name, of);
      return {
        option,
        recommended: value,
        value,
        ...(deviation && { value: deviation.value, because: deviation.because }),
      };
    })
    .sort((a, b) => (a.option < b.option ? -1 : 1));
}

function deviationOf(option: string, of: { arch: Arch; configuration: string }): Deviation | undefined {
  return deviations.find(
    (it) =>
      it.option === option &&
      (it.arch ?? of.arch) === of.arch &&
      (it.configuration ?? of.configuration) === of.configuration,
  );
}

/** Lines of bash that compare the file `config` with the table, and name every difference before they fail. */
export const checkKspp = (of: { arch: Arch; series: string; configuration: string }): string => `differences=0
while read -r option value; do
  got=$(sed -n "s/^CONFIG_$option=//p" config)
  [ "\${got:-n}" != "$value" ] || continue
  echo "error: CONFIG_$option is \${got:-n}, and recipes/linux/kspp.ts says $value: change a fragment, or the table with a reason" >&2
  differences=$((differences + 1))
done <<'END'
${expectations(of)
  .map(({ option, value }) => `${option} ${value}`)
  .join("\n")}
END
[ $differences = 0 ]`;
