import { osErrorText } from "@holdfast/executor";
import { OptionFailure } from "../command-line/failure.ts";
import { NOT_TEXT, readSecretFile } from "../secret-file.ts";

const MAX_BYTES = 65_536;

/** The secret that clients must know, or must have signed with. @throws OptionFailure in the words of Codex, where it has some. */
export async function secretOf(option: string, path: string): Promise<string> {
  const file = await readSecretFile(path, MAX_BYTES);
  switch (file.kind) {
    case "secret":
      return file.text;
    case "empty":
      throw new OptionFailure(option, `websocket auth secret ${path} must not be empty`);
    case "exposed":
      throw new OptionFailure(option, `websocket auth secret ${path} ${file.reason}`);
    case "unreadable":
      throw new OptionFailure(option, `failed to read websocket auth secret ${path}: ${reasonOf(file.code)}`);
  }
}

function reasonOf(code: string): string {
  return code === NOT_TEXT ? "stream did not contain valid UTF-8" : (osErrorText(code) ?? code);
}
