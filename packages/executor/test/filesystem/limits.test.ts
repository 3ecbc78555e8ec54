import * as protocol from "@holdfast/exec-server-protocol";
import { expect, test } from "vitest";
import * as limits from "../../src/filesystem/limits.ts";

test("files are bound by what the protocol says", () => {
  expect(limits).toMatchObject({
    MAX_READ_FILE_BYTES: protocol.READ_FILE_MAX_BYTES,
    MAX_BLOCK_BYTES: protocol.FILE_BLOCK_MAX_BYTES,
    MAX_FILE_HANDLES: protocol.FILE_HANDLES_MAX,
    MAX_STAGED: protocol.STAGED_MAX,
    MAX_WALK_DEPTH: protocol.WALK_MAX_DEPTH,
    MAX_WALK_DIRECTORIES: protocol.WALK_MAX_DIRECTORIES,
    MAX_WALK_ENTRIES: protocol.WALK_MAX_ENTRIES,
    MAX_WALK_RESPONSE_BYTES: protocol.WALK_RESPONSE_MAX_BYTES,
    WALK_ITEM_OVERHEAD_BYTES: protocol.WALK_ITEM_COST_BYTES,
  });
});
