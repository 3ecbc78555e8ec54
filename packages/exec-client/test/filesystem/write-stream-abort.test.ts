import { expect, test } from "vitest";
import { fileWriteStream } from "../../src/filesystem/write-stream.ts";

test("an end that is refused because the signal has taken the file away fails by the signal", async () => {
  const refused = Promise.withResolvers<boolean>();
  const finishing = Promise.withResolvers<void>();
  const commit = (): Promise<boolean> => {
    finishing.resolve();
    return refused.promise;
  };
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = fileWriteStream(
    async () => ({
      blocks: { blockBytes: 8, write: async () => {}, finish: async () => {} },
      commit,
      discard: async () => refused.reject(new Error("nothing is staged")),
    }),
    { signal: controller.signal },
    { method: "fs.createWriteStream", path: "/a", signal: controller.signal },
  );
  const piped = new Blob(["four"]).stream().pipeTo(stream);
  const failed = piped.catch((error: unknown) => error);
  await finishing.promise;
  controller.abort(reason);
  expect(await failed).toMatchObject({ name: "AbortError", cause: reason });
});

test("a file that is begun when the signal comes is taken away", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  let discarded = 0;
  const stream = fileWriteStream(
    async () => {
      controller.abort();
      return {
        blocks: { blockBytes: 8, write: async () => {}, finish: async () => {} },
        commit: async () => true,
        discard: async () => {
          discarded += 1;
        },
      };
    },
    { signal },
    { method: "fs.createWriteStream", path: "/a", signal },
  );
  await expect(stream.getWriter().write("four")).rejects.toMatchObject({ name: "AbortError" });
  expect(discarded).toBe(1);
});
