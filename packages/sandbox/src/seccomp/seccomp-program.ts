import { assembleBpf, type BpfStep } from "./bpf-assembler.ts";
import { type SeccompMode, type SyscallRule, seccompRules, type UserNamespaces } from "./seccomp-rules.ts";
import { type SeccompArch, syscallNumber } from "./syscall-numbers.ts";

const RETURN_ALLOW = 0x7fff_0000;
const RETURN_KILL_PROCESS = 0x8000_0000;
const EPERM = 1;
const ENOSYS = 38;
const RETURN_ERRNO = 0x0005_0000;

/** Where members of `struct seccomp_data` lie. */
const OFFSET_NUMBER = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARGUMENTS = 16;
const ARGUMENT_BYTES = 8;
const WORD_BYTES = 4;

const AUDIT_ARCH: Readonly<Record<SeccompArch, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };

/** Set in the numbers of the x32 calls, which share the architecture of x64 and would pass every comparison. */
const X32_BIT = 0x4000_0000;

/** Which filter to make. */
export interface SeccompOptions {
  readonly arch: SeccompArch;
  readonly mode: SeccompMode;
  /** Default `refused`. */
  readonly userNamespaces?: UserNamespaces | undefined;
}

/**
 * The seccomp filter of a mode, as bytes of a `struct sock_filter[]` for `bwrap --seccomp FD`. What matches fails with EPERM
 * (`clone3`, where it is refused, with ENOSYS), everything else is allowed; a call of another architecture (32-bit code) ends
 * the process with SIGSYS.
 */
export function seccompProgram(options: SeccompOptions): Uint8Array<ArrayBuffer> {
  const { arch, mode, userNamespaces = "refused" } = options;
  return assembleBpf([
    { kind: "load", offset: OFFSET_ARCH },
    { kind: "jump", test: "equals", value: AUDIT_ARCH[arch], ifFalse: "kill" },
    { kind: "load", offset: OFFSET_NUMBER },
    ...(arch === "x64" ? [{ kind: "jump", test: "atLeast", value: X32_BIT, ifTrue: "refuse" } as const] : []),
    ...seccompRules(mode, userNamespaces).flatMap((rule, index) => stepsOf(rule, arch, `rule-${index + 1}`)),
    { kind: "return", value: RETURN_ALLOW },
    { kind: "label", name: "refuse" },
    { kind: "return", value: RETURN_ERRNO | EPERM },
    { kind: "label", name: "absent" },
    { kind: "return", value: RETURN_ERRNO | ENOSYS },
    { kind: "label", name: "kill" },
    { kind: "return", value: RETURN_KILL_PROCESS },
  ]);
}

function stepsOf(rule: SyscallRule, arch: SeccompArch, next: string): readonly BpfStep[] {
  const value = syscallNumber(rule.syscall, arch);
  if (rule.refuse === "always") return [{ kind: "jump", test: "equals", value, ifTrue: "refuse" }];
  if (rule.refuse === "absent") return [{ kind: "jump", test: "equals", value, ifTrue: "absent" }];
  const argumentAt = OFFSET_ARGUMENTS + ARGUMENT_BYTES * rule.argument;
  return [
    { kind: "jump", test: "equals", value, ifFalse: next },
    { kind: "load", offset: argumentAt },
    ...(rule.refuse === "pointed" ? ifPointed(argumentAt) : decide(rule, next)),
    // The following rules compare the number again.
    { kind: "label", name: next },
    { kind: "load", offset: OFFSET_NUMBER },
  ];
}

/** The lower half of the pointer is loaded. */
function ifPointed(argumentAt: number): readonly BpfStep[] {
  return [
    { kind: "jump", test: "equals", value: 0, ifFalse: "refuse" },
    { kind: "load", offset: argumentAt + WORD_BYTES },
    { kind: "jump", test: "equals", value: 0, ifFalse: "refuse" },
  ];
}

function decide(rule: Extract<SyscallRule, { values: readonly number[] }>, next: string): readonly BpfStep[] {
  if (rule.refuse === "allBut") {
    const last = rule.values.length - 1;
    return rule.values.map((value, index) => ({
      kind: "jump",
      test: "equals",
      value,
      ifTrue: next,
      ifFalse: index === last ? "refuse" : undefined,
    }));
  }
  const tests: BpfStep[] = rule.values.map((value) => ({ kind: "jump", test: "equals", value, ifTrue: "refuse" }));
  return rule.refuse === "masked" ? [{ kind: "and", mask: rule.mask }, ...tests] : tests;
}
