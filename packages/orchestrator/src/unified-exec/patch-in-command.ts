/** A patch that a command is nothing but the call of. */
export interface PatchInCommand {
  readonly input: string;
  /** Where the command goes first, as it is written. Undefined: nowhere. */
  readonly folder: string | undefined;
}

/** `cd FOLDER &&`, with a name that no shell would read anything into. */
const GO = /^cd[ \t]+(?:"(?<double>[^"$`\\\n]+)"|'(?<single>[^'\n]+)'|(?<plain>[\w./@%+:,=-]+))[ \t]*&&[ \t]*/;
const CALL = /^(?:apply_patch|applypatch)[ \t]*<<[ \t]*(?:"(?<double>\w+)"|'(?<single>\w+)'|(?<plain>\w+))[ \t]*\n/;
const BARE = /^\*\*\* Begin Patch[ \t]*\n/;

/**
 * The patch of a command such as `cd src && apply_patch <<'EOF'`, with the patch and `EOF` below. Undefined for one that does anything else as well: a shell
 * has to see to that.
 */
export function patchInCommand(command: string): PatchInCommand | undefined {
  const text = command.trim();
  const go = GO.exec(text);
  const rest = go === null ? text : text.slice(go[0].length);
  const call = CALL.exec(rest);
  if (call === null) return undefined;
  const end = wordOf(call);
  const lines = rest.slice(call[0].length).split("\n");
  // The last line is the only one that ends it: behind another one, something else would follow.
  if (lines.indexOf(end) !== lines.length - 1) return undefined;
  return { input: lines.slice(0, -1).join("\n"), folder: go === null ? undefined : wordOf(go) };
}

/** Whether a command is a patch without the call that would apply it. */
export function isBarePatch(command: string): boolean {
  return BARE.test(command.trimStart());
}

function wordOf({ groups = {} }: RegExpExecArray): string {
  return groups.double ?? groups.single ?? groups.plain ?? "";
}
