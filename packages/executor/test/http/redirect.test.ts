import { expect, test } from "vitest";
import { redirected } from "../../src/http/redirect.ts";
import type { HttpRequestSpec } from "../../src/http/request-spec.ts";

const REQUEST: HttpRequestSpec = {
  method: "GET",
  url: new URL("https://a.test/x"),
  headers: [
    ["x-token", "secret", "environment"],
    ["x-plain", "1"],
  ],
  body: undefined,
  redirects: "follow",
  timeoutMs: undefined,
};

function namesAt(location: string) {
  return redirected(REQUEST, 302, location)?.headers.map(([name]) => name);
}

test.each([
  ["/y", ["x-token", "x-plain", "referer"]],
  ["https://a.test:443/y", ["x-token", "x-plain", "referer"]],
  ["http://a.test/x", ["x-plain"]],
  ["https://a.test:444/x", ["x-plain", "referer"]],
  ["https://b.a.test/x", ["x-plain", "referer"]],
])("to %s, of what the executor's environment gave, goes what may: %j", (location, names) => {
  expect(namesAt(location)).toEqual(names);
});
