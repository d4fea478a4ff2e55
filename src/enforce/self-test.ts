// How a backend's way of banning is tried out in a private network namespace (doctor --prove): as the programs that carry it
// out there. Its rules drop where the backend's own do, at prerouting before connection tracking.

/** One address of each family. */
export interface CanaryAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface SelfTest {
  /** In a few words, after "a ban by". */
  readonly name: string;
  /** Programs that must be there, with Debian's package. */
  readonly needs: readonly { readonly program: string; readonly package: string }[];
  /** Commands that ban both addresses. */
  readonly ban: (addresses: CanaryAddresses) => readonly (readonly string[])[];
  /** Commands that let them in again. */
  readonly lift: readonly (readonly string[])[];
}
