// Follow a program while it runs, answer it, and end it.
//
//   node src/stream-output.ts ws://HOST:PORT
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070"] = process.argv;
const ECHO = 'while read -r line; do echo "you said $line"; done';

await using executor = await connect(url, { clientName: "stream-output" });

// Disposing of it terminates it: nothing is left behind, whatever happens below.
await using program = await executor.processes.start({ argv: ["sh", "-c", ECHO], tty: true });
await program.write("hello\n");

// In order, none twice, none lost; also over a line that breaks meanwhile.
const decoder = new TextDecoder();
let printed = "";
let isAnswered = false;
for await (const event of program.events()) {
  if (event.type === "exited") console.log(`exit code ${event.exitCode}`);
  if (event.type !== "output") continue;
  printed += decoder.decode(event.data, { stream: true });
  if (isAnswered || !printed.includes("you said hello")) continue;
  isAnswered = true;
  console.log("it answered");
  // The end of what is typed into a terminal: control and D.
  await program.closeStdin();
}
