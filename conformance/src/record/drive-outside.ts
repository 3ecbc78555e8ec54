import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { uriOf } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

async function loopbackServer(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    response.sendDate = false;
    response.setHeader("content-type", "text/plain");
    request.resume().on("end", () => response.writeHead(request.url === "/missing" ? 404 : 200).end("body"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Walk through `http/request` against a server of our own. */
export async function driveHttp(line: WireLine): Promise<void> {
  await using server = await loopbackServer();
  const { url } = server;
  await line.call("http/request", { method: "GET", url, requestId: "r1" });
  await line.call("http/request", {
    method: "POST",
    url: `${url}/missing`,
    headers: [{ name: "x-test", value: "1" }],
    bodyBase64: "Ym9keQ==",
    timeoutMs: 5_000,
    redirectPolicy: "stop",
    requestId: "r2",
    streamResponse: false,
  });
  await line.call("http/request", {
    method: "GET",
    url,
    headers: [],
    bodyBase64: null,
    timeoutMs: null,
    redirectPolicy: "follow",
    requestId: "http-1",
    streamResponse: true,
  });
  await line.first(({ method, params }) => method === "http/request/bodyDelta" && params?.done === true);
  await line.call("http/request", { method: "GET", url: "http://127.0.0.1:1/", requestId: "r3" });
}

/** Walk through what an executor says about itself. */
export async function driveEnvironmentFacts(line: WireLine, folder: string): Promise<void> {
  const cwd = uriOf(folder);
  await line.call("environment/info", null);
  await line.call("environment/info", {});
  await line.call("environment/status", null);
  await line.call("environmentConfig/read", { cwd, configPaths: [["mcp_servers"]], requirementsPaths: [] }, 30_000);
  await line.call("environmentConfig/read", { cwd, configPaths: [], requirementsPaths: [] }, 30_000);
  await line.call("capabilityRoots/discoverV1", { roots: [{ id: "root-1", path: cwd }] }, 30_000);
  await line.call("no/suchMethod", {});
}
