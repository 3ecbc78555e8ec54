import { expect, test } from "vitest";
import { HttpClient } from "../../src/http/http-client.ts";
import type { HttpRequestSpec } from "../../src/http/request-spec.ts";
import { loadUndici } from "../../src/http/undici-module.ts";
import { Origin } from "./origin.ts";

test("a library that could not be loaded is loaded by the next request", async () => {
  await using origin = await Origin.with();
  const tooManyFiles = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
  const loads: (() => ReturnType<typeof loadUndici>)[] = [() => Promise.reject(tooManyFiles), loadUndici];
  const client = new HttpClient({}, () => (loads.shift() ?? loadUndici)());
  const request: HttpRequestSpec = {
    method: "GET",
    url: new URL(`${origin.url}/echo`),
    headers: [],
    body: undefined,
    redirects: "follow",
    timeoutMs: undefined,
  };
  const ask = () => client.send(request, new AbortController().signal);
  await expect(ask()).rejects.toThrow("http/request failed: the HTTP client could not be loaded: EMFILE");
  const { status, body } = await ask();
  expect(status).toBe(200);
  body.destroy();
  await client.close();
});

test("a client whose library could not be loaded closes all the same", async () => {
  const client = new HttpClient({}, () => Promise.reject(new Error("EMFILE")));
  const gone = new AbortController().signal;
  await client.send({ method: "GET", url: new URL("http://127.0.0.1:9/") } as HttpRequestSpec, gone).catch(() => {});
  await client.close();
});
