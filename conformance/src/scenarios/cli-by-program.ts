import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { likeSsh, missingForSsh, startSshServer } from "@holdfast/testkit";
import { execCommand, sessionIdOf, toolCall } from "../conversation.ts";
import { HOLDFAST_BIN } from "../places.ts";
import type { CliContext, CliScenario } from "../scenario.ts";

/** Words of an ssh that leads to `box`, by a real server where there is one. */
async function sshTo(
  folder: string,
  env: Readonly<Record<string, string>>,
  stack: AsyncDisposableStack,
): Promise<readonly string[]> {
  if (missingForSsh.length > 0) return [await likeSsh(folder, { env })];
  const server = stack.use(await startSshServer(folder, { env }));
  return ["ssh", "-F", await server.clientConfig(), "-o", "BatchMode=yes"];
}

/** End the executor that the proxy has left running there. */
async function endExecutor(home: string): Promise<void> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,args="]);
  for (const line of stdout.split("\n")) {
    if (line.includes(` serve --listen unix://${home}/`)) process.kill(Number.parseInt(line, 10), "SIGTERM");
  }
}

async function workThere(context: CliContext): Promise<void> {
  const at = (name: string): string => join(context.folder, name);
  for (const name of ["ssh", "home", "bin"]) await mkdir(at(name));
  await writeFile(at("bin/holdfast"), `#!/bin/sh\nexec '${process.execPath}' '${HOLDFAST_BIN}' "$@"\n`, {
    mode: 0o755,
  });
  await using stack = new AsyncDisposableStack();
  const env = { HOME: at("home"), PATH: `${at("bin")}:/usr/bin:/bin` };
  stack.defer(() => endExecutor(at("home")));
  const [program = "", ...args] = await sshTo(at("ssh"), env, stack);
  const words = [...args, "box", "holdfast proxy"].map((word) => JSON.stringify(word)).join(", ");
  const environments = `default = "box"\ninclude_local = false\n[[environments]]\nid = "box"\nprogram = ${JSON.stringify(program)}\nargs = [${words}]\n`;
  const turns = [
    () => [execCommand("c1", "printf 'in-%s\\n' marker; pwd; echo \"home $HOME\"")],
    () => [execCommand("c2", "read -r line; echo got-$line", { tty: true, yield_time_ms: 500 })],
    (request: Parameters<typeof sessionIdOf>[0]) => [
      toolCall("c3", "write_stdin", { session_id: sessionIdOf(request, "c2"), chars: "typed\n", yield_time_ms: 5_000 }),
    ],
  ];
  const { outputs } = await context.converse("ws://unused", turns, { environments });
  const output = outputs.get("c1") ?? "";
  for (const text of ["in-marker", `home ${at("home")}`]) assert.ok(output.includes(text), output);
  assert.ok(outputs.get("c3")?.includes("got-typed"), outputs.get("c3"));
}

export const CLI_BY_PROGRAM: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.program-ssh-proxy",
    sentence: "an orchestrator works on an executor of another machine by ssh and holdfast proxy as its program",
    requirements: ["handshake.sequence"],
    essential: false,
    cliSince: "0.169.0",
    run: workThere,
  },
];
