import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;

/**
 * The terminal that stdin is, opened once more: the descriptor itself is shared with the shell, which must not find it
 * non-blocking. The second is for one that belongs to another user, as after `su`.
 */
const PLACES = process.platform === "linux" ? ["/proc/self/fd/0", "/dev/tty"] : ["/dev/tty"];

/** More than this was never typed: something writes into the terminal without an end. */
const DRAIN_MAX_BYTES = 16 * 1024 * 1024;

/** Take what waits in the terminal and drop it. */
export function dropUnreadKeys(): void {
  const fd = openTerminal();
  if (fd === undefined) return;
  const buffer = Buffer.allocUnsafe(64 * 1024);
  try {
    let bytes = 1;
    for (let dropped = 0; bytes > 0 && dropped < DRAIN_MAX_BYTES; dropped += bytes) bytes = readSync(fd, buffer);
  } catch {
    // EAGAIN: that was all. Anything else: the terminal is gone, and with it what was typed.
  } finally {
    closeSync(fd);
  }
}

/** Whether the terminal is this program's to use: one in the background is stopped when it reads or sets it. */
export function isInForeground(): boolean {
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    // After the name in parentheses: state, parent, group, session, terminal, group in its foreground.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return foreground === "-1" || foreground === group;
  } catch {
    return true;
  }
}

function openTerminal(): number | undefined {
  for (const place of PLACES) {
    try {
      return openSync(place, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // The next one may do.
    }
  }
  return undefined;
}
