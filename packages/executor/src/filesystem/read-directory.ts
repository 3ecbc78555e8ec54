import type { BigIntStats, Dirent } from "node:fs";
import { withFaults } from "./fault.ts";
import { checkedPath, joinPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";

/** One name in a directory. Both flags are false for FIFOs, sockets and devices. */
export interface DirectoryEntry {
  /** Native bytes: need not be UTF-8. */
  readonly name: Buffer;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

/**
 * List a directory, unordered. A link is described by its target.
 *
 * @param options.danglingLinks - List links that lead nowhere, and others whose target can not be looked at, as themselves. Default:
 * they are left out.
 */
export function readDirectory(
  path: Buffer,
  { danglingLinks = false }: { readonly danglingLinks?: boolean } = {},
  calls: OsCalls = systemCalls,
): Promise<DirectoryEntry[]> {
  return withFaults(async () => {
    const directory = checkedPath(path);
    const entries = await calls.readdir(directory);
    const described = await Promise.all(entries.map((entry) => describeEntry(calls, directory, entry, danglingLinks)));
    return described.filter((entry) => entry !== undefined);
  });
}

/** Answers without a promise where no call is needed: most entries are no links. */
function describeEntry(
  calls: OsCalls,
  directory: Buffer,
  entry: Dirent<Buffer>,
  danglingLinks: boolean,
): DirectoryEntry | undefined | Promise<DirectoryEntry | undefined> {
  if (!entry.isSymbolicLink()) return named(entry.name, entry);
  return calls.stat(joinPath(directory, entry.name)).then(
    (target) => named(entry.name, target),
    () => (danglingLinks ? named(entry.name, entry) : undefined),
  );
}

function named(name: Buffer, kind: Pick<BigIntStats, "isDirectory" | "isFile">): DirectoryEntry {
  return {
    name,
    isDirectory: kind.isDirectory(),
    isFile: kind.isFile(),
  };
}
