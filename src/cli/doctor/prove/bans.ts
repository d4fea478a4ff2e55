// The ways to ban that the self-test tries: those of all backends that keep somebody out.

import { BACKEND_ENTRIES, type SelfTest } from "../../../enforce/index.ts";

export interface BanProof extends SelfTest {
  /** Of the check that it is. */
  readonly id: string;
}

export const BAN_PROOFS: readonly BanProof[] = Object.entries(BACKEND_ENTRIES).flatMap(
  ([name, { selfTest }]) => (selfTest === null ? [] : [{ id: `prove-ban-${name}`, ...selfTest }]),
);
