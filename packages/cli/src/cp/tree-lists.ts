import { foldersOf, type TreeEntry } from "./tree-entry.ts";

const NUL = Buffer.of(0);

/**
 * The lists that `settleRemoteFolder` reads: what each link says and where it is; the files of one mode; folders with
 * their modes, the deepest first. Every field ends with a NUL: names are bytes, and arguments of a program would be text.
 */
export function treeLists(entries: readonly TreeEntry[]): Map<string, Buffer> {
  const fields = new Map<string, Buffer[]>();
  const add = (list: string, ...added: Buffer[]): void => {
    const there = fields.get(list) ?? [];
    fields.set(list, there);
    for (const field of added) there.push(field, NUL);
  };
  for (const { kind, path, mode, target } of entries) {
    if (kind === "link" && target !== undefined) add("links", target, dotted(path));
    if (kind === "file" && mode !== undefined) add(`mode-${mode.toString(8)}`, dotted(path));
  }
  for (const { path, mode } of foldersOf(entries).toReversed()) {
    if (mode !== undefined) add("folders", Buffer.from(mode.toString(8)), dotted(path));
  }
  return new Map([...fields].map(([name, parts]) => [name, Buffer.concat(parts)]));
}

/** So that no name is taken for an option. */
const dotted = (path: Buffer): Buffer => Buffer.concat([Buffer.from("./"), path]);
