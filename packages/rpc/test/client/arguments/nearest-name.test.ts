import { expect, test } from "vitest";
import { nearestName } from "../../../src/client/arguments/nearest-name.ts";

const KNOWN = ["cwd", "env", "timeoutMs", "signal", "maxOutputBytes", "encoding", "onOutput", "recursive", "force"];

test.each([
  ["timeout", "timeoutMs"],
  ["timeoutMS", "timeoutMs"],
  ["timoutMs", "timeoutMs"],
  ["singal", "signal"],
  ["maxOutput", "maxOutputBytes"],
  ["cwdd", "cwd"],
  ["recursiv", "recursive"],
  ["onoutput", "onOutput"],
])("%s is taken for %s", (written, meant) => {
  expect(nearestName(written, KNOWN)).toBe(meant);
});

test.each(["shell", "", "x", "retries", "constructor"])("%j is taken for nothing", (written) => {
  expect(nearestName(written, KNOWN)).toBeUndefined();
});
