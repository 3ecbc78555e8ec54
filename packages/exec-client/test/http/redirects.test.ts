import { describe, expect, test } from "vitest";
import { redirected } from "../../src/http/redirects.ts";
import type { RequestParams } from "../../src/http/request-params.ts";

const POST: RequestParams = {
  requestId: "one",
  method: "POST",
  url: "http://origin/a/b#part",
  headers: [
    { name: "authorization", value: "secret" },
    { name: "Cookie", value: "secret" },
    { name: "content-type", value: "text/plain" },
    { name: "x-key", value: "", valueEnvVar: "TOKEN" },
    { name: "x-own", value: "v" },
  ],
  bodyBase64: "aGk=" as never,
  redirectPolicy: "stop",
};

describe("a redirect", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [301, "PUT", "PUT"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
  ])("of status %i makes %s a %s", (status, method, then) => {
    const next = redirected({ ...POST, method }, status, "c");
    const keepsBody = then === method && method !== "GET";
    expect([next.method, next.url, next.bodyBase64]).toEqual([
      then,
      "http://origin/a/c#part",
      keepsBody ? "aGk=" : undefined,
    ]);
    expect(next.headers?.some(({ name }) => name === "content-type")).toBe(keepsBody);
  });

  test.each(["http://other/", "https://origin/", "http://origin:81/"])("to %s leaves what is secret behind", (to) => {
    expect(redirected(POST, 307, to).headers?.map(({ name }) => name)).toEqual(["content-type", "x-own"]);
  });

  test.each(["http://user:secret@origin/c", "http://user@other/c", "//:secret@other/c"])(
    "to %s brings no credentials of its own",
    (to) => {
      const { url } = redirected(POST, 302, to);
      expect([new URL(url).username, new URL(url).password]).toEqual(["", ""]);
    },
  );

  test("away and back again does not bring back what was left behind", () => {
    const back = redirected(redirected(POST, 307, "http://other/"), 307, "http://origin/");
    expect(back.headers?.map(({ name }) => name)).toEqual(["content-type", "x-own"]);
  });

  test.each(["ftp://origin/", "http://", "file:///etc/passwd"])("to %s is refused", (to) => {
    expect(() => redirected(POST, 302, to)).toThrow(
      expect.objectContaining({ name: "HttpBodyError", code: "redirect" }),
    );
  });
});
