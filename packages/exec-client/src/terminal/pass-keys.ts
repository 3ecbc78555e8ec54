import { KEYS_AHEAD_MAX_BYTES } from "../limits.ts";
import type { RunningProcess } from "../process/running-process.ts";
import type { LocalTerminalInput } from "./local-terminal.ts";

/**
 * Pass every key on as it is pressed, until it is disposed of: then the terminal is as it was before.
 *
 * While 64 KiB wait for the process the terminal is not read.
 */
export function passKeys(process: Pick<RunningProcess, "write" | "closeStdin">, input: LocalTerminalInput): Disposable {
  const { isRaw = false, readableFlowing } = input;
  let waitingBytes = 0;
  let isPaused = false;
  const taken = (bytes: number): void => {
    waitingBytes -= bytes;
    if (!isPaused || waitingBytes > 0) return;
    isPaused = false;
    input.resume();
  };
  const onData = (data: Uint8Array | string): void => {
    const bytes = data.length;
    waitingBytes += bytes;
    if (waitingBytes > KEYS_AHEAD_MAX_BYTES) {
      isPaused = true;
      input.pause();
    }
    // A process that has ended takes nothing any more, and its end is told elsewhere.
    const settled = (): void => taken(bytes);
    process.write(data).then(settled, settled);
  };
  const onEnd = (): void => void process.closeStdin().catch(() => {});
  if (input.isTTY === true) input.setRawMode?.(true);
  input.on("data", onData);
  input.on("end", onEnd);
  return {
    [Symbol.dispose]() {
      isPaused = false;
      input.off("data", onData);
      input.off("end", onEnd);
      if (readableFlowing === true) input.resume();
      else input.pause();
      if (input.isTTY === true) input.setRawMode?.(isRaw);
    },
  };
}
