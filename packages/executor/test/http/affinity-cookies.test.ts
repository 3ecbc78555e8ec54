import { parseCookie } from "undici";
import { expect, test } from "vitest";
import { AffinityCookies } from "../../src/http/affinity-cookies.ts";
import { AFFINITY_COOKIES_MAX } from "../../src/http/limits.ts";

function jar(now = () => 0): AffinityCookies {
  return new AffinityCookies(parseCookie, now);
}

const HOST = new URL("https://chatgpt.com/backend");

test("a cookie that keeps the client on one server is sent back to its host", () => {
  const cookies = jar();
  cookies.store(HOST, ["__cflb=abc; Path=/; Secure; HttpOnly", "_cfuvid=d; path=/"]);
  expect(cookies.headerFor(new URL("https://chatgpt.com/other"))).toBe("__cflb=abc; _cfuvid=d");
  expect(cookies.headerFor(new URL("https://sub.chatgpt.com/"))).toBeUndefined();
});

test.each([
  ["session=1", "https://chatgpt.com/"],
  ["__Secure-next-auth.session-token=1", "https://chatgpt.com/"],
  ["__CFLB=1", "https://chatgpt.com/"],
  ["__cflb=1", "http://chatgpt.com/"],
  ["__cflb=1", "https://example.com/"],
  ["__cflb=1", "https://notchatgpt.com/"],
  ["__cflb=1", "https://chatgpt.com.example.com/"],
  ["__cflb=1; Domain=com", "https://chatgpt.com/"],
  ["__cflb=1; Domain=openai.com", "https://chat.openai.com/"],
  ["__cflb=1; Domain=chat.openai.com", "https://chatgpt.com/"],
  [`__cflb=${"x".repeat(5_000)}`, "https://chatgpt.com/"],
])("%s from %s is never kept", (line, url) => {
  const cookies = jar();
  cookies.store(new URL(url), [line]);
  for (const target of [url, "https://chatgpt.com/", "https://chat.openai.com/", "https://example.com/"]) {
    expect(cookies.headerFor(new URL(target))).toBeUndefined();
  }
});

test("a domain widens it to what is below, a path narrows it", () => {
  const cookies = jar();
  cookies.store(HOST, ["__cflb=1; Domain=.chatgpt.com; Path=/a"]);
  expect(cookies.headerFor(new URL("https://x.chatgpt.com/a/b"))).toBe("__cflb=1");
  expect(cookies.headerFor(new URL("https://x.chatgpt.com/a"))).toBe("__cflb=1");
  expect(cookies.headerFor(new URL("https://x.chatgpt.com/ab"))).toBeUndefined();
});

test("it goes when its time is up, and when the server takes it back", () => {
  let now = 0;
  const cookies = jar(() => now);
  cookies.store(HOST, ["__cflb=1; Max-Age=10"]);
  now = 9_999;
  expect(cookies.headerFor(HOST)).toBe("__cflb=1");
  now = 10_000;
  expect(cookies.headerFor(HOST)).toBeUndefined();
  cookies.store(HOST, ["__cflb=2"]);
  cookies.store(HOST, ["__cflb=; Max-Age=0"]);
  expect(cookies.headerFor(HOST)).toBeUndefined();
});

test("their number is bounded: the oldest goes", () => {
  const cookies = jar();
  for (let index = 0; index <= AFFINITY_COOKIES_MAX; index += 1)
    cookies.store(HOST, [`__cflb=${index}; Path=/${index}`]);
  expect(cookies.headerFor(new URL("https://chatgpt.com/0"))).toBeUndefined();
  expect(cookies.headerFor(new URL(`https://chatgpt.com/${AFFINITY_COOKIES_MAX}`))).toBe(
    `__cflb=${AFFINITY_COOKIES_MAX}`,
  );
});
