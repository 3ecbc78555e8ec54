import { describe, expect, test } from "vitest";
import { isBarePatch, patchInCommand } from "../../src/unified-exec/patch-in-command.ts";

const PATCH = "*** Begin Patch\n*** Add File: a\n+$HOME `x`\n*** End Patch";

describe("a command that is a patch", () => {
  test.each([
    [`apply_patch <<'EOF'\n${PATCH}\nEOF`, undefined],
    [`  apply_patch <<EOF\n${PATCH}\nEOF\n`, undefined],
    [`applypatch<<"PATCH"\n${PATCH}\nPATCH`, undefined],
    [`cd sub/folder && apply_patch <<'EOF'\n${PATCH}\nEOF`, "sub/folder"],
    [`cd "with blank"&&apply_patch <<'EOF'\n${PATCH}\nEOF`, "with blank"],
    [`cd '$odd' && apply_patch <<'EOF'\n${PATCH}\nEOF`, "$odd"],
  ])("is found: %j", (command, folder) => {
    expect(patchInCommand(command)).toEqual({ input: PATCH, folder });
  });

  test.each([
    "apply_patch",
    `apply_patch '${PATCH}'`,
    `apply_patch <<'EOF'\n${PATCH}`,
    `apply_patch <<'EOF'\n${PATCH}\nEOF\necho done`,
    `apply_patch <<'EOF'\n${PATCH}\nEOF\necho done\nEOF`,
    `apply_patch <<'EOF' && echo done\n${PATCH}\nEOF`,
    `cd sub; apply_patch <<'EOF'\n${PATCH}\nEOF`,
    `cd $sub && apply_patch <<'EOF'\n${PATCH}\nEOF`,
    `cd ~/x && apply_patch <<'EOF'\n${PATCH}\nEOF`,
    `cd a b && apply_patch <<'EOF'\n${PATCH}\nEOF`,
    `echo x && apply_patch <<'EOF'\n${PATCH}\nEOF`,
    `cat <<'EOF'\n${PATCH}\nEOF`,
  ])("is not found where a shell has to do something: %j", (command) => {
    expect(patchInCommand(command)).toBeUndefined();
  });

  test("without its call is told apart", () => {
    expect(isBarePatch(`\n${PATCH}`)).toBe(true);
    expect(isBarePatch(`echo '${PATCH}'`)).toBe(false);
  });
});
