import { invalidParams } from "../faults.ts";
import type { ProcessWords } from "./process-words.ts";

/** Of a terminal, or the new one of it. @throws RpcFault - −32602 */
export function checkSize({ rows, cols }: { readonly rows: number; readonly cols: number }, words: ProcessWords): void {
  if (rows === 0 || cols === 0) throw invalidParams(words.emptySize);
}
