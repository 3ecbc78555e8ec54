import type { Executor } from "@holdfast/exec-client";
import { displayPath, join, type PathUri, parent } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import { DOCS_MAX_MS } from "../tools/limits.ts";
import { folderOf } from "../tools/place-folder.ts";

/** Bytes of the instructions of a project together, where the configuration does not say. */
const DOC_MAX_BYTES = 32_768;

/** Folders above the working one that are looked at. */
const DEPTH_MAX = 64;

/** What a project is known by. */
const ROOT_MARK = ".git";

/** In each folder the first of these counts. */
const NAMES = ["AGENTS.override.md", "AGENTS.md"];

/** An environment and a folder there, as its system writes it. */
export interface DocPlace {
  readonly handle: EnvironmentHandle;
  readonly folder: string;
}

/** Where instructions are looked for. */
export interface DocPlaces {
  /** This machine, with the folder of the configuration. Undefined: nothing is read there. */
  readonly home: DocPlace | undefined;
  /** The primary environment of the turn, with its folder. Undefined: there is none. */
  readonly project: DocPlace | undefined;
  /** Bytes of those of the project. Default 32,768; 0: none. */
  readonly maxBytes?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Instructions that were found. */
export interface ProjectDocs {
  /** As a message tells them. */
  readonly text: string;
  /** The files that they are in, as their systems write them. */
  readonly sources: readonly string[];
}

/**
 * The instructions of the user and of the project. What can not be read is left out: a model can do without.
 *
 * @returns Undefined: there are none.
 */
export async function projectDocs({
  home,
  project,
  maxBytes = DOC_MAX_BYTES,
  clock,
  signal,
}: DocPlaces): Promise<ProjectDocs | undefined> {
  const tooLate = new AbortController();
  const timer = clock.after(DOCS_MAX_MS, () => tooLate.abort());
  const wanted = AbortSignal.any([signal, tooLate.signal]);
  const [ofHome, ofProject] = await Promise.all([
    home === undefined ? [] : untilAborted(homeDoc(home, maxBytes, wanted), wanted).catch(nothing),
    project === undefined ? [] : untilAborted(docsAbove(project, maxBytes, wanted), wanted).catch(nothing),
  ]);
  timer.cancel();
  signal.throwIfAborted();
  const parts = [ofHome, ofProject].map((docs) => docs.filter(({ text }) => text.trim() !== ""));
  const texts = parts.filter((docs) => docs.length > 0).map((docs) => docs.map(({ text }) => text).join("\n\n"));
  if (texts.length === 0) return undefined;
  const { folder: where = "" } = project ?? home ?? {};
  return {
    text: `# AGENTS.md instructions for ${where}\n\n<INSTRUCTIONS>\n${texts.join("\n--- project-doc ---\n\n")}\n</INSTRUCTIONS>`,
    sources: parts.flat().map(({ path }) => displayPath(path)),
  };
}

/** The instructions of one file. */
interface Doc {
  readonly path: PathUri;
  readonly text: string;
}

async function homeDoc({ handle, folder }: DocPlace, maxBytes: number, signal: AbortSignal): Promise<readonly Doc[]> {
  const executor = await handle.executor(signal);
  return await docIn(executor, folderOf({ cwd: folder, executor }), maxBytes, signal);
}

/** From the root of the project down to the folder. */
async function docsAbove(
  { handle, folder: cwd }: DocPlace,
  maxBytes: number,
  signal: AbortSignal,
): Promise<readonly Doc[]> {
  const executor = await handle.executor(signal);
  const start = folderOf({ cwd, executor });
  const above: PathUri[] = [];
  for (
    let folder: PathUri | undefined = start;
    folder !== undefined && above.length < DEPTH_MAX;
    folder = parent(folder)
  ) {
    above.push(folder);
  }
  const marks = await Promise.all(above.map((folder) => isThere(executor, join(folder, ROOT_MARK), signal)));
  const root = marks.indexOf(true);
  const folders = (root < 0 ? [start] : above.slice(0, root + 1)).reverse();
  const found = await Promise.all(folders.map((folder) => docIn(executor, folder, maxBytes, signal)));
  let left = maxBytes;
  return found.flat().flatMap(({ path, text }) => {
    const bytes = Buffer.from(text).subarray(0, left);
    left -= bytes.length;
    return bytes.length === 0 ? [] : [{ path, text: new TextDecoder().decode(bytes) }];
  });
}

/** The beginning of the instructions of one folder, if there are any. */
async function docIn(
  { fs }: Executor,
  folder: PathUri,
  maxBytes: number,
  signal: AbortSignal,
): Promise<readonly Doc[]> {
  for (const name of NAMES) {
    try {
      const path = join(folder, name);
      const { size } = await fs.metadata(path, { signal });
      if (size <= maxBytes) return [{ path, text: new TextDecoder().decode(await fs.readFile(path, { signal })) }];
      return [{ path, text: await new Response(fs.createReadStream(path, { length: maxBytes, signal })).text() }];
    } catch {
      signal.throwIfAborted();
    }
  }
  return [];
}

async function isThere({ fs }: Executor, path: PathUri, signal: AbortSignal): Promise<boolean> {
  try {
    await fs.metadata(path, { signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function nothing(): readonly Doc[] {
  return [];
}
