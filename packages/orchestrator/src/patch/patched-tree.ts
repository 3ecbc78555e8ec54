import type { PathUri } from "@holdfast/path-uri";
import type { FoundFile } from "./found-file.ts";

/** Content that one name has, or several names of the same file. */
export interface Content {
  /** Of a file that was there and had to be read. */
  readonly before: Uint8Array<ArrayBuffer> | undefined;
  /** Undefined: as before. */
  after: Uint8Array<ArrayBuffer> | undefined;
}

/** A name, and what it has while a patch is gone through. */
export interface Node {
  readonly path: PathUri;
  /** What it was found to be. */
  readonly found: FoundFile;
  /** A link that was there. */
  readonly leadsTo: Node | undefined;
  /** It has something. */
  isThere: boolean;
  /** What was there was deleted, whatever is there by now. */
  isDeleted: boolean;
  content: Content | undefined;
  /** Permission bits for a new file; undefined: those of new files. */
  mode: number | undefined;
}

/** What a patch does to files that were found, in memory: each of its steps sees what the steps before it did. */
export class PatchedTree {
  readonly #nodes = new Map<PathUri, Node>();
  readonly #contents = new Map<string, Content>();

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  /** Take in what was found at a path. Names of one file, and ways to one name, become the same. */
  add(found: FoundFile, before: Uint8Array<ArrayBuffer> | undefined): Node {
    const { name, target } = found;
    const end = this.#node(target, found, before, undefined);
    return name === target ? end : this.#node(name, found, undefined, end);
  }

  #node(path: PathUri, found: FoundFile, before: Uint8Array<ArrayBuffer> | undefined, leadsTo: Node | undefined): Node {
    const known = this.#nodes.get(path);
    if (known !== undefined) {
      if (before !== undefined && known.content?.before === undefined) known.content = this.#contentOf(found, before);
      return known;
    }
    const isThere = leadsTo !== undefined || found.kind !== "absent";
    const content = leadsTo === undefined && found.kind === "file" ? this.#contentOf(found, before) : undefined;
    const node: Node = { path, found, leadsTo, isThere, isDeleted: false, content, mode: undefined };
    this.#nodes.set(path, node);
    return node;
  }

  #contentOf({ identity }: FoundFile, before: Uint8Array<ArrayBuffer> | undefined): Content {
    const known = identity === undefined ? undefined : this.#contents.get(identity);
    if (known !== undefined && (known.before !== undefined || before === undefined)) return known;
    const content: Content = { before, after: undefined };
    if (identity !== undefined) this.#contents.set(identity, content);
    return content;
  }
}

/** What writing to a name writes to. */
export function followed(node: Node): Node {
  return node.leadsTo !== undefined && !node.isDeleted ? node.leadsTo : node;
}

/** What it is by now. */
export function kindOf(node: Node): FoundFile["kind"] {
  if (!node.isThere) return "absent";
  return node.content === undefined ? node.found.kind : "file";
}

export function write(node: Node, bytes: Uint8Array<ArrayBuffer>, mode?: number): void {
  if (node.isThere && node.content !== undefined) {
    node.content.after = bytes;
    return;
  }
  node.isThere = true;
  node.content = { before: undefined, after: bytes };
  node.mode = mode;
}

/** Of a link: the link. */
export function remove(node: Node): void {
  node.isThere = false;
  node.isDeleted ||= node.leadsTo !== undefined || node.found.kind !== "absent";
  node.content = undefined;
}
