import { once } from "node:events";
import { connect } from "node:net";
import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { recoverable } from "../support/dialler.ts";
import { LINUX_INFO, NO_ANSWER } from "../support/fake-exec-server.ts";

test("a connection that was being opened when the line broke is opened on the next one, and the first one ended", async () => {
  const capabilities = { ...LINUX_INFO.capabilities, holdfastConnections: true };
  const initialize = () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } });
  await using line = await recoverable({ initialize, "holdfast/openConnection": () => ({}) });
  line.dialler.last.on("holdfast/openConnection", () => NO_ANSWER);
  const errors: unknown[] = [];
  await using port = await line.executor.forward(3000, { onError: (error) => errors.push(error) });
  const client = connect(port.port);
  await once(client, "connect");
  const opened = (): readonly unknown[] => line.dialler.last.of("holdfast/openConnection");
  await until(() => opened().length === 1);
  await line.cut();
  await until(() => opened().length === 1);
  expect(line.dialler.last.of("process/terminate")).toHaveLength(1);
  client.write("hello");
  await until(() => line.dialler.last.of("process/write").length === 1);
  expect([line.dialler.servers.length, errors]).toEqual([2, []]);
  client.destroy();
});
