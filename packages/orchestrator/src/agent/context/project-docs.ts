import type { Executor } from "@holdfast/exec-client";
import { displayPath, join, type PathUri, parent } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import { SharedLookups } from "../../shared-lookups.ts";
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
  readonly signal: AbortSignal;
}

/** Instructions that were found. */
export interface FoundDocs {
  /** As a message tells them. */
  readonly text: string;
  /** The files that they are in, as their systems write them. */
  readonly sources: readonly string[];
}

const LOOKS = { home: homeDoc, project: docsAbove } as const;

/** The instructions of the user and of the project, as they are now. Turns that begin at once in the same folder share a look at it. */
export class ProjectDocs {
  readonly #clock: Clock;
  readonly #lookups = new WeakMap<EnvironmentHandle, SharedLookups<readonly Doc[]>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * What can not be read is left out: a model can do without.
   *
   * @returns Undefined: there are none.
   */
  async of({ home, project, maxBytes = DOC_MAX_BYTES, signal }: DocPlaces): Promise<FoundDocs | undefined> {
    const found = Promise.all([this.#found("home", home, maxBytes), this.#found("project", project, maxBytes)]);
    const parts = (await untilAborted(found, signal)).map((docs) => docs.filter(({ text }) => text.trim() !== ""));
    const texts = parts.filter((docs) => docs.length > 0).map((docs) => docs.map(({ text }) => text).join("\n\n"));
    if (texts.length === 0) return undefined;
    const { folder: where = "" } = project ?? home ?? {};
    return {
      text: `# AGENTS.md instructions for ${where}\n\n<INSTRUCTIONS>\n${texts.join("\n--- project-doc ---\n\n")}\n</INSTRUCTIONS>`,
      sources: parts.flat().map(({ path }) => displayPath(path)),
    };
  }

  async #found(kind: keyof typeof LOOKS, place: DocPlace | undefined, maxBytes: number): Promise<readonly Doc[]> {
    if (place === undefined) return [];
    let lookups = this.#lookups.get(place.handle);
    if (lookups === undefined) {
      lookups = new SharedLookups();
      this.#lookups.set(place.handle, lookups);
    }
    const key = JSON.stringify([kind, place.folder, maxBytes]);
    return await lookups.find(key, () => this.#inTime((signal) => LOOKS[kind](place, maxBytes, signal)));
  }

  async #inTime(look: (signal: AbortSignal) => Promise<readonly Doc[]>): Promise<readonly Doc[]> {
    const tooLate = new AbortController();
    const timer = this.#clock.after(DOCS_MAX_MS, () => tooLate.abort());
    try {
      return await untilAborted(look(tooLate.signal), tooLate.signal);
    } catch {
      return [];
    } finally {
      timer.cancel();
    }
  }
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
