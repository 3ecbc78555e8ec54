import type { CommandSpec, OptionSpec } from "../command-line/command-spec.ts";
import { ENVIRONMENT, EXIT_CODES, SUMMARY } from "../command-line/help.ts";
import { COMMON_OPTIONS } from "../command-line/parse-arguments.ts";
import { roffArgument, roffText } from "./roff.ts";

const SECTION = "1";

/**
 * The man pages of the program by the names of their files, made of what `--help` shows: one of it all, and one for each command.
 *
 * @param version - Of the program.
 */
export function manPages(
  commands: Readonly<Record<string, CommandSpec>>,
  version: string,
): ReadonlyMap<string, string> {
  const names = Object.keys(commands);
  const pages = new Map([[`holdfast.${SECTION}`, overviewPage(commands, version)]]);
  for (const [name, spec] of Object.entries(commands)) {
    pages.set(`holdfast-${name}.${SECTION}`, commandPage(name, spec, { version, others: names }));
  }
  return pages;
}

function overviewPage(commands: Readonly<Record<string, CommandSpec>>, version: string): string {
  return page([
    title("holdfast", version),
    ".SH NAME",
    `holdfast \\- ${roffText(SUMMARY)}`,
    ".SH SYNOPSIS",
    ".B holdfast",
    "\\fICOMMAND\\fR [\\fIOPTION\\fR]\\[u2026] [\\fIARGUMENT\\fR]\\[u2026]",
    ".SH COMMANDS",
    ...Object.entries(commands).flatMap(([name, { summary }]) =>
      tagged(`.BR holdfast\\-${name} (${SECTION})`, summary),
    ),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(([name, about]) => tagged(`.B ${roffText(name)}`, about)),
    ".SH EXIT STATUS",
    roffText(EXIT_CODES),
  ]);
}

function commandPage(
  name: string,
  spec: CommandSpec,
  { version, others }: { readonly version: string; readonly others: readonly string[] },
): string {
  const options = Object.entries({ ...spec.options, ...COMMON_OPTIONS });
  const also = others.filter((other) => other !== name).map((other) => `holdfast\\-${other} (${SECTION})`);
  return page([
    title(`holdfast-${name}`, version),
    ".SH NAME",
    `holdfast\\-${name} \\- ${roffText(spec.summary)}`,
    ".SH SYNOPSIS",
    `.B holdfast ${name}`,
    ...(spec.synopsis === "" ? [] : [roffText(spec.synopsis)]),
    ...(spec.details === undefined ? [] : [".SH DESCRIPTION", ...paragraphs(spec.details)]),
    ".SH OPTIONS",
    ...options.flatMap(([option, optionSpec]) => tagged(flag(option, optionSpec), optionSpec.about)),
    ".SH SEE ALSO",
    `.BR holdfast (${SECTION}),`,
    ...also.map((each, index) => `.BR ${each}${index === also.length - 1 ? "" : ","}`),
  ]);
}

function title(name: string, version: string): string {
  return `.TH ${roffArgument(name.toUpperCase())} ${SECTION} "" ${roffArgument(`holdfast ${version}`)} "Holdfast"`;
}

function tagged(tag: string, about: string): readonly string[] {
  return [".TP", tag, roffText(about)];
}

function flag(name: string, { short, value }: OptionSpec): string {
  const long = `\\fB${roffText(`--${name}`)}\\fR`;
  const both = short === undefined ? long : `\\fB${roffText(`-${short}`)}\\fR, ${long}`;
  return value === undefined ? both : `${both} \\fI${roffText(value)}\\fR`;
}

/** Those that are indented in the help stay as they are, line by line. */
function paragraphs(details: string): readonly string[] {
  return details
    .trim()
    .split(/\n\s*\n/)
    .flatMap((paragraph) => [".PP", ...linesOf(paragraph.split("\n"))]);
}

function linesOf(lines: readonly string[]): readonly string[] {
  const all: string[] = [];
  let isAsIs = false;
  for (const line of lines) {
    const isIndented = line.startsWith("  ");
    if (isIndented !== isAsIs) all.push(isIndented ? ".nf" : ".fi");
    isAsIs = isIndented;
    // Without a space in front: roff takes it for a break.
    all.push(roffText(isIndented ? line : line.trimStart()));
  }
  return isAsIs ? [...all, ".fi"] : all;
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
