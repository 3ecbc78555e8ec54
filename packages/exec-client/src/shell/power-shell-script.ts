import { InvalidArgumentError } from "../errors.ts";

/** Characters that PowerShell takes for a quote as well as the plain ones. */
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
const DOUBLE_QUOTES = '"\u201c\u201d\u201e';

/** What precedes every script: nothing but the script's own output, and an error ends it. */
const PREAMBLE = "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'";

/** The exit code is that of the last program that was run, as in a POSIX shell. */
const EPILOGUE = "if ($LASTEXITCODE) { exit $LASTEXITCODE }";

/**
 * Put references to variables where values belong in a script for PowerShell. The variables are set from base64 ahead of it, so that
 * no value is read as a script.
 *
 * @param parts - The script's own text, around the values.
 * @param values - The words of each value; `isList`: it is a list, also one of one word.
 * @throws InvalidArgumentError - `script`: a value stands in single quotes, a here-string or a comment, or behind a backtick.
 */
export function powerShellScript(
  parts: readonly string[],
  values: readonly { readonly words: readonly string[]; readonly isList: boolean }[],
): string {
  const setters = values.map(({ words, isList }, index) => {
    const texts = words.map(decoded);
    return `$holdfast${index + 1} = ${isList ? `@(${texts.join(", ")})` : texts[0]}`;
  });
  let script = parts[0] ?? "";
  for (const index of values.keys()) {
    refuseUnlessRead(script);
    script += `\${holdfast${index + 1}}${parts[index + 1] ?? ""}`;
  }
  return [PREAMBLE, ...setters, script, EPILOGUE].join("\n");
}

/** A script that finds `args` in `$args`. */
export function powerShellScriptWithArgs(script: string, args: readonly string[]): string {
  const list = `$holdfast = @(${args.map(decoded).join(", ")})`;
  return [PREAMBLE, list, `& {\n${script}\n} @holdfast`, EPILOGUE].join("\n");
}

/** The argument of `-EncodedCommand`: base64 of UTF-16, least significant byte first. */
export function encodedCommand(script: string): string {
  const bytes = new Uint8Array(script.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < script.length; index++) view.setUint16(index * 2, script.charCodeAt(index), true);
  return base64(bytes);
}

function decoded(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${base64(bytes)}'))`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Where the text before a value ends, a variable must be read as one. */
function refuseUnlessRead(text: string): void {
  const place = placeAtEnd(text);
  if (place !== undefined) throw new InvalidArgumentError("script", `a value must not stand ${place}`);
}

function placeAtEnd(text: string): string | undefined {
  let isInDouble = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "`") {
      if (at === text.length - 1) return "behind a backtick";
      at++;
    } else if (DOUBLE_QUOTES.includes(character)) isInDouble = !isInDouble;
    else if (isInDouble) continue;
    else if (character === "@" && /^["'\u2018-\u201e]/.test(text.slice(at + 1))) return "behind or in a here-string";
    else {
      const skipped = skip(text, at);
      if (typeof skipped === "string") return skipped;
      at = skipped;
    }
  }
  return undefined;
}

/** @returns The index of the last character of what begins here and is not read; or, when it does not end, what it is. */
function skip(text: string, at: number): number | string {
  const character = text.charAt(at);
  if (SINGLE_QUOTES.includes(character)) {
    const length = text.slice(at + 1).search(/['\u2018\u2019\u201a\u201b]/);
    return length < 0 ? "within single quotes" : at + 1 + length;
  }
  if (text.startsWith("<#", at)) {
    const end = text.indexOf("#>", at + 2);
    return end < 0 ? "in a comment" : end + 1;
  }
  if (character === "#" && (at === 0 || /[\s;({|&]/.test(text.charAt(at - 1)))) {
    const end = text.indexOf("\n", at);
    return end < 0 ? "in a comment" : end;
  }
  return at;
}
