import { type PathUri, parsePathUri } from "@holdfast/path-uri";
import { isObject } from "@holdfast/protocol-kit";
import type { HoldfastFault, HoldfastStartFaultReason } from "./types/holdfast/fault.ts";

const REASONS = {
  program: true,
  interpreter: true,
  cwd: true,
  sandbox: true,
} as const satisfies Record<HoldfastStartFaultReason, true>;
const CODE = /^E[A-Z0-9]{1,31}$/;
const SYSCALL = /^\w{1,64}$/;

/**
 * Read what this project's executors add to the `data` of a refusal.
 *
 * @returns `undefined` for data of any other form, which is what other executors send. A member that can not be read is left out.
 */
export function holdfastFault(data: unknown): HoldfastFault | undefined {
  if (!isObject(data) || !isObject(data.holdfast)) return undefined;
  const { code, syscall, path, destination, reason } = data.holdfast;
  const [from, to] = [pathIn(path), pathIn(destination)];
  return {
    ...(typeof code === "string" && CODE.test(code) && { code }),
    ...(typeof syscall === "string" && SYSCALL.test(syscall) && { syscall }),
    ...(from !== undefined && { path: from }),
    ...(to !== undefined && { destination: to }),
    ...(isReason(reason) && { reason }),
  };
}

function isReason(value: unknown): value is HoldfastStartFaultReason {
  return typeof value === "string" && Object.hasOwn(REASONS, value);
}

function pathIn(value: unknown): PathUri | undefined {
  if (typeof value !== "string") return undefined;
  try {
    return parsePathUri(value);
  } catch {
    return undefined;
  }
}
