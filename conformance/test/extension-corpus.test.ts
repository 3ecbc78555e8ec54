import { expect, test } from "vitest";
import { type AcceptedMessage, readAccepted } from "../src/corpus.ts";
import { EXTENSION_CORPUS_ROOT } from "../src/places.ts";
import { recordExtension } from "../src/record/record-extension.ts";
import { shapeOf } from "../src/record/shape.ts";

/** What a message is, without the values that are of the moment. */
function formOf({ author, kind, method, message }: AcceptedMessage): string {
  const { code, message: text } = (message.error ?? {}) as { code?: number; message?: string };
  return [method, author, kind, code, text, shapeOf(message)].join(" ");
}

test("the executor says of its extension what is recorded, and the recorded messages are all that it says", async () => {
  const recorded = (await readAccepted(EXTENSION_CORPUS_ROOT)).flatMap(({ entries }) => entries);
  const now = await recordExtension();
  const sorted = (messages: readonly AcceptedMessage[]) => messages.map(formOf).toSorted();
  expect(sorted(now), "record anew with `node conformance/src/main.ts --record-extension`").toEqual(sorted(recorded));
});
