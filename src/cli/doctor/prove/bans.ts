// The ways to ban that the self-test tries: those of all backends that keep sources out.

import { BACKEND_ENTRIES, type SelfTest } from "../../../enforce/index.ts";

export interface BanProof extends SelfTest {
  /** The id of the check that this proves. */
  readonly id: string;
}

export const BAN_PROOFS: readonly BanProof[] = Object.entries(BACKEND_ENTRIES).flatMap(
  ([name, { selfTest }]) => (selfTest === null ? [] : [{ id: `prove-ban-${name}`, ...selfTest }]),
);
