import { connect, type Executor, placedSandbox, type Sandbox } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { pathUriFromNative } from "@holdfast/path-uri";
import { memoryLink } from "@holdfast/rpc/memory";
import { type TempDir, tempDir } from "@holdfast/testkit";
import type { Tool, ToolPlaces } from "../../src/index.ts";

/** A place for tools on a real executor inside this process, in a folder of its own. */
export interface TestPlace extends AsyncDisposable {
  readonly folder: TempDir;
  readonly executor: Executor;
  readonly places: ToolPlaces;
}

/** What is seen of one call. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** Of each piece of content. */
  readonly texts: readonly string[];
}

export async function toolPlace(sandbox: Sandbox = "none"): Promise<TestPlace> {
  const folder = await tempDir();
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: process.env, cwd: folder.path, version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  const cwd = pathUriFromNative(folder.path, "posix");
  const place = {
    id: "here",
    executor,
    cwd,
    sandbox: placedSandbox(sandbox, cwd, executor.environment),
    sandboxText: sandbox === "none" ? undefined : "little may be written",
  };
  return {
    folder,
    executor,
    places: { ids: ["here"], at: async () => place },
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await embedded.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Call one of the tools. */
export async function callTool(tools: readonly Tool[], name: string, args: unknown): Promise<ToolAnswer> {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  const { content, isError = false } = await tool.call(args);
  return { isError, texts: content.map((each) => (each.type === "text" ? each.text : each.mimeType)) };
}
