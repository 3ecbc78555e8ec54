import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "@holdfast/exec-client";
import type { ClientScenario } from "../scenario.ts";

const BODY_BYTES = 8 * (1 << 20) + 3;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A web server on loopback for the time of a scenario. */
async function origin(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

export const CLIENT_HTTP: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.fetch",
    sentence: "an HTTP request is made on the executor's side and its body streams back byte for byte",
    requirements: ["http.request", "http.stream"],
    essential: true,
    async run(context) {
      const body = randomBytes(BODY_BYTES);
      await using web = await origin((request, response) => {
        response.writeHead(request.method === "POST" ? 201 : 200, { "x-path": request.url ?? "" });
        if (request.method === "POST") request.pipe(response);
        else response.end(body);
      });
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const got = await executor.fetch(`${web.url}/big`);
      assert.deepEqual([got.status, got.headers.get("x-path")], [200, "/big"]);
      assert.equal(sha256(new Uint8Array(await got.arrayBuffer())), sha256(body));
      const posted = await executor.fetch(`${web.url}/echo`, { method: "POST", body: "hello" });
      assert.deepEqual([posted.status, await posted.text()], [201, "hello"]);
      await assert.rejects(executor.fetch("http://127.0.0.1:1/"), { name: "FetchError" });
    },
  },
  {
    direction: "client",
    id: "client.fetch-given-up",
    sentence: "a body that is given up ends the request on the executor, and other calls go on",
    requirements: ["http.cancel"],
    essential: true,
    async run(context) {
      const gone = Promise.withResolvers<void>();
      await using web = await origin((_, response) => {
        response.on("close", () => gone.resolve());
        response.writeHead(200).write("first");
      });
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const response = await executor.fetch(web.url);
      const reader = response.body?.getReader();
      assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), "first");
      await reader?.cancel();
      await gone.promise;
      assert.equal((await executor.run(["echo", "on"], { cwd: "/" })).stdout, "on\n");
    },
  },
];
