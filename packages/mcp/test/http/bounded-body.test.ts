import { describe, expect, test } from "vitest";
import { boundedResponse } from "../../src/http/bounded-body.ts";

const LIMIT = { maxBytes: 10, what: "a message" };

function response(pieces: readonly string[], type: string): Response {
  const body = ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
  return new Response(body as never, { headers: { "content-type": type } });
}

describe("a body", () => {
  test("may be as long as its limit, in however many pieces", async () => {
    expect(await boundedResponse(response(["12345", "67890"], "application/json"), LIMIT).text()).toBe("1234567890");
    const long = boundedResponse(response(["12345", "67890", "1"], "application/json"), LIMIT);
    await expect(long.text()).rejects.toThrow("a message exceeds 10 bytes");
  });

  test("of events is counted event by event", async () => {
    for (const end of ["\n\n", "\r\n\r\n", "\r\r"]) {
      const events = Array.from({ length: 100 }, () => `data:${end}`).join("");
      for (const size of [1, 2, 3, 7, 1_000]) {
        const pieces = events.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        expect(await boundedResponse(response(pieces, "text/event-stream; charset=utf-8"), LIMIT).text()).toBe(events);
      }
    }
  });

  test("of events with one that is too long fails, whatever was before it", async () => {
    for (const pieces of [["data:12345678901"], ["data:\n\n", "data:1", "23456"], ["data:\n\ndata:1234567890"]]) {
      const events = boundedResponse(response(pieces, "text/event-stream"), LIMIT);
      await expect(events.text()).rejects.toThrow("an event of a message exceeds 10 bytes");
    }
  });

  test("that is not there is left as it is", async () => {
    const none = new Response(null, { status: 204 });
    expect(boundedResponse(none, LIMIT)).toBe(none);
  });
});
