import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { FetchLike } from "../../src/http/fetch-like.ts";
import { oauthFetch } from "../../src/oauth/oauth-fetch.ts";

function to(location: string, status = 307): Response {
  return new Response(null, { status, headers: { location } });
}

/** A fetch that answers by address, and what it was asked. */
function site(answers: Readonly<Record<string, () => Response>>): {
  fetch: FetchLike;
  asked: [string, string | null][];
} {
  const asked: [string, string | null][] = [];
  const fetch: FetchLike = async (url, init) => {
    const { href } = new URL(url);
    asked.push([href, new Headers(init?.headers).get("authorization")]);
    return answers[href]?.() ?? new Response("here");
  };
  return { fetch, asked };
}

const CLOCK = new FakeClock();

describe("what is asked before there is a token", () => {
  test("follows redirects of a GET, and leaves credentials with their origin", async () => {
    const { fetch, asked } = site({
      "https://a/1": () => to("/2", 302),
      "https://a/2": () => to("https://b/3"),
      "https://b/3": () => to("https://a/4", 303),
    });
    const response = await oauthFetch(fetch, { clock: CLOCK })("https://a/1", { headers: { authorization: "x" } });
    expect(await response.text()).toBe("here");
    expect(asked).toEqual([
      ["https://a/1", "x"],
      ["https://a/2", "x"],
      ["https://b/3", null],
      ["https://a/4", null],
    ]);
  });

  test("leaves redirects of everything else to who sent it", async () => {
    const { fetch, asked } = site({ "https://a/token": () => to("https://evil/") });
    const response = await oauthFetch(fetch, { clock: CLOCK })("https://a/token", { method: "POST", body: "code" });
    expect(response.status).toBe(307);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["from https to http", "http://a/2", "redirected from https to http"],
    ["to what is no address", "http://", "redirected to what is no address of the web"],
    ["to a file", "file:///etc/passwd", "redirected to what is no address of the web"],
    ["to an address with a password", "https://me:pw@a/", "redirected to what is no address of the web"],
  ])("does not go %s", async (_what, location, message) => {
    const { fetch } = site({ "https://a/1?secret": () => to(location) });
    await expect(oauthFetch(fetch, { clock: CLOCK })("https://a/1?secret")).rejects.toThrow(
      `https://a/1?*** ${message}`,
    );
  });

  test("follows ten redirects and no more", async () => {
    const { fetch, asked } = site({ "https://a/": () => to("https://a/") });
    await expect(oauthFetch(fetch, { clock: CLOCK })("https://a/")).rejects.toThrow("redirected more than 10 times");
    expect(asked).toHaveLength(11);
  });

  test("reads a body of 1 MiB, and none that is longer", async () => {
    const body = (bytes: number) => () => new Response(new Uint8Array(bytes));
    const { fetch } = site({ "https://a/1": body(1_048_576), "https://a/2": body(1_048_577) });
    const asking = oauthFetch(fetch, { clock: CLOCK });
    expect((await (await asking("https://a/1")).arrayBuffer()).byteLength).toBe(1_048_576);
    await expect(asking("https://a/2")).rejects.toThrow("OAuth HTTP response body exceeds 1048576 bytes");
  });

  test("waits 30 s for the whole answer", async () => {
    const clock = new FakeClock();
    const never: FetchLike = (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const asking = oauthFetch(never, { clock })("https://a/?secret");
    asking.catch(() => {});
    await clock.advance(29_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    await expect(asking).rejects.toMatchObject({
      code: "timeout",
      message: "https://a/?*** did not answer within 30 s",
    });
  });

  test("does not wait for the end of a stream that has none", async () => {
    let isCancelled = false;
    const cancel = (): void => {
      isCancelled = true;
    };
    const events = new ReadableStream({ cancel });
    const stream = (): Response => new Response(events, { headers: { "content-type": "text/event-stream" } });
    const { fetch } = site({ "https://a/": stream });
    expect((await oauthFetch(fetch, { clock: CLOCK })("https://a/")).status).toBe(200);
    expect(isCancelled).toBe(true);
  });

  test("ends with its signal", async () => {
    const stop = new AbortController();
    const fetch: FetchLike = async (_url, init) => {
      init?.signal?.throwIfAborted();
      return new Response();
    };
    stop.abort(new Error("enough"));
    await expect(oauthFetch(fetch, { clock: CLOCK, signal: stop.signal })("https://a/")).rejects.toThrow("enough");
  });
});
