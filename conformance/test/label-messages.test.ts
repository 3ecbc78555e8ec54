import { expect, test } from "vitest";
import { labelMessages } from "../src/record/label-messages.ts";
import type { RecordedMessage } from "../src/recorder.ts";

function sent(from: "client" | "server", message: object, line = 1): RecordedMessage {
  return {
    from,
    line,
    text: JSON.stringify(message),
  };
}

function brief(recorded: readonly RecordedMessage[]): string[] {
  return labelMessages(recorded).map(({ from, kind, method }) => `${from} ${kind} ${method}`);
}

test("an answer belongs to the method it answers, on its own line", () => {
  const recorded = [
    sent("client", { id: 1, method: "initialize", params: {} }, 1),
    sent("client", { id: 1, method: "fs/close", params: {} }, 2),
    sent("server", { id: 1, result: {} }, 2),
    sent("server", { id: 1, result: {} }, 1),
  ];
  expect(brief(recorded).slice(2)).toEqual(["server success fs/close", "server success initialize"]);
});

test("a request that was not understood is left out, and its refusal stays", () => {
  const recorded = [
    sent("client", { id: 1, method: "fs/walk", params: {} }),
    sent("server", { id: 1, error: { code: -32602, message: "missing field `path`" } }),
  ];
  expect(brief(recorded)).toEqual(["server failure fs/walk"]);
});

test("a request that failed for what it asked stays", () => {
  const recorded = [
    sent("client", { id: 1, method: "fs/readFile", params: {} }),
    sent("server", { id: 1, error: { code: -32004, message: "No such file or directory (os error 2)" } }),
  ];
  expect(brief(recorded)).toEqual(["client request fs/readFile", "server failure fs/readFile"]);
});

test("requests of the executor and the client's answers are told apart from the other direction", () => {
  const recorded = [
    sent("client", { id: 1, method: "process/start", params: {} }),
    sent("server", { id: 1, method: "network/policyRequest", params: {} }),
    sent("client", { id: 1, result: {} }),
    sent("server", { id: 1, result: {} }),
  ];
  expect(brief(recorded)).toEqual([
    "client request process/start",
    "server request network/policyRequest",
    "client success network/policyRequest",
    "server success process/start",
  ]);
});
