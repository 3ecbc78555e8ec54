/*
 * A way to an executor that outlives it: its stdin and stdout, joined to a websocket. Arguments: a file that gets a line with its process id, and the URL.
 */
import { appendFileSync } from "node:fs";
import { joinPorts } from "@holdfast/rpc";
import { stdioPort } from "@holdfast/rpc/stdio";
import { connectWebSocket } from "@holdfast/rpc/websocket";

const [, , file, url] = process.argv;
appendFileSync(file, `${process.pid}\n`);
await joinPorts(stdioPort({ input: process.stdin, output: process.stdout }), await connectWebSocket(url, {}));
process.exit(0);
