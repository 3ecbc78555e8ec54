// Hold on to a command over a line that breaks: what it prints meanwhile is caught up with, and nothing is asked twice.
//
//   node src/recover-from-a-lost-line.ts ws://HOST:PORT
import { connect, isLinkError } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070"] = process.argv;
const COUNT = "for number in 1 2 3 4 5 6 7 8 9 10; do echo $number; sleep 0.2; done";

await using executor = await connect(url, {
  clientName: "recover-from-a-lost-line",
  recovery: { deadlineMs: 30_000 },
  onStateChange: (state) => console.log(`now ${state}`),
});

try {
  await using program = await executor.processes.start({ argv: ["sh", "-c", COUNT] });
  const decoder = new TextDecoder();
  let numbers = "";
  for await (const event of program.events()) {
    if (event.type === "output") numbers += decoder.decode(event.data, { stream: true });
    if (numbers.startsWith("1\n") && event.seq === 1) console.log("it counts");
  }
  console.log(`counted ${numbers.trim().split("\n").join(" ")}`);
} catch (error) {
  // Out of reach for good, or a request of which nobody can say whether it was done.
  if (!isLinkError(error)) throw error;
  console.error(`${error.message} (${error.delivery})`);
  process.exitCode = 1;
}
