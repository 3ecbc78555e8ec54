import { parentPort } from "node:worker_threads";
import { toFault } from "../filesystem/fault.ts";
import { inlineCalls } from "../filesystem/inline-calls.ts";
import { mergeFolder } from "../filesystem/merge-folder.ts";
import { StagingProblems } from "../filesystem/staging-problems.ts";
import { digestHeld } from "./digest-held.ts";
import { listHeld } from "./list-held.ts";
import { ArchivePacker } from "./pack-archive.ts";
import { removeHeld } from "./remove-held.ts";
import { type NamedBlock, ToldBlocks } from "./shared-blocks.ts";
import { treeFilter } from "./tree-filter.ts";
import type { TreeAnswer, TreeOperation, TreeOperations, TreeRequest } from "./tree-messages.ts";
import { ArchiveUnpacker } from "./unpack-archive.ts";
import { settleFolders } from "./unpacked-folders.ts";

type Given<Name extends TreeOperation> = TreeOperations[Name]["given"];
type Answered<Name extends TreeOperation> = TreeOperations[Name]["answered"];
type Handlers = {
  readonly [Name in TreeOperation]: (given: Given<Name>) => Answered<Name> | Promise<Answered<Name>>;
};

const unpackers = new Map<number, ArchiveUnpacker>();
const packers = new Map<number, ArchivePacker>();
const blocks = new Map<number, ToldBlocks>();

const handlers: Handlers = {
  unpack({ job, into, part }) {
    let unpacker = unpackers.get(job);
    if (unpacker === undefined) {
      unpacker = new ArchiveUnpacker(asBuffer(into.path), asBuffer(into.shown));
      unpackers.set(job, unpacker);
    }
    const bytes = part instanceof Uint8Array ? part : new Uint8Array(memoryOf(job, part.block), 0, part.length);
    unpacker.write(bytes);
    return { problemCount: unpacker.problemCount };
  },
  finishUnpacking({ job }) {
    const unpacker = unpackers.get(job);
    unpackers.delete(job);
    return unpacker?.finish() ?? { folders: [], problems: [], isModeSet: true };
  },
  settle: ({ root, folders }) => settleFolders(asBuffer(root), folders),
  async merge({ from, into }) {
    const problems = new StagingProblems(asBuffer(into.shown));
    const [source, target] = [from, into.path].map((path) => ({ path: asBuffer(path), close: async () => {} }));
    if (source === undefined || target === undefined) return [];
    await mergeFolder(inlineCalls, source, target, (path, message) => problems.report(path, message));
    return problems.all();
  },
  pack({ job, root, filter, names }) {
    const options = { filter: treeFilter(filter), names: names?.map(asBuffer), shownRoot: asBuffer(root.shown) };
    packers.set(job, new ArchivePacker(asBuffer(root.path), options));
    return undefined;
  },
  nextBlock({ job, block }) {
    const packer = packers.get(job);
    if (packer === undefined) throw new Error("no such archive is read here");
    return packer.next(memoryOf(job, block));
  },
  list: ({ root, filter, after }) =>
    listHeld(asBuffer(root.path), {
      filter: treeFilter(filter),
      after: asBuffer(after),
      shownRoot: asBuffer(root.shown),
    }),
  digest: ({ root, ranges }) => digestHeld(asBuffer(root), ranges, () => performance.now()),
  remove: ({ root, names, ...options }) =>
    removeHeld(asBuffer(root.path), names.map(asBuffer), { ...options, shownRoot: asBuffer(root.shown) }),
  drop({ job }) {
    unpackers.get(job)?.close();
    packers.get(job)?.close();
    unpackers.delete(job);
    packers.delete(job);
    blocks.delete(job);
    return undefined;
  },
};

/** Answer each message of the thread that started this one. What the thread becomes. */
export function serveTreesAsThread(): void {
  parentPort?.on("message", (request: TreeRequest) => void answer(request));
}

async function answer({ id, operation, given }: TreeRequest): Promise<void> {
  try {
    const answered = await (handlers[operation] as (given: unknown) => unknown)(given);
    post({ id, kind: "done", answered });
  } catch (thrown) {
    const { kind, message, code } = toFault(thrown);
    post({ id, kind: "failed", fault: { kind, message, code } });
  }
}

function post(message: TreeAnswer): void {
  parentPort?.postMessage(message);
}

function memoryOf(job: number, block: NamedBlock): SharedArrayBuffer {
  const told = blocks.get(job) ?? new ToldBlocks();
  blocks.set(job, told);
  return told.memoryOf(block);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
