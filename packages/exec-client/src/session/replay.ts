import { ANSWER_TIMEOUT_MS } from "../limits.ts";

/**
 * What may be sent again when the line broke before the answer came. `always`: the executor tells a repeated one from a
 * new one, or it changes nothing. `once`: it changes nothing, but its answer may be what breaks the line.
 */
const REPLAYED: Readonly<Record<string, "always" | "once">> = {
  // Numbered: an executor takes each writeId of a process once.
  "process/write": "always",
  "process/read": "always",
  // Named by an id of the client's: done twice, they change nothing.
  "holdfast/stageFile": "always",
  "holdfast/stageFolder": "always",
  "holdfast/writeStaged": "always",
  "holdfast/addStaged": "always",
  "holdfast/putStaged": "always",
  "holdfast/copyStaged": "once",
  "holdfast/commitStaged": "always",
  "holdfast/discardStaged": "always",
  "environment/info": "once",
  "environment/status": "once",
  "fs/readFile": "once",
  "fs/getMetadata": "once",
  "fs/canonicalize": "once",
  "fs/readDirectory": "once",
  "fs/walk": "once",
};

/**
 * What an executor answers at once, whatever it is about. The others take as long as a disk, a far web server or a program that
 * does not read its input.
 */
const ANSWERED_AT_ONCE: ReadonlySet<string> = new Set([
  "process/start",
  "process/read",
  "process/signal",
  "process/terminate",
]);

/** How long the answer to a call may take on one line, milliseconds. The time that it waits for a line does not count. */
export const answerTimeoutOf = (method: string): number =>
  ANSWERED_AT_ONCE.has(method) ? ANSWER_TIMEOUT_MS : Number.POSITIVE_INFINITY;

/** How many times a call of this method may be sent again. What changes something is never repeated in silence. */
export const replaysOf = (method: string): number => {
  const policy = Object.hasOwn(REPLAYED, method) ? REPLAYED[method] : undefined;
  if (policy === undefined) return 0;
  return policy === "always" ? Number.POSITIVE_INFINITY : 1;
};
