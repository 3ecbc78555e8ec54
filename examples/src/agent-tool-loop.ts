// The loop of an agent: a model asks for commands, the executor runs them confined, and the model sees what came of it. The model here
// is a list of wishes, so that nothing has to be paid for; put yours in its place.
//
//   node src/agent-tool-loop.ts ws://HOST:PORT WORKSPACE
import { connect, type RunResult } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070", workspace = "/srv/work"] = process.argv;
const wishes = ["echo 'int main(){return 3;}' >main.c; ls", "cat main.c", "echo pwned >/etc/holdfast-example"];

/** What a model would say next, given what it has seen. */
async function model(seen: readonly string[]): Promise<string | undefined> {
  return wishes[seen.length];
}

await using executor = await connect(url, { clientName: "agent-tool-loop" });
const confined = { cwd: workspace, sandbox: "workspace-write", timeoutMs: 60_000, maxOutputBytes: 65_536 } as const;

/** A failure is something to learn from, not the end of the loop. */
function asText({ exitCode, output, truncated, denial }: RunResult): string {
  const hint = denial === undefined ? "" : `\n(the sandbox refused ${denial.access} of ${denial.target})`;
  return `exit code ${exitCode}${truncated ? ", output cut" : ""}\n${output.trimEnd()}${hint}`;
}

const seen: string[] = [];
for (let command = await model(seen); command !== undefined; command = await model(seen)) {
  const text = asText(await executor.sh(command, confined));
  seen.push(text);
  console.log(`$ ${command}\n${text}`);
}
