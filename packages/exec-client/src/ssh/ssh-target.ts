/** A machine on which the program is to run. */
export interface FarPlatform {
  /** As Node names it: `linux`, `darwin`, … */
  readonly platform: string;
  /** As Node names it: `x64`, `arm64`, … */
  readonly arch: string;
  /** The C library of a Linux. */
  readonly libc: "glibc" | "musl" | "";
}

/** The program that is put on a machine that has none. The package `holdfast` has it as `holdfast/far-program`. */
export interface FarProgram {
  /** Its release. A program of one that goes with it is used where it is there already. */
  readonly version: string;
  /** A name for its very files, safe as the name of a folder; it begins with the release. */
  readonly build: string;
  /**
   * Whether all native parts for that platform are at hand. Without them it runs there all the same, and refuses by name what they are
   * for.
   */
  isWholeFor(platform: FarPlatform): boolean;
  /**
   * The files, packed for `installProgram`, with the native parts that are at hand.
   *
   * @throws Error - It does not run on that platform; the message says so.
   */
  pack(platform: FarPlatform): Promise<Uint8Array>;
}

/** An executor behind ssh, and how it is reached. An `ssh:` URL alone is one with the defaults. */
export interface SshTarget {
  /** `ssh://[user@]host[:port]`; what is left out the user's ssh configuration says. */
  readonly ssh: string | URL;
  /**
   * The program to run and its first arguments. It takes the arguments of OpenSSH's `ssh`, whose configuration for the user is heeded.
   * Default `["ssh"]`.
   */
  readonly command?: readonly string[] | undefined;
  /**
   * Whether somebody is there to be asked for a password or passphrase, on the terminal of this process, at the first connection; there
   * are 120 s for it. Later connections ask nothing: they take keys, an agent, or a connection that is shared. Default false.
   */
  readonly interactive?: boolean | undefined;
  /**
   * What is put there if need be, or a way to have it, called at each connection. Default: that of the package `holdfast`, if it is
   * installed beside this one.
   */
  readonly program?: FarProgram | (() => Promise<FarProgram>) | undefined;
}
