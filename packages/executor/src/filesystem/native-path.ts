import { invalidInput } from "./fault.ts";

const SLASH = 0x2f;
export const ROOT = Buffer.from("/");

/** The path as text for people: bytes that are not UTF-8 become replacement characters. */
export function displayPath(path: Buffer): string {
  return path.toString("utf8");
}

/**
 * Check that a path can name something, and drop trailing slashes (of which the system would make a demand for a
 * directory, and of a link its target).
 *
 * @throws FileSystemFault `invalid-input` - the path is relative or holds a NUL byte.
 */
export function checkedPath(path: Buffer): Buffer {
  if (path[0] !== SLASH) throw invalidInput(`path \`${displayPath(path)}\` is not absolute`);
  if (path.includes(0)) throw invalidInput("path contains a NUL byte");
  let end = path.length;
  while (end > 1 && path[end - 1] === SLASH) end -= 1;
  return end === path.length ? path : path.subarray(0, end);
}

/** `name` below `parent`. An absolute `name` (the target text of a link) stands for itself. */
export function joinPath(parent: Buffer, name: Buffer): Buffer {
  if (name[0] === SLASH) return name;
  return parent.at(-1) === SLASH ? Buffer.concat([parent, name]) : Buffer.concat([parent, ROOT, name]);
}

/** Parent and last name of a checked path; the root is its own parent, with the name `.`. */
export function splitPath(path: Buffer): { readonly parent: Buffer; readonly name: Buffer } {
  const cut = path.lastIndexOf(SLASH);
  if (path.length === 1) return { parent: ROOT, name: Buffer.from(".") };
  return { parent: cut === 0 ? ROOT : path.subarray(0, cut), name: path.subarray(cut + 1) };
}

/** The names of a path from the root down, without empty ones and `.`. */
export function pathNames(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  let start = 0;
  while (start < path.length) {
    const slash = path.indexOf(SLASH, start);
    const end = slash === -1 ? path.length : slash;
    const name = path.subarray(start, end);
    if (name.length > 0 && !isDot(name)) names.push(name);
    start = end + 1;
  }
  return names;
}

/** The path with duplicate slashes and dot segments resolved by spelling alone, no link looked at. */
export function normalPath(path: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (const name of pathNames(path)) {
    if (isDotDot(name)) kept.pop();
    else kept.push(name);
  }
  return rooted(kept);
}

/** The path itself and everything above it, deepest first, the root last. */
export function selfAndAncestors(path: Buffer): Buffer[] {
  const names = pathNames(path);
  const whole = rooted(names);
  const chain: Buffer[] = [ROOT];
  let end = 0;
  for (const name of names) {
    end += ROOT.length + name.length;
    chain.push(whole.subarray(0, end));
  }
  return chain.reverse();
}

/** Joined at once: name by name, each step would copy all that is above it. */
function rooted(names: readonly Buffer[]): Buffer {
  return names.length === 0 ? ROOT : Buffer.concat(names.flatMap((name) => [ROOT, name]));
}

/** Is `path` the directory `ancestor` or below it? Both canonical. */
export function isWithin(path: Buffer, ancestor: Buffer): boolean {
  if (ancestor.length === 1) return true;
  if (!path.subarray(0, ancestor.length).equals(ancestor)) return false;
  return path.length === ancestor.length || path[ancestor.length] === SLASH;
}

export function isDot(name: Buffer): boolean {
  return name.length === 1 && name[0] === 0x2e;
}

export function isDotDot(name: Buffer): boolean {
  return name.length === 2 && name[0] === 0x2e && name[1] === 0x2e;
}
