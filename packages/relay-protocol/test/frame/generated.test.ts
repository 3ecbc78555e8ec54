import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the generated code is of the .proto as it is", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const digest = createHash("sha256").update(read("../../proto/relay.proto")).digest("hex");
  // Else: `pnpm generate:frames`.
  expect(read("gen/relay_pb.ts")).toContain(`sha256:${digest}`);
});
