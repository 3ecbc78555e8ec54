import { joinPorts } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { openReadyLine } from "../../src/gateway/index.ts";
import { settle } from "../support/connected.ts";
import { Dialler } from "../support/dialler.ts";
import { NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

const CLIENT = { clientName: "spare" };

test("a client gets the session that was opened before it came, and then the line itself", async () => {
  const dialler = new Dialler({ "fs/readFile": () => ({ dataBase64: btoa("hello") }) });
  const ready = await openReadyLine(dialler, { ...CLIENT, clock: new FakeClock() });
  await settle();
  expect(dialler.last.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
  const [near, far] = memoryLink();
  void joinPorts(far, ready.port);
  const executor = await connect(near, { recovery: false });
  expect(executor.sessionId).toBe("session-1");
  expect(executor.environment.version).toBe("0.171.0");
  expect(await executor.fs.readTextFile("/a")).toBe("hello");
  expect(dialler.last.of("initialize")).toEqual([{ clientName: "spare", resumeSessionId: null }]);
  expect(dialler.last.of("initialized")).toHaveLength(1);
  dialler.last.hangUp();
  expect((await executor.closed).initiator).not.toBe("local");
  await ready.lost;
});

test("a client that leaves takes the line with it", async () => {
  const dialler = new Dialler();
  const ready = await openReadyLine(dialler, { ...CLIENT, clock: new FakeClock() });
  const [near, far] = memoryLink();
  void joinPorts(far, ready.port);
  const executor = await connect(near);
  await executor.close();
  await ready.lost;
  await settle();
  expect(dialler.last.closed).toBeDefined();
});

test("it is for a new session alone", async () => {
  const dialler = new Dialler();
  const ready = await openReadyLine(dialler, { ...CLIENT, clock: new FakeClock() });
  const [near, far] = memoryLink();
  void joinPorts(far, ready.port);
  await expect(connect(near, { resumeSessionId: "another" })).rejects.toThrow();
  await ready.lost;
});

test("a refusal, silence and a line that breaks are told", async () => {
  const refuse = () => {
    throw new Refusal(-32600, "not for you");
  };
  const clock = new FakeClock();
  const open = (initialize: () => unknown) => openReadyLine(new Dialler({ initialize }), { ...CLIENT, clock });
  await expect(open(refuse)).rejects.toThrow("initialize was refused: not for you");
  await expect(open(() => 7)).rejects.toThrow("an answer without a session");
  const silent = expect(open(() => NO_ANSWER)).rejects.toThrow("not answered in time");
  await settle();
  await clock.advance(10_000);
  await silent;
  const dialler = new Dialler();
  dialler.plans.push("nobody");
  await expect(openReadyLine(dialler, { ...CLIENT, clock })).rejects.toThrow("ECONNREFUSED");
});
