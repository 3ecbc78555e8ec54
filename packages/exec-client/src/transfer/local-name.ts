import { basename, conventionOf, type PathUri, toNativeBytes } from "@holdfast/path-uri";
import type { Endpoint } from "./endpoint.ts";
import { TransferError } from "./transfer-error.ts";

/** As every system here has it. */
const NAME_MAX_BYTES = 255;

const SEPARATORS = process.platform === "win32" ? /[\\/:]/ : /\//;
const NO_NAMES = new Set(["", ".", ".."]);

/**
 * Why these bytes from outside must not become a name in a local folder; undefined when they may. Every name that another
 * machine tells goes through here before it is part of a path.
 */
export function refusalOfName(name: Buffer): string | undefined {
  const text = name.toString("latin1");
  if (NO_NAMES.has(text) || SEPARATORS.test(text) || text.includes("\0")) return "that is no name of a file";
  return name.byteLength > NAME_MAX_BYTES ? `that is longer than ${NAME_MAX_BYTES} bytes` : undefined;
}

/**
 * The name that a copy of a remote file or folder gets in a local folder: the last one that the user wrote, else, for
 * `.` and the like, the one that the executor tells.
 *
 * @param path - Where the source is, as far as the executor tells.
 * @throws TransferError - There is no such name, or none that could be one here.
 */
export function localName(source: Endpoint, path: PathUri): Buffer {
  const isWindows = conventionOf(path) === "windows";
  const written = writtenName(source.path, isWindows ? /[\\/]/ : /\//);
  const name = written === undefined ? toldName(path, isWindows) : Buffer.from(written);
  const refusal = refusalOfName(name);
  if (refusal === undefined) return name;
  const told = name.byteLength === 0 ? "has no name of its own" : `is called ${JSON.stringify(String(name))} there`;
  const why = name.byteLength === 0 ? "" : `, and ${refusal}`;
  throw new TransferError(`${source.text} ${told}${why}; name the local file or folder in full`);
}

/** Undefined for a URI, and where the last name is none. */
function writtenName(text: string, separator: RegExp): string | undefined {
  if (/^file:/i.test(text)) return undefined;
  const name = text.split(separator).findLast((each) => each !== "");
  return name === undefined || NO_NAMES.has(name) ? undefined : name;
}

function toldName(path: PathUri, isWindows: boolean): Buffer {
  if (isWindows) return Buffer.from(basename(path) ?? "");
  const bytes = Buffer.from(toNativeBytes(path));
  return bytes.subarray(bytes.lastIndexOf("/") + 1);
}
