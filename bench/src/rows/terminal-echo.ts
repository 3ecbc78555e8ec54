import type { Row } from "../row.ts";
import { median } from "../statistics.ts";

/** A key pressed to its echo seen. */
export const terminalEcho: Row = {
  id: "terminal-echo",
  title: "terminal echo, p50",
  unit: "ms",
  target: 1.5,
  better: "lower",
  async measure({ client, smoke }) {
    const processId = client.newProcessId();
    let heard = () => {};
    const stop = client.listen(processId, ({ method }) => {
      if (method === "process/output") heard();
    });
    await client.call("process/start", {
      processId,
      argv: ["cat"],
      cwd: "file:///",
      env: { PATH: "/usr/bin:/bin" },
      tty: true,
    });
    const samples: number[] = [];
    for (let index = 0; index < (smoke ? 5 : 60); index++) {
      const echoed = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const begin = performance.now();
      // A letter without a newline: the terminal echoes it, and `cat` says nothing.
      const written = client.call("process/write", { processId, writeId: String(index + 1), chunk: "YQ==" });
      await echoed;
      samples.push(performance.now() - begin);
      await written;
    }
    stop();
    await client.call("process/terminate", { processId });
    return median(samples);
  },
};
