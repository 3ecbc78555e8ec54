import { connect } from "@holdfast/exec-client";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { sharedServer } from "../support/shared-server.ts";
import { pourForever, webOrigin } from "./web-origin.ts";

async function executorOf() {
  return await connect((await sharedServer()).url);
}

describe("events that a server sends", () => {
  test("come one by one, while it pauses", async () => {
    const nexts: (() => void)[] = [];
    await using origin = await webOrigin((_, response) => {
      response.writeHead(200, {
        "content-type": "text/event-stream",
      });
      let count = 0;
      // The next one is sent only when the last has been read.
      const next = (): void => {
        count += 1;
        response.write(`data: ${count}\n\n`);
      };
      nexts.push(next);
      next();
    });
    await using executor = await executorOf();
    const response = await executor.fetch(origin.url);
    const seen: string[] = [];
    for await (const text of response.body?.pipeThrough(new TextDecoderStream() as never) ?? []) {
      seen.push(String(text));
      if (seen.length === 4) break;
      nexts[0]?.();
    }
    expect(seen).toEqual([1, 2, 3, 4].map((count) => `data: ${count}\n\n`));
  });
});

describe("redirects", () => {
  async function twoOrigins() {
    const seen: string[] = [];
    const other = await webOrigin((request, response) => {
      seen.push(`other ${request.method} ${request.url} ${request.headers.authorization}`);
      response.end("other");
    });
    const origin = await webOrigin(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      const status = Number(request.url?.slice(1));
      if (request.url === "/round") response.writeHead(302, { location: "/round" }).end("again");
      else if (request.url === "/away") response.writeHead(302, { location: `${other.url}/x` }).end();
      else if (status > 300) response.writeHead(status, { location: "end?q=1" }).end("there");
      else response.end(body);
    });
    return { seen, origin, other };
  }

  test("are followed, told, and keep method and body where they have to", async () => {
    const { seen, origin, other } = await twoOrigins();
    await using _ = origin;
    await using __ = other;
    await using executor = await executorOf();
    const init = { method: "POST", body: "hi", headers: { authorization: "a" } };
    const kept = await executor.fetch(`${origin.url}/307#part`, init);
    expect([kept.url, kept.redirected, kept.clone().url, await kept.text()]).toEqual([
      `${origin.url}/end?q=1`,
      true,
      `${origin.url}/end?q=1`,
      "hi",
    ]);
    expect(await (await executor.fetch(`${origin.url}/302`, init)).text()).toBe("");
    const plain = await executor.fetch(`${origin.url}/plain#part`);
    expect([plain.url, plain.redirected]).toEqual([`${origin.url}/plain`, false]);
    await plain.text();
    const away = await executor.fetch(`${origin.url}/away`, { headers: { authorization: "a" } });
    expect([away.url, await away.text()]).toEqual([`${other.url}/x`, "other"]);
    expect(seen).toEqual([
      "POST /307 a hi",
      "POST /end?q=1 a hi",
      "POST /302 a hi",
      "GET /end?q=1 a ",
      "GET /plain undefined ",
      "GET /away a ",
      "other GET /x undefined",
    ]);
    const manual = await executor.fetch(`${origin.url}/302`, { redirect: "manual" });
    expect([manual.status, manual.headers.get("location"), manual.redirected]).toEqual([302, "end?q=1", false]);
    await manual.text();
  });

  test("end after 20, and where the sandbox does not let them go", async () => {
    const { seen, origin, other } = await twoOrigins();
    await using _ = origin;
    await using __ = other;
    await using executor = await executorOf();
    await expect(executor.fetch(`${origin.url}/round`)).rejects.toMatchObject({
      code: "redirect",
      message: expect.stringContaining("20"),
    });
    expect(seen).toHaveLength(21);
    seen.length = 0;
    const port = new URL(origin.url).port;
    const sandbox = { network: { allow: ["localhost"] } };
    await expect(executor.fetch(`http://localhost:${port}/away`, { sandbox })).rejects.toMatchObject({
      name: "FetchDeniedError",
      host: "127.0.0.1",
    });
    expect(seen).toEqual(["GET /away undefined "]);
  });

  test("bring back neither what was left behind nor credentials of their own", async () => {
    const seen: string[] = [];
    await using origin = await webOrigin(({ url, headers }, response) => {
      seen.push(`${url} ${headers.authorization} ${headers["x-own"]}`);
      if (url === "/away") response.writeHead(302, { location: `${other.url}/back` }).end();
      else response.end("end");
    });
    await using other = await webOrigin(({ url, headers }, response) => {
      seen.push(`other ${url} ${headers.authorization} ${headers["x-own"]}`);
      response.writeHead(302, { location: `http://who:secret@${new URL(origin.url).host}/end` }).end();
    });
    await using executor = await executorOf();
    const response = await executor.fetch(`${origin.url}/away`, { headers: { authorization: "a", "x-own": "b" } });
    expect([response.url, await response.text()]).toEqual([`${origin.url}/end`, "end"]);
    expect(seen).toEqual(["/away a b", "other /back undefined b", "/end undefined b"]);
  });

  test.each(["a long body", "a slow one"])("do not wait for the end of %s, and end its request", async (what) => {
    let left = 0;
    await using origin = await webOrigin(({ url }, response) => {
      if (url === "/end") return void response.end("end");
      response.writeHead(302, { location: "/end" }).on("close", () => {
        left += 1;
      });
      if (what === "a long body") pourForever(response, () => {});
      else response.write("one piece");
    });
    await using executor = await executorOf();
    expect(await (await executor.fetch(origin.url)).text()).toBe("end");
    await until(() => left === 1);
  });

  test("share one time limit", async () => {
    let steps = 0;
    await using origin = await webOrigin((_, response) => {
      steps += 1;
      // Its body is what takes the time: none of them alone takes as long as the limit.
      response.writeHead(302, { location: "/" }).write("one piece");
    });
    await using executor = await executorOf();
    await expect(executor.fetch(origin.url, { timeoutMs: 800 })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(steps).toBeGreaterThan(1);
    expect(steps).toBeLessThan(6);
    await until(() => origin.openSockets === 0);
  });
});
