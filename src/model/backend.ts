// The backends that can hold bans, by the names that the configuration and the program use. The backends themselves are
// in src/enforce.

/** The values of `enforce.backend`. The words beside each follow its name in a sentence: they say how it holds bans. */
export const BACKENDS = {
  nftables: "in a table of its own",
  ipset: "with one iptables jump for hosts without nftables",
  "set-only": "fills sets for rules of your own",
} as const;

export type BackendChoice = keyof typeof BACKENDS;

export const BACKEND_CHOICES: readonly BackendChoice[] = Object.keys(BACKENDS) as BackendChoice[];

/** `observe` changes nothing in the kernel: `mode` chooses it. */
export type BackendName = BackendChoice | "observe";
