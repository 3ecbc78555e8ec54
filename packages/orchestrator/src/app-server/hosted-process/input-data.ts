import { base64Problem, decodeBase64 } from "@holdfast/protocol-kit";
import { invalidParams } from "../faults.ts";
import type { ProcessWords } from "./process-words.ts";

/** What a request to write says. */
export interface InputParams {
  readonly deltaBase64?: string | null;
  readonly closeStdin?: boolean;
}

/** The bytes of it, maybe none. @throws RpcFault - −32602: it says nothing, or they are no base64. */
export function inputData({ deltaBase64, closeStdin }: InputParams, words: ProcessWords): Uint8Array {
  const text = deltaBase64 ?? undefined;
  if (text === undefined && closeStdin !== true) throw invalidParams(words.nothingToWrite);
  const data = decodeBase64(text ?? "");
  if (data === undefined) throw invalidParams(`invalid deltaBase64: ${base64Problem(text ?? "")}`);
  return data;
}
