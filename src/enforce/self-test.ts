// A self-test tries a backend's way of banning in a private network namespace (doctor --prove). It is a list of
// programs to run there. Its rules drop where the backend's own do: at prerouting before connection tracking.

/** One address of each family. */
export interface CanaryAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface SelfTest {
  /** A few words that follow "a ban by". */
  readonly name: string;
  /** Programs that it needs, with Debian's packages. */
  readonly needs: readonly { readonly program: string; readonly package: string }[];
  /** Commands that ban both addresses. */
  readonly ban: (addresses: CanaryAddresses) => readonly (readonly string[])[];
  /** Commands that let them in again. */
  readonly lift: readonly (readonly string[])[];
}
