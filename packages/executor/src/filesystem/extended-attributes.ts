import { lazily } from "../platform/c-library.ts";

interface AttributeCalls {
  list(path: Buffer, into: Buffer): number;
  get(path: Buffer, name: Buffer, into: Buffer): number;
}

/** Longest list of names and longest value that Linux allows. */
const MAX_ATTRIBUTE_BYTES = 65_536;

/** Node can not see extended attributes, of which access control lists are a kind. */
const attributeCalls = lazily((library): AttributeCalls => {
  const list = library.func("intptr_t llistxattr(void *path, void *list, size_t size)");
  const get = library.func("intptr_t lgetxattr(void *path, void *name, void *value, size_t size)");
  return {
    list: (path, into) => list(path, into, into.length),
    get: (path, name, into) => get(path, name, into, into.length),
  };
});

function terminated(text: Buffer) {
  return Buffer.concat([text, Buffer.of(0)]);
}

function attributeValue(calls: AttributeCalls, path: Buffer, name: Buffer): string {
  const value = Buffer.allocUnsafe(MAX_ATTRIBUTE_BYTES);
  const length = calls.get(path, terminated(name), value);
  return length < 0 ? "?" : value.toString("hex", 0, length);
}

/**
 * All extended attributes of a file in one comparable text; empty when it has none or they can not be seen here
 * (another platform, no native binding).
 */
export function attributesOf(path: Buffer): string {
  const calls = attributeCalls();
  if (calls === undefined) return "";
  const cPath = terminated(path);
  const names = Buffer.allocUnsafe(MAX_ATTRIBUTE_BYTES);
  const length = calls.list(cPath, names);
  if (length <= 0) return "";
  return names
    .toString("latin1", 0, length)
    .split("\0")
    .filter((name) => name !== "")
    .sort()
    .map((name) => `${name}=${attributeValue(calls, cPath, Buffer.from(name, "latin1"))}`)
    .join("\n");
}
