// Stages two folders, one of them to be kept, says so, and goes on until it is ended.
import { systemClock } from "@holdfast/rpc";
import { silentLog } from "../../src/platform/ports.ts";
import { StageRecords } from "../../src/session/stage-records.ts";
import { Staging } from "../../src/session/staging.ts";
import { TreeThreads } from "../../src/trees/index.ts";

const [folder = "", state = ""] = process.argv.slice(2);
const staging = new Staging(new TreeThreads(systemClock), undefined, {
  records: new StageRecords(state, systemClock, silentLog),
});
for (const [id, keepAs] of [
  ["gone", undefined],
  ["kept", "key"],
] as const) {
  const path = Buffer.from(`${folder}/${id}`);
  await staging.stageFolder(id, path, { noFollowNames: 1, keepAs });
  await staging.put(id, Buffer.from(`${folder}/${id}/file`), undefined, Buffer.from("content"));
}
process.stdout.write("staged\n");
setInterval(() => {}, 1_000);
