import { isNotFound } from "@holdfast/exec-client";
import { type PathUri, parent } from "@holdfast/path-uri";
import { applyDiff, type Editor } from "@openai/agents";
import {
  SandboxApplyPatchDecodeError,
  SandboxApplyPatchDiffError,
  SandboxApplyPatchFileNotFoundError,
} from "@openai/agents/sandbox";
import { refuseRunAs, type Workspace } from "./workspace.ts";

/** Applies V4A diffs to the files of a workspace. A diff that does not fit changes nothing. */
export function editorOf(workspace: Workspace, runAs: string | undefined): Editor {
  const { sandbox, executor } = workspace;
  const { fs } = executor;

  async function textOf(path: string): Promise<string> {
    const bytes = await ofFile(path, () => fs.readFile(workspace.place(path), { sandbox }));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new SandboxApplyPatchDecodeError(`${path} is not text in UTF-8`, { cause });
    }
  }

  async function makeFolderOf(target: PathUri): Promise<void> {
    const folder = parent(target);
    if (folder !== undefined) await fs.createDirectory(folder, { recursive: true, sandbox });
  }

  return {
    createFile: async ({ path, diff }) => {
      refuseRunAs(runAs, "createFile");
      const target = workspace.place(path);
      const text = patched(path, () => applyDiff("", diff, "create"));
      await makeFolderOf(target);
      await fs.writeFile(target, text, { sandbox });
      return { status: "completed", output: `Created ${path}` };
    },
    updateFile: async ({ path, diff, moveTo }) => {
      refuseRunAs(runAs, "updateFile");
      const target = workspace.place(moveTo ?? path);
      const before = await textOf(path);
      const text = patched(path, () => applyDiff(before, diff));
      if (moveTo !== undefined) {
        await makeFolderOf(target);
        await fs.rename(workspace.place(path), target, { sandbox });
      }
      await fs.writeFile(target, text, { sandbox });
      return { status: "completed", output: `Updated ${path}${moveTo === undefined ? "" : `, now ${moveTo}`}` };
    },
    deleteFile: async ({ path }) => {
      refuseRunAs(runAs, "deleteFile");
      await ofFile(path, () => fs.remove(workspace.place(path), { sandbox }));
      return { status: "completed", output: `Deleted ${path}` };
    },
  };
}

function patched(path: string, apply: () => string): string {
  try {
    return apply();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxApplyPatchDiffError(`the diff does not fit ${path}: ${reason}`, { cause });
  }
}

async function ofFile<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (isNotFound(cause)) throw new SandboxApplyPatchFileNotFoundError(`there is no file ${path}`, { cause });
    throw cause;
  }
}
