/**
 * The member of its params that may travel as bytes behind a binary message, by method. Methods that are not here have none; of results, what
 * was asked for says what they hold.
 */
export const BYTE_MEMBERS: Readonly<Record<string, string>> = {
  "process/write": "chunk",
  "process/output": "chunk",
  "fs/writeFile": "dataBase64",
  "fs/writeBlock": "chunk",
  "http/request": "bodyBase64",
  "http/request/bodyDelta": "deltaBase64",
  "holdfast/writeStaged": "chunk",
  "holdfast/putStaged": "chunk",
  "holdfast/extractStaged": "chunk",
  "holdfast/writeFile": "chunk",
  "holdfast/appendFile": "chunk",
  "holdfast/makeLink": "targetBase64",
  "holdfast/writeShared": "chunk",
};
