import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { timeEach } from "../time-each.ts";
import { refusable, workspaceWrite } from "./workspace-write.ts";

/** A small file read under a profile: by a helper inside the sandbox, which stays for the next one where the peer keeps it. */
export const sandboxedRead: Row = {
  id: "sandboxed-read",
  title: "`fs/readFile` of 1 KiB under a sandbox (workspace-write), p50",
  unit: "ms",
  target: 12,
  better: "lower",
  async measure({ client, scratch, smoke }) {
    const file = join(scratch, "small");
    await writeFile(file, Buffer.alloc(1_024, 1));
    const params = JSON.stringify({ path: `file://${file}`, sandbox: workspaceWrite(`file://${scratch}`) });
    return refusable(() => timeEach(smoke ? 2 : 30, () => client.callWithJson("fs/readFile", params)));
  },
};
