import type { Outcomes } from "./call-every-method.ts";

/** Outcomes by release. */
export type MethodReport = ReadonlyMap<string, Outcomes>;

const TITLE = `# What app-servers do with each method

Every method of our client that needs no account and no other machine, called once on real releases: written by
\`node conformance/src/main.ts app-server --write\`, and compared with what they do at each run. Params are in
\`src/app-server/every-method.ts\`; many name things that are not there, so that the answer is an error that tells the method from an
unknown one. \`not known\` is a method that the release does not have. \`holdfast\` is the server of this project; what is \`not served\` there has a reason, in
[the page of the protocol](../docs/wire/app-server.md).
`;

const NOTHING = "";

/** The report as Markdown. */
export function reportText(report: MethodReport): string {
  const releases = [...report.keys()];
  const methods = [...new Set([...report.values()].flatMap((outcomes) => [...outcomes.keys()]))].sort();
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    TITLE,
    row(["method", ...releases]),
    row(["---", ...releases.map(() => "---")]),
    ...methods.map((method) =>
      row([`\`${method}\``, ...releases.map((release) => report.get(release)?.get(method) ?? NOTHING)]),
    ),
    "",
  ].join("\n");
}

/** Reads what {@link reportText} wrote. */
export function readReport(text: string): MethodReport {
  const rows = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/(?<!\\) \| /)
        .map((cell) => cell.replaceAll("\\|", "|")),
    );
  const [header = [], _line, ...body] = rows;
  const releases = header.slice(1);
  return new Map(
    releases.map((release, column) => [
      release,
      new Map(body.map((cells) => [(cells[0] ?? "").slice(1, -1), cells[column + 1] ?? NOTHING])),
    ]),
  );
}

/** Where a release does something else than the report says, as lines for people. */
export function differences(release: string, outcomes: Outcomes, report: MethodReport): readonly string[] {
  const written = report.get(release) ?? new Map<string, string>();
  const methods = [...new Set([...outcomes.keys(), ...written.keys()])];
  return methods.flatMap((method) => {
    const [now, then] = [outcomes.get(method) ?? NOTHING, written.get(method) ?? NOTHING];
    return now === then ? [] : [`${release} ${method}: ${now || "gone"}; the report says ${then || "nothing"}`];
  });
}
