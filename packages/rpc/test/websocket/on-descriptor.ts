import { RecordingReceiver } from "@holdfast/rpc/testing";
import { listenWebSocket } from "@holdfast/rpc/websocket";

/** A program that is started with a listening socket as its descriptor 3, and with the path of that socket if it has one. Prints its URL. */
const [path] = process.argv.slice(2);
const onPort = (port: { open(receiver: RecordingReceiver): void }): void => port.open(new RecordingReceiver());
const listener = await listenWebSocket({ descriptor: 3, path, onPort });
process.stdout.write(`${listener.url}\n`);
process.stdin.resume().once("end", () => void listener.close());
