import { createExecutor } from "@holdfast/executor";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { slowness } from "./calibration.ts";
import { TurnMeter, threadMs } from "./turn-meter.ts";

/*
 * A program: an executor behind a websocket on loopback, whose event loop is measured when its parent says so. It ends when the
 * parent lets go of it.
 */

const executor = createExecutor({
  env: process.env,
  cwd: process.cwd(),
  version: "0.0.0",
  // What is over is not kept: the runs are long.
  limits: { closedRetentionMs: 0 },
});
const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: (port) => executor.accept(port) });
const meter = new TurnMeter();

function tell(message: object): void {
  process.send?.(message);
}

process.on("message", (word) => {
  if (word === "start") {
    meter.start();
    tell({ started: true });
  } else if (word === "stop") {
    tell(meter.stop());
  } else if (word === "calibrate") {
    tell({ slowness: slowness(threadMs) });
  }
});
process.on("disconnect", () => {
  void executor.close().then(() => process.exit(0));
});

tell({ url: listener.url });
