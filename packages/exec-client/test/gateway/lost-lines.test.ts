import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { behindGateway } from "../support/behind-gateway.ts";
import { settle } from "../support/connected.ts";
import { ModelExecutor, type Step } from "../support/model-executor.ts";

const CUTS = 20;
const STEPS_BETWEEN_CUTS = 8;

test("a client behind a gateway is told every event once and in order, over lines that are cut again and again", async () => {
  const outputs: Step[] = Array.from({ length: CUTS * STEPS_BETWEEN_CUTS }, (_, index) => ({ output: `${index};` }));
  const model = new ModelExecutor({ job: [...outputs, { exit: 3 }, "close"] });
  await using held = behindGateway(model.handlers);
  const client = held.raw();
  await client.begin();
  await client.wire.ask("process/start", { processId: "job", argv: ["job"], cwd: "file:///", env: {}, tty: false });
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const write = client.wire.ask("process/write", {
      processId: "job",
      chunk: btoa(`line ${cut}\n`),
      writeId: `${cut}`,
    });
    for (let step = 0; step < STEPS_BETWEEN_CUTS; step += 1) {
      model.step();
      if (step % 3 === 0) await settle();
    }
    await held.cut();
    await held.clock.advance(1_000);
    expect((await write)?.result).toEqual({ status: "accepted" });
  }
  while (model.step());
  await until(() => client.of("process/closed").length > 0);
  const events = client.wire.received.filter(({ method }) => method?.startsWith("process/"));
  expect(events.map(({ params }) => params?.seq)).toEqual(
    Array.from({ length: outputs.length + 2 }, (_, index) => index + 1),
  );
  expect(client.wire.outputOf("job")).toBe(outputs.map((_, index) => `${index};`).join(""));
  expect(client.of("process/exited")).toEqual([
    { processId: "job", seq: outputs.length + 1, exitCode: 3, sandboxDenied: false },
  ]);
  expect(model.processes.get("job")?.written).toEqual(
    Array.from({ length: CUTS }, (_, index) => `line ${index + 1}\n`),
  );
  expect(held.dialler.dials).toBeGreaterThan(CUTS);
});

test("an outage of nine minutes is a pause: calls wait, and what was printed meanwhile follows", async () => {
  const model = new ModelExecutor({ job: [{ output: "a" }, { output: "b" }, { exit: 0 }, "close"] });
  await using held = behindGateway(model.handlers);
  const executor = await held.connect();
  const process = await executor.processes.start({ argv: ["job"], pipeStdin: true });
  model.step();
  held.dialler.plans.push(...Array.from({ length: 10_000 }, () => "nobody" as const));
  await held.cut();
  while (model.step());
  const written = process.write("typed meanwhile");
  for (let minute = 0; minute < 9; minute += 1) await held.clock.advance(60_000);
  expect(executor.state).toBe("connected");
  held.dialler.plans.length = 0;
  await held.clock.advance(1_000);
  await written;
  let printed = "";
  for await (const text of process.outputText) printed += text;
  expect(printed).toBe("ab");
  expect(await process.closed).toMatchObject({ exitCode: 0 });
  expect(model.processes.get(process.id)?.written).toEqual(["typed meanwhile"]);
});
