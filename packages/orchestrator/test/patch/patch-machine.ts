import { mkdir } from "node:fs/promises";
import { connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import { tempDir } from "@holdfast/testkit";

export interface PatchMachine extends AsyncDisposable {
  /** Of the repository that is patched; what is beside it is outside. */
  readonly root: string;
  readonly outside: string;
  readonly executor: Executor;
}

/** A real executor inside this process, and two folders. */
export async function patchMachine(): Promise<PatchMachine> {
  const folder = await tempDir();
  const root = folder.join("repo");
  const outside = folder.join("outside");
  await Promise.all([mkdir(root), mkdir(outside)]);
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: { ...process.env, TMPDIR: folder.path }, cwd: root, version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  return {
    root,
    outside,
    executor,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await embedded.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A patch of these lines. */
export function patchOf(...lines: readonly string[]): string {
  return `*** Begin Patch\n${lines.map((line) => `${line}\n`).join("")}*** End Patch\n`;
}
