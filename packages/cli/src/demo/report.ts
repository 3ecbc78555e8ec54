/** Says what happens, as it happens. Bold only where a terminal shows it. */
export class Report {
  readonly #stream: Pick<NodeJS.WriteStream, "write" | "isTTY">;
  readonly #rows: { readonly title: string; readonly durationMs: number; readonly outcome: string }[] = [];

  constructor(stream: Pick<NodeJS.WriteStream, "write" | "isTTY">) {
    this.#stream = stream;
  }

  line(text: string): void {
    this.#stream.write(`  ${text}\n`);
  }

  /** Run one step under a heading. What it returns is its outcome, in one line. */
  async step(title: string, perform: () => Promise<string>): Promise<void> {
    this.#stream.write(`\n${this.#bold(title)}\n`);
    const startedMs = performance.now();
    const outcome = await perform();
    this.#rows.push({ title, durationMs: performance.now() - startedMs, outcome });
  }

  summary(): void {
    const width = Math.max(...this.#rows.map(({ title }) => title.length));
    this.#stream.write(`\n${this.#bold("What happened")}\n`);
    for (const { title, durationMs, outcome } of this.#rows) {
      this.line(`${title.padEnd(width)}  ${`${durationMs.toFixed(1)} ms`.padStart(10)}  ${outcome}`);
    }
  }

  #bold(text: string): string {
    return this.#stream.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
  }
}
