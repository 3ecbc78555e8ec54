// A command on a terminal of an app server's machine, without any agent: what it shows, what is typed, its size and its end.
//
//   node src/command-on-a-terminal.ts [codex app-server]
import { connectAppServer } from "@holdfast/app-server-client";

const [, , command = "codex", ...args] = process.argv;

await using codex = await connectAppServer({ command, args: args.length === 0 ? ["app-server"] : args });
const { exec } = codex.command;

// From here on nothing that the terminal shows is missed. What is not read yet holds the command back.
await using shown = codex.notices("command/exec/outputDelta");
const processId = "shell";
const script = 'stty -echo; stty size; read -r name; echo "hello $name"; stty size; read -r _; exit 7';
const ended = exec({ command: ["sh", "-c", script], processId, tty: true, size: { rows: 24, cols: 80 } });
// It may end before somebody looks at how.
ended.catch(() => {});

let text = "";
async function until(words: string): Promise<void> {
  while (!text.includes(words)) {
    const { value, done } = await shown.next();
    if (done === true) throw new Error(`the connection ended after ${text}`);
    text += Buffer.from(value.params.deltaBase64, "base64").toString();
  }
}
function type(keys: string) {
  return exec.write({ processId, deltaBase64: Buffer.from(keys).toString("base64") });
}

await until("24 80");
await exec.resize({ processId, size: { rows: 40, cols: 120 } });
await type("you\n");
await until("40 120");
await type("\n");
const { exitCode } = await ended;
console.log(`${text.replaceAll("\r", "").trim()}\nexit code ${exitCode}`);
