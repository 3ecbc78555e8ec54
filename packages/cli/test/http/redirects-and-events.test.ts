import { connect } from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";
import { sharedServer } from "../support/shared-server.ts";
import { webOrigin } from "./web-origin.ts";

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
});
