// Keep a folder there like one here: the second time only what differs is sent.
//
//   node src/folder-sync.ts ws://HOST:PORT HERE THERE
import { connect } from "@holdfast/exec-client";
import { sync } from "@holdfast/exec-client/transfer";

const [, , url = "ws://127.0.0.1:7070", here = ".", there = "/srv/work"] = process.argv;

await using executor = await connect(url, { clientName: "folder-sync" });
for (const round of ["first", "second"]) {
  const { problemCount } = await sync(executor, here, there, {
    gitignore: true,
    delete: true,
    onProblem: console.error,
  });
  console.log(`${round}: ${problemCount} things were left out`);
}
