import { closeSync, openSync } from "node:fs";
import { extname, join } from "node:path";
import { groupPrefixOf } from "../control-groups/group-names.ts";
import { groupPlaces } from "../control-groups/group-places.ts";
import { registryPlaces, registryPrefix } from "../mount-targets/registry-folders.ts";
import { bundledSweep } from "../platform/bundled-program.ts";
import { nativePart } from "../platform/c-library.ts";
import { canReap, type ExitStatus, onChildExit } from "../platform/child-reaper.ts";
import { duplicate, makePipe } from "../platform/descriptors.ts";
import { type InheritedDescriptor, posixSpawn } from "../platform/posix-spawn.ts";
import { readProcFile } from "../platform/proc-file.ts";
import { procStatOf } from "../platform/proc-stat.ts";
import { processIdentity } from "../platform/process-identity.ts";
import { DescendantSweep, type Look } from "./descendant-sweep.ts";
import { createDescentMark, type DescentMark, NO_SERIAL } from "./descent-mark.ts";
import { serialOf } from "./marked-process.ts";
import { askToEnd, type Descendant } from "./sweep.ts";
import type { SweepProgramOptions } from "./sweep-main.ts";
import { WATCH_SCRIPT } from "./watch-script.ts";

const SHELL = "/bin/sh";
/** Seen in the list of processes. */
const NAME = "holdfast-guardian";
/** The file that this process runs. */
const OWN_PROGRAM = "/proc/self/exe";
/** The descriptors by which the guardian holds what it needs at the end, even if the names lead elsewhere by then. */
const HELD = { node: 3, library: 4 } as const;
/** A guardian that is ended again and again is ended on purpose. */
const MAX_RESTARTS = 5;

/** The children are not guarded, and why. */
export interface Unguarded {
  readonly kind: "unguarded";
  readonly reason: string;
}

/** A guardian waits for the end of this process. */
export interface Guarded {
  readonly kind: "guarded";
  /** Its process id. */
  readonly pid: number;
}

export interface Launched {
  readonly pid: number;
  /** Of the pipe that ends with this process. */
  readonly writeEnd: number;
  /** The session that this process is in. */
  readonly ownerSession: number;
}

/** A guardian that another program goes on with. */
export interface HandedGuardian extends Launched {
  readonly mark: string;
  readonly restarts: number;
}

type State =
  | { readonly kind: "idle" }
  | Unguarded
  | (Guarded & Launched & { readonly mark: DescentMark; readonly restarts: number });

/**
 * A small process that outlives this one for a moment: when this one ends, by `kill -9` or otherwise, it ends all
 * descendants of what was started under its mark, and then itself. Made at the first start, one per process.
 */
export class Guardian {
  readonly #notify: (message: string) => void;
  #state: State = { kind: "idle" };
  #sweep: DescendantSweep | undefined;
  #makesGroups = false;

  constructor(notify: (message: string) => void) {
    this.#notify = notify;
  }

  /**
   * This process may make control groups from now on. A guardian that is there already leaves them to the next executor that makes
   * some in the same place.
   */
  watchGroups(): void {
    this.#makesGroups = true;
  }

  /** Start children in `start`, which must not be asynchronous. They are started in any case, guarded or not. */
  around<T>(start: () => T, serial = NO_SERIAL): T {
    const state = this.#watching();
    return state.kind === "guarded" ? state.mark.around(start, serial) : start();
  }

  /** For the next program in this very process; `undefined` when there is none. */
  handOver(): HandedGuardian | undefined {
    if (this.#state.kind !== "guarded") return undefined;
    const { pid, writeEnd, ownerSession, mark, restarts } = this.#state;
    return { pid, writeEnd, ownerSession, mark: mark.text, restarts };
  }

  /** Go on with a guardian that waits for the end of this process. To be called before the first start. */
  adopt({ mark: text, ...launched }: HandedGuardian): void {
    const mark = createDescentMark(text);
    if (typeof mark === "string") {
      this.#state = unguarded(mark);
      return;
    }
    this.#state = { kind: "guarded", ...launched, mark };
    onChildExit(launched.pid, (status) => this.#ended(launched.pid, status), "unattended");
  }

  /** Resolves when no descendants are being ended. */
  async settled(): Promise<void> {
    await this.#sweep?.settled();
  }

  /** End the descendants of the starts with these numbers. Resolves when none is left or can be reached. */
  async end(isDoomed: (serial: number) => boolean): Promise<void> {
    await this.#sweeping()?.end(isDoomed);
  }

  /** Who lives of the descendants of all starts; undefined where that can't be told. */
  async look(): Promise<Look | undefined> {
    return await this.#sweeping()?.look();
  }

  /** Ask one that was found to end. */
  askToEnd(descendant: Descendant): void {
    if (this.#state.kind === "guarded") askToEnd(descendant, this.#state.mark.text);
  }

  #sweeping(): DescendantSweep | undefined {
    if (this.#state.kind !== "guarded") return undefined;
    const { mark, ownerSession } = this.#state;
    this.#sweep ??= new DescendantSweep({ mark: mark.text, ownerSession });
    return this.#sweep;
  }

  /** Start the guardian if it is not there, and tell how things are. */
  status(): Guarded | Unguarded {
    const state = this.#watching();
    return state.kind === "guarded" ? { kind: state.kind, pid: state.pid } : state;
  }

  #watching(): Exclude<State, { kind: "idle" }> {
    if (this.#state.kind !== "idle") return this.#state;
    const mark = createDescentMark();
    const state = typeof mark === "string" ? unguarded(mark) : this.#start(mark, 0);
    if (state.kind === "unguarded") {
      this.#notify(`if this process is killed, its children may live on: ${state.reason}`);
    }
    this.#state = state;
    return state;
  }

  #start(mark: DescentMark, restarts: number): Exclude<State, { kind: "idle" }> {
    try {
      if (!mark.around(() => serialOf(readProcFile("self", "limits") ?? "", mark.text) === NO_SERIAL)) {
        return unguarded("/proc does not tell the limits of processes");
      }
      const launched = launch(mark, this.#makesGroups);
      const { pid } = launched;
      // Signals reach the main thread only: elsewhere its end goes unnoticed.
      if (canReap()) onChildExit(pid, (status) => this.#ended(pid, status), "unattended");
      return { kind: "guarded", ...launched, mark, restarts };
    } catch (error) {
      return unguarded(error instanceof Error ? error.message : String(error));
    }
  }

  #ended(pid: number, { code, signal }: ExitStatus): void {
    const state = this.#state;
    if (state.kind !== "guarded" || state.pid !== pid) return;
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    closeSync(state.writeEnd);
    this.#state =
      state.restarts < MAX_RESTARTS
        ? this.#start(state.mark, state.restarts + 1)
        : unguarded(`it ended ${MAX_RESTARTS + 1} times`);
    this.#notify(
      this.#state.kind === "guarded"
        ? `the guardian of child processes ended (${how}); a new one watches`
        : `the guardian of child processes ended (${how}) and there is no new one: ${this.#state.reason}`,
    );
  }
}

function unguarded(reason: string): Unguarded {
  return { kind: "unguarded", reason };
}

function unbundledSweep(options: string): string {
  const program = new URL(`./sweep-main${extname(import.meta.url)}`, import.meta.url);
  return `import { sweepAsProgram } from ${JSON.stringify(program)}; sweepAsProgram(${options});`;
}

/** @throws Error with the reason. */
function launch(mark: DescentMark, makesGroups: boolean): Launched {
  const ownerSession = procStatOf("self")?.session ?? 0;
  const places = registryPlaces();
  const registries = places.map((place) => join(place, registryPrefix())).join(":");
  const identity = processIdentity(process.pid) ?? String(process.pid);
  const groupParents = makesGroups ? groupPlaces().map(({ parent }) => parent) : [];
  const groups = groupParents.map((parent) => join(parent, groupPrefixOf(identity))).join("\n");
  using held = new HeldFiles();
  const program = {
    mark: mark.text,
    ownerSession,
    places,
    groupParents,
    library: held.libraryPath,
  } satisfies SweepProgramOptions;
  const options = JSON.stringify(program);
  const text = bundledSweep ?? unbundledSweep(options);
  const sweep = [inChild(HELD.node), "--input-type=module", "--eval", text, "--", options];
  const ends = makePipe();
  if (ends === undefined) throw new Error("no pipe could be made");
  const [readEnd, writeEnd] = ends;
  const nowhere = openSync("/dev/null", "w");
  try {
    const outcome = mark.without(() =>
      posixSpawn({
        file: SHELL,
        argv: [SHELL, "-c", WATCH_SCRIPT, NAME, mark.text, identity, registries, groups, ...sweep],
        // The last one makes the programs that embed Node behave as Node.
        environment: ["PATH=/usr/bin:/bin", "LC_ALL=C", "ELECTRON_RUN_AS_NODE=1"],
        cwd: Buffer.from("/"),
        descriptors: {
          standard: { stdin: readEnd, stdout: nowhere, stderr: nowhere },
          more: held.inherited,
        },
      }),
    );
    if (typeof outcome === "number") return { pid: outcome, writeEnd, ownerSession };
    closeSync(writeEnd);
    throw new Error(`${SHELL} can't be started: ${outcome}`);
  } finally {
    closeSync(readEnd);
    closeSync(nowhere);
  }
}

/** Open on this side until the guardian has them. */
class HeldFiles implements Disposable {
  readonly inherited: InheritedDescriptor[];

  /** @throws the operating system's error. */
  constructor() {
    this.inherited = [{ from: openAbove(OWN_PROGRAM), to: HELD.node }];
    const library = nativePart();
    if (library !== undefined) this.inherited.push({ from: openAbove(library), to: HELD.library });
  }

  /** The native binding to the C library, as the guardian finds it. */
  get libraryPath(): string | undefined {
    return this.inherited.some(({ to }) => to === HELD.library) ? inChild(HELD.library) : undefined;
  }

  [Symbol.dispose](): void {
    for (const { from } of this.inherited) closeSync(from);
  }
}

/** Under a number that none of what the guardian gets takes from it. */
function openAbove(path: string): number {
  const lowest = Math.max(...Object.values(HELD)) + 1;
  const fd = openSync(path, "r");
  if (fd >= lowest) return fd;
  const higher = duplicate(fd, lowest);
  closeSync(fd);
  if (higher === undefined) throw new Error("no descriptor could be copied");
  return higher;
}

function inChild(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
