import { lazily } from "./c-library.ts";

const RLIMIT_RTTIME = 15;
/** `struct rlimit` is two words there, with every C library. */
const ARCHITECTURES: readonly string[] = ["x64", "arm64", "riscv64", "loong64", "ppc64", "s390x"];

/** No limit, as the C library writes it. */
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** A limit and the ceiling up to which a process may raise it by itself. */
export interface ResourceLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

const functions = lazily((library) => ({
  get: library.func("int getrlimit(int resource, void *limit)"),
  set: library.func("int setrlimit(int resource, void *limit)"),
}));

/**
 * How long this process may run under a real-time scheduler without a pause, in microseconds.
 *
 * @returns `undefined` where it can't be told.
 */
export function realtimeLimit(): ResourceLimit | undefined {
  if (!ARCHITECTURES.includes(process.arch)) return undefined;
  const words = new BigUint64Array(2);
  if (functions()?.get(RLIMIT_RTTIME, words) !== 0) return undefined;
  const [soft = 0n, hard = 0n] = words;
  return { soft, hard };
}

/** @returns whether the system took it. */
export function setRealtimeLimit({ soft, hard }: ResourceLimit): boolean {
  return functions()?.set(RLIMIT_RTTIME, BigUint64Array.of(soft, hard)) === 0;
}
