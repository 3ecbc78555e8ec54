import { shownText, shownUrl } from "@holdfast/rpc";
import { expect, test } from "vitest";

test.each([
  ["ws://host:1/path", "ws://host:1/path"],
  ["ws://user:secret@host:1/path", "ws://***@host:1/path"],
  ["wss://secret@[::1]:1", "wss://***@[::1]:1"],
  ["ws://a@b:secret@host/", "ws://***@host/"],
  ["ws://host/path?token=secret", "ws://host/path?***"],
  ["ws://host?a=@secret", "ws://host?***"],
  ["ws://host/#secret", "ws://host/#***"],
  ["ws://host/a@b", "ws://host/a@b"],
  ["ws://host/?", "ws://host/?"],
  ["user:secret@host", "***@host"],
  ["//user:secret@host", "//user:secret@host"],
  ["nonsense", "nonsense"],
  ["", ""],
])("of %s is shown: %s", (address, shown) => {
  expect(shownUrl(address)).toBe(shown);
  if (URL.canParse(address)) expect(shownUrl(new URL(address))).not.toContain("secret");
});

test.each([
  ["cannot connect to ws://host/?token=secret: refused", "cannot connect to ws://host/?***: refused"],
  [
    "(see https://user:secret@host/a#secret), or `ws://host?secret`",
    "(see https://***@host/a#***), or `ws://host?***`",
  ],
  ["nothing to hide: a:b, c://", "nothing to hide: a:b, c://"],
])("in %j every URL is as it is shown alone, and showing it twice changes nothing", (text, shown) => {
  expect(shownText(text)).toBe(shown);
  expect(shownText(shown)).toBe(shown);
});
