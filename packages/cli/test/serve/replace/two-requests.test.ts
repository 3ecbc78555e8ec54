import { chmod } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { ExecutorRecords } from "../../../src/serve/replace/executor-records.ts";

test("a request that was not taken yet is not written over: its asker would wait for good", async () => {
  await using state = await tempDir();
  await chmod(state.path, 0o700);
  const records = new ExecutorRecords({ XDG_RUNTIME_DIR: state.path });
  const record = { pid: process.pid, identity: `${process.pid}.1`, url: "ws://127.0.0.1:1", version: "0" };
  records.open();
  records.save(record);
  const successor = { node: "/node", program: ["program"] };
  records.ask(record.identity, { id: "first", successor });
  expect(() => records.ask(record.identity, { id: "second", successor })).toThrow(
    expect.objectContaining({ code: "EEXIST" }),
  );
  expect(records.takeRequest(record.identity)?.id).toBe("first");
  records.ask(record.identity, { id: "third", successor });
  expect(records.takeRequest(record.identity)?.id).toBe("third");
});
