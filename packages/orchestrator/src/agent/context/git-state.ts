import type { Executor } from "@holdfast/exec-client";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import type { GitState } from "../rollout/thread-meta.ts";

/** Folders above the working one that are looked at. */
const DEPTH_MAX = 64;
/** Bytes of a file that are read. What says more is none that is looked for. */
const FILE_MAX_BYTES = 1_048_576;
const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const REF = /^ref: (refs\/(?!.*\.\.)[^\0\s]+)$/;

/**
 * The state of the work tree that a folder is in, read from its files: no program is started for it, and nothing runs that a repository configures.
 *
 * @returns Undefined: it is in none, or in one that is not understood.
 */
export async function gitState(
  executor: Executor,
  folder: PathUri,
  signal: AbortSignal,
): Promise<GitState | undefined> {
  const read = async (path: PathUri): Promise<string | undefined> => {
    try {
      const { size, isFile } = await executor.fs.metadata(path, { signal });
      if (!isFile || size > FILE_MAX_BYTES) return undefined;
      return new TextDecoder().decode(await executor.fs.readFile(path, { signal }));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  };
  const git = await gitFolder(folder, read);
  if (git === undefined) return undefined;
  const head = (await read(join(git, "HEAD")))?.trim();
  if (head === undefined) return undefined;
  // A work tree of its own shares what is not about itself.
  const common = join(git, (await read(join(git, "commondir")))?.trim() || ".");
  const ref = REF.exec(head)?.[1];
  const [sha, config] = await Promise.all([
    ref === undefined ? head : shaOf(ref, [git, common], read),
    read(join(common, "config")),
  ]);
  return {
    sha: sha !== undefined && SHA.test(sha) ? sha : undefined,
    branch: ref?.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined,
    originUrl: config === undefined ? undefined : originOf(config),
  };
}

type Read = (path: PathUri) => Promise<string | undefined>;

async function gitFolder(folder: PathUri, read: Read): Promise<PathUri | undefined> {
  let at: PathUri | undefined = folder;
  for (let depth = 0; at !== undefined && depth < DEPTH_MAX; depth += 1) {
    const mark = join(at, ".git");
    if ((await read(join(mark, "HEAD"))) !== undefined) return mark;
    const elsewhere = /^gitdir: (.+)$/m.exec((await read(mark)) ?? "")?.[1];
    if (elsewhere !== undefined) return join(at, elsewhere.trim());
    at = parent(at);
  }
  return undefined;
}

async function shaOf(ref: string, folders: readonly PathUri[], read: Read): Promise<string | undefined> {
  for (const folder of folders) {
    const loose = (await read(join(folder, ref)))?.trim();
    if (loose !== undefined) return loose;
  }
  const packed = (await read(join(folders.at(-1) as PathUri, "packed-refs"))) ?? "";
  return packed
    .split("\n")
    .find((line) => line.endsWith(` ${ref}`))
    ?.slice(0, -ref.length - 1);
}

/** What the repository was cloned from, without who has done so. */
function originOf(config: string): string | undefined {
  let isOrigin = false;
  for (const line of config.split(/\r?\n/)) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) isOrigin = section === 'remote "origin"';
    const url = isOrigin ? /^\s*url\s*=\s*(.*?)\s*$/i.exec(line)?.[1] : undefined;
    if (url) return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
  }
  return undefined;
}
