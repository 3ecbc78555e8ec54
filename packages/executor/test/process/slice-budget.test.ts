import { describe, expect, test } from "vitest";
import { SliceBudget } from "../../src/process/slice-budget.ts";

function chunk(seq: number, bytes: number) {
  return { seq, stream: "stdout", data: Buffer.alloc(bytes) } as const;
}

/** Offer chunks of these sizes, numbered from 1; the log is at number 100. */
function sliced(sizes: readonly number[], maxBytes?: number, maxSentBytes?: number) {
  const budget = new SliceBudget(maxBytes, maxSentBytes);
  const taken = sizes.map((bytes, index) => budget.take(chunk(index + 1, bytes)));
  const { chunks, ...rest } = budget.slice(100);
  return { taken, seqs: chunks.map(({ seq }) => seq), ...rest };
}

describe("the budget of one read", () => {
  test("without bounds takes everything and continues at the number of the log", () => {
    expect(sliced([10, 0, 1_000_000])).toEqual({ taken: [true, true, true], seqs: [1, 2, 3], nextSeq: 100 });
  });

  test("that nothing was offered to continues at the number of the log, with and without bounds", () => {
    expect(sliced([])).toEqual({ taken: [], seqs: [], nextSeq: 100 });
    expect(sliced([], 10, 10)).toEqual({ taken: [], seqs: [], nextSeq: 100 });
  });

  test.each([
    [0, [1], 2],
    [29, [1, 2], 3],
    [30, [1, 2, 3], 4],
  ])("of %i bytes takes chunks %j and continues at %i, which is no cut", (maxBytes, seqs, nextSeq) => {
    const { isCut, ...result } = sliced([10, 10, 10, 10], maxBytes);
    expect([result.seqs, result.nextSeq, isCut]).toEqual([seqs, nextSeq, undefined]);
  });

  test("takes nothing small behind something that did not fit", () => {
    expect(sliced([10, 50, 1], 20).seqs).toEqual([1]);
  });

  test("takes a first chunk that is larger than what may be sent", () => {
    expect(sliced([1_000, 1], undefined, 10)).toEqual({ taken: [true, false], seqs: [1], nextSeq: 2, isCut: true });
  });

  test("counts what is sent in base64, with something for each chunk", () => {
    // Three bytes are four characters, and each chunk is wrapped.
    expect(sliced([300, 300, 300], undefined, 2 * (400 + 64)).seqs).toEqual([1, 2]);
    expect(sliced([300, 300, 300], undefined, 2 * (400 + 64) - 1).seqs).toEqual([1]);
  });

  test("calls a read within maxBytes no cut when it ends earlier because of what may be sent", () => {
    const { isCut, seqs, nextSeq } = sliced([300, 300], 1_000, 500);
    expect([isCut, seqs, nextSeq]).toEqual([undefined, [1], 2]);
  });
});
