/** What a program says must not act on the terminal that an error is shown on, nor turn its text around. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = text.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "");
  return plain.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}
