// A scope says where a ban holds, in the names of the kernel: one listener, or all guarded ones.
//
// A listener's name may be any text, but a kernel name may not. Short plain names are kept, so that people recognise
// them. Any other becomes a digest. The same name always gives the same scope, so that bans survive a restart, and a
// change of the other listeners.

import { createHash } from "node:crypto";

export const ALL_SCOPE = "all";

/**
 * The scope of a listener: only letters, digits and underscores, beginning with a letter. At most twelve of them: ipset
 * allows 31 characters for a set, iptables 28 for a chain.
 */
export function scopeOf(listener: string | null): string {
  if (listener === null) return ALL_SCOPE;
  // "x" begins the digests, and "all" has another meaning.
  const plain = /^[a-wyz][a-z0-9_]{0,11}$/.test(listener) && listener !== ALL_SCOPE;
  return plain ? listener : `x${createHash("sha256").update(listener).digest("hex").slice(0, 11)}`;
}

/** Listeners by their scopes, `all` among them. */
export function scopesOf(listeners: readonly { readonly name: string }[]): Map<string, string | null> {
  const scopes = new Map<string, string | null>([[ALL_SCOPE, null]]);
  for (const { name } of listeners) scopes.set(scopeOf(name), name);
  return scopes;
}
