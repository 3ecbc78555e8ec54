import { createHash, randomBytes } from "node:crypto";
import { memoryLink } from "@holdfast/rpc/memory";
import { wireTap } from "@holdfast/rpc/testing";
import { FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Line, newExecutor } from "../wire/line.ts";
import { Origin } from "./origin.ts";

interface Delta {
  readonly requestId: string;
  readonly seq: number;
  readonly deltaBase64: string;
  readonly done: boolean;
  readonly error: string | null;
}

function deltas(line: Line, requestId: string): readonly Delta[] {
  const all = line.notices.filter(({ method }) => method === "http/request/bodyDelta").map(({ params }) => params);
  return (all as unknown as Delta[]).filter((delta) => delta.requestId === requestId);
}

async function finished(line: Line, requestId: string): Promise<readonly Delta[]> {
  await until(() => deltas(line, requestId).some(({ done }) => done));
  return deltas(line, requestId);
}

function start(line: Line, url: string, requestId: string, more: object = {}) {
  return line.call("http/request", { method: "GET", url, requestId, streamResponse: true, ...more });
}

test("the answer comes first and empty, then the body in numbered pieces, then an empty last one", async () => {
  const body = randomBytes(5_000_000);
  await using origin = await Origin.with({ "/big": (_, response) => response.end(body) });
  const executor = newExecutor();
  const [near, far] = memoryLink();
  executor.accept(far);
  const frames: string[] = [];
  const tapped = wireTap(near, (direction, frame) => direction === "in" && frames.push(String(frame)));
  await using line = new Line({}, executor, tapped);
  await line.open();
  const result = await start(line, `${origin.url}/big`, "r1");
  expect(frames.findIndex((frame) => frame.includes("bodyDelta"))).toBe(
    frames.findIndex((frame) => frame.includes('"status":200')) + 1,
  );
  expect(result).toMatchObject({ status: 200, bodyBase64: "" });
  const all = await finished(line, "r1");
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  expect(all.at(-1)).toMatchObject({ deltaBase64: "", done: true, error: null });
  const pieces = all.slice(0, -1).map(({ deltaBase64 }) => Buffer.from(deltaBase64, "base64"));
  expect(pieces.every((piece) => piece.length > 0 && piece.length <= 1_048_576)).toBe(true);
  expect(createHash("sha256").update(Buffer.concat(pieces)).digest("hex")).toBe(
    createHash("sha256").update(body).digest("hex"),
  );
});

test("an empty body is one last piece", async () => {
  await using origin = await Origin.with({ "/none": (_, response) => response.writeHead(204).end() });
  await using line = await Line.ready();
  await start(line, `${origin.url}/none`, "");
  expect(await finished(line, "")).toEqual([{ requestId: "", seq: 1, deltaBase64: "", done: true, error: null }]);
});

test("a body that breaks off ends with the reason", async () => {
  await using origin = await Origin.with({
    "/cut": (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("abc", () => setImmediate(() => response.destroy()));
    },
    "/slow": (_, response) => void response.writeHead(200).write("abc"),
  });
  const clock = new FakeClock();
  await using line = await Line.ready({ clock });
  await start(line, `${origin.url}/cut`, "cut");
  await start(line, `${origin.url}/slow`, "slow", { timeoutMs: 50 });
  await clock.advance(50);
  for (const id of ["cut", "slow"]) {
    const last = (await finished(line, id)).at(-1);
    expect(last).toMatchObject({ deltaBase64: "", done: true, error: expect.stringMatching(/^error decoding/) });
  }
});

test("an id is taken while its body streams, for streams only, and free again afterwards", async () => {
  let finish = (): void => {};
  await using origin = await Origin.with({
    "/slow": (_, response) => {
      response.writeHead(200).write("abc");
      finish = () => response.end();
    },
  });
  await using line = await Line.ready();
  await start(line, `${origin.url}/slow`, "r");
  await expect(start(line, `${origin.url}/echo`, "r")).rejects.toMatchObject({
    code: -32602,
    message: "http/request streamResponse requestId `r` is already active",
  });
  const buffered = { method: "GET", url: `${origin.url}/echo`, requestId: "r" };
  expect(await line.call("http/request", buffered)).toMatchObject({ status: 200 });
  finish();
  await finished(line, "r");
  expect(await start(line, `${origin.url}/echo`, "r")).toMatchObject({ status: 200 });
});

test("the end of the connection closes the sockets of its streams", async () => {
  await using origin = await Origin.with({ "/slow": (_, response) => void response.writeHead(200).write("abc") });
  const line = await Line.ready();
  for (const id of ["a", "b", "c"]) await start(line, `${origin.url}/slow`, id);
  expect(await origin.connections()).toBe(3);
  await line.hangUp();
  await until(async () => (await origin.connections()) === 0);
  await line[Symbol.asyncDispose]();
});

test("requests beyond the limit of a connection are refused, and other calls go on", async () => {
  await using origin = await Origin.with({ "/slow": (_, response) => void response.writeHead(200).write("abc") });
  await using line = await Line.ready({ limits: { maxHttpRequests: 2 } });
  for (const id of ["a", "b"]) await start(line, `${origin.url}/slow`, id);
  await expect(start(line, `${origin.url}/slow`, "c")).rejects.toMatchObject({
    code: -32603,
    message: "http/request failed: at most 2 requests may run per connection",
  });
  expect(await line.call("environment/status", {})).toMatchObject({ status: "ready" });
});
