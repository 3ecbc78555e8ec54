// Copy a file there and back, block by block, at the speed of the slower end.
//
//   node src/copy-files.ts ws://HOST:PORT LOCAL REMOTE BACK
import { createReadStream, createWriteStream } from "node:fs";
import { Readable, Writable } from "node:stream";
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070", local = "here", remote = "/tmp/there", back = "back"] = process.argv;

await using executor = await connect(url, { clientName: "copy-files" });

// Under its name when it is whole, and not before; a lost line is a pause.
await Readable.toWeb(createReadStream(local)).pipeTo(executor.fs.createWriteStream(remote));
const { size } = await executor.fs.metadata(remote);
console.log(`${size} bytes there`);

await executor.fs.createReadStream(remote).pipeTo(Writable.toWeb(createWriteStream(back)));
await executor.fs.remove(remote);
console.log("and back");
