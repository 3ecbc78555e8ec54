import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isatty } from "node:tty";
import { isNullDevice } from "../null-device.ts";

const STANDARD_STREAMS = [0, 1, 2];
const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/**
 * Whether this program was started by `nohup`, and so has to go on when its terminal is closed.
 *
 * Node takes back what was ignored before its own start, so the signal's disposition tells nothing. What `nohup` leaves behind
 * does: shells put the path of the program that they start into `_`, and a stdin that was a terminal has become a null
 * device that can be written only.
 */
export function isStartedByNohup(env: Readonly<Record<string, string | undefined>>): boolean {
  return basename(env._ ?? "") === "nohup" || isUnreadableNull(0);
}

/** Whether a terminal is there that can be closed under this program. */
export function hasTerminal(): boolean {
  return STANDARD_STREAMS.some((descriptor) => isatty(descriptor));
}

function isUnreadableNull(descriptor: number): boolean {
  if (!isNullDevice(descriptor)) return false;
  try {
    const [, flags = "0"] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1")) ?? [];
    return (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  } catch {
    return false;
  }
}
