import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Machine, probeMachine } from "../../src/index.ts";

/** A machine whose bubblewrap is the real one, but does not know some of its options. */
export interface OldMachine extends AsyncDisposable {
  readonly machine: Machine;
}

/** @param hidden - Options that its help does not name and that it refuses, as an older one would. */
export async function machineWithout(...hidden: readonly string[]): Promise<OldMachine> {
  const folder = mkdtempSync(join(tmpdir(), "old-bubblewrap-"));
  chmodSync(folder, 0o755);
  const { means } = await probeMachine({ env: process.env, cwd: "/" });
  const real = means.kind === "linux" ? means.bubblewrap.path : "/usr/bin/bwrap";
  writeFileSync(join(folder, "bwrap"), scriptFor(real, hidden), { mode: 0o755 });
  const machine = await probeMachine({ env: { ...process.env, PATH: folder }, cwd: "/" });
  return {
    machine,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function scriptFor(real: string, hidden: readonly string[]): string {
  return `#!/bin/sh
if [ "$1" = --help ]; then
  '${real}' --help 2>&1 | while IFS= read -r line; do
    case $line in ${hidden.map((option) => `*" ${option} "*`).join(" | ")}) ;; *) printf '%s\\n' "$line" ;; esac
  done
  exit
fi
for word; do
  case $word in
    --) break ;;
    ${hidden.join(" | ")}) echo "bwrap: Unknown option $word" >&2; exit 1 ;;
  esac
done
exec '${real}' "$@"
`;
}
