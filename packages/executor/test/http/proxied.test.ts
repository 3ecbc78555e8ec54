import { once } from "node:events";
import { createServer, connect as dial } from "node:net";
import { expect, test } from "vitest";
import { Line } from "../wire/line.ts";
import { RawOrigin } from "./raw-origin.ts";

/** A proxy that takes `CONNECT` and nothing else. Every host is this machine. */
async function tunnels(): Promise<{ url: string; tunnels: () => number } & AsyncDisposable> {
  let count = 0;
  const server = createServer((near) => {
    near.on("error", () => {});
    near.once("data", (data) => {
      const port = /^CONNECT [^:]+:(\d+) /.exec(data.toString("latin1"))?.[1];
      if (port === undefined) return near.end("HTTP/1.1 405 No\r\n\r\n");
      count += 1;
      const far = dial(Number(port), "127.0.0.1", () => near.write("HTTP/1.1 200 Go\r\n\r\n"));
      far.on("error", () => near.destroy());
      near.on("close", () => far.destroy());
      near.pipe(far).pipe(near);
      return near;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    tunnels: () => count,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

test("odd answers are read and repeated headers sent through a proxy too", async () => {
  const twice = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok";
  await using proxy = await tunnels();
  await using origin = await RawOrigin.with({ twice: [twice] });
  await using line = await Line.ready({ env: { HTTP_PROXY: proxy.url, PATH: "/bin" } });
  const answer = await line.call("http/request", {
    method: "GET",
    url: `${origin.url.replace("127.0.0.1", "origin.test")}/twice`,
    requestId: "r",
    headers: [
      { name: "x-twice", value: "1" },
      { name: "x-twice", value: "2" },
    ],
  });
  expect(Buffer.from(answer.bodyBase64, "base64").toString()).toBe("ok");
  expect(answer.headers).toEqual([
    { name: "content-length", value: "2" },
    { name: "content-length", value: "2" },
  ]);
  expect(proxy.tunnels()).toBe(1);
  expect(origin.requests[0]?.match(/^x-twice: \d/gm)).toEqual(["x-twice: 1", "x-twice: 2"]);
});
