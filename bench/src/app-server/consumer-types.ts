import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tempDir } from "@holdfast/testkit";
import { median } from "../statistics.ts";

const runProgram = promisify(execFile);
const TSC = here("../../../node_modules/.bin/tsc");

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** A program as somebody writes it who uses the client for the first time. */
const PROGRAM = `import { connectAppServer, type ServerRequestHandlers } from "@holdfast/app-server-client";

const handlers: ServerRequestHandlers = {
  "item/commandExecution/requestApproval": ({ command }) => ({ decision: command === "ls" ? "accept" : "decline" }),
};
await using codex = await connectAppServer({ command: "codex", args: ["app-server"] }, { handlers });
codex.on("turn/completed", ({ turn }) => console.log(turn.status));
const { thread } = await codex.thread.start({ cwd: "/repo" });
await codex.turn.start({ threadId: thread.id, input: [{ type: "text", text: "fix the test", text_elements: [] }] });
for await (const { params } of codex.notices("item/completed")) {
  if (params.item.type === "agentMessage") console.log(params.item.text);
}
`;

const CONFIG = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "dom", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
  },
  include: ["program.ts"],
};

/** How long the compiler takes for a project that uses the client, and for one that imports nothing; seconds, medians. */
export async function measureConsumerTypes(
  rounds: number,
): Promise<{ readonly client: number; readonly empty: number }> {
  await using folder = await tempDir();
  const linked = join(folder.path, "node_modules", "@holdfast");
  await mkdir(linked, { recursive: true });
  await symlink(here("../../../packages/app-server-client"), join(linked, "app-server-client"));
  const seconds = async (program: string): Promise<number> => {
    await writeFile(folder.join("program.ts"), program);
    const begin = performance.now();
    await runProgram(TSC, ["-p", folder.path]).catch((error: Error & { stdout?: string }) => {
      throw new Error(`the consumer does not compile: ${error.stdout}`);
    });
    return (performance.now() - begin) / 1_000;
  };
  await writeFile(folder.join("package.json"), '{"type":"module"}');
  await writeFile(folder.join("tsconfig.json"), JSON.stringify(CONFIG));
  const client: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    client.push(await seconds(PROGRAM));
    empty.push(await seconds("export {};\n"));
  }
  return { client: median(client), empty: median(empty) };
}
