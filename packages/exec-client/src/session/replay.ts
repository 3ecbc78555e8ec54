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

/** How many times a call of this method may be sent again. What changes something is never repeated in silence. */
export const replaysOf = (method: string): number => {
  const policy = Object.hasOwn(REPLAYED, method) ? REPLAYED[method] : undefined;
  if (policy === undefined) return 0;
  return policy === "always" ? Number.POSITIVE_INFINITY : 1;
};
