// What a client and a server say to each other, as far as an honest client needs it: each thing that it wants is a
// dialogue of its own. Texts are bytes as Latin-1. Pure: the connection is the honest worker's.

export type ProtocolName = "echo" | "sip" | "mqtt";

/** What to do with what was heard. */
export type Reply =
  | { readonly kind: "wait" }
  | { readonly kind: "say"; readonly text: string }
  /** The client has what it wanted; `farewell` is said before it hangs up, if it does. */
  | { readonly kind: "done"; readonly farewell?: string }
  /** The server said no. */
  | { readonly kind: "refused" };

export interface Dialogue {
  /** Said first. */
  readonly opening: string;
  /** Takes what came, in whatever pieces. */
  hear(piece: string): Reply;
}

/** Each takes the client's number: no two clients of a pool have the same. */
export interface Protocol {
  /** What a client says that means to stay: said again, it renews that. */
  readonly join: (client: number) => Dialogue;
  /** What keeps its connection alive. */
  readonly ping: (client: number) => Dialogue;
  /** What somebody says who comes with a new connection for one answer. */
  readonly call: (client: number) => Dialogue;
}

export const WAIT: Reply = { kind: "wait" };
export const DONE: Reply = { kind: "done" };
export const REFUSED: Reply = { kind: "refused" };

/** A dialogue of one message, answered by anything at all. */
export function oneLineDialogue(opening: string): Dialogue {
  return { opening, hear: () => DONE };
}
