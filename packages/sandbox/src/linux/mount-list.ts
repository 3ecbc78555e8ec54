import type { FileSystemAccessMode } from "@holdfast/permission-profile";
import type { SyntheticTarget } from "../launch-plan.ts";
import { SandboxError } from "../sandbox-error.ts";
import { MAX_MOUNTS } from "./limits.ts";
import { isWithin, parentOf } from "./native-path.ts";

/** What is bound over a file that is hidden. */
export const EMPTY_DEVICE = "/dev/null";

/** What one mount makes of a place, and of everything below it. */
export interface Mount {
  readonly path: string;
  readonly access: FileSystemAccessMode;
  /** `show`: what is there; `cover folder`, `cover file`: nothing of it; `own`: something that only the command has. */
  readonly kind: "show" | "cover folder" | "cover file" | "own";
}

/** A mount at a place that commands, or other programs that change the files of the machine meanwhile, could reach. */
export interface Placement extends Mount {
  readonly kind: Exclude<Mount["kind"], "own">;
}

const NOTHING: Mount = { path: "/", access: "deny", kind: "cover folder" };

/** What a path is in the view of the command, once the mounts so far are in place. */
export class MountList {
  readonly #args: string[] = [];
  readonly #sealedLater: string[] = [];
  readonly #mounts: Mount[] = [];
  readonly #links = new Set<string>();
  readonly #placements: Placement[] = [];
  readonly #accessByMount = new Map<string, FileSystemAccessMode>();
  #longestMount = 0;
  readonly #syntheticTargets = new Map<string, SyntheticTarget>();

  /** The words for bubblewrap, in the order in which it has to take them. */
  get args(): readonly string[] {
    return this.#args;
  }

  get syntheticTargets(): readonly SyntheticTarget[] {
    return [...this.#syntheticTargets.values()];
  }

  get placements(): readonly Placement[] {
    return this.#placements;
  }

  /** The access to a path by the deepest mount at or above it. */
  accessOf(path: string): FileSystemAccessMode {
    let folder = path;
    for (;;) {
      const access = this.#accessByMount.get(folder);
      if (access !== undefined) return access;
      if (folder === "/") return "deny";
      // Of a path that goes deeper than every mount, all that does is passed over at once.
      folder = parentOf(folder.slice(0, this.#longestMount + 1));
    }
  }

  /** The access that the path has by what is mounted above it. */
  accessAbove(path: string): FileSystemAccessMode {
    return path === "/" ? "deny" : this.accessOf(parentOf(path));
  }

  has(path: string): boolean {
    return this.#accessByMount.has(path);
  }

  /** The mount that a path without links is in, all mounts made: the last one at or above it. */
  mountOf(path: string): Mount {
    return this.#mounts.findLast((mount) => isWithin(path, mount.path)) ?? NOTHING;
  }

  /** Was a link put there for the command, although the folder around it is hidden? */
  hasLink(path: string): boolean {
    return this.#links.has(path);
  }

  base(access: FileSystemAccessMode, ...args: readonly string[]): void {
    this.#mount({ path: "/", access, kind: access === "deny" ? "cover folder" : "show" }, ...args);
    if (access === "deny") this.#sealedLater.push("/");
  }

  /** A mount that is the sandbox's own affair: to what is planned after it, the place is as before. */
  frame(mount: Mount, ...args: readonly string[]): void {
    this.#args.push(...args);
    this.#mounts.push(mount);
  }

  link(path: string, target: string): void {
    this.#args.push("--symlink", target, path);
    this.#links.add(path);
  }

  show(path: string, access: "read" | "write"): void {
    this.#place({ path, access, kind: "show" }, access === "write" ? "--bind" : "--ro-bind", path, path);
  }

  /** An empty folder that can be entered but never listed or changed. */
  hideFolder(path: string, leadsOn: boolean): void {
    this.#place({ path, access: "deny", kind: "cover folder" }, "--perms", leadsOn ? "111" : "000", "--tmpfs", path);
    if (leadsOn) this.#sealedLater.push(path);
    else this.#args.push("--remount-ro", path);
  }

  /** A device that the mount makes useless: opening it is refused to everyone, and it takes no descriptor for each file. */
  hideFile(path: string): void {
    this.#place({ path, access: "deny", kind: "cover file" }, "--ro-bind", EMPTY_DEVICE, path);
  }

  /** An empty folder that can be listed but not changed. */
  emptyFolder(path: string): void {
    const words = ["--perms", "555", "--tmpfs", path, "--remount-ro", path];
    this.#place({ path, access: "read", kind: "cover folder" }, ...words);
  }

  needs(target: SyntheticTarget): void {
    this.#syntheticTargets.set(target.path, target);
  }

  /** Close the folders that had to stay open for what is mounted below them. */
  seal(): void {
    for (const path of this.#sealedLater.splice(0).reverse()) this.#args.push("--remount-ro", path);
  }

  #place(placement: Placement, ...args: readonly string[]): void {
    this.#placements.push(placement);
    this.#mount(placement, ...args);
  }

  #mount(mount: Mount, ...args: readonly string[]): void {
    const { path, access } = mount;
    this.#args.push(...args);
    this.#mounts.push(mount);
    this.#accessByMount.set(path, access);
    this.#longestMount = Math.max(this.#longestMount, path.length);
    if (this.#accessByMount.size > MAX_MOUNTS) {
      throw new SandboxError("unenforceable", `the sandbox would take more than ${MAX_MOUNTS} mounts`);
    }
  }
}
