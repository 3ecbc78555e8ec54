import { type PathUri, toNativeBytes } from "@holdfast/path-uri";
import { FileTransferError } from "../errors.ts";
import { Keeper, type KeeperHost, wordOf } from "./keeper.ts";
import { KeptParts, type PartsPort } from "./kept-parts.ts";
import type { CopiedNode, StagedTree, TreeNode, TreeOutcome, TreeProblem } from "./staged-tree.ts";

const SLASH = 0x2f;
const NO_MODE = "-";
/** Commands that wait here for their turn. */
const COMMANDS_QUEUED = 4_096;

/** A path below the tree as the words of a command: its last name, and those above it. */
interface Words {
  readonly name: string;
  readonly above: readonly string[];
}

/**
 * Begin a folder on an executor that stages nothing itself: `sh` makes everything in it, one thing at a time.
 *
 * @param place.path - How its paths begin; `final` is the same with links resolved.
 * @throws FileTransferError `not-placed` - No folder can be there, or not safely.
 */
export async function stageTreeByShell(
  host: KeeperHost & PartsPort,
  { path: tree, final }: { readonly path: PathUri; readonly final: PathUri },
  signal: AbortSignal | undefined,
): Promise<StagedTree> {
  const keeper = await Keeper.start(host, final, "tree");
  const root = Buffer.from(toNativeBytes(tree));
  const words = (path: PathUri): Words => {
    const native = Buffer.from(toNativeBytes(path));
    const isBelow = native.subarray(0, root.byteLength).equals(root) && native[root.byteLength] === SLASH;
    const names = isBelow ? namesOf(native.subarray(root.byteLength)).map(wordOf) : [];
    const name = names.pop();
    if (name === undefined) throw new TypeError(`${path} does not lie in ${tree}`);
    return { name, above: names };
  };
  const ask = (command: readonly string[], data?: Uint8Array): Promise<string> => {
    signal?.throwIfAborted();
    return keeper.ask(command, data);
  };
  /** What was made, in order: it is moved in that order where there is something to be merged into. */
  const made: { readonly path: PathUri; readonly isFolder: boolean }[] = [];
  let isModeSet = true;
  const note = (answer: string): void => {
    if (answer === "mode") isModeSet = false;
  };
  try {
    const isMerge = (await ask(["tree"])) === "merge";
    const put = async (path: PathUri, mode: number | undefined, data: Uint8Array): Promise<void> => {
      const { name, above } = words(path);
      note(await ask(["file", name, keeper.freshName(), octal(mode), String(data.byteLength), ...above], data));
      made.push({ path, isFolder: false });
    };
    const make = ({ path, target }: TreeNode): Promise<string> => {
      const { name, above } = words(path);
      if (target === undefined) return ask(["dir", name, ...above]);
      return ask(["link", name, wordOf(Buffer.from(target)), ...above]);
    };
    const double = ({ path, mode }: CopiedNode): Promise<string> => {
      const { name, above } = words(path);
      return ask(["double", name, keeper.freshName(), octal(mode), ...above]);
    };
    const isFolder = (node: TreeNode): boolean => node.target === undefined && !("isFile" in node && node.isFile);
    const makeAll = async <Node extends TreeNode>(
      nodes: readonly Node[],
      one: (node: Node) => Promise<string>,
    ): Promise<readonly TreeProblem[]> => {
      const problems = await eachInTurn(nodes, (node) => one(node).then(note));
      const left = new Set(problems.map(({ path }) => path));
      for (const node of nodes) if (!left.has(node.path)) made.push({ path: node.path, isFolder: isFolder(node) });
      return problems;
    };
    return {
      add: (nodes) => makeAll(nodes, make),
      put: (path, data, mode) => put(path, mode, data),
      async stageFile(path, options) {
        const kept = new KeptParts(keeper, host, options.signal ?? signal);
        return {
          blocks: kept.parts,
          async commit() {
            const { name, above } = words(path);
            const parts = await kept.words();
            note(await ask(["adopt", name, String(above.length), ...above, octal(options.mode), ...parts]));
            made.push({ path, isFolder: false });
            return true;
          },
          // What is left of it goes with the tree.
          discard: () => kept.parts.abandon(),
        };
      },
      async copyFrom(source, nodes) {
        await ask(["from", wordOf(Buffer.from(toNativeBytes(source)))]);
        return makeAll(nodes, (node) => (node.isFile ? double(node) : make(node)));
      },
      async commit({ mode, folderModes }): Promise<TreeOutcome> {
        const problems: TreeProblem[] = [];
        if (isMerge) problems.push(...(await merge()));
        else note(await ask(["commit", octal(mode)]));
        const held = isMerge ? "6" : "7";
        const unset = await eachInTurn(folderModes, async ({ path, mode: bits }) => {
          const { name, above } = words(path);
          note(await ask(["mode", bits.toString(8), held, ...above, name]));
        });
        await keeper.end();
        return { isModeSet: isModeSet && unset.length === 0, problems };
      },
      discard: () => keeper.end(),
    };

    async function merge(): Promise<readonly TreeProblem[]> {
      return eachInTurn(made, ({ path, isFolder }) => {
        const { name, above } = words(path);
        return ask([isFolder ? "enter" : "move", name, ...above]);
      });
    }
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

/** Ask for one thing after the other without waiting for answers, as far as the queue goes. */
async function eachInTurn<Thing extends { readonly path: PathUri }>(
  things: readonly Thing[],
  ask: (thing: Thing) => Promise<unknown>,
): Promise<TreeProblem[]> {
  const problems: TreeProblem[] = [];
  for (let at = 0; at < things.length; at += COMMANDS_QUEUED) {
    const some = things.slice(at, at + COMMANDS_QUEUED);
    const settled = await Promise.allSettled(some.map(ask));
    for (const [index, outcome] of settled.entries()) {
      if (outcome.status === "fulfilled") continue;
      if (!(outcome.reason instanceof FileTransferError)) throw outcome.reason;
      problems.push({ path: some[index]?.path, message: outcome.reason.message.replace(/^[^:]*: /, "") });
    }
  }
  return problems;
}

function namesOf(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; at < path.byteLength; ) {
    const slash = path.indexOf(SLASH, at);
    const end = slash === -1 ? path.byteLength : slash;
    if (end > at) names.push(path.subarray(at, end));
    at = end + 1;
  }
  return names;
}

function octal(mode: number | undefined): string {
  return mode === undefined ? NO_MODE : mode.toString(8);
}
