import { type PathUri, toNativeBytes } from "@holdfast/path-uri";
import { FileTransferError } from "../errors.ts";
import { Keeper, type KeeperHost, wordOf } from "./keeper.ts";
import { KeptParts, type PartsPort } from "./kept-parts.ts";
import type { StagedTree, TreeNode, TreeOutcome, TreeProblem } from "./staged-tree.ts";

const SLASH = 0x2f;
const NO_MODE = "-";

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
export const stageTreeByShell = async (
  host: KeeperHost & PartsPort,
  { path: tree, final }: { readonly path: PathUri; readonly final: PathUri },
  signal: AbortSignal | undefined,
): Promise<StagedTree> => {
  const keeper = await Keeper.start(host, final, "tree");
  const root = Buffer.from(toNativeBytes(tree)).byteLength;
  const words = (path: PathUri): Words => {
    const names = namesOf(Buffer.from(toNativeBytes(path)).subarray(root)).map(wordOf);
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
    const add = async (nodes: readonly TreeNode[]): Promise<readonly TreeProblem[]> => {
      const answers = nodes.map(({ path, target }) => {
        const { name, above } = words(path);
        if (target === undefined) return ask(["dir", name, ...above]);
        return ask(["link", name, wordOf(Buffer.from(target)), ...above]);
      });
      const problems = await problemsOf(nodes, answers);
      const left = new Set(problems.map(({ path }) => path));
      for (const { path, target } of nodes) if (!left.has(path)) made.push({ path, isFolder: target === undefined });
      return problems;
    };
    return {
      add,
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
        const problems: TreeProblem[] = [];
        for (const node of nodes) {
          if (!node.isFile) {
            problems.push(...(await add([node])));
            continue;
          }
          const { name, above } = words(node.path);
          const copied = ask(["double", name, keeper.freshName(), octal(node.mode), ...above]);
          problems.push(...(await problemsOf([node], [copied.then(note)])));
          made.push({ path: node.path, isFolder: false });
        }
        return problems;
      },
      async commit({ mode, folderModes }): Promise<TreeOutcome> {
        const problems: TreeProblem[] = [];
        if (isMerge) problems.push(...(await merge()));
        else note(await ask(["commit", octal(mode)]));
        const held = isMerge ? "6" : "7";
        const modes = folderModes.map(({ path, mode: bits }) => {
          const { name, above } = words(path);
          return ask(["mode", bits.toString(8), held, ...above, name]).then(note);
        });
        await Promise.all(modes);
        await keeper.end();
        return { isModeSet, problems };
      },
      discard: () => keeper.end(),
    };

    async function merge(): Promise<readonly TreeProblem[]> {
      const steps = made.map(({ path, isFolder }) => {
        const { name, above } = words(path);
        return ask([isFolder ? "enter" : "move", name, ...above]);
      });
      return problemsOf(made, steps);
    }
  } catch (error) {
    await keeper.end();
    throw error;
  }
};

const problemsOf = async (
  things: readonly { readonly path: PathUri }[],
  answers: readonly Promise<unknown>[],
): Promise<TreeProblem[]> => {
  const settled = await Promise.allSettled(answers);
  return settled.flatMap((outcome, index) => {
    if (outcome.status === "fulfilled") return [];
    if (!(outcome.reason instanceof FileTransferError)) throw outcome.reason;
    return [{ path: things[index]?.path, message: outcome.reason.message.replace(/^[^:]*: /, "") }];
  });
};

const namesOf = (path: Buffer): Buffer[] => {
  const names: Buffer[] = [];
  for (let at = 0; at < path.byteLength; ) {
    const slash = path.indexOf(SLASH, at);
    const end = slash === -1 ? path.byteLength : slash;
    if (end > at) names.push(path.subarray(at, end));
    at = end + 1;
  }
  return names;
};

const octal = (mode: number | undefined): string => (mode === undefined ? NO_MODE : mode.toString(8));
